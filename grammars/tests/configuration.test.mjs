// The regular expressions of language-configuration.json, applied as VS Code applies them.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { grammars } from './tokens.mjs';

const configuration = JSON.parse(readFileSync(join(grammars, 'language-configuration.json'), 'utf8'));
const { indentationRules, folding, wordPattern, onEnterRules } = configuration;
const pattern = (value) => (typeof value === 'string' ? new RegExp(value) : new RegExp(value.pattern, value.flags));

/** The indentation VS Code's "reindent lines" gives, in steps. */
function reindent(lines) {
  const increase = pattern(indentationRules.increaseIndentPattern);
  const decrease = pattern(indentationRules.decreaseIndentPattern);
  const untouched = pattern(indentationRules.unIndentedLinePattern);
  let depth = 0;
  return lines.map((line) => {
    if (untouched.test(line)) return 0;
    if (decrease.test(line)) depth -= 1;
    const own = depth;
    if (increase.test(line)) depth += 1;
    return own;
  });
}

test('directives neither change indentation nor take it', () => {
  const lines = [
    'fn main() {',
    'let a = 1;',
    '#ifdef MASK',
    'for (var i = 0; i < 4; i++) {',
    '#define OPEN {',
    'f(i);',
    '}',
    '#endif',
    'g(',
    'a',
    ');',
    '}',
    'let b = 2;',
  ];
  assert.deepEqual(reindent(lines), [0, 1, 0, 1, 0, 2, 1, 0, 1, 2, 1, 0, 0]);
});

test('comments and closed brackets do not indent', () => {
  const increase = pattern(indentationRules.increaseIndentPattern);
  for (const line of ['// see {', 'let a = f(1);', 'let b = array(1, 2); // {', 'struct A { x: u32 }', 'a[0] = 1;']) {
    assert.equal(increase.test(line), false, line);
  }
  for (const line of ['fn f(', 'if (a) {', 'let a = b[', '} else {', 'f(a, {', 'case 1: // one', 'default:']) {
    assert.equal(increase.test(line), true, line);
  }
});

test('conditionals and regions fold', () => {
  const start = pattern(folding.markers.start);
  const end = pattern(folding.markers.end);
  const starts = ['#if A', '  # ifdef X', '#ifndef Y', '// #region tiles', '  //region', '#if'];
  const ends = ['#endif', ' # endif // A', '// #endregion', '//endregion'];
  for (const line of starts) assert.ok(start.test(line) && !end.test(line), line);
  for (const line of ends) assert.ok(end.test(line) && !start.test(line), line);
  for (const line of ['#else', '#elif X', '#define if', '#iffy', 'x // #region', 'if (a) {', '#endifs', '// regional']) {
    assert.ok(!start.test(line) && !end.test(line), line);
  }
});

test('a word is an identifier or a number with its suffix', () => {
  const words = (text) => text.match(new RegExp(wordPattern.pattern, `g${wordPattern.flags}`));
  assert.deepEqual(words('KV_TILE*2u + v.xyz(1.5h)'), ['KV_TILE', '2u', 'v', 'xyz', '1.5h']);
  assert.deepEqual(words('#ifdef größe_2'), ['ifdef', 'größe_2']);
  assert.deepEqual(words('0x1Fu 1e-3f 0x1.8p4'), ['0x1Fu', '1e-3f', '0x1.8p4']);
});

/** What the first fitting rule appends after Enter between `before` and `after`; undefined when none fits. */
function onEnter(before, after = '', previous = '') {
  const rule = onEnterRules.find(
    ({ beforeText, afterText, previousLineText }) =>
      pattern(beforeText).test(before) &&
      (!afterText || pattern(afterText).test(after)) &&
      (!previousLineText || pattern(previousLineText).test(previous)),
  );
  return rule?.action.appendText;
}

test('Enter continues comments', () => {
  assert.equal(onEnter('/** about', ' */'), ' * ');
  assert.equal(onEnter('/** about'), ' * ');
  assert.equal(onEnter(' * more', '', '/** about'), '* ');
  assert.equal(onEnter(' * product', '', 'let a = b'), undefined);
  assert.equal(onEnter('  /// says'), '/// ');
  assert.equal(onEnter('  // one half', ' the other half'), '// ');
  assert.equal(onEnter('  // whole line'), undefined);
  assert.equal(onEnter('let a = 1;'), undefined);
  assert.equal(onEnter('/** done */'), undefined);
});
