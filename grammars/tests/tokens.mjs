// Tokens of texts under the grammar, with the same library as VS Code: what snapshots.mjs and the tests share.
// A token is { line, start, end, text, scopes } with scopes from outside to inside, without the grammar's own.

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');

export const grammars = join(dirname(fileURLToPath(import.meta.url)), '..');

const files = {
  'source.wgsl.pp': 'wgsl.tmLanguage.json',
  'markdown.wgsl.codeblock': 'markdown-wgsl.tmLanguage.json',
};

export async function loadGrammar(scopeName = 'source.wgsl.pp') {
  const wasm = await readFile(join(dirname(require.resolve('vscode-oniguruma')), 'onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (name) => {
      const file = files[name];
      return file ? textmate.parseRawGrammar(await readFile(join(grammars, file), 'utf8'), file) : null;
    },
  });
  return registry.loadGrammar(scopeName);
}

export function tokenize(grammar, text) {
  const tokens = [];
  let state = textmate.INITIAL;
  for (const [line, content] of text.split(/\r\n|\n/).entries()) {
    const result = grammar.tokenizeLine(content, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const end = Math.min(token.endIndex, content.length);
      if (end > token.startIndex) {
        const spelled = content.slice(token.startIndex, end);
        tokens.push({ line, start: token.startIndex, end, text: spelled, scopes: token.scopes.slice(1) });
      }
    }
  }
  return tokens;
}
