// Runs inside the extension host of the real workbench, beside the packed extension and the stand-in server:
// what can be asked of the VS Code API is asked here, which is faster and sharper than looking at pixels.
const assert = require('node:assert/strict');
const vscode = require('vscode');

const tests = [];
const test = (name, act) => tests.push([name, act]);
const until = async (what, condition) => {
  const end = Date.now() + 15_000;
  let last;
  while (Date.now() < end) {
    last = await condition();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain until ${what}`);
};
const folder = () => vscode.workspace.workspaceFolders[0].uri;
const root = () => vscode.Uri.joinPath(folder(), 'flash_attn.wgsl');
const expanded = (variant) =>
  vscode.Uri.from({ scheme: 'wgsl-expanded', path: root().path, query: JSON.stringify({ variant, label: variant }) });
const open = async (uri, viewColumn = vscode.ViewColumn.One) =>
  vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { viewColumn, preview: false });
const editorOf = (uri) => vscode.window.visibleTextEditors.find((one) => one.document.uri.toString() === uri.toString());
const api = () => vscode.extensions.getExtension('wgsl-ls.wgsl-ls').exports;
const makeActive = (name) => vscode.commands.executeCommand('wgsl-ls.makeActive', { root: root().toString(), name });

test('opening a shader starts the server and names the active variant', async () => {
  await open(root());
  await until('the variants are known', () => api()?.model.current?.active === 'f32_d64');
  assert.equal(api().running, true);
  assert.equal(api().model.current.counts.total, 3);
});

test('inactive regions follow the active variant', async () => {
  const first = await until('regions', () => api().inactiveRegions(root()).map((region) => region.start.line));
  assert.ok(first.includes(7) && !first.includes(13));
  await makeActive('f16_d128_sinks');
  const second = await until('new regions', () => {
    const lines = api().inactiveRegions(root()).map((region) => region.start.line);
    return lines.includes(13) && lines;
  });
  assert.ok(!second.includes(7));
  await makeActive('f32_d64');
});

test('hover, lenses and diagnostics of the server arrive', async () => {
  const [hover] = await vscode.commands.executeCommand('vscode.executeHoverProvider', root(), new vscode.Position(20, 14));
  assert.match(hover.contents[0].value, /f16_d128_sinks \| f16/);
  const lenses = await vscode.commands.executeCommand('vscode.executeCodeLensProvider', root());
  assert.deepEqual(lenses.map((lens) => lens.command.command), ['wgsl.showVariants', 'wgsl.showExpansion', 'wgsl.smokeRun']);
});

test('the expansion opens beside, is live, and carries the mistake too', async () => {
  const editor = await open(root());
  await vscode.commands.executeCommand('wgsl-ls.showExpansion');
  const shown = await until('the expansion is shown', () => editorOf(expanded('f32_d64')));
  assert.equal(shown.document.languageId, 'wgsl');
  assert.match(shown.document.getText(), /var sum: f32 = 0\.0;/);
  assert.equal(shown.viewColumn, editor.viewColumn + 1);
  await editor.edit((edit) => edit.insert(new vscode.Position(20, 0), '    let broken = mistake;\n'));
  await until('the expansion has the edit', () => shown.document.getText().includes('let broken'));
  const place = await until('both have a diagnostic', () => {
    const [there] = vscode.languages.getDiagnostics(expanded('f32_d64'));
    const [here] = vscode.languages.getDiagnostics(root());
    return here && there && [here.range.start.line, shown.document.lineAt(there.range.start.line).text];
  });
  assert.deepEqual(place, [20, '    let broken = mistake;']);
});

test('a quick fix repairs the mistake', async () => {
  const range = vscode.languages.getDiagnostics(root())[0].range;
  const [fix] = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', root(), range);
  assert.match(fix.title, /Change 'mistake'/);
  await vscode.workspace.applyEdit(fix.edit);
  await until('the diagnostic is gone', () => vscode.languages.getDiagnostics(root()).length === 0);
  const { document } = await open(root());
  await vscode.commands.executeCommand('workbench.action.files.revert');
  await until('the file is as it was', () => !document.isDirty && !document.getText().includes('let broken'));
});

test('the cursor moves both ways between source and expansion', async () => {
  const source = await open(root());
  const other = await until('the expansion is shown', () => editorOf(expanded('f32_d64')));
  source.selection = new vscode.Selection(22, 8, 22, 8);
  const text = () => other.document.lineAt(other.selection.active.line).text;
  const line = await until('the expansion follows', () => text().includes('sum += f32(') && text()).catch((error) => {
    const at = source.document.lineAt(source.selection.active.line).text;
    const shown = vscode.window.visibleTextEditors.map((one) => one.document.uri.toString());
    throw new Error(`${error.message}: ${JSON.stringify([at, text(), vscode.window.activeTextEditor.document.uri, shown])}`);
  });
  assert.equal(line.trim(), 'sum += f32(q[id.x * 64 + d]);');
  await new Promise((resolve) => setTimeout(resolve, 400));
  const focused = await vscode.window.showTextDocument(other.document, { viewColumn: other.viewColumn });
  focused.selection = new vscode.Selection(0, 0, 0, 0);
  const first = other.document.lineAt(0).text;
  assert.match(first, /const SCALE_DIM/);
  const target = [...Array(other.document.lineCount).keys()].find((n) => other.document.lineAt(n).text.includes('fn main'));
  focused.selection = new vscode.Selection(target, 3, target, 3);
  await until('the source follows', () => source.document.lineAt(editorOf(root()).selection.active.line).text.includes('fn main'));
});

test('an expansion that was opened as the active one changes with the active variant', async () => {
  await open(root());
  await makeActive('f16_d64');
  await until('the other expansion is shown', () => editorOf(expanded('f16_d64')) && !editorOf(expanded('f32_d64')));
  await makeActive('f32_d64');
});

test('two variants are compared in the diff editor', async () => {
  await open(root());
  await vscode.commands.executeCommand('wgsl-ls.diffWithActive', { kind: 'variant', root: root().toString(), name: 'f16_d64' });
  const tab = await until('a diff is open', () => vscode.window.tabGroups.activeTabGroup.activeTab?.input instanceof vscode.TabInputTextDiff
    && vscode.window.tabGroups.activeTabGroup.activeTab);
  assert.equal(tab.label, 'f32_d64 ↔ f16_d64 (expanded)');
  assert.deepEqual([tab.input.original, tab.input.modified].map(String), [expanded('f32_d64'), expanded('f16_d64')].map(String));
});

test('pages are nothing to save and leave the cursor where it was', async () => {
  const editor = await open(root());
  for (const [command, name] of [['explainLine', 'line'], ['doctor', 'doctor'], ['statistics', 'statistics']]) {
    await vscode.commands.executeCommand(`wgsl-ls.${command}`);
    const tab = await until(`the page of ${command}`, () =>
      vscode.window.tabGroups.all.flatMap((group) => group.tabs).find((one) => one.label.includes(name)));
    assert.ok(!tab.isDirty && tab.group.viewColumn !== editor.viewColumn);
    assert.equal(vscode.window.activeTextEditor.document.uri.toString(), root().toString());
  }
});

test('tasks run the server that is running, and carry the problem matcher', async () => {
  await open(root());
  const tasks = await vscode.tasks.fetchTasks({ type: 'wgsl-ls' });
  assert.deepEqual(tasks.map(({ name }) => name).sort(), ['validate all shaders', 'validate flash_attn.wgsl']);
  const [task] = tasks;
  assert.ok(task.execution.process.endsWith('/wgsl-ls'));
  assert.deepEqual(task.execution.args.slice(0, 4), ['validate', '--format', 'gcc', '--']);
  assert.deepEqual(task.problemMatchers, ['$wgsl-ls']);
});

test('the server stops and starts by command', async () => {
  await open(root());
  await vscode.commands.executeCommand('wgsl-ls.stop');
  assert.equal(api().running, false);
  await vscode.commands.executeCommand('wgsl-ls.start');
  await until('the server runs again', () => api().running && api().model.current?.root === root().toString());
});

test('from the expansion one goes to the written line', async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  await open(root());
  await vscode.commands.executeCommand('wgsl-ls.showExpansion');
  const shown = await until('the expansion is shown', () => editorOf(expanded('f32_d64')));
  const target = [...Array(shown.document.lineCount).keys()].find((n) => shown.document.lineAt(n).text.includes('fn main'));
  const focused = await vscode.window.showTextDocument(shown.document, { viewColumn: shown.viewColumn });
  focused.selection = new vscode.Selection(target, 0, target, 0);
  await vscode.commands.executeCommand('wgsl-ls.showWritten');
  const { document, selection } = await until('the source has the focus', () =>
    vscode.window.activeTextEditor.document.uri.toString() === root().toString() && vscode.window.activeTextEditor);
  assert.match(document.lineAt(selection.active.line).text, /fn main/);
});

test('a smoke run gives its result and opens the report', async () => {
  const result = await vscode.commands.executeCommand('wgsl.smokeRun', { uri: root().toString(), variant: 'f32_d64' });
  assert.equal(result.ok, true);
  await until('the report is open', () =>
    vscode.window.tabGroups.all.some((group) => group.tabs.some((tab) => tab.label === 'Smoke run: f32_d64')));
});

test('fast typing leaves the expansion with exactly the typed text', async () => {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  const editor = await open(root());
  await vscode.commands.executeCommand('wgsl-ls.showExpansion');
  const shown = await until('the expansion is shown', () => editorOf(expanded('f32_d64')));
  const typed = '    let typed = a_rather_long_name_that_is_typed_fast;';
  await editor.edit((edit) => edit.insert(new vscode.Position(20, 0), '\n'));
  for (let column = 0; column < typed.length; column += 1) {
    await editor.edit((edit) => edit.insert(new vscode.Position(20, column), typed[column]));
  }
  const line = () => shown.document.getText().split('\n').find((text) => text.includes('let typed'));
  await until('the last character is there', () => line()?.includes('fast;'));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.equal(line(), typed);
  await vscode.window.showTextDocument(editor.document, { viewColumn: vscode.ViewColumn.One });
  await vscode.commands.executeCommand('workbench.action.files.revert');
});

test('a template that holds WGSL becomes WGSL', async () => {
  const editor = await open(vscode.Uri.joinPath(folder(), 'decls.tmpl'));
  await until('the language is known', () => vscode.window.activeTextEditor.document.languageId === 'wgsl');
  assert.ok(editor.document.uri.path.endsWith('.tmpl'));
});

test('every contributed command is registered, and no other', async () => {
  const { contributes } = vscode.extensions.getExtension('wgsl-ls.wgsl-ls').packageJSON;
  const known = new Set((await vscode.commands.getCommands(true)).filter((name) => name.startsWith('wgsl-ls.')));
  const missing = contributes.commands.map(({ command }) => command).filter((command) => !known.has(command));
  assert.deepEqual(missing, []);
});

test('a restart ends in a running server with the same answers', async () => {
  await open(root());
  await vscode.commands.executeCommand('wgsl-ls.restart');
  await until('the server runs again', () => api().running && api().model.current?.root === root().toString());
});

exports.run = async () => {
  let failures = 0;
  for (const [name, act] of tests) {
    try {
      await act();
      console.log(`ok - ${name}`);
    } catch (error) {
      failures += 1;
      console.log(`not ok - ${name}\n${error.stack}`);
    }
  }
  if (failures > 0) throw new Error(`${failures} of ${tests.length} failed`);
};
