/**
 * The expansion beside its source: opened, and kept on the active variant when it was opened as that one's.
 * The text comes by `workspace/textDocumentContent`, so it is live without this file.
 */
import * as vscode from 'vscode';
import type { VariantModel } from '../model/variants';
import type { VariantList } from '../protocol';
import { expandedUri, isShader } from '../uris';
import type { Synchronizer } from './synchronize';

export class ExpansionView implements vscode.Disposable {
  private readonly listener: vscode.Disposable;
  /** Expansions that were opened "of the active variant" and so change with it: root -> shown address. */
  private readonly following = new Map<string, string>();

  constructor(
    private readonly model: VariantModel,
    private readonly synchronizer: Synchronizer,
  ) {
    this.listener = model.onDidChangeActive((list) => void this.follow(list));
  }

  /** Opens the expansion of `source`; without a variant the active one, which it then follows. */
  async show(source: vscode.Uri, variant?: string): Promise<void> {
    const list = await this.model.load(source.toString());
    if (list === undefined) throw new Error('The WGSL language server has no variants for this file.');
    const shown = addressIn(list, variant ?? list.active);
    if (variant === undefined || variant === list.active) this.following.set(list.root, shown.toString());
    const from = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === source.toString());
    const column = from?.viewColumn ?? vscode.ViewColumn.One;
    await open(shown, column + 1);
    if (from !== undefined) await this.synchronizer.synchronize(from, 'cursor');
  }

  dispose(): void {
    this.listener.dispose();
  }

  private async follow(list: VariantList): Promise<void> {
    const root = list.root;
    const shown = this.following.get(root);
    if (shown === undefined) return;
    const tab = tabOf(shown);
    if (tab === undefined) {
      this.following.delete(root);
      return;
    }
    const next = addressIn(list, list.active);
    if (next.toString() === shown) return;
    this.following.set(root, next.toString());
    await open(next, tab.group.viewColumn);
    await vscode.window.tabGroups.close(tab, true);
    const source = vscode.window.activeTextEditor;
    if (source !== undefined && isShader(source.document)) await this.synchronizer.synchronize(source, 'cursor');
  }
}

/** The expansion of a variant of a list; its tab says what tells the variant apart. */
export function addressIn(list: VariantList, variant: string): vscode.Uri {
  const label = list.variants.find((entry) => entry.name === variant)?.label;
  return expandedUri(vscode.Uri.parse(list.root), variant, label);
}

async function open(uri: vscode.Uri, viewColumn: vscode.ViewColumn): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.languageId !== 'wgsl') await vscode.languages.setTextDocumentLanguage(document, 'wgsl');
  await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: false });
}

function tabOf(uri: string): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri);
}
