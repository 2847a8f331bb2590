/**
 * What is known about variants: one list per root, and which root the user is looking at.
 * Lists come from the server (asked for once per root, then kept fresh by its notifications); this file only
 * remembers them and says when one changed.
 */
import * as vscode from 'vscode';
import { rootsRequest, setActiveVariantRequest, variantsRequest } from '../protocol';
import type { VariantList, VerdictsChanged } from '../protocol';
import type { Server } from '../server/server';
import { sourceOf } from '../uris';
import { changed } from './verdicts';

export class VariantModel implements vscode.Disposable {
  private readonly lists = new Map<string, VariantList>();
  /** Roots of the workspace. The list of one is asked for when somebody looks at it: there can be thousands. */
  private names: readonly string[] = [];
  private readonly changed = new vscode.EventEmitter<string>();
  private readonly activeChanged = new vscode.EventEmitter<VariantList>();
  private readonly disposables: vscode.Disposable[] = [];
  private currentRoot: string | undefined;
  private currentSource: vscode.Uri | undefined;
  private serial = 0;

  /** Fires with the address of a root whose list is new. */
  readonly onDidChange = this.changed.event;
  /** Fires when a root got another active variant. */
  readonly onDidChangeActive = this.activeChanged.event;

  constructor(private readonly server: Server) {
    this.disposables.push(
      server.onDidChangeRunning((running) => {
        if (running) void this.refresh();
        else this.clear();
      }),
      server.onVerdicts((list) => this.merge(list)),
      server.onViewsChanged(() => void this.renew()),
      vscode.window.onDidChangeActiveTextEditor(() => void this.follow()),
    );
  }

  /** The list of the file that the user is looking at. */
  get current(): VariantList | undefined {
    return this.currentRoot === undefined ? undefined : this.lists.get(this.currentRoot);
  }

  /** The file that the user is looking at; stays when the focus moves to a panel. */
  get source(): vscode.Uri | undefined {
    return this.currentSource;
  }

  get roots(): string[] {
    return [...new Set([...this.names, ...this.lists.keys()])].sort((left, right) => left.localeCompare(right));
  }

  /** What tells a variant of the current list from the others. */
  labelOf(variant: string): string {
    return this.current?.variants.find((entry) => entry.name === variant)?.label ?? variant;
  }

  list(root: string): VariantList | undefined {
    return this.lists.get(root);
  }

  async setActive(root: string, variant: string): Promise<void> {
    const list = await this.server.demand(setActiveVariantRequest, { textDocument: { uri: root }, variant });
    this.put(list);
    await this.follow();
  }

  /** Asks the server again about the current file, and which roots it knows. */
  async refresh(): Promise<void> {
    await this.follow();
    this.names = (await this.server.askNothing(rootsRequest))?.roots ?? this.names;
    const [first] = this.names;
    if (first !== undefined) this.changed.fire(first);
  }

  /** The list of a root that somebody looks at. */
  async wanted(root: string): Promise<VariantList | undefined> {
    return this.lists.get(root) ?? (await this.load(root));
  }

  async load(uri: string): Promise<VariantList | undefined> {
    const list = await this.server.ask(variantsRequest, { textDocument: { uri } });
    if (list !== undefined) this.put(list);
    return list;
  }

  dispose(): void {
    for (const disposable of [...this.disposables, this.changed, this.activeChanged]) disposable.dispose();
  }

  private async follow(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    const source = document === undefined ? undefined : sourceOf(document);
    if (source === undefined) return;
    this.currentSource = source;
    const serial = ++this.serial;
    const list = await this.load(source.toString());
    if (list === undefined || serial !== this.serial || this.currentRoot === list.root) return;
    this.currentRoot = list.root;
    this.changed.fire(list.root);
  }

  /** What is looked at is looked at otherwise: what was loaded of other roots may be old too. */
  private async renew(): Promise<void> {
    await this.follow();
    for (const root of [...this.lists.keys()]) if (root !== this.currentRoot) await this.load(root);
  }

  /** Changes of another list than the known one are no use: all of it is asked for. */
  private merge(news: VerdictsChanged): void {
    const before = this.lists.get(news.root);
    if (before?.edition !== news.edition) {
      void this.load(news.root);
      return;
    }
    const { changes, ...rest } = news;
    this.put({ ...rest, variants: changed(before.variants, changes) });
  }

  private put(list: VariantList): void {
    const before = this.lists.get(list.root);
    this.lists.set(list.root, list);
    this.server.chosen.note(list);
    this.changed.fire(list.root);
    if (before !== undefined && before.active !== list.active) this.activeChanged.fire(list);
  }

  private clear(): void {
    const { roots } = this;
    this.lists.clear();
    this.names = [];
    this.currentRoot = undefined;
    for (const root of roots) this.changed.fire(root);
  }
}
