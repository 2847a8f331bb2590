/**
 * `.tmpl` files that hold WGSL. The extension is shared with other template languages, so a plain-text `.tmpl`
 * document becomes WGSL only when its text looks like it.
 */
import * as vscode from 'vscode';

const LOOKED_AT = 20_000;
/** Things that WGSL says at the start of a line and other template languages do not. */
const SIGNS = [
  /^\s*@(?:group|binding|compute|workgroup_size|vertex|fragment|must_use)\b/m,
  /^\s*var<(?:workgroup|storage|uniform|private)\b/m,
  /^\s*(?:enable|requires)\s+[\w, ]+;/m,
  /^\s*fn\s+\w+\s*\([^)]*\)\s*(?:->\s*[\w<>, ]+)?\s*\{/m,
  /\b(?:vec[234]|mat[234]x[234]|array)<\s*(?:f32|f16|u32|i32|[A-Z_]\w*)/,
  /\b(?:vec[234][fhui]|array<u32)\b/,
];
const FOREIGN = /\{\{-?\s*(?:if|range|end|define|template|\.)|<%|\{%/;

export function looksLikeWgsl(text: string): boolean {
  const start = text.slice(0, LOOKED_AT);
  if (FOREIGN.test(start)) return false;
  return SIGNS.some((sign) => sign.test(start));
}

export function watchTemplates(): vscode.Disposable {
  const consider = (document: vscode.TextDocument): void => {
    const plain = document.languageId === 'plaintext' || document.languageId === 'tmpl';
    if (plain && document.uri.path.endsWith('.tmpl') && looksLikeWgsl(document.getText())) {
      void vscode.languages.setTextDocumentLanguage(document, 'wgsl');
    }
  };
  vscode.workspace.textDocuments.forEach(consider);
  return vscode.workspace.onDidOpenTextDocument(consider);
}
