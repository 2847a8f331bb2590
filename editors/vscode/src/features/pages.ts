/**
 * Answers that are read: "Explain this line", "Doctor", statistics. Each is a page beside the source, drawn from
 * Markdown that only lives here: nothing to save, and the cursor stays where it was.
 */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { explainRequest } from '../protocol';
import type { DoctorReport, Explanation, Statistics } from '../protocol';
import type { Server } from '../server/server';
import { converters } from '../uris';

const SCHEME = 'wgsl-ls-page';
const PREVIEW = 'vscode.markdown.preview.editor';

export class Pages implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  private readonly registration: vscode.Disposable;
  private readonly texts = new Map<string, string>();
  readonly onDidChange = this.changed.event;

  constructor(private readonly server: Server) {
    this.registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

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
      ([name, one]) => `| ${name} | ${one.version ?? 'not started'} | ${one.jobs} | ${one.starts} | ${one.deaths} |`,
    );
    const text = [
      '# The WGSL language server',
      `${answer.idle ? 'Nothing is left to check' : 'Checking'}. Version ${this.server.version ?? 'unknown'}, ` +
        `${Math.round(answer.memory / 2 ** 20)} MiB of memory without the compilers, revision ${answer.revision}.`,
      ['| compiler | version | texts compiled | starts | deaths |', '| --- | --- | --: | --: | --: |', ...rows].join('\n'),
    ];
    await this.show('WGSL statistics', text.join('\n\n'));
    return answer;
  }

  /** Opens or renews the page `name`. */
  async show(name: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}.md` });
    this.texts.set(uri.toString(), markdown);
    this.changed.fire(uri);
    const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true };
    await vscode.commands.executeCommand('vscode.openWith', uri, PREVIEW, options);
  }

  dispose(): void {
    this.registration.dispose();
    this.changed.dispose();
  }
}
