/** Tasks that run `wgsl-ls validate` in a terminal; the problem matcher `$wgsl-ls` reads what it prints. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Server } from '../server/server';
import { isShader } from '../uris';

export const TASK_TYPE = 'wgsl-ls';

interface Definition extends vscode.TaskDefinition {
  /** Files and folders, relative to the workspace folder; without any, all of it. */
  paths?: string[];
  arguments?: string[];
}

export function registerTasks(server: Server): vscode.Disposable {
  return vscode.tasks.registerTaskProvider(TASK_TYPE, {
    provideTasks: () => {
      const found: vscode.Task[] = [];
      for (const folder of vscode.workspace.workspaceFolders ?? []) {
        found.push(task(server, folder, 'validate all shaders', { type: TASK_TYPE, paths: ['.'] }));
      }
      const document = vscode.window.activeTextEditor?.document;
      const folder = document === undefined ? undefined : vscode.workspace.getWorkspaceFolder(document.uri);
      if (document !== undefined && folder !== undefined && isShader(document)) {
        const relative = path.relative(folder.uri.fsPath, document.uri.fsPath);
        found.push(task(server, folder, `validate ${path.basename(relative)}`, { type: TASK_TYPE, paths: [relative] }));
      }
      return found;
    },
    resolveTask: (written) => {
      const { scope } = written;
      if (scope === undefined || typeof scope === 'number') return undefined;
      // Of a task with another definition, even an equal one, VS Code says nothing and starts none.
      return task(server, scope, written.name, written.definition as Definition);
    },
  });
}

function task(server: Server, folder: vscode.WorkspaceFolder, name: string, definition: Definition): vscode.Task {
  const words = ['validate', '--format', 'gcc', ...(definition.arguments ?? []), '--', ...(definition.paths ?? ['.'])];
  const execution = new vscode.ProcessExecution(server.program ?? 'wgsl-ls', words, { cwd: folder.uri.fsPath });
  const made = new vscode.Task(definition, folder, name, 'wgsl-ls', execution, '$wgsl-ls');
  made.group = vscode.TaskGroup.Test;
  return made;
}
