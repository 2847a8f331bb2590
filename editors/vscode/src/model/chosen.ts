/**
 * Which variant of each shader somebody made the active one. The server forgets that when it ends, so it is told again
 * when it begins; the workspace keeps it.
 */
import type { Memento } from 'vscode';
import type { VariantList } from '../protocol';

const KEY = 'activeVariants';

export class Chosen {
  constructor(private readonly workspace: Memento) {}

  /** Root -> name of its active variant. */
  get all(): Readonly<Record<string, string>> {
    return this.workspace.get(KEY, {});
  }

  /** The server looks through the first variant where nobody chose one, or where that one is not there (yet). */
  note({ root, active, variants }: VariantList): void {
    const { all } = this;
    const known = all[root];
    if (active === known) return;
    const isChoice = active !== variants[0]?.name || (known !== undefined && variants.some(({ name }) => name === known));
    if (isChoice) void this.workspace.update(KEY, { ...all, [root]: active });
  }
}
