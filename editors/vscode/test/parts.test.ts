import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Uri, events, makeEditor, reset, testing, world } from './vscode';
import { conflicting } from '../src/features/conflicts';
import { MissingEngine } from '../src/features/missingEngine';
import { Pages } from '../src/features/pages';
import { VariantTests } from '../src/features/testing';
import { VariantModel } from '../src/model/variants';
import { levels } from '../src/server/server';
import { checkingText } from '../src/views/languageStatus';
import { FakeServer, ROOT, entry, listOf, settle } from './fakeServer';

beforeEach(reset);

async function withTests(server: FakeServer, smoke: object = {}): Promise<VariantModel> {
  const failing = { ...entry('b', 'rejected'), reason: 'unresolved x' };
  const unjudged = entry('c', 'unsupported', {}, 'unsupported', 'unjudged');
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), failing, unjudged));
  const model = new VariantModel(server.real);
  new VariantTests(server.real, model, smoke as never);
  world.active = makeEditor(Uri.parse(ROOT));
  events.activeEditor.fire(world.active);
  await settle(350);
  return model;
}

test('shaders are suites, variants are tests, and validating says what the server says', async () => {
  const server = new FakeServer();
  server.answers.set('workspace/executeCommand', { counts: {} });
  await withTests(server);
  assert.deepEqual([...testing.items.keys()], [ROOT]);
  await testing.profiles.get('Validate')!.run({ include: undefined });
  assert.deepEqual(testing.said, ['a passed', 'b failed: unresolved x', 'c skipped']);
  const asked = server.asked.find(({ method }) => method === 'workspace/executeCommand');
  assert.deepEqual(asked?.params, { command: 'wgsl.checkAll', arguments: [{ uri: ROOT }] });
});

test('one variant alone is run on the GPU, and a refusal is an error of that test', async () => {
  const server = new FakeServer();
  const asked: object[] = [];
  const smoke = {
    ask: (target: { variant: string }) => {
      asked.push(target);
      if (target.variant === 'b') return Promise.reject(new Error('no adapter'));
      return Promise.resolve({ ok: target.variant === 'a', summary: `of ${target.variant}` });
    },
  };
  await withTests(server, smoke);
  testing.resolve(ROOT);
  const root = testing.items.get(ROOT)!;
  const only = ['a', 'b', 'c'].map((name) => root.children.get(`${ROOT}?${name}`)!);
  await testing.profiles.get('Smoke run')!.run({ include: only });
  assert.deepEqual(testing.said, ['a passed', 'b errored: no adapter', 'c failed: of c']);
  assert.deepEqual(asked[0], { uri: ROOT, variant: 'a' });
});

test('coverage tells for every line how many variants use it', async () => {
  const server = new FakeServer();
  server.answers.set('workspace/executeCommand', { counts: {} });
  server.answers.set('wgsl/coverage', { root: ROOT, total: 3, files: [{ uri: ROOT, lines: [[0, 3], [2, 0], [5, 1]] }] });
  await withTests(server);
  const profile = testing.profiles.get('Lines over variants')!;
  await profile.run({ include: undefined });
  const [file] = testing.coverage;
  assert.deepEqual([file?.count.covered, file?.count.total], [2, 3]);
  const details = await profile.loadDetailedCoverage!(undefined, file!);
  assert.deepEqual(details.map(({ executed, location }) => [location.start.line, executed]), [[0, 3], [2, 0], [5, 1]]);
});

test('what a server cannot do is an error of every test that was asked for', async () => {
  await withTests(new FakeServer());
  await testing.profiles.get('Validate')!.run({ include: undefined });
  assert.ok(testing.said.slice(-3).every((line) => line.includes('errored: no answer to workspace/executeCommand')));
});

test('a missing compiler is said once, with its command', async () => {
  const server = new FakeServer();
  const missing = new MissingEngine(server.real);
  await assert.rejects(() => missing.install(), /No compiler is missing/);
  world.answers.push('Copy the command');
  const status = { state: 'engine-missing' as const, done: 0, total: 0, message: 'dawn: no module', remedy: 'pip install wgpudawn' };
  server.statusEmitter.fire(status);
  server.statusEmitter.fire(status);
  await settle();
  assert.equal(world.messages.length, 1);
  assert.match(world.messages[0]!.text, /dawn: no module\. This brings it: pip install wgpudawn/);
  assert.equal(world.clipboard, 'pip install wgpudawn');
  await missing.install();
  assert.equal(world.tasks.length, 1);
  world.trusted = false;
  await assert.rejects(() => missing.install(), /trusted workspace.*pip install wgpudawn/);
});

test('only extensions that run code for WGSL are in conflict', () => {
  const wgsl = { languages: [{ id: 'wgsl', extensions: ['.wgsl'] }] };
  const all = [
    { id: 'wgsl-ls.wgsl-ls', packageJSON: { main: 'x', contributes: wgsl } },
    { id: 'a.grammar', packageJSON: { contributes: wgsl } },
    { id: 'b.server', packageJSON: { main: 'x', contributes: wgsl } },
    { id: 'c.other', packageJSON: { main: 'x', contributes: { languages: [{ id: 'glsl' }] } } },
    { id: 'd.bare', packageJSON: {} },
  ];
  assert.deepEqual(conflicting(all, 'wgsl-ls.wgsl-ls'), ['b.server']);
});

test('pages are shown beside, without the focus', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/explain', { markdown: 'because', variants: [] });
  const pages = new Pages(server.real);
  await pages.explain(makeEditor(Uri.parse(ROOT)) as never);
  const [opened] = world.executed;
  assert.equal(opened?.command, 'vscode.openWith');
  assert.equal((opened?.args[0] as Uri).path, '/flash_attn.wgsl line 1.md');
  assert.equal(pages.provideTextDocumentContent(opened?.args[0] as never), 'because');
  assert.deepEqual(opened?.args[2], { viewColumn: -2, preserveFocus: true, preview: true });
  server.answers.set('workspace/executeCommand', {
    idle: true, revision: 7, memory: 3 * 2 ** 20, engines: { wgpu: { jobs: 4, starts: 1, deaths: 0, version: '25' } },
  });
  await pages.statistics();
  const text = pages.provideTextDocumentContent(world.executed[1]?.args[0] as never);
  assert.match(text, /3 MiB/);
  assert.match(text, /\| wgpu \| 25 \| 4 \| 1 \| 0 \|/);
});

test('lines of the server keep the level that they name', () => {
  const said: string[] = [];
  const log = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, (text: string) => said.push(`${level} ${text}`)]));
  const take = levels(log as never);
  for (const line of [
    'before', '2026-01-01 10:00:00,1 WARNING wgsl_ls: slow', 'and more', '', '2026-01-01 10:00:00,1 INFO wgsl_ls: fine',
    'Traceback (most recent call last):', '  File',
  ]) take(line);
  assert.deepEqual(said, [
    'info before', 'warn slow', 'warn and more', 'info fine', 'error Traceback (most recent call last):', 'error   File',
  ]);
});

test('checking is told in words', () => {
  const status = { done: 3, total: 9, message: '' };
  assert.equal(checkingText({ ...status, state: 'checking' }), 'checking: 3 of 9 variants');
  assert.equal(checkingText({ ...status, state: 'idle' }), '9 variants checked');
  assert.equal(checkingText({ ...status, state: 'reading', message: 'reading the host\'s code' }), 'reading the host\'s code');
});
