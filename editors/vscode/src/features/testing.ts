/**
 * Variants in the Test Explorer: shaders are suites, variants are tests. "Validate" asks the compilers, "Smoke run"
 * the GPU, "Coverage" shows how many variants use each line. What a result is, the server says.
 */
import * as vscode from 'vscode';
import { ExecuteCommandRequest } from 'vscode-languageclient/node';
import { coverageRequest } from '../protocol';
import type { State, VariantEntry, VariantList } from '../protocol';
import { Batched } from '../model/batched';
import { division, inside, labelBelow } from '../model/groups';
import type { Path } from '../model/groups';
import { verdictText } from '../model/verdicts';
import type { VariantModel } from '../model/variants';
import { reason } from '../server/server';
import type { Server } from '../server/server';
import { relativeLabel } from '../uris';
import type { SmokeRuns } from './smoke';

const SETTLE_MS = 300;

export class VariantTests implements vscode.Disposable {
  private readonly controller = vscode.tests.createTestController('wgsl-ls', 'WGSL variants');
  private readonly disposables: vscode.Disposable[];
  private readonly news = new Batched(SETTLE_MS, (roots) => this.renew(roots));
  /** What a test stands for; groups stand for nothing. */
  private readonly variants = new WeakMap<vscode.TestItem, VariantEntry>();
  /** By root, the names of the variants that are listed. */
  private readonly listed = new Map<string, string>();
  /** Per line of a file in a coverage run, how many variants use it. */
  private readonly details = new WeakMap<vscode.FileCoverage, readonly number[][]>();

  constructor(
    private readonly server: Server,
    private readonly model: VariantModel,
    private readonly smoke: SmokeRuns,
  ) {
    const { controller } = this;
    const { Run, Coverage } = vscode.TestRunProfileKind;
    controller.resolveHandler = (item) => {
      if (item === undefined) this.renewRoots();
      else void this.fill(item);
    };
    controller.refreshHandler = () => model.refresh();
    const profile = (label: string, kind: vscode.TestRunProfileKind, isDefault: boolean, act: Act): vscode.TestRunProfile =>
      controller.createRunProfile(label, kind, (request, token) => this.run(request, token, act), isDefault);
    profile('Validate', Run, true, (run, list, items) => this.validate(run, list, items));
    profile('Smoke run', Run, false, (run, _list, items, token) => this.smokeRun(run, items, token));
    const covering = profile('Lines over variants', Coverage, true, (run, list, items) => this.cover(run, list, items));
    covering.loadDetailedCoverage = (_run, file) =>
      Promise.resolve((this.details.get(file) ?? []).map(([line = 0, n = 0]) => new vscode.StatementCoverage(n, lineRange(line))));
    this.disposables = [controller, model.onDidChange((root) => this.news.add(root))];
  }

  dispose(): void {
    this.news.dispose();
    for (const disposable of this.disposables) disposable.dispose();
  }

  private renew(roots: ReadonlySet<string>): void {
    this.renewRoots();
    for (const root of roots) {
      const item = this.controller.items.get(root);
      if (item !== undefined && item.children.size > 0) void this.fill(item);
    }
  }

  private renewRoots(): void {
    const roots = new Set(this.model.roots);
    this.controller.items.forEach((item) => {
      if (!roots.has(item.id)) this.controller.items.delete(item.id);
    });
    for (const root of roots) {
      if (this.controller.items.get(root) !== undefined) continue;
      const file = relativeLabel(root);
      const item = this.controller.createTestItem(root, file.split('/').at(-1) ?? file, vscode.Uri.parse(root));
      item.description = file.split('/').slice(0, -1).join('/');
      item.canResolveChildren = true;
      this.controller.items.add(item);
    }
  }

  /** The variants of a root; not before somebody looks, for there can be very many. */
  private async fill(root: vscode.TestItem): Promise<void> {
    const entries = (await this.model.wanted(root.id))?.variants ?? [];
    const names = entries.map(({ name }) => name).join('\n');
    if (this.listed.get(root.id) === names) return;
    this.listed.set(root.id, names);
    root.children.replace(this.below(root, entries, []));
  }

  /** The variants of a root below a group, long lists in groups of their axes, as in the panel. */
  private below(root: vscode.TestItem, all: readonly VariantEntry[], path: Path): vscode.TestItem[] {
    const entries = inside(all, path);
    const divided = division(entries, path);
    if (divided === undefined) {
      return entries.map((entry) => {
        const item = this.controller.createTestItem(`${root.id}?${entry.name}`, labelBelow(entry, path), root.uri);
        if (entry.label !== entry.name) item.description = entry.name;
        this.variants.set(item, entry);
        return item;
      });
    }
    const { axis, labels } = divided;
    return labels.map((label) => {
      const deeper: Path = [...path, [axis, label]];
      const group = this.controller.createTestItem(`${root.id}?${JSON.stringify(deeper)}`, label === '' ? `without ${axis}` : label, root.uri);
      group.children.replace(this.below(root, entries, deeper));
      return group;
    });
  }

  private async run(request: vscode.TestRunRequest, token: vscode.CancellationToken, act: Act): Promise<void> {
    const run = this.controller.createTestRun(request);
    try {
      for (const [root, items] of await this.chosen(request)) {
        if (token.isCancellationRequested) break;
        const list = this.model.list(root);
        if (list === undefined) continue;
        items.forEach((item) => run.enqueued(item));
        try {
          await act(run, list, items, token);
        } catch (error) {
          items.forEach((item) => run.errored(item, new vscode.TestMessage(reason(error))));
        }
      }
    } finally {
      run.end();
    }
  }

  /** By root the tests asked for. */
  private async chosen(request: vscode.TestRunRequest): Promise<Map<string, vscode.TestItem[]>> {
    const found = new Map<string, vscode.TestItem[]>();
    const excluded = new Set(request.exclude?.map(({ id }) => id));
    const take = async (item: vscode.TestItem): Promise<void> => {
      if (excluded.has(item.id)) return;
      if (item.parent === undefined) await this.fill(item);
      const entry = this.variants.get(item);
      if (entry !== undefined) found.set(entry.root, [...(found.get(entry.root) ?? []), item]);
      else for (const [, child] of item.children) await take(child);
    };
    const asked = request.include ?? [...this.controller.items].map(([, item]) => item);
    for (const item of asked) await take(item);
    return found;
  }

  private async validate(run: vscode.TestRun, list: VariantList, items: readonly vscode.TestItem[]): Promise<void> {
    const told = new Map<string, State | undefined>();
    const tellAll = (now: VariantList, wanted: readonly State[]): void => {
      const entries = new Map(now.variants.map((entry) => [`${list.root}?${entry.name}`, entry]));
      const lines: string[] = [];
      for (const item of items) {
        const entry = entries.get(item.id);
        if (entry !== undefined && !wanted.includes(entry.state)) continue;
        if (told.has(item.id) && told.get(item.id) === entry?.state) continue;
        told.set(item.id, entry?.state);
        lines.push(tell(run, item, entry));
      }
      // VS Code draws its panel anew for each text: one of a thousand lines is a thousand times less work.
      if (lines.length > 0) run.appendOutput(lines.join(''));
    };
    // Thousands take minutes: each is told when it is known, a few times a second at most.
    const news = new Batched(SETTLE_MS, () => {
      const now = this.model.list(list.root);
      if (now !== undefined) tellAll(now, ['pass', 'fail']);
    });
    const listener = this.model.onDidChange((root) => root === list.root && news.add(root));
    try {
      await this.server.demand(ExecuteCommandRequest.type, { command: 'wgsl.checkAll', arguments: [{ uri: list.root }] });
    } finally {
      listener.dispose();
      news.dispose();
    }
    const now = (await this.model.load(list.root)) ?? list;
    tellAll(now, ['pass', 'fail', 'unjudged', 'pending']);
    run.appendOutput(`${relativeLabel(list.root)}: ${now.summary}\r\n`);
  }

  private async smokeRun(run: vscode.TestRun, items: readonly vscode.TestItem[], token: vscode.CancellationToken): Promise<void> {
    for (const item of items) {
      const entry = this.variants.get(item);
      if (token.isCancellationRequested || entry === undefined) return;
      run.started(item);
      const began = Date.now();
      try {
        const result = await this.smoke.ask({ uri: entry.root, variant: entry.name }, token);
        run.appendOutput(`${entry.label}: ${result.summary}\r\n`, undefined, item);
        if (result.ok) run.passed(item, Date.now() - began);
        else run.failed(item, new vscode.TestMessage(result.summary), Date.now() - began);
      } catch (error) {
        run.errored(item, new vscode.TestMessage(reason(error)));
      }
    }
  }

  private async cover(run: vscode.TestRun, list: VariantList, items: readonly vscode.TestItem[]): Promise<void> {
    await this.validate(run, list, items);
    const report = await this.server.demand(coverageRequest, { textDocument: { uri: list.root } });
    for (const { uri, lines } of report.files) {
      const used = lines.filter(([, n = 0]) => n > 0).length;
      const file = new vscode.FileCoverage(vscode.Uri.parse(uri), new vscode.TestCoverageCount(used, lines.length));
      this.details.set(file, lines);
      run.addCoverage(file);
    }
  }
}

type Act = (
  run: vscode.TestRun,
  list: VariantList,
  items: readonly vscode.TestItem[],
  token: vscode.CancellationToken,
) => Promise<void>;

function tell(run: vscode.TestRun, item: vscode.TestItem, entry: VariantEntry | undefined): string {
  const words = entry === undefined ? ['it is gone'] : [verdictText(entry), entry.reason ?? entry.why ?? ''].filter(Boolean);
  if (entry?.state === 'pass') run.passed(item);
  else if (entry?.state === 'fail') run.failed(item, message(item, entry.reason ?? 'it does not pass'));
  else run.skipped(item);
  // The label of a test leaves out what the groups above it say.
  return `${entry?.label ?? item.label}: ${words.join(', ')}\r\n`;
}

/** With the place where the editor shows the same error, if it does. */
function message(item: vscode.TestItem, text: string): vscode.TestMessage {
  const found = new vscode.TestMessage(text);
  const shown = item.uri === undefined ? [] : vscode.languages.getDiagnostics(item.uri);
  const same = shown.find((diagnostic) => diagnostic.message.includes(text));
  if (item.uri !== undefined && same !== undefined) found.location = new vscode.Location(item.uri, same.range);
  return found;
}

function lineRange(line: number): vscode.Range {
  return new vscode.Range(line, 0, line, Number.MAX_SAFE_INTEGER);
}
