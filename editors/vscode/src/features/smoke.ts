/** Smoke runs from the editor: ask, show progress with cancel, then notification and report. */
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { SmokeResult, SmokeRunArgument } from '../protocol';
import { shortened } from '../model/verdicts';
import { reason } from '../server/server';
import type { Server } from '../server/server';
import { converters } from '../uris';
import { notice } from '../words';
import { reportPage } from './reportPage';

export type Matrices = NonNullable<SmokeRunArgument['matrices']>;

export interface SmokeTarget {
  uri: string;
  variant?: string;
  engine?: string;
  adapter?: string;
  case?: string;
  matrices?: Matrices;
}

/** What a run's report lets one choose for the next. */
export type Choice = 'engine' | 'adapter' | 'case' | 'matrices';

const MATRICES: readonly Matrices[] = ['auto', 'native', 'emulated'];
const SHOW_REPORT = 'Show report';
const COMMANDS = ['wgsl-ls.smokeAgain', 'wgsl-ls.smokeChoose', 'wgsl-ls.smokeSource'];

export class SmokeRuns implements vscode.Disposable {
  private panel: vscode.WebviewPanel | undefined;
  private running = false;
  private last: { target: SmokeTarget; result: SmokeResult } | undefined;

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
      const result = await this.askShown(target);
      if (result !== undefined) await this.tell(target, result);
      return result;
    } catch (error) {
      void vscode.window.showErrorMessage(notice(`Smoke run: ${reason(error)}`));
      return undefined;
    } finally {
      this.running = false;
    }
  }

  /** Without progress and messages, for who shows them otherwise. */
  async ask(target: SmokeTarget, token: vscode.CancellationToken): Promise<SmokeResult> {
    const uri = converters.code2Protocol(vscode.Uri.parse(target.uri));
    const params = { command: 'wgsl.smokeRun', arguments: [{ ...target, uri }] };
    return (await this.server.demand(ExecuteCommandRequest.type, params, token)) as SmokeResult;
  }

  /** The last run once more. */
  async again(change: Partial<SmokeTarget> = {}): Promise<SmokeResult | undefined> {
    if (this.last === undefined) throw new Error('No smoke run was made yet.');
    return this.run({ ...this.last.target, ...change });
  }

  /** Asks for another engine, adapter or case, or for other matrices, and runs with that. */
  async choose(what: Choice): Promise<void> {
    if (this.last === undefined) throw new Error('No smoke run was made yet.');
    const { target, result } = this.last;
    if (what === 'adapter') {
      const prompt = 'Part of the name of an adapter (WGSL: Doctor lists them); empty: the one that the engine prefers';
      const adapter = await vscode.window.showInputBox({ title: 'Adapter', prompt, value: target.adapter ?? '' });
      if (adapter !== undefined) await this.again({ adapter });
      return;
    }
    const all = 'all small cases';
    const listed = { engine: result.engines, matrices: MATRICES, case: [all, ...result.cases] };
    const names = [...listed[what]];
    const chosen = await vscode.window.showQuickPick(names, { title: `Smoke run: ${what}` });
    if (chosen !== undefined) await this.again({ [what]: chosen === all ? '' : chosen });
  }

  async showSource(): Promise<void> {
    if (this.last === undefined) return;
    await vscode.window.showTextDocument(vscode.Uri.parse(this.last.target.uri), { viewColumn: vscode.ViewColumn.One });
  }

  showReport(target: SmokeTarget, result: SmokeResult): void {
    this.panel ??= this.createPanel();
    this.panel.title = `Smoke run: ${shortened(target.variant ?? 'active variant')}`;
    this.panel.webview.html = reportPage(result, this.panel.webview.cspSource, target);
    this.panel.reveal(undefined, true);
  }

  dispose(): void {
    this.panel?.dispose();
  }

  private askShown(target: SmokeTarget): Thenable<SmokeResult | undefined> {
    const title = `Smoke run of ${target.variant ?? 'the active variant'}`;
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_progress, token) => {
        try {
          return await this.ask(target, token);
        } catch (error) {
          if (token.isCancellationRequested) return undefined;
          throw error;
        }
      },
    );
  }

  private async tell(target: SmokeTarget, result: SmokeResult): Promise<void> {
    this.last = { target, result };
    if (vscode.workspace.getConfiguration('wgsl').get('smoke.openReport', true)) this.showReport(target, result);
    const message = notice(`Smoke run: ${result.summary}`);
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
      { enableScripts: false, enableCommandUris: COMMANDS, localResourceRoots: [] },
    );
    panel.onDidDispose(() => (this.panel = undefined));
    return panel;
  }
}
