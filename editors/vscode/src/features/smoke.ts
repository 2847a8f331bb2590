/** Smoke runs from the editor: ask, show progress with cancel, then notification and report. */
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { SmokeResult } from '../protocol';
import { reason } from '../server/server';
import type { Server } from '../server/server';
import { converters } from '../uris';
import { reportPage } from './reportPage';

export interface SmokeTarget {
  uri: string;
  variant?: string;
}

const SHOW_REPORT = 'Show report';

export class SmokeRuns implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private running = false;

  constructor(private readonly server: Server) {}

  async run(target: SmokeTarget): Promise<SmokeResult | undefined> {
    if (!vscode.workspace.isTrusted) {
      void vscode.window.showWarningMessage('Smoke runs execute shaders on the GPU. Trust this workspace first.');
      return undefined;
    }
    if (this.running) {
      void vscode.window.showInformationMessage('A smoke run is in progress; it can be cancelled there.');
      return undefined;
    }
    this.running = true;
    try {
      const result = await this.ask(target);
      if (result !== undefined) await this.tell(target, result);
      return result;
    } catch (error) {
      void vscode.window.showErrorMessage(`Smoke run: ${reason(error)}`);
      return undefined;
    } finally {
      this.running = false;
    }
  }

  showReport(target: SmokeTarget, result: SmokeResult): void {
    this.panel ??= this.createPanel();
    this.panel.title = `Smoke run: ${target.variant ?? 'active variant'}`;
    this.panel.webview.html = reportPage(result, this.panel.webview.cspSource);
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private ask(target: SmokeTarget): Thenable<SmokeResult | undefined> {
    const title = `Smoke run of ${target.variant ?? 'the active variant'}`;
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_progress, token) => {
        try {
          const uri = converters.code2Protocol(vscode.Uri.parse(target.uri));
          const params = { command: 'wgsl.smokeRun', arguments: [{ ...target, uri }] };
          return (await this.server.demand(ExecuteCommandRequest.type, params, token)) as SmokeResult;
        } catch (error) {
          if (token.isCancellationRequested) return undefined;
          throw error;
        }
      },
    );
  }

  private async tell(target: SmokeTarget, result: SmokeResult): Promise<void> {
    if (vscode.workspace.getConfiguration('wgsl').get('smoke.openReport', true)) this.showReport(target, result);
    const message = `Smoke run: ${result.summary}`;
    const show = result.ok ? vscode.window.showInformationMessage : vscode.window.showErrorMessage;
    void show(message, SHOW_REPORT).then((answer) => {
      if (answer === SHOW_REPORT) this.showReport(target, result);
    });
  }

  private createPanel(): vscode.WebviewPanel {
    const panel = vscode.window.createWebviewPanel(
      'wgsl-ls.smoke',
      'Smoke run',
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      { enableScripts: false, localResourceRoots: [] },
    );
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}
