/** The status bar entry: active variant, verdict counts, and what the server is doing. A click opens the picker. */
import * as vscode from 'vscode';
import type { ServerStatus, VariantList } from '../protocol';
import type { VariantModel } from '../model/variants';
import { grouped, shortened, verdictText } from '../model/verdicts';
import type { Server } from '../server/server';
import { relativeLabel, sourceOf } from '../uris';
import { label } from '../words';

export class StatusBar implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly disposables: vscode.Disposable[];
  private status: ServerStatus | undefined;

  constructor(
    private readonly server: Server,
    private readonly model: VariantModel,
  ) {
    this.item = vscode.window.createStatusBarItem('wgsl-ls.variant', vscode.StatusBarAlignment.Right, 110);
    this.item.name = 'WGSL variant';
    this.disposables = [
      this.item,
      server.onStatus((status) => {
        this.status = status;
        this.render();
      }),
      server.onDidChangeRunning(() => this.render()),
      model.onDidChange(() => this.render()),
      vscode.window.onDidChangeActiveTextEditor(() => this.render()),
    ];
    this.render();
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private render(): void {
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined && sourceOf(editor.document) === undefined) {
      this.item.hide();
      return;
    }
    const list = this.model.current;
    if (!this.server.running) {
      if (editor === undefined) return;
      this.item.text = '$(circle-slash) WGSL';
      this.item.tooltip = 'The WGSL language server is not running. Click to restart it.';
      this.item.command = 'wgsl-ls.restart';
      this.item.backgroundColor = undefined;
      this.item.show();
      return;
    }
    if (list === undefined) {
      this.item.hide();
      return;
    }
    this.item.text = statusText(list, this.status);
    this.item.tooltip = tooltip(list, this.status);
    this.item.command = 'wgsl-ls.pickVariant';
    const active = list.variants.find((entry) => entry.name === list.active);
    this.item.backgroundColor =
      active?.state === 'fail'
        ? new vscode.ThemeColor('statusBarItem.errorBackground')
        : undefined;
    this.item.show();
  }
}

export function statusText(list: VariantList, status: ServerStatus | undefined): string {
  const { pass, fail, pending, unjudged } = list.counts;
  const active = list.variants.find((entry) => entry.name === list.active);
  const parts = [`$(layers) ${label(shortened(active?.label ?? list.active))}`, `$(check) ${grouped(pass)}`];
  if (fail > 0) parts.push(`$(error) ${grouped(fail)}`);
  if (unjudged > 0) parts.push(`$(question) ${grouped(unjudged)}`);
  if (pending > 0) parts.push(`$(sync~spin) ${grouped(pending)}`);
  if (status?.state === 'engine-missing') parts.push('$(warning)');
  return parts.join('  ');
}

function tooltip(list: VariantList, status: ServerStatus | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.supportThemeIcons = true;
  text.appendMarkdown(`**WGSL variant** of `).appendText(relativeLabel(list.root)).appendMarkdown('\n\n');
  const active = list.variants.find((entry) => entry.name === list.active);
  if (active !== undefined) {
    text.appendMarkdown('active: ').appendText(active.name);
    text.appendMarkdown(' &nbsp; ').appendText(verdictText(active)).appendMarkdown('\n\n');
  }
  text.appendText(list.summary);
  if (status !== undefined && status.message !== '') text.appendMarkdown('\n\n').appendText(status.message);
  text.appendMarkdown('\n\nClick to choose another variant.');
  return text;
}
