/**
 * How the server's states and verdicts read: words, symbols, order. What a variant's state is, only the server
 * says. Pure functions on the protocol's data, shared by the status bar,
 * the picker and the tree, so that the three never disagree.
 */
import type { State, VariantCounts, VariantEntry, Verdict, VerdictChange } from '../protocol';

export const ENGINES: Record<string, string> = { wgpu: 'naga', dawn: 'Tint' };
const MARKS: Record<Verdict, string> = {
  accepted: '✓',
  rejected: '✗',
  'accepted-by-structure': '✓ by structure',
  'rejected-by-structure': '✗ by structure',
  unsupported: 'not supported',
  crashed: 'crashed',
  'timed-out': 'timed out',
  'device-lost': 'lost its device',
  unavailable: 'not installed',
  pending: '○',
  'preprocess-failed': 'not preprocessed',
};

/** "naga ✓  Tint ✗": the compiler's own name says more to a shader author than the runtime's. */
export function verdictText(entry: VariantEntry): string {
  return Object.entries(entry.verdicts)
    .map(([engine, verdict]) => `${ENGINES[engine] ?? engine} ${MARKS[verdict]}`)
    .join('  ');
}

/** The list with what is now known of some of its variants. */
export function changed(variants: readonly VariantEntry[], changes: readonly VerdictChange[]): VariantEntry[] {
  const known = [...variants];
  for (const { runs, ...told } of changes) {
    let place = 0;
    for (const [number, length] of runs.entries()) {
      for (let left = number % 2 === 1 ? length : 0; left > 0; left -= 1) {
        const entry = known[place + left - 1];
        if (entry !== undefined) known[place + left - 1] = { ...entry, why: undefined, reason: undefined, ...told };
      }
      place += length;
    }
  }
  return known;
}

/** "3,200": as the server writes numbers, whatever the language of the machine. */
export function grouped(n: number): string {
  return n.toLocaleString('en-US');
}

export function variantsText(n: number): string {
  return `${grouped(n)} variant${n === 1 ? '' : 's'}`;
}

export function countsText(counts: VariantCounts): string {
  const parts = [`${grouped(counts.pass)} of ${grouped(counts.total)} pass`];
  if (counts.fail > 0) parts.push(`${grouped(counts.fail)} fail`);
  if (counts.pending > 0) parts.push(`${grouped(counts.pending)} pending`);
  if (counts.unjudged > 0) parts.push(`${grouped(counts.unjudged)} not judged`);
  return parts.join(', ');
}

/** For a narrow panel, which cuts a third number of four digits: what is not well; the others pass. */
export function shortCounts(counts: VariantCounts): string {
  const { fail, unjudged, pending, pass } = counts;
  const parts: [string, number][] = [['✗', fail], ['?', unjudged], ['○', pending], ['✓', pass === counts.total ? pass : 0]];
  return parts.flatMap(([mark, n]) => (n > 0 ? [`${mark} ${grouped(n)}`] : [])).join('  ');
}

/** An empty label is a choice too ("without"), but says nothing in a list. */
export function axesText(entry: VariantEntry): string {
  return Object.entries(entry.axes)
    .filter(([, label]) => label !== '')
    .map(([axis, label]) => `${axis}: ${label}`)
    .join('   ');
}

/** Labels can be longer than a status bar; both ends say most. Cut between the parts of a label, where it has such. */
export function shortened(label: string, length = 36): string {
  if (label.length <= length) return label;
  const parts = label.split('  ');
  const [head, tail]: [string[], string[]] = [[parts[0] ?? ''], []];
  for (let number = 1; number < parts.length; number += 1) {
    const place = Math.floor((number - 1) / 2);
    const part = (number % 2 === 1 ? parts.at(-1 - place) : parts[1 + place]) ?? '';
    if ([...head, '…', part, ...tail].join('  ').length > length) break;
    if (number % 2 === 1) tail.unshift(part);
    else head.push(part);
  }
  const kept = [...head, '…', ...tail].join('  ');
  if (parts.length > 1 && kept.length <= length) return kept;
  const half = (length - 1) / 2;
  return `${label.slice(0, Math.ceil(half))}…${label.slice(-Math.floor(half))}`;
}

/** A label as what fits into a line, and the rest. */
export function wrapped(label: string, length: number): [string, string] {
  const parts = label.split('  ');
  let n = parts.length;
  while (n > 1 && parts.slice(0, n).join('  ').length > length) n -= 1;
  return [parts.slice(0, n).join('  '), parts.slice(n).join('  ')];
}

const ORDER: Record<State, number> = { fail: 0, pending: 1, unjudged: 2, pass: 3 };

/** Failing first, then as the server lists them. */
export function failingFirst(variants: readonly VariantEntry[]): VariantEntry[] {
  return [...variants].sort((left, right) => ORDER[left.state] - ORDER[right.state]);
}

/** True when every word of `query` is in the variant's names, macros, verdicts or reason, in any order. */
export function searched(entry: VariantEntry, query: string): boolean {
  const words = wordsOf(query);
  if (words.length === 0) return true;
  const { name, label, origin, state } = entry;
  const said = [entry.reason, entry.why, entry.asked].map((text) => text ?? '');
  const text = [name, label, origin, state, verdictText(entry), axesText(entry), ...entry.defines, ...said];
  const known = text.join('\n').toLowerCase();
  return words.every((word) => known.includes(word));
}

/** Macros that words of a query name and the label does not show, as what all variants share. */
export function askedFor(entry: VariantEntry, query: string): string[] {
  const shown = entry.label.toLowerCase();
  const hidden = wordsOf(query).filter((word) => !shown.includes(word));
  return entry.defines.filter((define) => hidden.some((word) => define.toLowerCase().includes(word)));
}

function wordsOf(query: string): string[] {
  return query.toLowerCase().split(/\s+/).filter((word) => word !== '');
}

/** What the compilers say, where it is more than what the icon beside it says of them all. */
export function dissent(entry: VariantEntry): string {
  const said = new Set(Object.values(entry.verdicts).map((verdict) => verdict.replace('-by-structure', '')));
  return said.size > 1 ? verdictText(entry) : '';
}

/** Before the label, where nothing cuts it off: what is active, and what the compilers say of one that does not pass. */
export function marked(entry: VariantEntry, active: boolean, label: string): string {
  const verdict = entry.state === 'fail' ? dissent(entry) : entry.state === 'unjudged' ? verdictText(entry) : '';
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
