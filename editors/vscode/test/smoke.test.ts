import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Uri, reset, world } from './vscode';
import { registerCommands } from '../src/commands';
import { SmokeRuns } from '../src/features/smoke';
import { reportPage } from '../src/features/reportPage';
import { VariantModel } from '../src/model/variants';
import { FakeServer, ROOT, entry, listOf, settle } from './fakeServer';

beforeEach(reset);

const result = {
  cases: ['small', 'odd'],
  engines: ['wgpu', 'dawn'],
  ok: false,
  summary: '1 of 2 checks failed: <nan>',
  report: {
    adapter: 'llvmpipe',
    seconds: 0.0123456,
    checks: [{ name: 'no NaN', passed: false, count: 3 }, { name: 'canary', passed: true, count: 0 }],
    picture: 'data:image/png;base64,AAAA',
    empty: [],
  },
};

test('the page runs no script, styles by nonce and escapes what the server says', () => {
  const page = reportPage(result, 'https://webview', { uri: ROOT });
  const nonce = /style-src 'nonce-([^']+)'/.exec(page.replaceAll('&#39;', "'"))?.[1];
  assert.ok(nonce !== undefined && page.includes(`<style nonce="${nonce}">`));
  assert.match(page, /default-src &#39;none&#39;/);
  assert.ok(!page.includes('<script') && !/ style=/.test(page));
  assert.ok(page.includes('1 of 2 checks failed: &lt;nan&gt;'));
});

test('the page shows scalars, tables and pictures, and nothing for what is empty', () => {
  const page = reportPage(result, 'https://webview', { uri: ROOT });
  assert.match(page, /<th>adapter<\/th><td class="">llvmpipe<\/td>/);
  assert.match(page, /<td class="number">0\.01235<\/td>/);
  assert.match(page, /<tr><td class="">no NaN<\/td><td class="fault">no<\/td><td class="number">3<\/td><\/tr>/);
  assert.match(page, /<img alt="" src="data:image\/png;base64,AAAA">/);
  assert.ok(!page.includes('>empty<'));
});

test("the server's own page is shown without its style and without any script", () => {
  const html = '<!doctype html><title>x</title><style>body{}</style><h1>Smoke run</h1><p class=pass>all<script>alert(1)</script>';
  const page = reportPage({ ...result, html }, 'https://webview', { uri: ROOT });
  assert.ok(page.includes('<p class=pass>all'));
  assert.equal(page.split('<h1>').length, 2);
  assert.ok(!page.includes('<script') && !page.includes('body{}') && !page.includes('llvmpipe'));
});

test('a run ends in a notification and its report', async () => {
  const server = new FakeServer();
  server.answers.set('workspace/executeCommand', result);
  const runs = new SmokeRuns(server.real);
  assert.equal(await runs.run({ uri: ROOT, variant: 'a' }), result);
  assert.deepEqual(server.asked[0]?.params, { command: 'wgsl.smokeRun', arguments: [{ uri: ROOT, variant: 'a' }] });
  assert.equal(world.messages[0]?.kind, 'error');
  assert.equal(world.panels[0]?.title, 'Smoke run: a');
  await settle();
});

test('from the report one goes to the shader, and to another engine, case or kind of matrices', async () => {
  const page = reportPage(result, 'https://webview', { uri: ROOT, engine: 'dawn', case: 'odd' });
  assert.ok(page.includes('<a href="command:wgsl-ls.smokeSource">Go to flash_attn.wgsl</a>'));
  assert.ok(page.includes('<a href="command:wgsl-ls.smokeChoose?%5B%22engine%22%5D">Engine: dawn</a>'));
  assert.ok(page.includes('>Case: odd</a>'));
  assert.ok(!reportPage({ ...result, cases: [] }, 'x', { uri: ROOT }).includes('Case:'));
  assert.ok(!page.includes('Matrices:'), 'of a shader that has none');
  const withMatrices = { ...result, summary: 'not run: subgroup matrices take minutes' };
  assert.ok(reportPage(withMatrices, 'x', { uri: ROOT }).includes('>Matrices: auto</a>'));
  assert.ok(reportPage(result, 'x', { uri: ROOT, matrices: 'emulated' }).includes('>Matrices: emulated</a>'));
  const server = new FakeServer();
  server.answers.set('workspace/executeCommand', result);
  const runs = new SmokeRuns(server.real);
  await assert.rejects(() => runs.choose('case'), /No smoke run was made yet/);
  await runs.run({ uri: ROOT, variant: 'a' });
  world.picks.push('dawn', 'odd', 'all small cases', undefined, 'emulated');
  for (const what of ['engine', 'case', 'case', 'case', 'matrices'] as const) await runs.choose(what);
  const chosen = server.asked.map(({ params }) => (params as { arguments: [object] }).arguments[0]);
  assert.deepEqual(chosen.slice(1), [
    { uri: ROOT, variant: 'a', engine: 'dawn' },
    { uri: ROOT, variant: 'a', engine: 'dawn', case: 'odd' },
    { uri: ROOT, variant: 'a', engine: 'dawn', case: '' },
    { uri: ROOT, variant: 'a', engine: 'dawn', case: '', matrices: 'emulated' },
  ]);
});

test('nothing runs in a workspace that is not trusted', async () => {
  world.trusted = false;
  const server = new FakeServer();
  assert.equal(await new SmokeRuns(server.real).run({ uri: ROOT }), undefined);
  assert.deepEqual(server.asked, []);
  assert.match(world.messages[0]?.text ?? '', /Trust this workspace/);
});

test('commands take a tree node, a code lens or the editor, and an error is one sentence', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), entry('b', 'accepted')));
  server.answers.set('workspace/executeCommand', { ...result, ok: true });
  const model = new VariantModel(server.real);
  const shown: unknown[] = [];
  const registration = registerCommands({
    server: server.real,
    launcher: { launch: () => Promise.resolve(true), installPrivately: () => Promise.resolve(true) } as never,
    model,
    expansion: { show: (...args: unknown[]) => Promise.resolve(shown.push(args)) } as never,
    smoke: new SmokeRuns(server.real),
    pages: {} as never,
    missing: {} as never,
    defines: {} as never,
  });
  const call = (name: string, ...args: unknown[]) => world.commands.get(name)?.(...args);
  await call('wgsl-ls.diffWithActive', { kind: 'variant', root: ROOT, name: 'b' });
  const diff = world.executed.find(({ command }) => command === 'vscode.diff');
  assert.deepEqual(diff?.args.slice(0, 2).map(String), [
    'wgsl-expanded:/shaders/flash_attn.wgsl?%7B%22variant%22%3A%22a%22%2C%22label%22%3A%22a%22%7D',
    'wgsl-expanded:/shaders/flash_attn.wgsl?%7B%22variant%22%3A%22b%22%2C%22label%22%3A%22b%22%7D',
  ]);
  await call('wgsl.showExpansion', ROOT, 'b');
  assert.deepEqual((shown[0] as [Uri, string])[1], 'b');
  await server.overrides.get('wgsl.smokeRun')?.({ uri: ROOT, variant: 'b' } as never);
  assert.equal(world.panels[0]?.title, 'Smoke run: b');
  await call('wgsl-ls.copyCommandLine', { kind: 'variant', root: ROOT, name: "it's [b]" });
  assert.equal(world.clipboard, `${server.real.program ?? 'wgsl-ls'} validate --variant 'it'"'"'s [b]' -- ${Uri.parse(ROOT).fsPath}`);
  await call('wgsl-ls.explainLine');
  assert.match(world.messages.at(-1)?.text ?? '', /Place the cursor in a WGSL file first/);
  registration.dispose();
});
