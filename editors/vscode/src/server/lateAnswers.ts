/**
 * Answers about places that come when the text is another one already. VS Code (1.139 at least) puts hints and lenses
 * of an earlier text into the one that is there, lines off, until it asks again; a busy machine and one more line are
 * enough. So what is late is asked once more, of the text as it is.
 */
import type * as vscode from 'vscode';

export async function ofTheTextAsItIs<T>(
  document: Pick<vscode.TextDocument, 'version'>,
  token: vscode.CancellationToken,
  ask: () => vscode.ProviderResult<T>,
): Promise<T | null | undefined> {
  for (;;) {
    const { version } = document;
    const answer = await ask();
    if (document.version === version || token.isCancellationRequested) return answer;
  }
}
