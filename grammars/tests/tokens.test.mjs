// What scope tests cannot say: the state behind a directive, and words that change with their place.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadGrammar, tokenize } from './tokens.mjs';

const grammar = await loadGrammar();
const scopesOf = (text, word) =>
  tokenize(grammar, text)
    .filter((token) => token.text === word)
    .map((token) => token.scopes.at(-1));

test('a template that an inactive branch leaves open ends at the next directive', () => {
  const text = '#ifdef A\nvar x: array<vec4<f32>,\n#else\nvar y: u32;\n#endif\nlet z = a < b;';
  assert.deepEqual(scopesOf(text, 'y'), ['variable.other.readwrite.wgsl']);
  assert.deepEqual(scopesOf(text, '<').at(-1), 'keyword.operator.comparison.wgsl');
});

test('braces that only one branch closes do not matter', () => {
  const text = '#ifdef A\nfn f() {\n#else\nfn g() {\n#endif\n}\nfn h() {}';
  assert.deepEqual(scopesOf(text, 'h'), ['entity.name.function.wgsl']);
  assert.deepEqual(scopesOf(text, 'fn'), Array(3).fill('storage.type.function.wgsl'));
});

test('white space behind the backslash still continues a directive', () => {
  const text = '#define A 1 + \\ \t\n  2\nlet b = 3;';
  const two = tokenize(grammar, text).find((token) => token.text === '2');
  assert.ok(two.scopes.includes('meta.preprocessor.define.wgsl'));
  const three = tokenize(grammar, text).find((token) => token.text === '3');
  assert.ok(!three.scopes.includes('meta.preprocessor.define.wgsl'));
});

test('carriage returns do not leak into scopes', () => {
  assert.deepEqual(scopesOf('#ifdef A\r\nlet b = 1;\r\n#endif\r\n', 'b'), ['variable.other.readonly.wgsl']);
});

test('every line of a long file is tokenized', () => {
  const text = 'let a = vec4<f32>(1.0);\n'.repeat(2000);
  assert.equal(scopesOf(text, 'vec4').length, 2000);
});
