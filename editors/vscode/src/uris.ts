/**
 * Addresses of expanded documents. The protocol's is `wgsl-expanded:/abs/file.wgsl?variant=NAME`. VS Code takes the
 * name of a tab out of a query that is JSON (package.json, resourceLabelFormatters), so here the query is
 * `{"variant": NAME, "label": what the tab says}`; both directions are given to the language client as its converters.
 */
import * as vscode from 'vscode';

export const EXPANDED_SCHEME = 'wgsl-expanded';

/** Documents that exist, by their address in the protocol: a label may change, the address of an open document not. */
const known = new Map<string, vscode.Uri>();

/** `label`: for the tab; without one it is the variant's name. */
export function expandedUri(source: vscode.Uri, variant: string, label?: string): vscode.Uri {
  return documentAt(protocolAddress(source.path, variant), source.path, variant, label);
}

function documentAt(address: string, path: string, variant: string, label = variant): vscode.Uri {
  const before = known.get(address);
  if (before !== undefined) return before;
  // The name of a tab is what stands behind the last slash.
  const query = JSON.stringify({ variant, label: label.replaceAll(/[\\/]/g, '∕') });
  const uri = vscode.Uri.from({ scheme: EXPANDED_SCHEME, path, query });
  known.set(address, uri);
  return uri;
}

function protocolAddress(path: string, variant: string): string {
  return `${EXPANDED_SCHEME}:${path.split('/').map(encodeURIComponent).join('/')}?variant=${encodeURIComponent(variant)}`;
}

export interface ExpandedAddress {
  source: vscode.Uri;
  variant: string;
}

/** The source file and variant that an expanded document shows, or undefined for any other document. */
export function expandedAddress(uri: vscode.Uri): ExpandedAddress | undefined {
  if (uri.scheme !== EXPANDED_SCHEME) return undefined;
  const variant = variantIn(uri.query);
  return variant === undefined ? undefined : { source: vscode.Uri.file(uri.path), variant };
}

export const converters = {
  code2Protocol(uri: vscode.Uri): string {
    const address = expandedAddress(uri);
    if (address === undefined) return uri.toString();
    const text = protocolAddress(uri.path, address.variant);
    known.set(text, uri);
    return text;
  },
  protocol2Code(text: string): vscode.Uri {
    const uri = vscode.Uri.parse(text);
    if (uri.scheme !== EXPANDED_SCHEME || !uri.query.startsWith('variant=')) return uri;
    const variant = uri.query.slice('variant='.length);
    return documentAt(protocolAddress(uri.path, variant), uri.path, variant);
  },
};

function variantIn(query: string): string | undefined {
  try {
    const { variant } = JSON.parse(query) as { variant?: unknown };
    return typeof variant === 'string' ? variant : undefined;
  } catch {
    return undefined;
  }
}

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
