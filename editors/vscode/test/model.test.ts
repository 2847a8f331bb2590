import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Uri, events, makeEditor, reset, world } from './vscode';
import type { VariantEntry, VariantList } from '../src/protocol';
import { VariantModel } from '../src/model/variants';
import { StatusBar } from '../src/views/statusBar';
import { pickVariant } from '../src/views/picker';
import { VariantsTree } from '../src/views/variantsTree';
import { FakeServer, ROOT, entry, listOf, newsOf, settle } from './fakeServer';

beforeEach(reset);

function openRoot(): void {
  world.active = makeEditor(Uri.parse(ROOT));
  events.activeEditor.fire(world.active);
}

test('the model follows the editor, and a panel without editor changes nothing', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted')));
  const model = new VariantModel(server.real);
  openRoot();
  await settle();
  assert.equal(model.current?.active, 'a');
  world.active = undefined;
  events.activeEditor.fire(undefined);
  await settle();
  assert.equal(model.current?.active, 'a');
  assert.equal(model.source?.toString(), ROOT);
});

test('what is told of some variants is laid over the list; another edition is asked for', async () => {
  const server = new FakeServer();
  const pending = (name: string) => ({ ...entry(name, 'pending', {}, 'pending', 'pending'), why: 'nobody was asked' });
  const list = listOf('a', pending('a'), pending('b'));
  server.answers.set('wgsl/variants', list);
  const model = new VariantModel(server.real);
  openRoot();
  await settle();
  server.verdictsEmitter.fire(newsOf(list, [1, { ...entry('b', 'rejected'), reason: 'unresolved' }]));
  assert.deepEqual(model.current?.variants.map(({ name, state }) => [name, state]), [['a', 'pending'], ['b', 'fail']]);
  assert.deepEqual(model.current?.variants[1]?.defines, ['NAME=b']);
  assert.deepEqual([model.current?.variants[1]?.reason, model.current?.variants[1]?.why], ['unresolved', undefined]);
  server.verdictsEmitter.fire(newsOf(list, [1, entry('b', 'accepted')]));
  assert.equal(model.current?.variants[1]?.reason, undefined);
  const before = server.asked.length;
  server.verdictsEmitter.fire({ ...newsOf(list, [0, entry('a', 'rejected')]), edition: 2 });
  assert.deepEqual(server.asked.slice(before).map(({ method }) => method), ['wgsl/variants']);
  assert.equal(model.current?.variants[0]?.state, 'pending');
});

test('a change of the active variant is told once, a stop empties everything', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), entry('b', 'accepted')));
  server.answers.set('wgsl/setActiveVariant', (params: { variant: string }) => {
    const list = listOf(params.variant, entry('a', 'accepted'), entry('b', 'accepted'));
    server.answers.set('wgsl/variants', list);
    return list;
  });
  const model = new VariantModel(server.real);
  openRoot();
  await settle();
  const told: string[] = [];
  model.onDidChangeActive((list) => told.push(list.active));
  await model.setActive(ROOT, 'b');
  await settle();
  assert.deepEqual(told, ['b']);
  server.runningEmitter.fire(false);
  assert.equal(model.current, undefined);
});

test('a server that begins again is told what was chosen', async () => {
  const server = new FakeServer();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => entry(name, 'accepted')) as [VariantEntry, VariantEntry, VariantEntry];
  const model = new VariantModel(server.real);
  const told = async (list: VariantList): Promise<string | undefined> => {
    server.answers.set('wgsl/variants', list);
    await model.load(ROOT);
    return server.chosen.all[ROOT];
  };
  assert.equal(await told(listOf('a', a, b, c)), undefined, 'the first one is nobody\'s choice');
  assert.equal(await told(listOf('b', a, b, c)), 'b');
  server.runningEmitter.fire(false);
  assert.equal(server.chosen.all[ROOT], 'b');
  assert.equal(await told(listOf('a', a)), 'b', 'while the host\'s code is not read, its variants are not there');
  assert.equal(await told(listOf('b', a, b, c)), 'b');
  assert.equal(await told(listOf('a', a, b, c)), 'a', 'the first one was chosen');
  assert.equal(await told(listOf('c', c)), 'a');
  assert.equal(await told(listOf('b', c, b)), 'b');
});

test('a file that is looked at otherwise is asked about again', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), entry('b', 'accepted')));
  const model = new VariantModel(server.real);
  openRoot();
  await settle();
  server.answers.set('wgsl/variants', listOf('b', entry('a', 'accepted'), entry('b', 'accepted')));
  server.viewsEmitter.fire(undefined);
  await settle();
  assert.equal(model.current?.active, 'b');
});

test('of a root that nobody looked at nothing is said, and what was loaded of others does not grow old', async () => {
  const server = new FakeServer();
  const other = ROOT.replace('flash_attn', 'other');
  const lists = new Map([[ROOT, listOf('a', entry('a', 'accepted'))], [other, { ...listOf('a', entry('a', 'accepted')), root: other }]]);
  server.answers.set('wgsl/roots', { roots: [ROOT, other] });
  server.answers.set('wgsl/variants', ({ textDocument }: { textDocument: { uri: string } }) => lists.get(textDocument.uri));
  const model = new VariantModel(server.real);
  const tree = new VariantsTree(model);
  openRoot();
  server.runningEmitter.fire(true);
  await settle();
  const asked = (): unknown[] => server.asked.filter(({ method }) => method === 'wgsl/variants').map(({ params }) => (params as { textDocument: { uri: string } }).textDocument.uri);
  assert.deepEqual(new Set(asked()), new Set([ROOT]));
  const nodes = await tree.getChildren();
  const node = nodes.find((one) => one.root === other)!;
  assert.deepEqual(nodes.map((one) => one.root), [ROOT, other]);
  assert.equal(tree.getTreeItem(node).description, undefined);
  assert.equal((await tree.getChildren(node)).length, 1);
  assert.equal(tree.getTreeItem(node).description, '✓ 1');
  lists.set(other, { ...listOf('b', entry('b', 'rejected'), entry('c', 'accepted')), root: other });
  server.viewsEmitter.fire(undefined);
  await settle();
  assert.equal(tree.getTreeItem(node).description, '✗ 1');
  server.runningEmitter.fire(false);
  assert.deepEqual(await tree.getChildren(), []);
});

test('the status bar names variant and counts, turns red with the active variant and hides elsewhere', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'rejected'), entry('b', 'accepted')));
  const model = new VariantModel(server.real);
  const bar = new StatusBar(server.real, model);
  openRoot();
  await settle();
  assert.equal(world.statusItem.text, '$(layers) a  $(check) 1  $(error) 1');
  assert.ok(world.statusItem.visible);
  assert.notEqual(world.statusItem.backgroundColor, undefined);
  world.active = makeEditor(Uri.file('/other.txt'));
  world.active.document.languageId = 'plaintext';
  events.activeEditor.fire(world.active);
  assert.ok(!world.statusItem.visible);
  bar.dispose();
});

test('what is judged while the picker is open shows there, and what was chosen stays chosen', async () => {
  const server = new FakeServer();
  const waiting = (name: string) => entry(name, 'pending', {}, 'pending', 'pending');
  const list = listOf('a', waiting('a'), waiting('b'), waiting('c'));
  server.answers.set('wgsl/variants', list);
  const model = new VariantModel(server.real);
  openRoot();
  await settle();
  const chosen = pickVariant(model, model.current!, 'Active variant');
  const pick = world.quickPick!;
  const nameOf = (item: unknown): string => (item as { variant: string }).variant;
  assert.equal(pick.title, 'Active variant: 0 of 3 pass, 3 pending');
  pick.activeItems = pick.items.filter((item) => nameOf(item) === 'b');
  const counts = { total: 3, pass: 2, fail: 1, pending: 0, unjudged: 0 };
  const known: [number, ReturnType<typeof entry>][] = [[0, entry('a', 'accepted')], [1, entry('b', 'accepted')], [2, entry('c', 'rejected')]];
  server.verdictsEmitter.fire({ ...newsOf(list, ...known), counts });
  await settle(400);
  assert.equal(pick.title, 'Active variant: 2 of 3 pass, 1 fail');
  assert.deepEqual(pick.items.map((item) => nameOf(item) ?? (item as { label: string }).label), ['failing', 'c', 'passing', 'a', 'b']);
  pick.accept();
  assert.equal(await chosen, 'b');
});

test('the tree lists failing variants first and marks the active one', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), entry('b', 'rejected')));
  const model = new VariantModel(server.real);
  const tree = new VariantsTree(model);
  openRoot();
  await settle();
  const [root] = await tree.getChildren();
  assert.ok(root !== undefined);
  assert.equal(tree.getTreeItem(root).description, '✗ 1');
  const children = await tree.getChildren(root);
  assert.deepEqual(children.map((node) => (node.kind === 'variant' ? node.name : '')), ['b', 'a']);
  const contexts = children.map((node) => tree.getTreeItem(node).contextValue);
  assert.deepEqual(contexts, ['variant', 'variant-active']);
  const labels = children.map((node) => tree.getTreeItem(node).label);
  assert.deepEqual(labels, ['b', '●  a']);
  assert.equal(tree.getParent(children[0]!), root);
});

test('a long list is a tree of its axes, and a leaf says only what its groups do not', async () => {
  const many = ['K_F16', 'K_F32', 'K_Q8'].flatMap((kind) =>
    Array.from({ length: 20 }, (_, number) => {
      const state = kind === 'K_F32' && number === 3 ? 'rejected' : 'accepted';
      const one = entry(`${kind}_${number}`, state, { K: kind, MASK: number % 2 === 0 ? 'MASK' : '', N: `N=${number}` });
      return { ...one, label: [kind, number % 2 === 0 ? 'MASK' : '', `N=${number}`].filter(Boolean).join('  ') };
    }),
  );
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('K_Q8_3', ...many));
  const model = new VariantModel(server.real);
  const tree = new VariantsTree(model);
  openRoot();
  await settle();
  const [root] = await tree.getChildren();
  const groups = await tree.getChildren(root);
  assert.deepEqual(groups.map((node) => tree.getTreeItem(node).label), ['K_F16', 'K_F32', '● K_Q8']);
  assert.deepEqual(groups.map((node) => (tree.getTreeItem(node).iconPath as { id: string }).id), ['pass', 'error', 'pass']);
  assert.equal(tree.getTreeItem(groups[1]!).description, '✗ 1');
  assert.equal(tree.getTreeItem(groups[1]!).tooltip, 'K_F32: 19 of 20 pass, 1 fail');
  const [first, second] = await tree.getChildren(groups[1]);
  assert.equal(tree.getTreeItem(first!).label, 'N=3');
  assert.equal(tree.getTreeItem(second!).label, 'MASK  N=0');
  assert.deepEqual(tree.getParent(first!), groups[1]);
  assert.equal(tree.getParent(groups[1]!), root);
  const leaves = await Promise.all(groups.map((node) => tree.getChildren(node)));
  const ids = leaves.flat().map((node) => tree.getTreeItem(node).id);
  assert.equal(new Set(ids).size, 60);
});
