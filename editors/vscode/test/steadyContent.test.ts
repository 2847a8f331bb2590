import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Uri, events, reset, workspace } from './vscode';
import { SteadyContent } from '../src/server/steadyContent';
import { settle } from './fakeServer';

const uri = Uri.from({ scheme: 'wgsl-expanded', path: '/a.wgsl', query: 'variant=a' });
const shown = { uri, text: 'zero', getText: () => shown.text };

beforeEach(() => {
  reset();
  workspace.textDocuments.length = 0;
  shown.text = 'zero';
});

/** Asks for a text; `log` gets what VS Code would be given. */
function ask(content: SteadyContent, text: string, log: unknown[]): void {
  void content.provide(uri as never, {} as never, () => Promise.resolve(text)).then((given) => log.push(given));
}
function arrive(text: string): void {
  shown.text = text;
  events.changedDocument.fire({ document: shown });
}

test('a document that is being opened gets its text at once', async () => {
  const log: unknown[] = [];
  ask(new SteadyContent(), 'first', log);
  await settle();
  assert.deepEqual(log, ['first']);
});

test('while a text is on its way the next ones wait, and only the newest of them is given', async () => {
  workspace.textDocuments.push(shown);
  const content = new SteadyContent();
  const log: unknown[] = [];
  ask(content, 'one', log);
  await settle();
  for (const text of ['two', 'three', 'four']) ask(content, text, log);
  await settle();
  assert.deepEqual(log, ['one']);
  arrive('one');
  await settle();
  assert.deepEqual(log, ['one', null, null, 'four']);
});

test('a text that the document has already is nothing to wait for', async () => {
  workspace.textDocuments.push(shown);
  const content = new SteadyContent();
  const log: unknown[] = [];
  ask(content, 'zero', log);
  await settle();
  ask(content, 'one', log);
  await settle();
  assert.deepEqual(log, ['zero', 'one']);
});
