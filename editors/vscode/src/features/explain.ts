/** "Explain this line": why the line is active or not, per variant, as a Markdown preview beside the source. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { explainRequest } from '../protocol';
import type { Explanation } from '../protocol';
import type { Server } from '../server/server';

const SCHEME = 'wgsl-explain';

export class Explain implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  private readonly texts = new Map<string, string>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  async show(editor: vscode.TextEditor): Promise<Explanation> {
    const { document, selection } = editor;
    const explanation = await this.server.demand(explainRequest, {
      textDocument: { uri: document.uri.toString() },
      position: { line: selection.active.line, character: selection.active.character },
    });
    const name = `${path.basename(document.uri.path)} line ${selection.active.line + 1}.md`;
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.texts.set(uri.toString(), explanation.markdown);
    this.changed.fire(uri);
    await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
    return explanation;
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
