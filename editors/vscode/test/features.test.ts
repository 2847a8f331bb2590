import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Position, Range, Selection, TabInputText, Uri, events, languages, makeEditor, reset, world } from './vscode';
import { VariantModel } from '../src/model/variants';
import { ExpansionView } from '../src/features/expansion';
import { Synchronizer } from '../src/features/synchronize';
import { InactiveCode } from '../src/features/inactive';
import { looksLikeWgsl, watchTemplates } from '../src/features/templates';
import { expandedUri } from '../src/uris';
import { FakeServer, ROOT, entry, listOf, newsOf, settle } from './fakeServer';

beforeEach(reset);
const WAIT = 120;

function expanded(variant: string): Uri {
  return expandedUri(Uri.parse(ROOT) as never, variant) as unknown as Uri;
}
function at(line: number): { start: Position; end: Position } {
  return { start: new Position(line, 2), end: new Position(line, 6) };
}
function serverWithMap(): FakeServer {
  const server = new FakeServer();
  server.answers.set('wgsl/variants', listOf('a', entry('a', 'accepted'), entry('b', 'accepted')));
  // Ten lines of directives stand above everything in the source and not in the expansion.
  server.answers.set('wgsl/mapPosition', (params: { position: Position; direction: string; variant: string }) => {
    const line = params.position.line + (params.direction === 'toExpanded' ? -10 : 10);
    if (line < 0) return { locations: [], stack: [] };
    const uri = params.direction === 'toExpanded' ? `wgsl-expanded:/shaders/flash_attn.wgsl?variant=${params.variant}` : ROOT;
    return { locations: [{ uri, range: at(line) }], stack: [] };
  });
  return server;
}

test('the cursor in the source moves the expansion, and its echo moves nothing back', async () => {
  const server = serverWithMap();
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = source;
  source.selection = new Selection(new Position(30, 4), new Position(30, 4));
  events.selection.fire({ textEditor: source });
  await settle(WAIT);
  assert.equal(other.selection.active.line, 20);
  const asked = server.asked.length;
  events.selection.fire({ textEditor: other });
  events.visibleRanges.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(server.asked.length, asked);
  view.dispose();
});

test('the cursor in the expansion moves the source; a selection is carried over whole', async () => {
  const server = serverWithMap();
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = other;
  other.selection = new Selection(new Position(1, 0), new Position(5, 3));
  events.selection.fire({ textEditor: other });
  await settle(WAIT);
  assert.deepEqual([source.selection.anchor.line, source.selection.active.line], [11, 15]);
  view.dispose();
});

test('scrolling an editor without focus moves the other, by the first line that is on both sides', async () => {
  const server = serverWithMap();
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = source;
  // A first event without a move only tells where the editor stands.
  events.visibleRanges.fire({ textEditor: other });
  events.visibleRanges.fire({ textEditor: source });
  other.visibleRanges = [new Range(7, 0, 40, 0)];
  events.visibleRanges.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(source.revealed.at(-1)?.start.line, 17);
  await settle(300);
  source.visibleRanges = [new Range(3, 0, 40, 0)];
  events.visibleRanges.fire({ textEditor: source });
  await settle(WAIT);
  assert.equal(other.revealed.at(-1)?.start.line, 0, 'the source begins with ten lines of directives');
  await settle(300);
  const moved = other.revealed.length;
  source.visibleRanges = [new Range(1, 0, 8, 0)];
  events.visibleRanges.fire({ textEditor: source });
  await settle(WAIT);
  assert.equal(other.revealed.length, moved, 'nothing of it is on the other side');
  view.dispose();
});

test('scrolling leads both ways, and the other side that was moved does not lead back', async () => {
  const server = serverWithMap();
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = source;
  const scroll = async (editor: typeof source, line: number): Promise<void> => {
    editor.visibleRanges = [new Range(line, 0, line + 30, 0)];
    events.visibleRanges.fire({ textEditor: editor });
    await settle(WAIT);
  };
  await scroll(source, 0);
  await scroll(other, 0);
  for (const [from, to, line, place] of [[source, other, 40, 30], [other, source, 50, 60], [source, other, 20, 10]] as const) {
    await settle(300);
    const moved = from.revealed.length;
    await scroll(from, line);
    assert.equal(to.revealed.at(-1)?.start.line, place);
    // The editor says that it has moved, as it does for a person.
    await scroll(to, place);
    assert.equal(from.revealed.length, moved, 'no echo');
  }
  view.dispose();
});

test('a cursor that moves on before its last place was answered is followed, whatever scrolls with it', async () => {
  const server = serverWithMap();
  const map = server.answers.get('wgsl/mapPosition') as (params: unknown) => unknown;
  let answer = (): void => undefined;
  const held = new Promise<void>((resolve) => (answer = resolve));
  let asked = 0;
  server.answers.set('wgsl/mapPosition', async (params: unknown) => {
    asked += 1;
    if (asked === 1) await held;
    return map(params);
  });
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = other;
  events.visibleRanges.fire({ textEditor: other });
  const move = (line: number): void => {
    other.selection = new Selection(new Position(line, 0), new Position(line, 0));
    events.selection.fire({ textEditor: other });
  };
  move(1);
  await settle(WAIT);
  move(90);
  answer();
  await settle(0);
  other.visibleRanges = [new Range(60, 0, 95, 0)];
  events.visibleRanges.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(source.selection.active.line, 100);
  view.dispose();
});

test('the room that an editor keeps for headers at its top is reckoned with, up to its last line', async () => {
  world.configuration.set('editor.stickyScroll.enabled', true);
  const view = new Synchronizer(serverWithMap().real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  events.visibleRanges.fire({ textEditor: other });
  for (const [top, line] of [[7, 22], [385, 399]] as const) {
    other.visibleRanges = [new Range(top, 0, top + 33, 0)];
    events.visibleRanges.fire({ textEditor: other });
    await settle(WAIT);
    assert.equal(source.revealed.at(-1)?.start.line, line, 'five lines below the one that shall be the first');
  }
  view.dispose();
});

test('text of an include is shown at the directive that brings it', async () => {
  const server = serverWithMap();
  const brought = { locations: [{ uri: 'file:///shaders/decls.tmpl', range: at(5) }] };
  const site = { kind: 'include', name: 'decls.tmpl', location: { uri: ROOT, range: at(8) } };
  server.answers.set('wgsl/mapPosition', { ...brought, stack: [site] });
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = source;
  events.visibleRanges.fire({ textEditor: other });
  other.visibleRanges = [new Range(100, 0, 130, 0)];
  events.visibleRanges.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(source.revealed.at(-1)?.start.line, 8);
  view.dispose();
});

test('text that changes under an editor is not a scroll, and a click during an echo still counts', async () => {
  const server = serverWithMap();
  const view = new Synchronizer(server.real);
  const source = makeEditor(Uri.parse(ROOT));
  const other = makeEditor(expanded('a'), 2);
  world.active = source;
  other.visibleRanges = [new Range(5, 0, 40, 0)];
  source.selection = new Selection(new Position(20, 0), new Position(20, 0));
  events.changedDocument.fire({ document: other.document });
  events.visibleRanges.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(source.revealed.length, 0);
  // New text in the expansion: the cursor is looked up in it once more.
  assert.equal(other.selection.active.line, 10);
  source.selection = new Selection(new Position(30, 0), new Position(30, 0));
  events.selection.fire({ textEditor: source });
  await settle(WAIT);
  events.selection.fire({ textEditor: other });
  world.active = other;
  other.selection = new Selection(new Position(3, 0), new Position(3, 0));
  events.selection.fire({ textEditor: other });
  await settle(WAIT);
  assert.equal(source.selection.active.line, 13);
  view.dispose();
});

test('an expansion of the active variant changes with it, one that was asked for by name stays', async () => {
  const server = serverWithMap();
  const model = new VariantModel(server.real);
  const synchronizer = new Synchronizer(server.real);
  const view = new ExpansionView(model, synchronizer);
  makeEditor(Uri.parse(ROOT));
  await view.show(Uri.parse(ROOT) as never);
  assert.equal(world.shown.at(-1)?.uri, expanded('a').toString());
  const tab = { input: new TabInputText(expanded('a')), group: { viewColumn: 2 } };
  world.tabs.push(tab);
  server.verdictsEmitter.fire(newsOf(listOf('b', entry('a', 'accepted'), entry('b', 'accepted'))));
  await settle(WAIT);
  assert.equal(world.shown.at(-1)?.uri, expanded('b').toString());
  assert.deepEqual(world.closed, [tab]);
  view.dispose();
  synchronizer.dispose();
});

test('inactive regions are painted where the file is shown and follow the setting', async () => {
  const server = new FakeServer();
  server.answers.set('wgsl/inactiveRegions', { regions: [at(3)] });
  const inactive = new InactiveCode(server.real);
  const editor = makeEditor(Uri.parse(ROOT));
  const foreign = makeEditor(Uri.file('/x.txt'));
  foreign.document.languageId = 'plaintext';
  events.visibleEditors.fire(world.editors);
  await settle();
  assert.deepEqual([...editor.decorations.values()].map((ranges) => ranges[0]?.start.line), [3]);
  assert.equal(foreign.decorations.size, 0);
  server.inactiveEmitter.fire({ uri: Uri.parse(ROOT), regions: [new Range(9, 0, 11, 0)] });
  assert.deepEqual([...editor.decorations.values()].map((ranges) => ranges[0]?.start.line), [9]);
  // The region ends before line 11, so line 11 is not painted.
  assert.deepEqual([...editor.decorations.values()].map((ranges) => ranges[0]?.end.line), [10]);
  world.configuration.set('wgsl.inactive.opacity', 0.25);
  events.configuration.fire({ affectsConfiguration: () => true });
  const [, faint] = [...editor.decorations.keys()] as { options: { opacity: string } }[];
  assert.equal(faint?.options.opacity, '0.25');
  inactive.dispose();
});

test('only templates that hold WGSL become WGSL', () => {
  assert.ok(looksLikeWgsl('#if FOO\nvar<workgroup> tile: array<f32, 64>;\n#endif'));
  assert.ok(looksLikeWgsl('fn load(i: u32) -> f32 {\n'));
  assert.ok(!looksLikeWgsl('Dear {{.Name}},\n{{ if .Paid }} thank you {{ end }}'));
  assert.ok(!looksLikeWgsl('#if 1\nint main(void) {\n#endif'));
  languages.changed.length = 0;
  const watching = watchTemplates();
  const document = (path: string, text: string) => ({ uri: Uri.file(path), languageId: 'plaintext', getText: () => text });
  events.openedDocument.fire(document('/a/decls.tmpl', '@group(0) @binding(0) var<storage> q: array<f32>;'));
  events.openedDocument.fire(document('/a/mail.tmpl', 'Dear {{.Name}}'));
  events.openedDocument.fire(document('/a/notes.txt', 'var<workgroup> x: u32;'));
  assert.deepEqual(languages.changed.map(({ uri }) => uri.path), ['/a/decls.tmpl']);
  watching.dispose();
});
