import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Uri, events, makeEditor, reset, testing, world } from './vscode';
import { conflicting } from '../src/features/conflicts';
import { MissingEngine } from '../src/features/missingEngine';
import { Pages } from '../src/features/pages';
import { VariantTests } from '../src/features/testing';
import { VariantModel } from '../src/model/variants';
import { Client, levels } from '../src/server/server';
import { checkingText } from '../src/views/languageStatus';
import { FakeServer, ROOT, entry, listOf, newsOf, settle } from './fakeServer';

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
  assert.deepEqual(testing.output, [
    'a: naga ✓  Tint ✓\r\nb: naga ✗  Tint ✗, unresolved x\r\nc: naga not supported  Tint not supported', 'flash_attn.wgsl: 3 variants',
  ]);
  const asked = server.asked.find(({ method }) => method === 'workspace/executeCommand');
  assert.deepEqual(asked?.params, { command: 'wgsl.checkAll', arguments: [{ uri: ROOT }] });
});

test('a variant is told as soon as it is known, and once', async () => {
  const server = new FakeServer();
  let end = (_answer: object): void => undefined;
  server.answers.set('workspace/executeCommand', () => new Promise((resolve) => { end = resolve; }));
  await withTests(server);
  const before = listOf('a', entry('a', 'accepted'), entry('b', 'rejected'), entry('c', 'unsupported', {}, 'unsupported', 'unjudged'));
  const running = testing.profiles.get('Validate')!.run({ include: undefined });
  await settle();
  assert.deepEqual(testing.said, []);
  server.verdictsEmitter.fire(newsOf(before, [0, entry('a', 'accepted')]));
  await settle(400);
  assert.deepEqual(testing.said, ['a passed', 'b failed: unresolved x']);
  end({ counts: {} });
  await running;
  assert.deepEqual(testing.said, ['a passed', 'b failed: unresolved x', 'c skipped']);
});

test('a long list is grouped by its axes, and a group stands for all below it', async () => {
  const server = new FakeServer();
  const many = ['K_F16', 'K_F32'].flatMap((kind) =>
    Array.from({ length: 15 }, (_, number) => ({ ...entry(`${kind}_${number}`, 'accepted', { K: kind, N: `N=${number}` }), label: `${kind}  N=${number}` })),
  );
  server.answers.set('workspace/executeCommand', { counts: {} });
  server.answers.set('wgsl/variants', listOf('K_F16_0', ...many));
  const model = new VariantModel(server.real);
  new VariantTests(server.real, model, {} as never);
  world.active = makeEditor(Uri.parse(ROOT));
  events.activeEditor.fire(world.active);
  await settle(350);
  testing.resolve(ROOT);
  await settle();
  const root = testing.items.get(ROOT)!;
  assert.equal(root.label, 'flash_attn.wgsl');
  const groups = [...root.children].map(([, item]) => item);
  assert.deepEqual(groups.map(({ label, children }) => [label, children.size]), [['K_F16', 15], ['K_F32', 15]]);
  assert.deepEqual([...groups[1]!.children].slice(0, 2).map(([, item]) => item.label), ['N=0', 'N=1']);
  await testing.profiles.get('Validate')!.run({ include: [groups[1]!] });
  assert.equal(testing.said.length, 15);
  assert.ok(testing.said.every((line) => line.endsWith('passed')));
  assert.equal(testing.output[0]?.split('\r\n')[0], 'K_F32  N=0: naga ✓  Tint ✓', 'outside the tree a line says all of it');
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
  await settle();
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
  server.answers.set('wgsl/explain', { markdown: `because [of](${ROOT}#L3)`, variants: [] });
  const pages = new Pages(server.real);
  await pages.explain(makeEditor(Uri.parse(ROOT)) as never);
  const [panel] = world.panels;
  assert.equal(panel?.title, 'flash_attn.wgsl line 1');
  // Links to files are commands, for a preview opens none.
  const place = encodeURIComponent(JSON.stringify([`${ROOT}#L3`]));
  assert.deepEqual(world.executed, [{ command: 'markdown.api.render', args: [`because [of](command:wgsl-ls.openPlace?${place})`] }]);
  assert.match(panel.webview.html, /<body><p>rendered<\/p><\/body>/);
  await world.commands.get('wgsl-ls.openPlace')!(`${ROOT}#L3`);
  const [shown] = world.shown;
  assert.equal(shown?.uri, ROOT);
  assert.equal((shown.options as { selection: { start: { line: number } } }).selection.start.line, 2);
  await pages.explain(makeEditor(Uri.parse(ROOT)) as never);
  assert.equal(world.panels.length, 1, 'the page of a line is renewed');
  server.answers.set('workspace/executeCommand', {
    idle: true, revision: 7, memory: 3 * 2 ** 20, engines: { wgpu: { jobs: 1598, starts: 1, deaths: 0, version: '25' } },
  });
  await pages.statistics();
  const text = String(world.executed.at(-1)?.args[0]);
  assert.match(text, /3 MiB/);
  assert.match(text, /\| naga \| 25 \| 1,598 \| 1 \| 0 \|/);
});

test('what VS Code asks while the server is stopped is answered with nothing, not with an error', () => {
  const client = new Client('wgsl', 'WGSL', {} as never, {});
  const failed = ['textDocument/hover' as never, undefined, new Error('gone'), null] as const;
  assert.throws(() => client.handleFailedRequest(...failed), /gone/);
  Object.assign(client, { state: 1 });
  assert.equal(client.handleFailedRequest(...failed), null);
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
  assert.equal(checkingText({ ...status, state: 'idle', total: 1 }), '1 variant checked');
  assert.equal(checkingText({ ...status, state: 'reading', message: 'reading the host\'s code' }), 'reading the host\'s code');
});
