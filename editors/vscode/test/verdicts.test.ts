import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axesOf, axesText, changed, countsText, failingFirst, matches, shortened, verdictText } from '../src/model/verdicts';
import { pickerItems } from '../src/views/picker';
import { statusText } from '../src/views/statusBar';
import { notice } from '../src/words';
import { entry, listOf } from './fakeServer';

const good = entry('good', 'accepted', { type: 'f16', dim: '64' });
const bad = entry('bad', 'accepted', { type: 'f32', dim: '64' }, 'rejected', 'fail');
const waiting = entry('waiting', 'pending', { type: 'f32', dim: '128' }, 'pending', 'pending');
const alien = entry('alien', 'unsupported', { type: 'f16', dim: '128' }, 'unavailable', 'unjudged');

test("the server's state is shown, whatever the engines said", () => {
  const unfit = entry('unfit', 'accepted', {}, 'accepted', 'fail');
  const items = pickerItems(listOf('unfit', unfit, good), new Map()).map(({ label }) => label);
  assert.deepEqual(items, ['failing', '$(error) ● unfit', 'passing', '$(pass) good']);
  assert.equal(statusText(listOf('unfit', unfit, good, alien), undefined), '$(layers) unfit  $(check) 1  $(error) 1  $(question) 1');
});

test('runs say in turn how many are passed over and how many are meant', () => {
  const names = (runs: number[]): string[] => {
    const list = [...'abcdef'].map((name) => entry(name, 'pending', {}, 'pending', 'pending'));
    const told = { runs, state: 'pass' as const, verdicts: {}, problems: 0 };
    return changed(list, [told]).filter(({ state }) => state === 'pass').map(({ name }) => name);
  };
  assert.deepEqual(names([2, 3]), ['c', 'd', 'e']);
  assert.deepEqual(names([0, 1, 1, 1, 2, 1]), ['a', 'c', 'f']);
  assert.deepEqual(names([0, 6]), [...'abcdef']);
  assert.deepEqual(names([5, 4]), ['f']);
  assert.deepEqual(names([]), []);
});

test('verdicts name the compilers', () => {
  assert.equal(verdictText(bad), 'naga ✓  Tint ✗');
  assert.equal(verdictText(alien), 'naga not supported  Tint not installed');
});

test('failing variants come first, others keep the order of the server', () => {
  const names = failingFirst([good, alien, waiting, bad, entry('also good', 'accepted')]).map(({ name }) => name);
  assert.deepEqual(names, ['bad', 'waiting', 'alien', 'good', 'also good']);
});

test('a filter joins labels of one axis and crosses axes', () => {
  assert.deepEqual([...axesOf([good, bad, waiting])], [['type', ['f16', 'f32']], ['dim', ['64', '128']]]);
  const filter = new Map([['type', new Set(['f32', 'f16'])], ['dim', new Set(['64'])]]);
  assert.deepEqual([good, bad, waiting].filter((one) => matches(one, filter)), [good, bad]);
  assert.ok(matches(entry('no axes', 'accepted'), new Map()));
  assert.ok(!matches(entry('no axes', 'accepted'), filter));
});

test('the picker shows headings, marks the active variant and obeys the filter', () => {
  const list = listOf('good', good, bad, waiting);
  const labels = pickerItems(list, new Map()).map(({ label }) => label);
  assert.deepEqual(labels, [
    'failing', '$(error) bad', 'being checked', '$(circle-outline) waiting', 'passing', '$(pass) ● good',
  ]);
  const [, only] = pickerItems(list, new Map([['type', new Set(['f16'])]]));
  assert.equal(only?.detail, 'type: f16   dim: 64', 'that it passes, the icon says');
});

test('words are found in any order in names, macros, verdicts and reasons', () => {
  const failing = { ...bad, label: 'K_F16  MASK', reason: 'unresolved identifier kv_len', defines: ['K_F16', 'HEAD_DIM=64'] };
  const list = listOf('good', good, failing);
  const found = (query: string): string[] =>
    pickerItems(list, new Map(), query).flatMap((item) => ('variant' in item ? [item.variant] : []));
  assert.deepEqual(found('64 k_f16'), ['bad']);
  assert.deepEqual(found('KV_LEN tint ✗'), ['bad']);
  assert.deepEqual(found(' ').sort(), ['bad', 'good']);
  assert.deepEqual(found('k_f16 nothing'), []);
  const item = pickerItems(list, new Map(), 'mask')[1];
  assert.equal(item?.detail, 'unresolved identifier kv_len · naga ✓  Tint ✗');
  const asked = pickerItems(list, new Map(), 'head_dim mask')[1];
  assert.equal(asked?.detail, 'HEAD_DIM=64 · unresolved identifier kv_len · naga ✓  Tint ✗', 'what was asked for is shown');
  assert.ok(item !== undefined && 'alwaysShow' in item && item.alwaysShow);
});

test('counts and status text say only what there is', () => {
  const list = { ...listOf('good', good), counts: { total: 9, pass: 5, fail: 2, pending: 1, unjudged: 1 } };
  assert.equal(countsText(list.counts), '5 of 9 pass, 2 fail, 1 pending, 1 not judged');
  assert.equal(statusText(list, undefined), '$(layers) good  $(check) 5  $(error) 2  $(question) 1  $(sync~spin) 1');
  const calm = listOf('good', good);
  assert.equal(statusText(calm, { state: 'engine-missing', done: 0, total: 0, message: '' }), '$(layers) good  $(check) 1  $(warning)');
});

test('no row is longer than what a list shows: the rest of a label is in its second line', () => {
  const label = ['K_F16', 'V_Q4_0', 'MASK', 'SINKS', 'LOGIT_SOFTCAP', 'K_DIRECT', 'KV_OVERLAP', 'HEAD_DIM_QK=128', 'Q_TILE=8'].join('  ');
  const item = pickerItems(listOf('long', { ...entry('long', 'rejected', {}, 'pending', 'fail'), label, reason: 'no V' }), new Map())[1];
  assert.equal(item?.label, '$(error) ● K_F16  V_Q4_0  MASK  SINKS  LOGIT_SOFTCAP  K_DIRECT');
  assert.equal(item?.detail, 'KV_OVERLAP  HEAD_DIM_QK=128  Q_TILE=8 · no V · naga ✗  Tint ○');
  assert.equal(shortened(label), 'K_F16  V_Q4_0  …  Q_TILE=8');
  assert.equal(shortened(label, 20), 'K_F16  …  Q_TILE=8');
});

test('numbers are grouped', () => {
  const list = { ...listOf('good', good), counts: { total: 3200, pass: 1920, fail: 1280, pending: 0, unjudged: 0 } };
  assert.equal(countsText(list.counts), '1,920 of 3,200 pass, 1,280 fail');
  assert.equal(statusText(list, undefined), '$(layers) good  $(check) 1,920  $(error) 1,280');
});

test('long names keep both ends, and an axis without a label is not shown', () => {
  const name = 'HEAD_DIM_QK=64+K_F16+V_F16+MASK+Q_TILE=8+WG_SIZE=64';
  assert.equal(shortened(name).length, 36);
  assert.equal(shortened(name), `${name.slice(0, 18)}…${name.slice(-17)}`);
  assert.equal(shortened('plain'), 'plain');
  assert.equal(axesText(entry('x', 'accepted', { kv: '', mask: 'MASK' })), 'mask: MASK');
});

test('the words of a workspace are no icons and no links', () => {
  const odd = entry('$(pass) good', 'rejected');
  const [, item] = pickerItems(listOf('$(pass) good', odd), new Map());
  assert.match(item?.label ?? '', /^\$\(error\) ● \$ \(pass\) good$/);
  assert.ok(!(item?.detail ?? '').includes('$('));
  assert.equal(statusText(listOf('$(pass) good', odd), undefined), '$(layers) $ (pass) good  $(check) 0  $(error) 1');
  assert.equal(notice('[click](command:evil)'), '[click] (command:evil)');
});
