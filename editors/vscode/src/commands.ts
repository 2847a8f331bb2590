/**
 * Every command of the extension. Each one finds what it is about (a tree node, a code lens argument, the editor)
 * and hands over; an error becomes one message.
 */
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import type { Position } from 'vscode-languageclient/node';
import { contextsRequest, setContextRequest } from './protocol';
import type { ExpansionView } from './features/expansion';
import type { Explain } from './features/explain';
import type { SmokeRuns, SmokeTarget } from './features/smoke';
import type { VariantModel } from './model/variants';
import type { Launcher } from './server/launch';
import { reason } from './server/server';
import type { Server } from './server/server';
import { expandedUri, isShader } from './uris';
import type { DefineStatePanel } from './views/defineState';
import { pickVariant } from './views/picker';
import type { VariantNode } from './views/variantsTree';

export interface Parts {
  server: Server;
  launcher: Launcher;
  model: VariantModel;
  expansion: ExpansionView;
  smoke: SmokeRuns;
  explain: Explain;
  defines: DefineStatePanel;
}

export function registerCommands(parts: Parts): vscode.Disposable {
  const { server, launcher, model, expansion, smoke, explain, defines } = parts;

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
  const execute = (command: string, argument: object): Promise<unknown> =>
    server.demand(ExecuteCommandRequest.type, { command, arguments: [argument] });

  const actions: Record<string, (...args: never[]) => unknown> = {
    'wgsl-ls.restart': async () => {
      await server.stop();
      await launcher.launch();
    },
    'wgsl-ls.showLog': () => server.log.show(),
    'wgsl-ls.installServer': () => launcher.installPrivately(),
    'wgsl-ls.restartEngines': () => execute('wgsl.restartEngines', {}),
    'wgsl-ls.doctor': async () => {
      const answer = (await server.demand(ExecuteCommandRequest.type, { command: 'wgsl.doctor' })) as {
        markdown: string;
      };
      const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: answer.markdown });
      await vscode.window.showTextDocument(document);
    },
    'wgsl-ls.checkAll': () => {
      const uri = model.source?.toString();
      return execute('wgsl.checkAll', uri === undefined ? {} : { uri });
    },
    'wgsl-ls.pickVariant': async (uri?: string) => {
      const list = await currentList(uri);
      const variant = await pickVariant(list, 'Active variant');
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
    'wgsl-ls.diffWithActive': async (node?: VariantNode) => {
      const list = await currentList(node?.root);
      const other = node?.name ?? (await pickVariant(list, `Compare ${list.active} with`));
      if (other === undefined) return;
      const root = vscode.Uri.parse(list.root);
      const title = `${list.active} ↔ ${other} (expanded)`;
      await vscode.commands.executeCommand('vscode.diff', expandedUri(root, list.active), expandedUri(root, other), title);
    },
    'wgsl-ls.smokeRun': async (node?: VariantNode | vscode.Uri) => {
      const list = await currentList(node !== undefined && 'kind' in node ? node.root : undefined);
      const variant = node !== undefined && 'kind' in node ? node.name : list.active;
      return smoke.run({ uri: list.root, variant });
    },
    'wgsl-ls.explainLine': () => explain.show(shaderEditor()),
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
          void vscode.window.showErrorMessage(reason(error));
          return undefined;
        }
      }),
    ),
  );
}
