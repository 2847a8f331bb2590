/** Behind the braces in the status bar: the server with its version, the compilers with theirs, and checking. */
import * as vscode from 'vscode';
import type { ServerStatus } from '../protocol';
import { ENGINES, grouped, shortened, variantsText } from '../model/verdicts';
import type { Server } from '../server/server';

const SELECTOR: vscode.DocumentSelector = { language: 'wgsl' };

export class LanguageStatus implements vscode.Disposable {
  private readonly program = vscode.languages.createLanguageStatusItem('wgsl-ls.server', SELECTOR);
  private readonly engines = vscode.languages.createLanguageStatusItem('wgsl-ls.engines', SELECTOR);
  private readonly checking = vscode.languages.createLanguageStatusItem('wgsl-ls.checking', SELECTOR);
  private readonly disposables: vscode.Disposable[];
  private knowsEngines = false;

  constructor(private readonly server: Server) {
    this.program.name = 'WGSL language server';
    this.engines.name = 'WGSL compilers';
    this.checking.name = 'WGSL checking';
    this.disposables = [
      this.program, this.engines, this.checking,
      server.onDidChangeRunning(() => this.showServer()),
      server.onStatus((status) => void this.showStatus(status)),
    ];
    this.showServer();
  }

  dispose(): void {
    for (const disposable of this.disposables) disposable.dispose();
  }

  private showServer(): void {
    const { running, version } = this.server;
    this.program.text = running ? `wgsl-ls ${version ?? ''}` : 'wgsl-ls is not running';
    this.program.detail = running ? shortened(this.server.program ?? '', 48) : '';
    this.program.severity = running ? vscode.LanguageStatusSeverity.Information : vscode.LanguageStatusSeverity.Error;
    this.program.command = running
      ? { title: 'Restart', command: 'wgsl-ls.restart' }
      : { title: 'Start', command: 'wgsl-ls.start' };
    if (!running) {
      this.knowsEngines = false;
      this.engines.text = 'no compiler is running';
      this.engines.detail = '';
      this.engines.command = undefined;
      this.checking.text = 'not checking';
      this.checking.busy = false;
    }
  }

  private async showStatus(status: ServerStatus): Promise<void> {
    this.checking.busy = status.state === 'checking' || status.state === 'reading' || status.state === 'starting';
    this.checking.text = checkingText(status);
    this.checking.command = { title: 'Check all now', command: 'wgsl-ls.checkAll' };
    const missing = status.state === 'engine-missing';
    // While it checks, this is asked until a compiler runs: each starts with the first variant that needs it.
    if (status.state === 'checking' ? this.knowsEngines : !missing && status.state !== 'idle') return;
    const known = await this.server.statistics().catch(() => undefined);
    if (known === undefined) return;
    const running = Object.entries(known.engines)
      .filter(([, engine]) => engine.version !== undefined)
      .map(([name, engine]) => ({ name: ENGINES[name] ?? name, version: engine.version ?? '' }));
    this.knowsEngines = running.length > 0;
    // The row is cut off where it ends: what a package is built from goes to the log.
    const short = running.map(({ name, version }) => `${name}: ${version.split(',')[0]}`).join(', ');
    const whole = running.map(({ name, version }) => `${name}: ${version}`).join('; ');
    if (this.knowsEngines && short !== this.engines.text) this.server.log.info(`compilers: ${whole}`);
    this.engines.text = this.knowsEngines ? short : 'no compiler is running';
    this.engines.detail = missing ? status.message : '';
    this.engines.severity = missing ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
    this.engines.command = missing && status.remedy !== undefined
      ? { title: 'Get it', command: 'wgsl-ls.getEngine' }
      : { title: 'Doctor', command: 'wgsl-ls.doctor' };
  }
}

export function checkingText(status: ServerStatus): string {
  const { state, done, total, message } = status;
  if (state === 'checking') return `checking: ${grouped(done)} of ${variantsText(total)}`;
  if (state === 'idle' || state === 'engine-missing') return total > 0 ? `${variantsText(total)} checked` : 'nothing to check';
  if (state === 'stale') return 'waiting for the end of typing';
  return message === '' ? state : message;
}
