/**
 * Long lists of variants as a tree of their axes. Pure: which groups there are follows from the axes that the server
 * derived and from the groups above.
 */
import type { VariantCounts, VariantEntry } from '../protocol';

/** A list of at most so many variants is shown as it is. */
const FEW = 24;

/** The groups from the root down to a node: each an axis with one of its labels. */
export type Path = readonly (readonly [axis: string, label: string])[];

export function inside(entries: readonly VariantEntry[], path: Path): VariantEntry[] {
  return entries.filter((entry) => path.every(([axis, label]) => (entry.axes[axis] ?? '') === label));
}

/** The axis that divides `entries` (all below `path`), with its labels in their order; undefined for a short list. */
export function division(entries: readonly VariantEntry[], path: Path): { axis: string; labels: string[] } | undefined {
  if (entries.length <= FEW) return undefined;
  const used = new Set(path.map(([axis]) => axis));
  for (const axis of Object.keys(entries[0]?.axes ?? {})) {
    if (used.has(axis)) continue;
    const labels = [...new Set(entries.map((entry) => entry.axes[axis] ?? ''))];
    // As many groups as variants would be the same list with one more click.
    if (labels.length > 1 && labels.length * 2 <= entries.length) return { axis, labels };
  }
  return undefined;
}

/** What tells a variant from the others below `path`. */
export function labelBelow(entry: VariantEntry, path: Path): string {
  if (path.length === 0 || entry.label === entry.name) return entry.label;
  const used = new Set(path.map(([axis]) => axis));
  const left = Object.entries(entry.axes).flatMap(([axis, label]) => (used.has(axis) || label === '' ? [] : [label]));
  return left.length > 0 ? left.join('  ') : 'none of these';
}

export function countsOf(entries: readonly VariantEntry[]): VariantCounts {
  const counts: VariantCounts = { total: entries.length, pass: 0, fail: 0, pending: 0, unjudged: 0 };
  for (const entry of entries) counts[entry.state] += 1;
  return counts;
}
