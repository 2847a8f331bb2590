/**
 * Answers that are read: "Explain this line", "Doctor", statistics. Each is a page beside the source: nothing to save,
 * and the cursor stays where it was. VS Code makes it of Markdown; its own previews open no links to files, so here
 * these are a command.
 */
import { randomBytes } from 'node:crypto';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { explainRequest } from '../protocol';
import type { DoctorReport, Explanation, Statistics } from '../protocol';
import { ENGINES, grouped } from '../model/verdicts';
import type { Server } from '../server/server';
import { converters } from '../uris';
import { STYLE, escape } from './reportPage';

const OPEN = 'wgsl-ls.openPlace';

export class Pages implements vscode.Disposable {
  private readonly registration = vscode.commands.registerCommand(OPEN, openPlace);
  private readonly panels = new Map<string, vscode.WebviewPanel>();

  constructor(private readonly server: Server) {}

  async explain(editor: vscode.TextEditor): Promise<Explanation> {
    const { document, selection } = editor;
    const explanation = await this.server.demand(explainRequest, {
      textDocument: { uri: converters.code2Protocol(document.uri) },
      position: { line: selection.active.line, character: selection.active.character },
    });
    await this.show(`${path.basename(document.uri.path)} line ${selection.active.line + 1}`, explanation.markdown);
    return explanation;
  }

  async doctor(): Promise<void> {
    const answer = (await this.server.demand(ExecuteCommandRequest.type, { command: 'wgsl.doctor' })) as DoctorReport;
    const program = this.server.program;
    const links = program === undefined ? '' : `\n\nThe server is [${program}](${vscode.Uri.file(program).toString()}).`;
    await this.show('WGSL doctor', `# What works here\n\n${answer.markdown}${links}\n`);
  }

  async statistics(): Promise<Statistics> {
    const answer = await this.server.statistics();
    const rows = Object.entries(answer.engines).map(
      ([name, one]) => `| ${ENGINES[name] ?? name} | ${one.version ?? 'not started'} | ${grouped(one.jobs)} | ${grouped(one.starts)} | ${grouped(one.deaths)} |`,
    );
    const text = [
      '# The WGSL language server',
      `${answer.idle ? 'Nothing is left to check' : 'Checking'}. Version ${this.server.version ?? 'unknown'}, ` +
        `${grouped(Math.round(answer.memory / 2 ** 20))} MiB of memory without the compilers, ${grouped(answer.revision)} changes seen so far.`,
      ['| compiler | version | texts compiled | starts | deaths |', '| --- | --- | --: | --: | --: |', ...rows].join('\n'),
    ];
    await this.show('WGSL statistics', text.join('\n\n'));
    return answer;
  }

  /** Opens or renews the page `name`. */
  async show(name: string, markdown: string): Promise<void> {
    const body = await rendered(markdown);
    const panel = this.panels.get(name) ?? this.create(name);
    const nonce = randomBytes(16).toString('base64');
    const csp = `default-src 'none'; style-src 'nonce-${nonce}';`;
    panel.webview.html = `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${escape(csp)}">
<title>${escape(name)}</title><style nonce="${nonce}">${STYLE}</style></head><body>${body}</body></html>`;
    panel.reveal(undefined, true);
  }

  dispose(): void {
    this.registration.dispose();
    for (const panel of this.panels.values()) panel.dispose();
  }

  private create(name: string): vscode.WebviewPanel {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const options = { enableScripts: false, enableCommandUris: [OPEN], localResourceRoots: [] };
    const panel = vscode.window.createWebviewPanel('wgsl-ls.page', name, place, options);
    this.panels.set(name, panel);
    panel.onDidDispose(() => this.panels.delete(name));
    return panel;
  }
}

/** HTML, by the Markdown extension that comes with VS Code; where it is switched off, the Markdown as it is. */
async function rendered(markdown: string): Promise<string> {
  const linked = markdown.replaceAll(
    /\]\((file:[^)\s]*)\)/g,
    (_link, uri: string) => `](command:${OPEN}?${encodeURIComponent(JSON.stringify([uri]))})`,
  );
  try {
    return await vscode.commands.executeCommand<string>('markdown.api.render', linked);
  } catch {
    return `<pre>${escape(markdown)}</pre>`;
  }
}

/** A file, at the line that its address names ("#L44"), where it is shown already or in the first group. */
async function openPlace(address: string): Promise<void> {
  const uri = vscode.Uri.parse(address);
  const line = Number(/^L(\d+)/.exec(uri.fragment)?.[1] ?? 1) - 1;
  const file = uri.with({ fragment: '' });
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === file.toString());
  await vscode.window.showTextDocument(file, {
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(line, 0, line, 0),
  });
}
