/** A compiler that is not installed: said once, with the one command that brings it and a button that runs it. */
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { ServerStatus } from '../protocol';
import type { Server } from '../server/server';
import { notice } from '../words';

const RUN = 'Install it';
const COPY = 'Copy the command';

export class MissingEngine implements vscode.Disposable {
  private readonly listeners: vscode.Disposable[];
  private readonly said = new Set<string>();
  private remedy: string | undefined;

  constructor(server: Server) {
    this.listeners = [
      server.onStatus((status) => void this.consider(status)),
      vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
        if (execution.task.source !== SOURCE || exitCode !== 0) return;
        void server.demand(ExecuteCommandRequest.type, { command: 'wgsl.restartEngines', arguments: [{}] });
      }),
    ];
  }

  /** Runs the command that brings the engine of which was spoken last, in a terminal that the user sees. */
  async install(): Promise<void> {
    if (this.remedy === undefined) throw new Error('No compiler is missing.');
    if (!vscode.workspace.isTrusted) throw new Error(`Tasks need a trusted workspace. The command is: ${this.remedy}`);
    const execution = new vscode.ShellExecution(this.remedy);
    const scope = vscode.TaskScope.Workspace;
    await vscode.tasks.executeTask(new vscode.Task({ type: 'shell' }, scope, 'install a WGSL compiler', SOURCE, execution));
  }

  dispose(): void {
    for (const listener of this.listeners) listener.dispose();
  }

  private async consider({ message, remedy }: ServerStatus): Promise<void> {
    if (remedy === undefined) return;
    this.remedy = remedy;
    if (this.said.has(message)) return;
    this.said.add(message);
    const answer = await vscode.window.showWarningMessage(
      notice(`A WGSL compiler is missing. ${message}. This brings it: ${remedy}`), RUN, COPY,
    );
    if (answer === RUN) await vscode.commands.executeCommand('wgsl-ls.getEngine');
    if (answer === COPY) await vscode.env.clipboard.writeText(remedy);
  }
}

const SOURCE = 'wgsl-ls install';
