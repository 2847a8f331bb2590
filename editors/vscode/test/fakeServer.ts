/** A Server whose answers are written by the test, and that remembers what it was asked. */
import * as vscode from './vscode';
import { Chosen } from '../src/model/chosen';
import type { Server } from '../src/server/server';
import type { ServerStatus, State, VariantEntry, VariantList, Verdict, VerdictsChanged } from '../src/protocol';

class Workspace {
  private readonly kept = new Map<string, unknown>();
  get(key: string, plain: unknown): unknown {
    return this.kept.get(key) ?? plain;
  }
  update(key: string, value: unknown): Promise<void> {
    this.kept.set(key, value);
    return Promise.resolve();
  }
}

export class FakeServer {
  running = true;
  readonly asked: { method: string; params: unknown }[] = [];
  readonly answers = new Map<string, unknown>();
  readonly overrides = new Map<string, (...args: never[]) => unknown>();
  readonly log = { info() {}, warn() {}, error() {}, debug() {}, show() {} };
  readonly runningEmitter = new vscode.EventEmitter<boolean>();
  readonly verdictsEmitter = new vscode.EventEmitter<VerdictsChanged>();
  readonly viewsEmitter = new vscode.EventEmitter<undefined>();
  readonly statusEmitter = new vscode.EventEmitter<ServerStatus>();
  readonly inactiveEmitter = new vscode.EventEmitter<{ uri: vscode.Uri; regions: vscode.Range[] }>();
  readonly onDidChangeRunning = this.runningEmitter.event;
  readonly onVerdicts = this.verdictsEmitter.event;
  readonly onViewsChanged = this.viewsEmitter.event;
  readonly onStatus = this.statusEmitter.event;
  readonly onInactiveRegions = this.inactiveEmitter.event;

  demand(type: { method: string }, params: unknown): Promise<unknown> {
    this.asked.push({ method: type.method, params });
    const answer = this.answers.get(type.method);
    if (answer === undefined) return Promise.reject(new Error(`no answer to ${type.method}`));
    return Promise.resolve(typeof answer === 'function' ? (answer as (params: unknown) => unknown)(params) : answer);
  }
  ask(type: { method: string }, params: unknown): Promise<unknown> {
    return this.demand(type, params).catch(() => undefined);
  }
  askNothing(type: { method: string }): Promise<unknown> {
    return this.ask(type, undefined);
  }
  range(range: { start: vscode.Position; end: vscode.Position }): vscode.Range {
    return new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
  }
  start(): Promise<void> {
    return Promise.resolve();
  }
  stop(): Promise<void> {
    return Promise.resolve();
  }
  statistics(): Promise<unknown> {
    return this.demand({ method: 'workspace/executeCommand' }, { command: 'wgsl.statistics' });
  }
  readonly chosen = new Chosen(new Workspace() as never);
  readonly program = '/bin/wgsl-ls';
  readonly version = '1.2';
  get real(): Server {
    return this as unknown as Server;
  }
}

export const ROOT = 'file:///shaders/flash_attn.wgsl';

export function entry(
  name: string,
  wgpu: Verdict,
  axes: Record<string, string> = {},
  dawn: Verdict = wgpu,
  state: State = wgpu === 'accepted' ? 'pass' : 'fail',
): VariantEntry {
  return { name, label: name, root: ROOT, defines: [`NAME=${name}`], origin: 'declared', axes, state, verdicts: { wgpu, dawn }, problems: 0 };
}

export function listOf(active: string, ...variants: VariantEntry[]): VariantList {
  const count = (state: State): number => variants.filter((variant) => variant.state === state).length;
  const [pass, fail, pending, unjudged] = [count('pass'), count('fail'), count('pending'), count('unjudged')];
  return { root: ROOT, active, edition: 1, variants, counts: { total: variants.length, pass, fail, pending, unjudged }, summary: `${variants.length} variants` };
}

/** What is told of some variants of a list: of each its place and what is now known of it. */
export function newsOf(list: VariantList, ...known: [number, VariantEntry][]): VerdictsChanged {
  const { variants: _all, ...rest } = list;
  const changes = known.map(([place, { state, verdicts, problems, reason }]) => ({ runs: [place, 1], state, verdicts, problems, reason }));
  return { ...rest, changes };
}

/** Lets every promise that is ready run to its end. */
export function settle(milliseconds = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
