/**
 * How the server's states and verdicts read: words, symbols, order. What a variant's state is, only the server
 * says. Pure functions on the protocol's data, shared by the status bar,
 * the picker and the tree, so that the three never disagree.
 */
import type { State, VariantCounts, VariantEntry, Verdict } from '../protocol';

const ENGINES: Record<string, string> = { wgpu: 'naga', dawn: 'Tint' };
const MARKS: Record<Verdict, string> = {
  accepted: '✓',
  rejected: '✗',
  'accepted-by-structure': '✓ by structure',
  'rejected-by-structure': '✗ by structure',
  unsupported: 'not supported',
  crashed: 'crashed',
  'timed-out': 'timed out',
  unavailable: 'not installed',
  pending: '…',
  'preprocess-failed': 'not preprocessed',
};

/** "naga ✓  Tint ✗": the compiler's own name says more to a shader author than the runtime's. */
export function verdictText(entry: VariantEntry): string {
  return Object.entries(entry.verdicts)
    .map(([engine, verdict]) => `${ENGINES[engine] ?? engine} ${MARKS[verdict]}`)
    .join('  ');
}

export function countsText(counts: VariantCounts): string {
  const parts = [`${counts.pass} of ${counts.total} pass`];
  if (counts.fail > 0) parts.push(`${counts.fail} fail`);
  if (counts.pending > 0) parts.push(`${counts.pending} pending`);
  if (counts.unjudged > 0) parts.push(`${counts.unjudged} not judged`);
  return parts.join(', ');
}

/** For a narrow panel: what is not well first. */
export function shortCounts(counts: VariantCounts): string {
  const { fail, unjudged, pending, pass } = counts;
  const parts: [string, number][] = [['✗', fail], ['?', unjudged], ['…', pending], ['✓', pass]];
  return parts.flatMap(([mark, n]) => (n > 0 ? [`${mark} ${n}`] : [])).join('  ');
}

/** An empty label is a choice too ("without"), but says nothing in a list. */
export function axesText(entry: VariantEntry): string {
  return Object.entries(entry.axes)
    .filter(([, label]) => label !== '')
    .map(([axis, label]) => `${axis}: ${label}`)
    .join('   ');
}

/** Generated names can be longer than a status bar; both ends say most. */
export function shortened(name: string, length = 36): string {
  if (name.length <= length) return name;
  const half = (length - 1) / 2;
  return `${name.slice(0, Math.ceil(half))}…${name.slice(-Math.floor(half))}`;
}

const ORDER: Record<State, number> = { fail: 0, pending: 1, unjudged: 2, pass: 3 };

/** Failing first, then as the server lists them. */
export function failingFirst(variants: readonly VariantEntry[]): VariantEntry[] {
  return [...variants].sort((left, right) => ORDER[left.state] - ORDER[right.state]);
}

/** True when every word of `query` is in the variant's names, macros, verdicts or reason, in any order. */
export function searched(entry: VariantEntry, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return true;
  const { name, label, origin, state } = entry;
  const said = [entry.reason, entry.why, entry.asked].map((text) => text ?? '');
  const text = [name, label, origin, state, verdictText(entry), axesText(entry), ...(entry.defines ?? []), ...said];
  const known = text.join('\n').toLowerCase();
  return words.every((word) => known.includes(word));
}

/** Before the label, where nothing cuts it off: what is active, and what the compilers say of one that does not pass. */
export function marked(entry: VariantEntry, active: boolean, label: string): string {
  const verdict = entry.state === 'fail' || entry.state === 'unjudged' ? verdictText(entry) : '';
  return [active ? '●' : '', verdict, label].filter((part) => part !== '').join('  ');
}

export type AxisFilter = ReadonlyMap<string, ReadonlySet<string>>;

/** All axes with their labels in the order in which the variants name them. */
export function axesOf(variants: readonly VariantEntry[]): Map<string, string[]> {
  const axes = new Map<string, string[]>();
  for (const entry of variants) {
    for (const [axis, label] of Object.entries(entry.axes)) {
      const labels = axes.get(axis) ?? [];
      if (!labels.includes(label)) labels.push(label);
      axes.set(axis, labels);
    }
  }
  return axes;
}

/** Within an axis any chosen label will do; every axis that has a choice must agree. */
export function matches(entry: VariantEntry, filter: AxisFilter): boolean {
  for (const [axis, labels] of filter) {
    const label = entry.axes[axis];
    if (labels.size > 0 && (label === undefined || !labels.has(label))) return false;
  }
  return true;
}
