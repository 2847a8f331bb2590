/**
 * Every command of the extension. Each one finds what it is about (a tree node, a code lens argument, the editor)
 * and hands over; an error becomes one message.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { Position } from 'vscode-languageclient/node';
import { contextsRequest, mapPositionRequest, setContextRequest } from './protocol';
import { addressIn } from './features/expansion';
import type { ExpansionView } from './features/expansion';
import type { MissingEngine } from './features/missingEngine';
import type { Pages } from './features/pages';
import type { Choice, SmokeRuns, SmokeTarget } from './features/smoke';
import type { VariantModel } from './model/variants';
import type { Launcher } from './server/launch';
import { reason } from './server/server';
import type { Server } from './server/server';
import { converters, expandedAddress, isShader, sourceOf } from './uris';
import type { DefineStatePanel } from './views/defineState';
import { pickVariant } from './views/picker';
import type { VariantNode } from './views/variantsTree';
import { notice } from './words';

export interface Parts {
  server: Server;
  launcher: Launcher;
  model: VariantModel;
  expansion: ExpansionView;
  smoke: SmokeRuns;
  pages: Pages;
  missing: MissingEngine;
  defines: DefineStatePanel;
}

/** A word that a shell takes as it is: names of variants and paths are the workspace's. PowerShell on Windows. */
function quoted(word: string): string {
  if (/^[\w./=+-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", process.platform === 'win32' ? "''" : `'"'"'`)}'`;
}

export function registerCommands(parts: Parts): vscode.Disposable {
  const { server, launcher, model, expansion, smoke, pages, missing, defines } = parts;

  const currentList = async (uri?: string) => {
    const list = uri === undefined ? model.current : await model.load(uri);
    if (list === undefined) throw new Error('Open a WGSL file first; its variants are not known yet.');
    return list;
  };
  const shaderEditor = (): vscode.TextEditor => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || !isShader(editor.document)) throw new Error('Place the cursor in a WGSL file first.');
    return editor;
  };
  /** The editor of a shader or of an expansion. */
  const readEditor = (): vscode.TextEditor => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || sourceOf(editor.document) === undefined) throw new Error('Place the cursor in a WGSL file first.');
    return editor;
  };
  const execute = (command: string, argument: object): Promise<unknown> =>
    server.demand(ExecuteCommandRequest.type, { command, arguments: [argument] });

  const actions: Record<string, (...args: never[]) => unknown> = {
    'wgsl-ls.restart': async () => {
      await server.stop();
      await launcher.launch();
    },
    'wgsl-ls.start': async () => {
      if (!server.running) await launcher.launch();
    },
    'wgsl-ls.stop': () => server.stop(),
    'wgsl-ls.version': () => {
      if (!server.running) throw new Error('The WGSL language server is not running.');
      return vscode.window.showInformationMessage(`wgsl-ls ${server.version ?? 'of unknown version'}: ${server.program ?? ''}`);
    },
    'wgsl-ls.statistics': () => pages.statistics(),
    'wgsl-ls.getEngine': () => missing.install(),
    'wgsl-ls.openConfiguration': async () => {
      const { configuration, root } = await currentList();
      if (configuration !== undefined) {
        await vscode.window.showTextDocument(vscode.Uri.parse(configuration));
        return;
      }
      const answer = await vscode.window.showInformationMessage(
        'No wgsl-ls.toml is in force here. wgsl-ls init writes one that declares only variants that pass.', 'Write it',
      );
      if (answer !== 'Write it') return;
      const folder = path.dirname(vscode.Uri.parse(root).fsPath);
      const execution = new vscode.ProcessExecution(server.program ?? 'wgsl-ls', ['init', folder]);
      const task = new vscode.Task({ type: 'process' }, vscode.TaskScope.Workspace, 'write wgsl-ls.toml', 'wgsl-ls', execution);
      if (await ended(task)) await vscode.window.showTextDocument(vscode.Uri.file(path.join(folder, 'wgsl-ls.toml')));
    },
    'wgsl-ls.showLog': () => server.log.show(),
    'wgsl-ls.installServer': () => launcher.installPrivately(),
    'wgsl-ls.restartEngines': () => execute('wgsl.restartEngines', {}),
    'wgsl-ls.doctor': () => pages.doctor(),
    'wgsl-ls.checkAll': () => {
      const uri = model.source?.toString();
      return execute('wgsl.checkAll', uri === undefined ? {} : { uri });
    },
    'wgsl-ls.pickVariant': async (uri?: string) => {
      const list = await currentList(uri);
      const variant = await pickVariant(model, list, 'Active variant');
      if (variant !== undefined) await model.setActive(list.root, variant);
    },
    'wgsl-ls.pickContext': async () => {
      const textDocument = { uri: shaderEditor().document.uri.toString() };
      const { contexts, active } = await server.demand(contextsRequest, { textDocument });
      const items = contexts.map((context, index) => ({
        label: context.label,
        description: index === active ? '● active' : '',
        context,
      }));
      const title = 'See this file as included by';
      const chosen = await vscode.window.showQuickPick(items, { title, matchOnDescription: true });
      if (chosen === undefined) return;
      const { root, variant, instance } = chosen.context;
      await server.demand(setContextRequest, { textDocument, root, variant, instance });
      await model.refresh();
    },
    'wgsl-ls.makeActive': ({ root, name }: VariantNode) => model.setActive(root, name),
    'wgsl-ls.showExpansion': (node?: VariantNode | vscode.Uri) => {
      if (node !== undefined && 'kind' in node) return expansion.show(vscode.Uri.parse(node.root), node.name);
      return expansion.show(shaderEditor().document.uri);
    },
    'wgsl-ls.showWritten': async () => {
      const { document, selection, viewColumn } = readEditor();
      const address = expandedAddress(document.uri);
      if (address === undefined) throw new Error('This is what was written. In an expansion this command leads here.');
      const { locations } = await server.demand(mapPositionRequest, {
        textDocument: { uri: converters.code2Protocol(document.uri) },
        position: { line: selection.active.line, character: selection.active.character },
        variant: address.variant,
        direction: 'toSource',
      });
      const [place] = locations;
      if (place === undefined) throw new Error('Nothing was written for this place.');
      const uri = vscode.Uri.parse(place.uri);
      const shown = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === uri.toString());
      const beside = viewColumn === undefined || viewColumn === 1 ? vscode.ViewColumn.Beside : viewColumn - 1;
      const { start } = server.range(place.range);
      await vscode.window.showTextDocument(uri, {
        viewColumn: shown?.viewColumn ?? beside,
        selection: new vscode.Range(start, start),
      });
    },
    'wgsl-ls.diffWithActive': async (node?: VariantNode) => {
      const list = await currentList(node?.root);
      const other = node?.name ?? (await pickVariant(model, list, `Compare ${list.active} with`));
      if (other === undefined) return;
      const label = (name: string): string => list.variants.find((entry) => entry.name === name)?.label ?? name;
      const title = `${label(list.active)} ↔ ${label(other)} (expanded)`;
      await vscode.commands.executeCommand('vscode.diff', addressIn(list, list.active), addressIn(list, other), title);
    },
    'wgsl-ls.copyCommandLine': async (node?: VariantNode | vscode.Uri) => {
      const variantNode = node !== undefined && 'kind' in node ? node : undefined;
      const list = await currentList(variantNode?.root);
      const words = [server.program ?? 'wgsl-ls', 'validate', '--variant', variantNode?.name ?? list.active, '--', vscode.Uri.parse(list.root).fsPath];
      const line = words.map(quoted).join(' ');
      await vscode.env.clipboard.writeText(line);
      void vscode.window.showInformationMessage(notice(`Copied: ${line}`));
    },
    'wgsl-ls.smokeRun': async (node?: VariantNode | vscode.Uri) => {
      const list = await currentList(node !== undefined && 'kind' in node ? node.root : undefined);
      const variant = node !== undefined && 'kind' in node ? node.name : list.active;
      return smoke.run({ uri: list.root, variant });
    },
    'wgsl-ls.smokeAgain': () => smoke.again(),
    'wgsl-ls.smokeChoose': (what: Choice) => smoke.choose(what),
    'wgsl-ls.smokeSource': () => smoke.showSource(),
    'wgsl-ls.explainLine': () => pages.explain(readEditor()),
    'wgsl-ls.showDefines': () => defines.reveal(),
    'wgsl-ls.openWalkthrough': () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', 'wgsl-ls.wgsl-ls#wgsl-ls.start', false),

    // The server's code lenses name these; the editor's side of them is here.
    'wgsl.showVariants': (uri: string) => actions['wgsl-ls.pickVariant']?.(uri as never),
    'wgsl.showContexts': () => actions['wgsl-ls.pickContext']?.(),
    'wgsl.showExpansion': (uri: string, variant?: string) => expansion.show(vscode.Uri.parse(uri), variant),
    'wgsl.showDefines': async (uri: string, position: Position) => {
      const at = new vscode.Position(position.line, position.character);
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: new vscode.Range(at, at) });
      await defines.reveal();
    },
  };
  server.overrides.set('wgsl.smokeRun', (target: SmokeTarget) => smoke.run(target));

  return vscode.Disposable.from(
    ...Object.entries(actions).map(([name, action]) =>
      vscode.commands.registerCommand(name, async (...args: never[]) => {
        try {
          return await action(...args);
        } catch (error) {
          server.log.error(`${name}: ${reason(error)}`);
          void vscode.window.showErrorMessage(notice(reason(error)));
          return undefined;
        }
      }),
    ),
  );
}

/** Runs a task; true when its process did what it was to do. */
async function ended(task: vscode.Task): Promise<boolean> {
  const over = new Promise<boolean>((resolve) => {
    const listener = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution.task.name !== task.name) return;
      listener.dispose();
      resolve(exitCode === 0);
    });
  });
  await vscode.tasks.executeTask(task);
  return over;
}
