// Tokens of every shader of tests/shaders, kept as text: a change of the grammar shows what it changes.
//   node tests/snapshots.mjs [--update]            compares with tests/snapshots, or writes it
//   node tests/snapshots.mjs --check FILE...       any files: fails where a token is `invalid`
// A snapshot has each line of code, and under it its words with their scopes: no comments, no punctuation.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { grammars, loadGrammar, tokenize } from './tokens.mjs';

const shaders = join(grammars, '..', 'tests', 'shaders');
const snapshots = join(grammars, 'tests', 'snapshots');
const isShader = (name) => name.endsWith('.wgsl') || name.endsWith('.tmpl');

const isLeftOut = (scope) => /^(comment|punctuation|keyword\.operator)\./.test(scope);

function snapshot(grammar, text) {
  const byLine = new Map();
  for (const token of tokenize(grammar, text)) {
    const plain = token.scopes.filter((scope) => !scope.startsWith('meta.'));
    if (token.text.trim() === '' || plain.some(isLeftOut)) continue;
    const short = plain.map((scope) => scope.replace(/\.wgsl$/, ''));
    byLine.set(token.line, [...(byLine.get(token.line) ?? []), `    ${token.text}  ${short.join(' ')}`]);
  }
  const lines = text.split(/\r\n|\n/);
  const parts = [...byLine].map(([line, tokens]) => [lines[line].trim(), ...tokens].join('\n'));
  return parts.join('\n') + '\n';
}

function firstDifference(kept, found) {
  const [before, after] = [kept.split('\n'), found.split('\n')];
  const at = after.findIndex((line, index) => line !== before[index]);
  const index = at === -1 ? after.length : at;
  return `    kept:  ${before[index] ?? '(nothing)'}\n    found: ${after[index] ?? '(nothing)'}`;
}

function compareAll(grammar, isUpdate) {
  let n_wrong = 0;
  const names = readdirSync(shaders).filter(isShader).sort();
  mkdirSync(snapshots, { recursive: true });
  for (const name of names) {
    const path = join(snapshots, `${name}.snap`);
    const found = snapshot(grammar, readFileSync(join(shaders, name), 'utf8'));
    if (isUpdate) {
      writeFileSync(path, found);
    } else if (!existsSync(path)) {
      n_wrong += 1;
      console.error(`${name}: no snapshot; run "npm run snapshots:update", read it and commit it`);
    } else if (readFileSync(path, 'utf8') !== found) {
      n_wrong += 1;
      console.error(`${name}: tokens changed\n${firstDifference(readFileSync(path, 'utf8'), found)}`);
    }
  }
  for (const kept of readdirSync(snapshots)) {
    if (names.includes(basename(kept, '.snap'))) continue;
    if (isUpdate) rmSync(join(snapshots, kept));
    else {
      n_wrong += 1;
      console.error(`${kept}: its shader is gone`);
    }
  }
  console.log(`${names.length} shaders, ${n_wrong} differences`);
  return n_wrong;
}

function checkFiles(grammar, paths) {
  let [n_tokens, n_wrong] = [0, 0];
  for (const path of paths) {
    for (const token of tokenize(grammar, readFileSync(path, 'utf8'))) {
      n_tokens += 1;
      if (!token.scopes.some((scope) => scope.startsWith('invalid.'))) continue;
      n_wrong += 1;
      console.error(`${path}:${token.line + 1}:${token.start + 1}: ${token.text}  ${token.scopes.at(-1)}`);
    }
  }
  console.log(`${paths.length} files, ${n_tokens} tokens, ${n_wrong} invalid`);
  return n_wrong;
}

const grammar = await loadGrammar();
const check = process.argv.indexOf('--check');
const n_wrong =
  check === -1 ? compareAll(grammar, process.argv.includes('--update')) : checkFiles(grammar, process.argv.slice(check + 1));
process.exit(n_wrong === 0 ? 0 : 1);
