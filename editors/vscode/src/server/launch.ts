/**
 * From "a shader was opened" to a running server: look for it, offer to install it, start it, and say clearly
 * what went wrong. The only place that asks the user about installing.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { discover } from './discover';
import type { Discovery, Found } from './discover';
import { InstallError, carriedWheel, install, privateEnvironment, removeOthers, wheelVersion } from './install';
import { reason } from './server';
import type { Server } from './server';

const INSTALL = 'Install it for VS Code only';
const PARTS = '[dawn,smoke]';
const CHOOSE = 'Choose a file…';
const SHOW_LOG = 'Show log';
const HELP = 'How to install';

export class Launcher {
  private asking = false;

  constructor(
    private readonly server: Server,
    private readonly storage: vscode.Uri,
    /** The folder of the extension, which carries the server's wheel. */
    private readonly extension: string,
  ) {}

  /** Starts the server that can be found. Without one, asks once what to do. */
  async launch(): Promise<boolean> {
    const discovery = await this.look();
    if (discovery.found === undefined) {
      await this.notFound(discovery);
      return this.server.running;
    }
    try {
      await this.server.start(discovery.found);
      void this.compareVersions(discovery.found.place);
      return true;
    } catch (error) {
      this.server.log.error(reason(error));
      const answer = await vscode.window.showErrorMessage(
        `The WGSL language server (${discovery.found.command}) did not start: ${reason(error)}`,
        SHOW_LOG,
      );
      if (answer === SHOW_LOG) this.server.log.show();
      return false;
    }
  }

  /** Installs the server into a folder of the extension's own; the user has already agreed. */
  async installPrivately(): Promise<boolean> {
    const log = this.server.log;
    const title = 'Installing the WGSL language server';
    const outcome = await vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        try {
          return await install({
            home: this.home,
            requirement: await this.requirement(),
            interpreters: await this.interpreters(),
            windows: process.platform === 'win32',
            log: (line) => log.info(line),
            progress: (message) => progress.report({ message }),
            signal: abort.signal,
          });
        } catch (error) {
          log.error(reason(error));
          return new Error(error instanceof InstallError ? error.message : `Failed: ${reason(error)}`);
        }
      },
    );
    if (outcome === 'current' && this.server.running) {
      void vscode.window.showInformationMessage(`The WGSL language server of this extension is installed and current.${await this.used()}`);
      return true;
    }
    if (!(outcome instanceof Error)) {
      // Only now: a server that works is kept until another one does.
      await this.server.stop();
      await removeOthers(this.home);
      const started = await this.launch();
      const used = await this.used();
      const state = used === '' ? 'installed and running' : 'installed';
      if (started) void vscode.window.showInformationMessage(`wgsl-ls is ${state}.${used}`);
      return started;
    }
    const kept = this.server.running ? ' The server that is running goes on.' : '';
    void vscode.window.showErrorMessage(`${title}: ${outcome.message}${kept}`, SHOW_LOG, HELP).then((answer) => {
      if (answer === SHOW_LOG) log.show();
      if (answer === HELP) void vscode.commands.executeCommand('wgsl-ls.openWalkthrough');
    });
    return false;
  }

  /** Says that another server than the extension's own runs, if one does. */
  private async used(): Promise<string> {
    const [own, program] = [await privateEnvironment(this.home), this.server.program];
    if (own === undefined || program === undefined || program.startsWith(own + path.sep)) return '';
    return ` The one that runs is ${program}, which comes first: see wgsl.server.path.`;
  }

  private async look(): Promise<Discovery> {
    const discovery = await discover({
      configured: configured('server.path'),
      searchPath: process.env['PATH'] ?? '',
      interpreter: await interpreterOfPythonExtension(),
      privateFolder: await privateEnvironment(this.home),
      trusted: vscode.workspace.isTrusted,
      workspaceFolders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
      windows: process.platform === 'win32',
    });
    for (const line of discovery.tried) this.server.log.info(`looked for the server: ${line}`);
    return discovery;
  }

  private async notFound(discovery: Discovery): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      if (configured('server.path') !== '') {
        const answer = await vscode.window.showErrorMessage(
          `The setting wgsl.server.path names no file: ${discovery.tried.at(-1) ?? ''}`,
          'Open settings',
        );
        if (answer !== undefined) {
          await vscode.commands.executeCommand('workbench.action.openSettings', 'wgsl.server.path');
        }
        return;
      }
      const answer = await vscode.window.showWarningMessage(
        'The WGSL language server (wgsl-ls) was not found on PATH or in the Python environment. The extension carries ' +
          `it and can install it, with pip, into a folder that nothing else uses: ${this.home}`,
        INSTALL,
        CHOOSE,
        HELP,
      );
      if (answer === INSTALL) await this.installPrivately();
      if (answer === CHOOSE) await this.choose();
      if (answer === HELP) await vscode.commands.executeCommand('wgsl-ls.openWalkthrough');
    } finally {
      this.asking = false;
    }
  }

  private async choose(): Promise<void> {
    const [file] = (await vscode.window.showOpenDialog({ title: 'The wgsl-ls program', canSelectMany: false })) ?? [];
    if (file === undefined) return;
    const configuration = vscode.workspace.getConfiguration('wgsl');
    await configuration.update('server.path', file.fsPath, vscode.ConfigurationTarget.Global);
    await this.launch();
  }

  private async interpreters(): Promise<string[]> {
    const named = configured('server.python');
    if (named !== '') return [named];
    const windows = process.platform === 'win32';
    const chosen = vscode.workspace.isTrusted ? await interpreterOfPythonExtension() : undefined;
    const usual = windows ? ['py', 'python'] : ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
    return [...(chosen === undefined ? [] : [chosen]), ...usual];
  }

  /** What pip is asked for: what the setting says, else the wheel that the extension carries. */
  private async requirement(): Promise<string> {
    const named = configured('server.package');
    if (named !== '') return named;
    const wheel = await carriedWheel(this.extension);
    if (wheel === undefined) {
      throw new InstallError('This build of the extension carries no server. Name its wheel in wgsl.server.package.');
    }
    return wheel + PARTS;
  }

  /** Says, once a start, when the running server is not of the version that the extension carries. */
  private async compareVersions(place: Found['place']): Promise<void> {
    const wheel = await carriedWheel(this.extension);
    const [wanted, running] = [wheel === undefined ? undefined : wheelVersion(wheel), this.server.version];
    if (wanted === undefined || running === undefined || wanted === running) return;
    const message = `The WGSL language server is ${running}, and this extension was made for ${wanted}.`;
    this.server.log.warn(message);
    const offered = place === 'private' ? ['Install the extension’s own'] : [];
    const answer = await vscode.window.showWarningMessage(message, ...offered, SHOW_LOG);
    if (answer === SHOW_LOG) this.server.log.show();
    else if (answer !== undefined) await this.installPrivately();
  }

  private get home(): string {
    return path.join(this.storage.fsPath, 'server');
  }
}

function configured(key: string): string {
  return vscode.workspace.getConfiguration('wgsl').get<string>(key, '').trim();
}

interface PythonExtension {
  environments?: { getActiveEnvironmentPath(): { path: string } };
}

/** The interpreter that the Python extension would run, if that extension is there. */
async function interpreterOfPythonExtension(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension<PythonExtension>('ms-python.python');
  if (extension === undefined) return undefined;
  const exports = await extension.activate();
  const chosen = exports.environments?.getActiveEnvironmentPath().path;
  return chosen !== undefined && path.isAbsolute(chosen) ? chosen : undefined;
}
