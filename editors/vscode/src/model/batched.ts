/** Roots that have news are handed to `work` together, `ms` after the first of them: verdicts come in many small steps. */
export class Batched {
  private readonly roots = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly ms: number,
    private readonly work: (roots: ReadonlySet<string>) => void,
  ) {}

  add(root: string): void {
    this.roots.add(root);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const roots = new Set(this.roots);
      this.roots.clear();
      this.work(roots);
    }, this.ms);
  }

  dispose(): void {
    clearTimeout(this.timer);
  }
}
