/**
 * Addresses of expanded documents: `wgsl-expanded:/abs/file.wgsl?variant=NAME`.
 * VS Code's own `Uri.toString()` also encodes the `=`, which is not the form the protocol names, so both
 * directions are spelled out here and given to the language client as its converters.
 */
import * as vscode from 'vscode';

export const EXPANDED_SCHEME = 'wgsl-expanded';
const VARIANT_KEY = 'variant=';

export function expandedUri(source: vscode.Uri, variant: string): vscode.Uri {
  return vscode.Uri.from({ scheme: EXPANDED_SCHEME, path: source.path, query: VARIANT_KEY + variant });
}

export interface ExpandedAddress {
  source: vscode.Uri;
  variant: string;
}

/** The source file and variant that an expanded document shows, or undefined for any other document. */
export function expandedAddress(uri: vscode.Uri): ExpandedAddress | undefined {
  if (uri.scheme !== EXPANDED_SCHEME || !uri.query.startsWith(VARIANT_KEY)) return undefined;
  return { source: vscode.Uri.file(uri.path), variant: uri.query.slice(VARIANT_KEY.length) };
}

export const converters = {
  code2Protocol(uri: vscode.Uri): string {
    const address = expandedAddress(uri);
    if (address === undefined) return uri.toString();
    const path = uri.path.split('/').map(encodeURIComponent).join('/');
    return `${EXPANDED_SCHEME}:${path}?${VARIANT_KEY}${encodeURIComponent(address.variant)}`;
  },
  protocol2Code(text: string): vscode.Uri {
    return vscode.Uri.parse(text);
  },
};

/** True for documents that the server answers questions about. */
export function isShader(document: vscode.TextDocument): boolean {
  return document.languageId === 'wgsl' && ['file', 'untitled'].includes(document.uri.scheme);
}

/** The file behind an editor: its own, or the source of the expansion that it shows. */
export function sourceOf(document: vscode.TextDocument): vscode.Uri | undefined {
  if (isShader(document)) return document.uri;
  return expandedAddress(document.uri)?.source;
}

export function relativeLabel(uri: string): string {
  return vscode.workspace.asRelativePath(vscode.Uri.parse(uri), false);
}
