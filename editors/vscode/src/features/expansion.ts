/**
 * The expansion beside its source: opened, kept on the active variant, scrolled and selected together.
 * Positions are mapped by the server; the text comes by `workspace/textDocumentContent`, so it is live.
 */
import * as vscode from 'vscode';
import { mapPositionRequest } from '../protocol';
import type { VariantModel } from '../model/variants';
import type { Server } from '../server/server';
import { converters, expandedAddress, expandedUri, isShader, sourceOf } from '../uris';

const SETTLE_MS = 40;
/** For this long after we moved an editor its scroll events are ours, not the user's. */
const ECHO_MS = 250;

export class ExpansionView implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  private readonly echoes = new Map<string, number>();
  /** Expansions that were opened "of the active variant" and so change with it: source -> shown address. */
  private readonly following = new Map<string, string>();
  // The cursor of an editor without focus is hard to see; its line is marked instead.
  private readonly line = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  private timer: NodeJS.Timeout | undefined;
  private serial = 0;

  constructor(
    private readonly server: Server,
    private readonly model: VariantModel,
  ) {
    this.disposables = [
      this.line,
      vscode.window.onDidChangeTextEditorSelection((change) => this.moved(change.textEditor, 'cursor')),
      vscode.window.onDidChangeTextEditorVisibleRanges((change) => this.moved(change.textEditor, 'scroll')),
      model.onDidChangeActive((list) => void this.follow(list.root, list.active)),
    ];
  }

  /** Opens the expansion of `source`; without a variant the active one, which it then follows. */
  async show(source: vscode.Uri, variant?: string): Promise<void> {
    const list = await this.model.load(source.toString());
    if (list === undefined) throw new Error('The WGSL language server has no variants for this file.');
    const root = vscode.Uri.parse(list.root);
    const shown = expandedUri(root, variant ?? list.active);
    if (variant === undefined || variant === list.active) this.following.set(list.root, shown.toString());
    const from = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === source.toString());
    const column = from?.viewColumn ?? vscode.ViewColumn.One;
    await open(shown, column + 1);
    if (from !== undefined) await this.synchronise(from, 'cursor');
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  private async follow(root: string, variant: string): Promise<void> {
    const shown = this.following.get(root);
    if (shown === undefined) return;
    const tab = tabOf(shown);
    if (tab === undefined) {
      this.following.delete(root);
      return;
    }
    const next = expandedUri(vscode.Uri.parse(root), variant);
    if (next.toString() === shown) return;
    this.following.set(root, next.toString());
    await open(next, tab.group.viewColumn);
    await vscode.window.tabGroups.close(tab, true);
    const source = vscode.window.activeTextEditor;
    if (source !== undefined && isShader(source.document)) await this.synchronise(source, 'cursor');
  }

  private moved(editor: vscode.TextEditor, by: 'cursor' | 'scroll'): void {
    if (!vscode.workspace.getConfiguration('wgsl').get('expansion.synchronize', true)) return;
    if (sourceOf(editor.document) === undefined) return;
    const echo = this.echoes.get(editor.document.uri.toString());
    if (echo !== undefined && Date.now() < echo) return;
    // The cursor leads from the focused editor alone; the wheel may turn over either.
    if (by === 'cursor' && editor !== vscode.window.activeTextEditor) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.synchronise(editor, by), SETTLE_MS);
  }

  /** Moves every editor that shows the other side of `from` to the place that `from` shows. */
  private async synchronise(from: vscode.TextEditor, by: 'cursor' | 'scroll'): Promise<void> {
    const serial = ++this.serial;
    const address = expandedAddress(from.document.uri);
    for (const other of vscode.window.visibleTextEditors) {
      if (other === from) continue;
      const variant = address === undefined ? expandedAddress(other.document.uri)?.variant : address.variant;
      const otherSide = address === undefined ? variant !== undefined : isShader(other.document);
      if (!otherSide || variant === undefined) continue;
      const { anchor, active } = from.selection;
      const at = by === 'cursor' ? active : topOf(from);
      const place = await this.map(from.document, at, variant, other.document.uri);
      const selected = by === 'cursor' && !anchor.isEqual(active);
      const otherAnchor = selected ? await this.map(from.document, anchor, variant, other.document.uri) : place;
      if (serial !== this.serial) return;
      if (place === undefined) {
        other.setDecorations(this.line, []);
        continue;
      }
      this.echoes.set(other.document.uri.toString(), Date.now() + ECHO_MS);
      if (by === 'cursor') {
        other.selection = new vscode.Selection(otherAnchor ?? place, place);
        other.setDecorations(this.line, [new vscode.Range(place, place)]);
        from.setDecorations(this.line, []);
        other.revealRange(other.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
      } else {
        other.revealRange(new vscode.Range(place, place), vscode.TextEditorRevealType.AtTop);
      }
    }
  }

  private async map(
    document: vscode.TextDocument,
    position: vscode.Position,
    variant: string,
    target: vscode.Uri,
  ): Promise<vscode.Position | undefined> {
    const answer = await this.server.ask(mapPositionRequest, {
      textDocument: { uri: converters.code2Protocol(document.uri) },
      position: { line: position.line, character: position.character },
      variant,
      direction: isShader(document) ? 'toExpanded' : 'toSource',
    });
    const location = answer?.locations.find(({ uri }) => converters.protocol2Code(uri).toString() === target.toString());
    return location === undefined ? undefined : this.server.range(location.range).start;
  }
}

async function open(uri: vscode.Uri, viewColumn: vscode.ViewColumn): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.languageId !== 'wgsl') await vscode.languages.setTextDocumentLanguage(document, 'wgsl');
  return vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: false });
}

function topOf(editor: vscode.TextEditor): vscode.Position {
  return editor.visibleRanges[0]?.start ?? new vscode.Position(0, 0);
}

function tabOf(uri: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri);
}
