/**
 * A stand-in for the `vscode` module, for unit tests: the values are real enough to compare, the windows record
 * what they were told. Only what src/ uses is here; what is missing fails loudly.
 */
export class Position {
  constructor(readonly line: number, readonly character: number) {}
  isEqual(other: Position): boolean {
    return this.line === other.line && this.character === other.character;
  }
}
export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(a: number | Position, b: number | Position, c?: number, d?: number) {
    this.start = a instanceof Position ? a : new Position(a, b as number);
    this.end = a instanceof Position ? (b as Position) : new Position(c ?? 0, d ?? 0);
  }
}
export class Selection extends Range {
  constructor(readonly anchor: Position, readonly active: Position) {
    super(anchor, active);
  }
  isEqual(other: Selection): boolean {
    return this.anchor.isEqual(other.anchor) && this.active.isEqual(other.active);
  }
}
export class Location {
  constructor(readonly uri: Uri, readonly range: Range) {}
}

export class Uri {
  private constructor(readonly scheme: string, readonly path: string, readonly query: string, readonly fragment = '') {}
  static from(parts: { scheme: string; path: string; query?: string }): Uri {
    return new Uri(parts.scheme, parts.path, parts.query ?? '');
  }
  static file(path: string): Uri {
    return new Uri('file', path, '');
  }
  static parse(text: string): Uri {
    const match = /^([\w-]+):(?:\/\/)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/.exec(text);
    if (match === null) throw new Error(`no address: ${text}`);
    const [, scheme = '', path = '', query = '', fragment = ''] = match;
    return new Uri(scheme, decodeURIComponent(path), decodeURIComponent(query), fragment);
  }
  with({ fragment }: { fragment: string }): Uri {
    return new Uri(this.scheme, this.path, this.query, fragment);
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    const path = this.path.split('/').map(encodeURIComponent).join('/');
    const query = this.query === '' ? '' : `?${encodeURIComponent(this.query)}`;
    return `${this.scheme}:${this.scheme === 'file' ? '//' : ''}${path}${query}${this.fragment === '' ? '' : `#${this.fragment}`}`;
  }
}

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of [...this.listeners]) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}
export class Disposable {
  constructor(private readonly act: () => unknown) {}
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
  dispose(): void {
    this.act();
  }
}
export class ThemeIcon {
  constructor(readonly id: string, readonly color?: ThemeColor) {}
}
export class ThemeColor {
  constructor(readonly id: string) {}
}
export class MarkdownString {
  value = '';
  supportThemeIcons = false;
  appendText(text: string): this {
    this.value += text;
    return this;
  }
  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }
  appendCodeblock(text: string, language = ''): this {
    this.value += `\n\`\`\`${language}\n${text}\n\`\`\`\n`;
    return this;
  }
}
export class TreeItem {
  id?: string;
  description?: string;
  contextValue?: string;
  iconPath?: ThemeIcon;
  tooltip?: unknown;
  command?: unknown;
  resourceUri?: Uri;
  constructor(readonly label: unknown, readonly collapsibleState = 0) {}
}
export class TabInputText {
  constructor(readonly uri: Uri) {}
}
export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const ViewColumn = { Beside: -2, One: 1 };
export const ProgressLocation = { Window: 10, Notification: 15 };
export const TextEditorRevealType = { Default: 0, InCenter: 1, InCenterIfOutsideViewport: 2, AtTop: 3 };
export const ConfigurationTarget = { Global: 1 };

/** What tests set and read. `reset()` before each. */
export const world = {
  trusted: true,
  configuration: new Map<string, unknown>(),
  editors: [] as Editor[],
  active: undefined as Editor | undefined,
  messages: [] as { kind: string; text: string; buttons: string[] }[],
  answers: [] as (string | undefined)[],
  executed: [] as { command: string; args: unknown[] }[],
  shown: [] as { uri: string; options: unknown }[],
  closed: [] as unknown[],
  tabs: [] as unknown[],
  panels: [] as Panel[],
  picks: [] as (string | undefined)[],
  quickPick: undefined as { title: string; items: unknown[]; activeItems: unknown[]; accept(): void } | undefined,
  tasks: [] as unknown[],
  clipboard: '',
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  statusItem: { text: '', tooltip: undefined as unknown, visible: false, command: '', backgroundColor: undefined as unknown },
};
export function reset(): void {
  world.trusted = true;
  world.configuration.clear();
  world.commands.clear();
  testing.reset();
  for (const list of [world.picks, world.tasks, world.editors, world.messages, world.answers, world.executed, world.shown, world.closed, world.tabs, world.panels]) {
    list.length = 0;
  }
  world.active = undefined;
}

export interface Editor {
  document: { uri: Uri; languageId: string; lineCount: number; getText(): string };
  selection: Selection;
  visibleRanges: Range[];
  viewColumn: number;
  decorations: Map<unknown, Range[]>;
  revealed: Range[];
  setDecorations(type: unknown, ranges: Range[]): void;
  revealRange(range: Range): void;
}
export function makeEditor(uri: Uri, viewColumn = 1): Editor {
  const editor: Editor = {
    document: { uri, languageId: 'wgsl', lineCount: 400, getText: () => '' },
    selection: new Selection(new Position(0, 0), new Position(0, 0)),
    visibleRanges: [new Range(0, 0, 40, 0)],
    viewColumn,
    decorations: new Map(),
    revealed: [],
    setDecorations: (type, ranges) => void editor.decorations.set(type, ranges),
    revealRange: (range) => void editor.revealed.push(range),
  };
  world.editors.push(editor);
  return editor;
}
export interface Panel {
  title: string;
  webview: { html: string; cspSource: string };
  reveal(): void;
  dispose(): void;
  onDidDispose(listener: () => void): Disposable;
}

export const events = {
  activeEditor: new EventEmitter<Editor | undefined>(),
  visibleEditors: new EventEmitter<Editor[]>(),
  selection: new EventEmitter<{ textEditor: Editor }>(),
  visibleRanges: new EventEmitter<{ textEditor: Editor }>(),
  configuration: new EventEmitter<{ affectsConfiguration(section: string): boolean }>(),
  changedDocument: new EventEmitter<unknown>(),
  openedDocument: new EventEmitter<unknown>(),
  closedDocument: new EventEmitter<{ uri: Uri }>(),
};

const message = (kind: string) => (text: string, ...buttons: string[]): Promise<string | undefined> => {
  world.messages.push({ kind, text, buttons });
  return Promise.resolve(world.answers.shift());
};

export const window = {
  get activeTextEditor(): Editor | undefined {
    return world.active;
  },
  get visibleTextEditors(): Editor[] {
    return world.editors;
  },
  onDidChangeActiveTextEditor: events.activeEditor.event,
  onDidChangeVisibleTextEditors: events.visibleEditors.event,
  onDidChangeTextEditorSelection: events.selection.event,
  onDidChangeTextEditorVisibleRanges: events.visibleRanges.event,
  showInformationMessage: message('info'),
  showWarningMessage: message('warning'),
  showErrorMessage: message('error'),
  showQuickPick: () => Promise.resolve(world.picks.shift()),
  createQuickPick: () => {
    const [accepted, hidden] = [new EventEmitter<void>(), new EventEmitter<void>()];
    const pick = {
      items: [] as unknown[], activeItems: [] as unknown[], selectedItems: [] as unknown[], value: '', title: '', buttons: [],
      onDidChangeValue: new EventEmitter<string>().event, onDidTriggerButton: new EventEmitter<void>().event,
      onDidAccept: accepted.event, onDidHide: hidden.event,
      accept() { pick.selectedItems = pick.activeItems; accepted.fire(undefined); },
      show() {}, hide() { hidden.fire(undefined); }, dispose() {},
    };
    world.quickPick = pick;
    return pick;
  },
  showOpenDialog: () => Promise.resolve(undefined),
  showTextDocument: (shown: { uri: Uri } | Uri, options: unknown) => {
    const uri = ('uri' in shown ? shown.uri : shown).toString();
    world.shown.push({ uri, options });
    return Promise.resolve(world.editors.find((editor) => editor.document.uri.toString() === uri));
  },
  createTextEditorDecorationType: (options: unknown) => ({ options, dispose() {} }),
  createTreeView: () => ({
    visible: true, badge: undefined, message: '', description: '',
    onDidChangeVisibility: new EventEmitter<void>().event, reveal: async () => undefined, dispose() {},
  }),
  createStatusBarItem: () => ({
    ...world.statusItem,
    set text(value: string) { world.statusItem.text = value; },
    set tooltip(value: unknown) { world.statusItem.tooltip = value; },
    set command(value: string) { world.statusItem.command = value; },
    set backgroundColor(value: unknown) { world.statusItem.backgroundColor = value; },
    show() { world.statusItem.visible = true; },
    hide() { world.statusItem.visible = false; },
    dispose() {},
  }),
  createWebviewPanel: (_type: string, title: string): Panel => {
    const panel: Panel = {
      title, webview: { html: '', cspSource: 'https://webview' }, reveal() {}, dispose() {},
      onDidDispose: () => new Disposable(() => undefined),
    };
    world.panels.push(panel);
    return panel;
  },
  withProgress: <T>(_options: unknown, task: (progress: unknown, token: unknown) => Promise<T>): Promise<T> =>
    task({ report() {} }, { isCancellationRequested: false, onCancellationRequested: () => new Disposable(() => 0) }),
  tabGroups: {
    get all() { return [{ tabs: world.tabs, viewColumn: 2 }]; },
    close: (tab: unknown) => { world.closed.push(tab); return Promise.resolve(true); },
  },
};

export const workspace = {
  get isTrusted(): boolean { return world.trusted; },
  workspaceFolders: undefined,
  textDocuments: [] as unknown[],
  getConfiguration: (section: string) => ({
    get: <T>(key: string, otherwise: T): T => (world.configuration.get(`${section}.${key}`) as T | undefined) ?? otherwise,
    update: (key: string, value: unknown) => Promise.resolve(world.configuration.set(`${section}.${key}`, value)),
  }),
  onDidChangeConfiguration: events.configuration.event,
  onDidChangeTextDocument: events.changedDocument.event,
  onDidOpenTextDocument: events.openedDocument.event,
  onDidCloseTextDocument: events.closedDocument.event,
  openTextDocument: (uri: Uri) => Promise.resolve({ uri, languageId: 'wgsl' }),
  registerTextDocumentContentProvider: () => new Disposable(() => undefined),
  asRelativePath: (uri: Uri) => uri.path.split('/').at(-1) ?? '',
};
export const languages = {
  changed: [] as { uri: Uri; language: string }[],
  getDiagnostics: () => [],
  setTextDocumentLanguage: (document: { uri: Uri }, language: string) => {
    languages.changed.push({ uri: document.uri, language });
    return Promise.resolve(document);
  },
};
export const commands = {
  registerCommand: (name: string, act: (...args: unknown[]) => unknown) => {
    world.commands.set(name, act);
    return new Disposable(() => world.commands.delete(name));
  },
  executeCommand: (command: string, ...args: unknown[]) => {
    world.executed.push({ command, args });
    return Promise.resolve(command === 'markdown.api.render' ? '<p>rendered</p>' : undefined);
  },
};
export const extensions = { getExtension: () => undefined };
export const env = {
  openExternal: () => Promise.resolve(true),
  clipboard: { writeText: (text: string) => Promise.resolve(void (world.clipboard = text)) },
};

export class TestMessage {
  constructor(readonly message: string) {}
}
export class TestCoverageCount {
  constructor(readonly covered: number, readonly total: number) {}
}
export class FileCoverage {
  constructor(readonly uri: Uri, readonly count: TestCoverageCount) {}
}
export class StatementCoverage {
  constructor(readonly executed: number, readonly location: Range) {}
}
export const TestRunProfileKind = { Run: 1, Debug: 2, Coverage: 3 };

class TestCollection {
  readonly all = new Map<string, TestItem>();
  get size(): number {
    return this.all.size;
  }
  keys(): Iterable<string> {
    return this.all.keys();
  }
  get(id: string): TestItem | undefined {
    return this.all.get(id);
  }
  add(item: TestItem): void {
    this.all.set(item.id, item);
  }
  delete(id: string): void {
    this.all.delete(id);
  }
  [Symbol.iterator](): Iterator<[string, TestItem]> {
    return [...this.all][Symbol.iterator]();
  }
  forEach(act: (item: TestItem) => void): void {
    for (const item of [...this.all.values()]) act(item);
  }
}
class TestItem {
  parent?: TestItem;
  canResolveChildren = false;
  description?: string;
  readonly children: TestCollection & { replace(items: TestItem[]): void };
  constructor(readonly id: string, readonly label: string, readonly uri: Uri) {
    this.children = Object.assign(new TestCollection(), {
      replace: (items: TestItem[]) => {
        this.children.all.clear();
        for (const item of items) {
          item.parent = this;
          this.children.add(item);
        }
      },
    });
  }
}
interface Profile {
  run(request: { include?: TestItem[] }): Promise<void>;
  loadDetailedCoverage?: (run: unknown, file: FileCoverage) => Promise<StatementCoverage[]>;
}
/** The Test Explorer, as far as it was told. */
export const testing = {
  items: new TestCollection(),
  profiles: new Map<string, Profile>(),
  said: [] as string[],
  output: [] as string[],
  coverage: [] as FileCoverage[],
  resolve: (_id: string): void => undefined,
  reset(): void {
    testing.items.all.clear();
    testing.profiles.clear();
    testing.said.length = testing.output.length = testing.coverage.length = 0;
  },
};
export const tests = {
  createTestController: () => {
    const controller = {
      items: testing.items,
      resolveHandler: undefined as ((item?: TestItem) => void) | undefined,
      createTestItem: (id: string, label: string, uri: Uri) => new TestItem(id, label, uri),
      createRunProfile: (label: string, _kind: number, act: (request: object, token: object) => Promise<void>) => {
        const profile: Profile = {
          run: (request) => act({ ...request, include: request.include }, { isCancellationRequested: false }),
        };
        testing.profiles.set(label, profile);
        return profile;
      },
      createTestRun: () => {
        const say = (what: string) => (item: TestItem, found?: TestMessage | number) =>
          void testing.said.push(`${item.label} ${what}${found instanceof TestMessage ? `: ${found.message}` : ''}`);
        return {
          enqueued() {}, started() {}, end() {}, appendOutput: (text: string) => void testing.output.push(text.trimEnd()),
          passed: say('passed'), failed: say('failed'), errored: say('errored'), skipped: say('skipped'),
          addCoverage: (file: FileCoverage) => void testing.coverage.push(file),
        };
      },
      dispose() {},
    };
    testing.resolve = (id) => controller.resolveHandler?.(testing.items.get(id));
    return controller;
  },
};
export class ShellExecution {
  constructor(readonly commandLine: string) {}
}
export class Task {
  constructor(readonly definition: unknown, readonly scope: unknown, readonly name: string, readonly source: string) {}
}
export const TaskScope = { Global: 1, Workspace: 2 };
export const tasks = {
  onDidEndTaskProcess: new EventEmitter<unknown>().event,
  executeTask: (task: Task) => Promise.resolve(world.tasks.push(task)),
};
export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 };
