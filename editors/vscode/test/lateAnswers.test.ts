import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofTheTextAsItIs } from '../src/server/lateAnswers';

test('what was asked of an earlier text is asked again, and nobody waits for what is not wanted any more', async () => {
  const document = { version: 1 };
  const token = { isCancellationRequested: false };
  const asked: number[] = [];
  const ask = (edits: number) => (): Promise<string> => {
    asked.push(document.version);
    if (asked.length <= edits) document.version += 1;
    return Promise.resolve(`of ${asked.at(-1)}`);
  };
  assert.equal(await ofTheTextAsItIs(document, token as never, ask(2)), 'of 3');
  assert.deepEqual(asked, [1, 2, 3]);
  token.isCancellationRequested = true;
  asked.length = 0;
  assert.equal(await ofTheTextAsItIs(document, token as never, ask(2)), 'of 3');
  assert.deepEqual(asked, [3]);
});
