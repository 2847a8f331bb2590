/** The panel "WGSL variants": every root the server has seen, below it its variants, long lists grouped by axis. */
import * as vscode from 'vscode';
import type { State, VariantCounts, VariantEntry, VariantList } from '../protocol';
import { Batched } from '../model/batched';
import type { VariantModel } from '../model/variants';
import { countsOf, division, inside, labelBelow } from '../model/groups';
import type { Path } from '../model/groups';
import { axesText, countsText, failingFirst, grouped, marked, shortCounts, verdictText } from '../model/verdicts';
import { relativeLabel } from '../uris';

export interface RootNode {
  kind: 'root';
  root: string;
}
export interface GroupNode {
  kind: 'group';
  root: string;
  path: Path;
}
export interface VariantNode {
  kind: 'variant';
  root: string;
  name: string;
  path?: Path;
}
export type Node = RootNode | GroupNode | VariantNode;

const SETTLE_MS = 200;

const ICONS: Record<State, [string, string]> = {
  fail: ['error', 'testing.iconFailed'],
  pending: ['circle-outline', 'testing.iconQueued'],
  unjudged: ['question', 'testing.iconSkipped'],
  pass: ['pass', 'testing.iconPassed'],
};

export class VariantsTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Node | undefined>();
  private readonly view: vscode.TreeView<Node>;
  private readonly listener: vscode.Disposable;
  private readonly news = new Batched(SETTLE_MS, (roots) => roots.forEach((root) => this.refresh(root)));
  private known = '';
  private shown = '';
  // The tree compares nodes by identity, so a root keeps its node.
  private readonly rootNodes = new Map<string, RootNode>();
  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly model: VariantModel) {
    this.view = vscode.window.createTreeView('wgsl-ls.variants', { treeDataProvider: this, showCollapseAll: true });
    this.listener = vscode.Disposable.from(
      model.onDidChange((root) => this.news.add(root)),
      this.view.onDidChangeVisibility(() => this.model.current !== undefined && this.news.add(this.model.current.root)),
    );
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (node === undefined) return this.model.roots.map((root) => this.rootNode(root));
    const list = node.kind === 'variant' ? undefined : await this.model.wanted(node.root);
    if (list === undefined) return [];
    const path = node.kind === 'group' ? node.path : [];
    const entries = inside(list.variants, path);
    const divided = division(entries, path);
    if (divided !== undefined) {
      const { axis, labels } = divided;
      return labels.map((label) => ({ kind: 'group', root: list.root, path: [...path, [axis, label]] }));
    }
    return failingFirst(entries).map(({ name }) => ({ kind: 'variant', root: list.root, name, path }));
  }

  getParent(node: Node): Node | undefined {
    if (node.kind === 'root') return undefined;
    const above = node.kind === 'group' ? node.path.slice(0, -1) : (node.path ?? []);
    return above.length === 0 ? this.rootNode(node.root) : { kind: 'group', root: node.root, path: above };
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const list = this.model.list(node.root);
    if (node.kind === 'root') return rootItem(node, list, this.model.current?.root === node.root);
    if (node.kind === 'group') return groupItem(node, list);
    const entry = list?.variants.find((candidate) => candidate.name === node.name);
    if (list === undefined || entry === undefined) return new vscode.TreeItem(node.name);
    return variantItem(entry, list.active === entry.name, node.path ?? []);
  }

  dispose(): void {
    this.news.dispose();
    this.listener.dispose();
    this.view.dispose();
    this.changed.dispose();
  }

  private rootNode(root: string): RootNode {
    const node = this.rootNodes.get(root) ?? { kind: 'root', root };
    this.rootNodes.set(root, node);
    return node;
  }

  private refresh(root: string): void {
    const roots = this.model.roots.join('\n');
    const sameRoots = roots === this.known;
    this.known = roots;
    this.changed.fire(sameRoots ? this.rootNode(root) : undefined);
    const list = this.model.current;
    const failing = list?.counts.fail ?? 0;
    if (list !== undefined && list.root !== this.shown && this.view.visible) {
      // A folder has many shaders: the one that is looked at comes into view, once.
      this.shown = list.root;
      void this.view.reveal(this.rootNode(list.root), { select: false, focus: false, expand: true });
    }
    this.view.badge = failing > 0 ? { value: failing, tooltip: `${grouped(failing)} failing variants` } : undefined;
    this.view.message = roots === '' ? 'Open a shader to see its variants.' : undefined;
  }
}

function rootItem(node: RootNode, list: VariantList | undefined, current: boolean): vscode.TreeItem {
  const state = current ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
  const item = new vscode.TreeItem(relativeLabel(node.root).split('/').at(-1) ?? node.root, state);
  item.id = node.root;
  item.iconPath = new vscode.ThemeIcon('file-code');
  item.contextValue = 'root';
  if (list !== undefined) {
    item.iconPath = worstIcon(list.counts);
    item.description = shortCounts(list.counts);
    item.tooltip = `${relativeLabel(node.root)} · ${list.summary}`;
  }
  item.command = { command: 'vscode.open', title: 'Open', arguments: [vscode.Uri.parse(node.root)] };
  return item;
}

function worstIcon(counts: VariantCounts): vscode.ThemeIcon {
  const worst = (['fail', 'pending', 'unjudged', 'pass'] as const).find((state) => counts[state] > 0) ?? 'pass';
  const [icon, colour] = ICONS[worst];
  return new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
}

function groupItem(node: GroupNode, list: VariantList | undefined): vscode.TreeItem {
  const [axis, label] = node.path.at(-1) ?? ['', ''];
  const entries = inside(list?.variants ?? [], node.path);
  const counts = countsOf(entries);
  const holdsActive = entries.some((entry) => entry.name === list?.active);
  const text = label === '' ? `without ${axis}` : label;
  const item = new vscode.TreeItem(
    holdsActive ? `● ${text}` : text,
    holdsActive ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
  );
  item.id = `${node.root}?${JSON.stringify(node.path)}`;
  item.iconPath = worstIcon(counts);
  item.description = shortCounts(counts);
  item.tooltip = `${text.includes(axis) ? '' : `${axis}: `}${text}: ${countsText(counts)}`;
  item.contextValue = 'group';
  return item;
}

function variantItem(entry: VariantEntry, active: boolean, path: Path): vscode.TreeItem {
  const label = marked(entry, active, labelBelow(entry, path));
  const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.None);
  const [icon, colour] = ICONS[entry.state];
  item.id = `${entry.root}?${entry.name}`;
  item.iconPath = new vscode.ThemeIcon(icon, new vscode.ThemeColor(colour));
  item.description = entry.state === 'pass' ? verdictText(entry) : (entry.reason ?? '');
  item.contextValue = active ? 'variant-active' : 'variant';
  item.tooltip = variantTooltip(entry, active);
  return item;
}

function variantTooltip(entry: VariantEntry, active: boolean): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown('**').appendText(entry.name).appendMarkdown(`** (${entry.origin}${active ? ', ● active' : ''})\n\n`);
  text.appendText(verdictText(entry));
  if (entry.reason !== undefined) text.appendMarkdown('\n\n').appendText(entry.reason);
  if (entry.asked !== undefined) text.appendMarkdown('\n\nasked for with: ').appendText(entry.asked);
  if (entry.why !== undefined) text.appendMarkdown('\n\nnot judged: ').appendText(entry.why);
  if (entry.problems > 0) text.appendMarkdown(`\n\n${entry.problems} problems`);
  if (Object.keys(entry.axes).length > 0) text.appendMarkdown('\n\n').appendText(axesText(entry));
  if (entry.defines !== undefined) text.appendCodeblock(entry.defines.join('\n'), 'ini');
  return text;
}
