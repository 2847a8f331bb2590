/**
 * Composition: makes every part, connects them, starts the server at the first shader. Nothing is decided here.
 * The client holds no WGSL logic; what it shows is what the server answers.
 */
import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { noteConflicts } from './features/conflicts';
import { ExpansionView } from './features/expansion';
import { InactiveCode } from './features/inactive';
import { MissingEngine } from './features/missingEngine';
import { Pages } from './features/pages';
import { SmokeRuns } from './features/smoke';
import { Synchronizer } from './features/synchronize';
import { registerTasks } from './features/tasks';
import { watchTemplates } from './features/templates';
import { VariantTests } from './features/testing';
import { Chosen } from './model/chosen';
import { VariantModel } from './model/variants';
import { Launcher } from './server/launch';
import { Server } from './server/server';
import { DefineStatePanel } from './views/defineState';
import { LanguageStatus } from './views/languageStatus';
import { StatusBar } from './views/statusBar';
import { VariantsTree } from './views/variantsTree';

/** What `activate` gives to other extensions and to tests: questions only. */
export interface Api {
  readonly running: boolean;
  readonly model: Pick<VariantModel, 'current' | 'roots' | 'list'>;
  inactiveRegions(uri: vscode.Uri): readonly vscode.Range[];
}

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const log = vscode.window.createOutputChannel('WGSL Language Server', { log: true });
  server = new Server(log, new Chosen(context.workspaceState));
  const launcher = new Launcher(server, context.globalStorageUri, context.extensionPath);
  const model = new VariantModel(server);
  const inactive = new InactiveCode(server);
  const synchronizer = new Synchronizer(server);
  const parts = {
    server,
    launcher,
    model,
    expansion: new ExpansionView(model, synchronizer),
    smoke: new SmokeRuns(server),
    pages: new Pages(server),
    missing: new MissingEngine(server),
    defines: new DefineStatePanel(server, (variant) => model.labelOf(variant)),
  };
  const started = server;
  context.subscriptions.push(
    log,
    server,
    model,
    inactive,
    synchronizer,
    parts.expansion,
    parts.smoke,
    parts.pages,
    parts.missing,
    parts.defines,
    new StatusBar(server, model),
    new VariantsTree(model),
    new LanguageStatus(server),
    new VariantTests(server, model, parts.smoke),
    registerTasks(server),
    registerCommands(parts),
    watchTemplates(),
    server.onDidChangeRunning((running) => {
      void vscode.commands.executeCommand('setContext', 'wgsl-ls.running', running);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void launcher.launch()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const affected = ['path', 'arguments', 'environment'].some((key) =>
        change.affectsConfiguration(`wgsl.server.${key}`),
      );
      if (affected) void launcher.launch();
    }),
  );
  // Not awaited: looking for the server may end in a question, and the extension is ready before its answer.
  void launcher.launch();
  void noteConflicts(context);
  return {
    get running() {
      return started.running;
    },
    model,
    inactiveRegions: (uri) => inactive.of(uri),
  };
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
