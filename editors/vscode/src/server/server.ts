/**
 * The one running language server: started, restarted and stopped here, asked by everything else.
 * Features subscribe once to its events and survive restarts; they never see the language client.
 */
import { createInterface } from 'node:readline';
import * as vscode from 'vscode';
import { ExecuteCommandRequest, LanguageClient, ResponseError, State, Trace, TransportKind } from 'vscode-languageclient/node';
import type { ProtocolRequestType, RequestType, RequestType0, ServerOptions } from 'vscode-languageclient/node';
import {
  expansionChangedNotification,
  inactiveRegionsNotification,
  statusNotification,
  verdictsChangedNotification,
  viewsChangedNotification,
} from '../protocol';
import type { ServerStatus, Statistics, VerdictsChanged } from '../protocol';
import type { Chosen } from '../model/chosen';
import { variantsText } from '../model/verdicts';
import { EXPANDED_SCHEME, converters } from '../uris';
import type { Found } from './discover';
import { ofTheTextAsItIs } from './lateAnswers';
import { SteadyContent } from './steadyContent';

export interface InactiveRegions {
  uri: vscode.Uri;
  regions: vscode.Range[];
}

/** Says nothing of questions that VS Code was asking when the server stopped: who stopped it knows. */
export class Client extends LanguageClient {
  override handleFailedRequest<T>(...failed: Parameters<typeof LanguageClient.prototype.handleFailedRequest<T>>): T {
    return this.state === State.Running ? super.handleFailedRequest<T>(...failed) : failed[3];
  }
}

type Asked<P, R> = RequestType<P, R, void> | ProtocolRequestType<P, R, unknown, void, unknown>;

export class Server implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private began = 0;
  private readonly runningEmitter = new vscode.EventEmitter<boolean>();
  private readonly verdictsEmitter = new vscode.EventEmitter<VerdictsChanged>();
  private readonly viewsEmitter = new vscode.EventEmitter<undefined>();
  private readonly statusEmitter = new vscode.EventEmitter<ServerStatus>();
  private readonly inactiveEmitter = new vscode.EventEmitter<InactiveRegions>();
  private readonly expansionEmitter = new vscode.EventEmitter<vscode.Uri>();

  readonly onDidChangeRunning = this.runningEmitter.event;
  readonly onVerdicts = this.verdictsEmitter.event;
  /** Fires when open documents are looked at through another variant, context or configuration. */
  readonly onViewsChanged = this.viewsEmitter.event;
  readonly onStatus = this.statusEmitter.event;
  readonly onInactiveRegions = this.inactiveEmitter.event;
  readonly onExpansionChanged = this.expansionEmitter.event;

  /** Server commands that the editor shows in its own way (a code lens names the server's command). */
  readonly overrides = new Map<string, (...args: never[]) => unknown>();

  constructor(readonly log: vscode.LogOutputChannel, readonly chosen: Chosen) {}

  get running(): boolean {
    return this.client?.state === State.Running;
  }

  /** Of the running server, as it says itself. */
  get version(): string | undefined {
    return this.client?.initializeResult?.serverInfo?.version;
  }

  /** The program that was started last. */
  program: string | undefined;

  async start(found: Found): Promise<void> {
    await this.stop();
    this.program = found.command;
    const began = Date.now();
    const configuration = vscode.workspace.getConfiguration('wgsl');
    const executable = {
      command: found.command,
      args: ['serve', ...configuration.get<string[]>('server.arguments', [])],
      transport: TransportKind.stdio,
      options: { env: { ...process.env, ...configuration.get<Record<string, string>>('server.environment', {}) } },
    };
    const steady = new SteadyContent();
    const options: ServerOptions = { run: executable, debug: executable };
    const client = new Client('wgsl', 'WGSL language server', options, {
      documentSelector: [
        { scheme: 'file', language: 'wgsl' },
        { scheme: 'untitled', language: 'wgsl' },
        { scheme: EXPANDED_SCHEME, language: 'wgsl' },
        { scheme: 'file', pattern: '**/wgsl-ls.toml' },
      ],
      synchronize: {
        fileEvents: [
          vscode.workspace.createFileSystemWatcher('**/*.{wgsl,tmpl}'),
          vscode.workspace.createFileSystemWatcher('**/wgsl-ls.toml'),
        ],
      },
      outputChannel: this.log,
      // Its log says levels itself, and they are ours.
      stdioOptions: {
        stdout: () => undefined,
        stderr: (stream) => void createInterface({ input: stream, terminal: false }).on('line', levels(this.log)),
      },
      traceOutputChannel: this.log,
      uriConverters: converters,
      // Dimming comes by notification, so the server need not also tag inactive code as unnecessary.
      initializationOptions: () => ({ inactiveRegions: 'notification', activeVariants: this.chosen.all }),
      middleware: {
        // Of an expanded document the server answers what is asked of a text that is only read.
        sendRequest: (type, param, token, next) =>
          silent(typeof type === 'string' ? type : type.method, param) ? Promise.resolve(null as never) : next(type, param, token),
        provideInlayHints: (document, range, token, next) => ofTheTextAsItIs(document, token, () => next(document, range, token)),
        provideCodeLenses: (document, token, next) => ofTheTextAsItIs(document, token, () => next(document, token)),
        provideTextDocumentContent: (uri, token, next) => steady.provide(uri, token, next),
        executeCommand: (command, args, next) => {
          const override = this.overrides.get(command);
          return override === undefined ? next(command, args) : override(...(args as never[]));
        },
      },
    });
    this.client = client;
    client.onDidChangeState((change) => {
      if (this.client === client) this.runningEmitter.fire(change.newState === State.Running);
    });
    this.listen(client);
    this.log.info(`starting ${found.command} ${executable.args.join(' ')}`);
    await client.start();
    this.log.info(`wgsl-ls ${this.version ?? 'of unknown version'} answers after ${Date.now() - began} ms`);
    const trace = configuration.get<string>('trace.server', 'off');
    if (trace !== 'off') await client.setTrace(Trace.fromString(trace));
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client === undefined) return;
    this.runningEmitter.fire(false);
    try {
      if (client.state !== State.Stopped) await client.stop();
    } catch (error) {
      this.log.warn(`while stopping the server: ${String(error)}`);
    }
    await client.dispose().catch(() => undefined);
  }

  /**
   * The server's answer, or undefined when it is not running, has no answer or no longer wants to give one.
   * A reason for a person goes to the log; `ask` is for questions that nobody is waiting for.
   */
  async ask<P, R>(type: Asked<P, R>, params: P, token?: vscode.CancellationToken): Promise<R | undefined> {
    try {
      return await this.demand(type, params, token);
    } catch (error) {
      this.log.debug(`${type.method}: ${reason(error)}`);
      return undefined;
    }
  }

  async statistics(): Promise<Statistics> {
    return (await this.demand(ExecuteCommandRequest.type, { command: 'wgsl.statistics' })) as Statistics;
  }

  /** The server's answer, or an Error with a sentence for a person. */
  async demand<P, R>(type: Asked<P, R>, params: P, token?: vscode.CancellationToken): Promise<R> {
    const client = this.client;
    if (client === undefined || client.state !== State.Running) {
      throw new Error('The WGSL language server is not running.');
    }
    // An undefined token would travel as a second parameter.
    if (token === undefined) return client.sendRequest<R>(type.method, params);
    return client.sendRequest<R>(type.method, params, token);
  }

  async askNothing<R>(type: RequestType0<R, void>): Promise<R | undefined> {
    const client = this.client;
    if (client === undefined || client.state !== State.Running) return undefined;
    try {
      return await client.sendRequest(type);
    } catch (error) {
      this.log.debug(`${type.method}: ${reason(error)}`);
      return undefined;
    }
  }

  range(range: import('vscode-languageclient/node').Range): vscode.Range {
    return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
  }

  location(location: import('vscode-languageclient/node').Location): vscode.Location {
    return new vscode.Location(vscode.Uri.parse(location.uri), this.range(location.range));
  }

  dispose(): void {
    void this.stop();
    for (const emitter of [
      this.runningEmitter, this.verdictsEmitter, this.viewsEmitter, this.statusEmitter, this.inactiveEmitter,
      this.expansionEmitter,
    ]) {
      emitter.dispose();
    }
  }

  /** How long checking took and what it came to; not every step on the way. */
  private logStatus({ state, total, message }: ServerStatus): void {
    if (state === 'checking') this.began ||= Date.now();
    if (state !== 'idle' && state !== 'engine-missing') return;
    const time = this.began === 0 ? '' : ` in ${((Date.now() - this.began) / 1000).toFixed(1)} s`;
    this.began = 0;
    if (total > 0) this.log.info(`${variantsText(total)} checked${time}`);
    if (state === 'engine-missing') this.log.warn(message);
  }

  private listen(client: LanguageClient): void {
    client.onNotification(verdictsChangedNotification, (list) => this.verdictsEmitter.fire(list));
    client.onNotification(viewsChangedNotification, () => this.viewsEmitter.fire(undefined));
    client.onNotification(statusNotification, (status) => {
      this.logStatus(status);
      this.statusEmitter.fire(status);
    });
    client.onNotification(inactiveRegionsNotification, ({ textDocument, regions }) => {
      this.inactiveEmitter.fire({
        uri: converters.protocol2Code(textDocument.uri),
        regions: regions.map((region) => this.range(region)),
      });
    });
    client.onNotification(expansionChangedNotification, ({ uri }) => {
      this.expansionEmitter.fire(converters.protocol2Code(uri));
    });
  }
}

const OF_EXPANSIONS = new Set([
  'diagnostic', 'hover', 'definition', 'declaration', 'typeDefinition', 'references', 'documentSymbol', 'foldingRange',
  'semanticTokens/full', 'semanticTokens/full/delta', 'semanticTokens/range',
]);
const LEVELS = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error', CRITICAL: 'error' } as const;

type Log = Pick<vscode.LogOutputChannel, 'debug' | 'info' | 'warn' | 'error'>;

/** Takes what the server writes to standard error, line by line, at the level that a line names for itself and those
 * that follow it. */
export function levels(log: Log): (line: string) => void {
  let level: keyof Log = 'info';
  return (line) => {
    const found = /^\S+ \S+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) \S+: (.*)$/.exec(line);
    if (found !== null) level = LEVELS[found[1] as keyof typeof LEVELS];
    else if (line.startsWith('Traceback')) level = 'error';
    if (line.trim() !== '') log[level](found?.[2] ?? line);
  };
}

function silent(method: string, param: unknown): boolean {
  const uri = (param as { textDocument?: { uri?: unknown } } | undefined)?.textDocument?.uri;
  const expanded = typeof uri === 'string' && uri.startsWith(`${EXPANDED_SCHEME}:`);
  return expanded && method.startsWith('textDocument/') && !OF_EXPANSIONS.has(method.slice('textDocument/'.length));
}

export function reason(error: unknown): string {
  if (error instanceof ResponseError || error instanceof Error) return error.message;
  return String(error);
}
