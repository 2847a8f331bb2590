/**
 * Source and expansion move together: cursor, selection and scroll, both ways. The server maps positions; this file
 * decides which event is the user's and which is the echo of our own move.
 */
import * as vscode from 'vscode';
import { mapPositionRequest } from '../protocol';
import type { Server } from '../server/server';
import { converters, expandedAddress, isShader, sourceOf } from '../uris';

const SETTLE_MS = 40;
/** For this long after we moved an editor, or its text changed, its scrolling is not the user's. */
const ECHO_MS = 250;

type Cause = 'cursor' | 'scroll';

export class Synchronizer implements vscode.Disposable {
  private readonly disposables: vscode.Disposable[];
  /** Until when an editor's scrolling is ours; by address. */
  private readonly quiet = new Map<string, number>();
  /** The selection that we gave an editor; by address. */
  private readonly given = new Map<string, vscode.Selection>();
  /** The first visible line that was last seen in an editor; by address. */
  private readonly tops = new Map<string, number>();
  // The cursor of an editor without focus is hard to see; its line is marked instead.
  private readonly line = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor('editor.rangeHighlightBackground'),
    overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  private timer: NodeJS.Timeout | undefined;
  /** A cursor is being followed right now. */
  private following = false;
  /** Counts what was scheduled. */
  private turn = 0;
  private serial = 0;

  constructor(private readonly server: Server) {
    this.disposables = [
      this.line,
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.selected(textEditor)),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => this.scrolled(textEditor)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.note(editor))),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.changed(document.uri)),
    ];
  }

  dispose(): void {
    clearTimeout(this.timer);
    for (const disposable of this.disposables) disposable.dispose();
  }

  /** Moves every editor that shows the other side of `from` to the place that `from` shows. */
  async synchronize(from: vscode.TextEditor, by: Cause): Promise<void> {
    const serial = ++this.serial;
    const address = expandedAddress(from.document.uri);
    for (const other of vscode.window.visibleTextEditors) {
      if (other === from) continue;
      const variant = address === undefined ? expandedAddress(other.document.uri)?.variant : address.variant;
      const otherSide = address === undefined ? variant !== undefined : isShader(other.document);
      if (!otherSide || variant === undefined) continue;
      const { anchor, active } = from.selection;
      const place =
        by === 'cursor'
          ? await this.map(from.document, active, variant, other.document.uri)
          : await this.mapTop(from, variant, other.document.uri, serial);
      const selected = by === 'cursor' && !anchor.isEqual(active);
      const otherAnchor = selected ? await this.map(from.document, anchor, variant, other.document.uri) : place;
      if (serial !== this.serial) return;
      if (place === undefined) other.setDecorations(this.line, []);
      else if (by === 'cursor') this.select(from, other, new vscode.Selection(otherAnchor ?? place, place));
      else this.scroll(other, place);
    }
  }

  private selected(editor: vscode.TextEditor): void {
    const address = editor.document.uri.toString();
    const given = this.given.get(address);
    this.given.delete(address);
    if (given !== undefined && given.isEqual(editor.selection)) return;
    // The focused editor leads; a selection elsewhere is some other program's.
    if (editor !== vscode.window.activeTextEditor || !wanted(editor)) return;
    this.schedule(editor, 'cursor');
  }

  private scrolled(editor: vscode.TextEditor): void {
    const address = editor.document.uri.toString();
    const before = this.tops.get(address);
    this.note(editor);
    if (before === undefined || before === topOf(editor).line || !wanted(editor)) return;
    // Moving the cursor often scrolls both sides; the cursor says more, so a scroll never takes its place.
    if (this.following || Date.now() < (this.quiet.get(address) ?? 0)) return;
    this.schedule(editor, 'scroll');
  }

  private note(editor: vscode.TextEditor): void {
    this.tops.set(editor.document.uri.toString(), topOf(editor).line);
  }

  private changed(uri: vscode.Uri): void {
    this.hush(uri);
    // The text of an expansion comes a little later than the positions in it, so they are asked for again.
    const active = vscode.window.activeTextEditor;
    if (expandedAddress(uri) === undefined || active === undefined || !isShader(active.document) || !wanted(active)) return;
    this.schedule(active, 'cursor');
  }

  private schedule(editor: vscode.TextEditor, by: Cause): void {
    clearTimeout(this.timer);
    const turn = ++this.turn;
    this.following = by === 'cursor';
    this.timer = setTimeout(() => {
      void this.synchronize(editor, by).finally(() => {
        // A cursor may have moved on meanwhile, also in the same editor.
        if (turn === this.turn) this.following = false;
      });
    }, SETTLE_MS);
  }

  private select(from: vscode.TextEditor, other: vscode.TextEditor, selection: vscode.Selection): void {
    this.hush(other.document.uri);
    if (!selection.isEqual(other.selection)) {
      this.given.set(other.document.uri.toString(), selection);
      other.selection = selection;
    }
    other.setDecorations(this.line, [new vscode.Range(selection.active, selection.active)]);
    from.setDecorations(this.line, []);
    // By lines only: showing a far column would push the beginning of every line out of sight.
    const { start, end } = selection;
    const lines = new vscode.Range(start.line, 0, end.line, 0);
    other.revealRange(lines, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  private scroll(other: vscode.TextEditor, place: vscode.Position): void {
    this.hush(other.document.uri);
    // "At the top" leaves room for the most lines that may stick there, whether they do or not.
    const editor = vscode.workspace.getConfiguration('editor', other.document);
    const room = editor.get('stickyScroll.enabled', false) ? editor.get('stickyScroll.maxLineCount', 5) : 0;
    const line = Math.min(place.line + room, other.document.lineCount - 1);
    other.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
  }

  private hush(uri: vscode.Uri): void {
    this.quiet.set(uri.toString(), Date.now() + ECHO_MS);
  }

  /** Directives, and what the variant leaves out, are nowhere on the other side: the first visible line that is leads. */
  private async mapTop(
    from: vscode.TextEditor,
    variant: string,
    target: vscode.Uri,
    serial: number,
  ): Promise<vscode.Position | undefined> {
    const first = topOf(from).line;
    const last = from.visibleRanges[0]?.end.line ?? first;
    // At the end of a file hardly anything is visible, and the last line is empty: then one above it leads.
    const above = Array.from({ length: Math.min(first, 10) }, (_, index) => first - 1 - index);
    for (const line of [...Array.from({ length: last - first + 1 }, (_, index) => first + index), ...above]) {
      if (serial !== this.serial) return undefined;
      const place = await this.map(from.document, new vscode.Position(line, 0), variant, target);
      if (place !== undefined) return place;
    }
    return undefined;
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
    const isThere = ({ uri }: { uri: string }): boolean => converters.protocol2Code(uri).toString() === target.toString();
    // What an include brings stands, in the file that includes it, at the directive.
    const location = answer?.locations.find(isThere) ?? answer?.stack.map((site) => site.location).find(isThere);
    return location === undefined ? undefined : this.server.range(location.range).start;
  }
}

function wanted(editor: vscode.TextEditor): boolean {
  return (
    sourceOf(editor.document) !== undefined &&
    vscode.workspace.getConfiguration('wgsl').get('expansion.synchronize', true)
  );
}

function topOf(editor: vscode.TextEditor): vscode.Position {
  return editor.visibleRanges[0]?.start ?? new vscode.Position(0, 0);
}
