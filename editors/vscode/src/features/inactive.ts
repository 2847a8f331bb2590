/**
 * Dims code that the active variant leaves out. Opacity keeps every token's own colour, so the code stays
 * readable; a theme may give its background and, with `wgsl.inactive.style` "color", its text a colour. The server says which regions; this file paints them on every editor that shows the file.
 */
import * as vscode from 'vscode';
import { inactiveRegionsRequest } from '../protocol';
import type { Server } from '../server/server';
import { isShader } from '../uris';

export class InactiveCode implements vscode.Disposable {
  private readonly regions = new Map<string, vscode.Range[]>();
  private readonly disposables: vscode.Disposable[];
  private decoration: vscode.TextEditorDecorationType | undefined;

  constructor(private readonly server: Server) {
    this.decoration = makeDecoration();
    this.disposables = [
      server.onInactiveRegions(({ uri, regions }) => {
        this.regions.set(uri.toString(), regions);
        this.paintAll();
      }),
      server.onDidChangeRunning((running) => {
        if (!running) {
          this.regions.clear();
          this.paintAll();
        }
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => void this.paintNew()),
      vscode.workspace.onDidCloseTextDocument((document) => this.regions.delete(document.uri.toString())),
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (!change.affectsConfiguration('wgsl.inactive')) return;
        this.decoration?.dispose();
        this.decoration = makeDecoration();
        this.paintAll();
      }),
    ];
  }

  /** The regions painted in a document; for tests and for `wgsl-ls.inactiveRegions`. */
  of(uri: vscode.Uri): vscode.Range[] {
    return this.regions.get(uri.toString()) ?? [];
  }

  dispose(): void {
    this.decoration?.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private paintAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.paint(editor);
  }

  private paint(editor: vscode.TextEditor): void {
    if (this.decoration !== undefined && isShader(editor.document)) {
      editor.setDecorations(this.decoration, this.of(editor.document.uri).map(wholeLines));
    }
  }

  private async paintNew(): Promise<void> {
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri;
      if (isShader(editor.document) && !this.regions.has(uri.toString())) {
        const answer = await this.server.ask(inactiveRegionsRequest, { textDocument: { uri: uri.toString() } });
        // A notification that came meanwhile is newer than the answer.
        if (answer !== undefined && !this.regions.has(uri.toString())) {
          this.regions.set(uri.toString(), answer.regions.map((region) => this.server.range(region)));
        }
      }
      this.paint(editor);
    }
  }
}

/** A region that ends before the first character of a line does not touch that line, but a whole-line paint would. */
function wholeLines(region: vscode.Range): vscode.Range {
  const { start, end } = region;
  if (end.character > 0 || end.line === start.line) return region;
  return new vscode.Range(start.line, start.character, end.line - 1, Number.MAX_SAFE_INTEGER);
}

function makeDecoration(): vscode.TextEditorDecorationType | undefined {
  const configuration = vscode.workspace.getConfiguration('wgsl');
  if (!configuration.get('inactive.dim', true)) return undefined;
  const backgroundColor = new vscode.ThemeColor('wgslLs.inactiveBackground');
  if (configuration.get<string>('inactive.style', 'opacity') === 'color') {
    const color = new vscode.ThemeColor('wgslLs.inactiveForeground');
    return vscode.window.createTextEditorDecorationType({ color, backgroundColor, isWholeLine: true });
  }
  const opacity = Math.min(1, Math.max(0.1, configuration.get('inactive.opacity', 0.5)));
  return vscode.window.createTextEditorDecorationType({ opacity: String(opacity), backgroundColor, isWholeLine: true });
}
