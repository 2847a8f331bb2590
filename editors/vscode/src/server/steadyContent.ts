/**
 * Hands texts of expanded documents to VS Code one at a time.
 *
 * VS Code applies a new text of a read-only document as edits that it computes in another thread. When three texts
 * overlap there, edits for an older state are applied to a newer one and the document shows text that nobody sent.
 * Fast typing on a busy machine is enough. So a text is held back until the one before it has arrived in the
 * document, and only the newest of those that wait is handed over.
 */
import * as vscode from 'vscode';

const LONGEST_WAIT_MS = 1500;

type Content = string | null | undefined;
type Next = (uri: vscode.Uri, token: vscode.CancellationToken) => vscode.ProviderResult<string>;

export class SteadyContent {
  private readonly turns = new Map<string, number>();
  private readonly arriving = new Map<string, Promise<void>>();

  /** The middleware of the language client: null means "no news", which leaves the document as it is. */
  async provide(uri: vscode.Uri, token: vscode.CancellationToken, next: Next): Promise<Content> {
    const key = uri.toString();
    const turn = (this.turns.get(key) ?? 0) + 1;
    this.turns.set(key, turn);
    if (openDocument(key) === undefined) return next(uri, token);
    await this.arriving.get(key);
    if (this.turns.get(key) !== turn) return null;
    const text = await next(uri, token);
    if (this.turns.get(key) !== turn) return null;
    const document = openDocument(key);
    if (typeof text === 'string' && document !== undefined && document.getText() !== text) {
      this.arriving.set(key, arrival(key));
    }
    return text;
  }
}

function openDocument(key: string): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.uri.toString() === key);
}

/** Settles when the document has changed; at the latest when no change can be expected any more. */
function arrival(key: string): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve();
    };
    const timer = setTimeout(done, LONGEST_WAIT_MS);
    const listener = vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.toString() === key) done();
    });
  });
}
