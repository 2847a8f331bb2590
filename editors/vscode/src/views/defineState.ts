/** The panel "Define state": every macro at the cursor with value, origin and what it hides. */
import * as vscode from 'vscode';
import type { Location } from 'vscode-languageclient/node';
import { defineStateRequest } from '../protocol';
import type { DefineState, MacroState } from '../protocol';
import { shortened } from '../model/verdicts';
import type { Server } from '../server/server';
import { converters, relativeLabel, sourceOf } from '../uris';

const SETTLE_MS = 80;

type Node = { macro: MacroState } | { label: string; detail: string; location?: Location | null };

export class DefineStatePanel implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<Node>;
  private readonly disposables: vscode.Disposable[];
  private state: DefineState | undefined;
  private timer: NodeJS.Timeout | undefined;
  private serial = 0;
  readonly onDidChangeTreeData = this.changed.event;

  /** `label`: what tells a variant of a document from the others. */
  constructor(
    private readonly server: Server,
    private readonly label: (variant: string) => string,
  ) {
    this.view = vscode.window.createTreeView('wgsl-ls.defines', { treeDataProvider: this });
    this.disposables = [
      this.view,
      this.changed,
      vscode.window.onDidChangeTextEditorSelection(() => this.schedule()),
      vscode.window.onDidChangeActiveTextEditor(() => this.schedule()),
      vscode.workspace.onDidChangeTextDocument(() => this.schedule()),
      server.onViewsChanged(() => this.schedule()),
      server.onDidChangeRunning(() => this.schedule()),
      this.view.onDidChangeVisibility(() => this.schedule()),
    ];
  }

  async reveal(): Promise<void> {
    await vscode.commands.executeCommand('wgsl-ls.defines.focus');
    await this.update();
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      const macros = this.state?.macros.map((macro) => ({ macro }));
      // A row, for a message of the view would stand above old rows until these are gone.
      return macros?.length === 0 ? [{ label: 'No macro is defined here.', detail: '' }] : (macros ?? []);
    }
    return 'macro' in node ? details(node.macro) : [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if ('macro' in node) return macroItem(node.macro);
    const item = new vscode.TreeItem(node.label);
    item.description = node.detail;
    jumpTo(item, node.location);
    return item;
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    // A hidden panel asks nothing; it catches up when it is shown.
    if (this.view.visible) this.timer = setTimeout(() => void this.update(), SETTLE_MS);
  }

  private async update(): Promise<void> {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || sourceOf(editor.document) === undefined) return;
    const serial = ++this.serial;
    if (this.state === undefined) this.view.message = 'Asking the server …';
    const position = editor.selection.active;
    const state = await this.server.ask(defineStateRequest, {
      textDocument: { uri: converters.code2Protocol(editor.document.uri) },
      position: { line: position.line, character: position.character },
    });
    if (serial !== this.serial) return;
    this.state = state;
    this.view.description = state === undefined ? '' : `line ${position.line + 1}, ${shortened(this.label(state.variant), 32)}`;
    this.view.message = undefined;
    this.changed.fire(undefined);
  }
}

function macroItem(macro: MacroState): vscode.TreeItem {
  const nested = details(macro).length > 0;
  const state = nested ? vscode.TreeItemCollapsibleState.Collapsed : vscode.TreeItemCollapsibleState.None;
  const item = new vscode.TreeItem(macro.name, state);
  const hides = macro.shadows.length > 0 ? `  (hides ${macro.shadows.length})` : '';
  item.description = (macro.value === '' ? '(empty)' : macro.value) + hides;
  item.iconPath = new vscode.ThemeIcon(macro.locked ? 'lock' : macro.origin === 'variant' ? 'layers' : 'symbol-constant');
  item.contextValue = 'macro';
  const tooltip = new vscode.MarkdownString();
  tooltip.appendCodeblock(`#define ${macro.name} ${macro.value}`, 'wgsl');
  if (macro.expanded !== undefined && macro.expanded !== macro.value) tooltip.appendMarkdown('expands to').appendCodeblock(macro.expanded, 'wgsl');
  if (macro.given !== undefined) tooltip.appendText(`${macro.given}.`);
  else tooltip.appendMarkdown(macro.origin === 'variant' ? 'Given by the variant.' : 'Defined in the source.');
  if (macro.locked) tooltip.appendMarkdown(' A `#define` in the source does not change it.');
  item.tooltip = tooltip;
  jumpTo(item, macro.location);
  return item;
}

function details(macro: MacroState): Node[] {
  const nodes: Node[] = [];
  if (macro.expanded !== undefined && macro.expanded !== macro.value) nodes.push({ label: 'expands to', detail: macro.expanded });
  if (macro.given !== undefined) nodes.push({ label: 'host', detail: macro.given, location: macro.location });
  for (const location of macro.through) nodes.push({ label: 'through', detail: place(location), location });
  for (const shadow of macro.shadows) {
    const where = shadow.location == null ? '' : `  ${place(shadow.location)}`;
    const node = { label: 'hides', detail: `${shadow.value}${where}` };
    nodes.push(shadow.location == null ? node : { ...node, location: shadow.location });
  }
  return nodes;
}

function place(location: Location): string {
  return `${relativeLabel(location.uri)}:${location.range.start.line + 1}`;
}

function jumpTo(item: vscode.TreeItem, location: Location | null | undefined): void {
  if (location == null) return;
  const { start, end } = location.range;
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  item.command = {
    command: 'vscode.open',
    title: 'Go to definition',
    arguments: [vscode.Uri.parse(location.uri), { selection } satisfies vscode.TextDocumentShowOptions],
  };
}
