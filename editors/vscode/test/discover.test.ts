import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { discover, expandVariables } from '../src/server/discover';
import { InstallError, findPython, install } from '../src/server/install';

function program(...parts: string[]): string {
  const file = join(mkdtempSync(join(tmpdir(), 'wgsl-ls-')), ...parts);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

const nowhere = {
  configured: '', searchPath: '', interpreter: undefined, privateFolder: '/does/not/exist', trusted: true,
  workspaceFolders: [], windows: false,
};

test('the setting comes first, and when it names nothing no other server is started', async () => {
  const configured = program('bin', 'wgsl-ls');
  const searchPath = dirname(program('wgsl-ls'));
  assert.deepEqual((await discover({ ...nowhere, configured, searchPath })).found, { command: configured, place: 'setting' });
  const missing = await discover({ ...nowhere, configured: '/nowhere/wgsl-ls', searchPath });
  assert.equal(missing.found, undefined);
  assert.match(missing.tried.join('\n'), /nowhere\/wgsl-ls \(not there\)/);
});

test('PATH is searched in order, and relative entries are passed over', async () => {
  const second = program('wgsl-ls');
  const searchPath = ['.', '', '/nowhere', dirname(second)].join(delimiter);
  assert.deepEqual((await discover({ ...nowhere, searchPath })).found, { command: second, place: 'path' });
});

test('a relative path in the setting would be searched in the current folder: it is refused', async () => {
  const discovery = await discover({ ...nowhere, configured: 'package.json' });
  assert.equal(discovery.found, undefined);
  assert.match(discovery.tried.join('\n'), /not an absolute path/);
});

test('folders of an untrusted workspace on PATH are passed over', async () => {
  const server = program('inside', 'bin', 'wgsl-ls');
  const searchPath = dirname(server);
  const workspaceFolders = ['/elsewhere', dirname(dirname(searchPath))];
  assert.equal((await discover({ ...nowhere, searchPath, workspaceFolders })).found?.place, 'path');
  const untrusted = await discover({ ...nowhere, searchPath, workspaceFolders, trusted: false });
  assert.equal(untrusted.found, undefined);
  assert.match(untrusted.tried.join('\n'), /not trusted/);
});

test('the interpreter of the Python extension counts only in a trusted workspace', async () => {
  const server = program('venv', 'bin', 'wgsl-ls');
  const interpreter = join(dirname(server), 'python');
  assert.equal((await discover({ ...nowhere, interpreter })).found?.place, 'python-extension');
  const untrusted = await discover({ ...nowhere, interpreter, trusted: false });
  assert.equal(untrusted.found, undefined);
  assert.match(untrusted.tried.join('\n'), /not trusted/);
});

test('the private environment comes last', async () => {
  const server = program('server', 'bin', 'wgsl-ls');
  const found = (await discover({ ...nowhere, privateFolder: dirname(dirname(server)) })).found;
  assert.deepEqual(found, { command: server, place: 'private' });
});

test('settings may name the home and the workspace folder', () => {
  assert.equal(expandVariables('~/bin/wgsl-ls', undefined), `${homedir()}/bin/wgsl-ls`);
  assert.equal(expandVariables('${workspaceFolder}/.venv/bin/wgsl-ls', '/w'), '/w/.venv/bin/wgsl-ls');
});

const quiet = { home: tmpdir(), log: () => undefined, progress: () => undefined, signal: new AbortController().signal, windows: false };

test('an old Python is passed over and named when there is no other', async () => {
  const old = program('python3.9');
  writeFileSync(old, '#!/bin/sh\necho 3 9\n');
  const young = program('python3.12');
  writeFileSync(young, '#!/bin/sh\necho 3 12\n');
  assert.equal(await findPython({ ...quiet, interpreters: ['/nowhere/python', old, young] }), young);
  await assert.rejects(findPython({ ...quiet, interpreters: [old] }), (error: Error) => {
    assert.ok(error instanceof InstallError);
    assert.match(error.message, /3\.11 or newer was not found .*python3\.9 is 3\.9/);
    return true;
  });
});

test('a failing installation names its step and leaves nothing that looks like a server', async () => {
  const python = program('python3');
  const folder = join(dirname(python), 'environment');
  // Stands for Python and, once "made", for the environment's pip, which fails.
  writeFileSync(python, `#!/bin/sh
[ "$1" = -I ] && [ "$PWD" != "${process.cwd()}" ] || exit 9
case "$2" in
  -c) echo 3 12;;
  -m) if [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; touch "$4/bin/wgsl-ls"
      else echo "ERROR: no such package" >&2; exit 1; fi;;
esac
`);
  const lines: string[] = [];
  const attempt = install({ ...quiet, folder, requirement: 'wgsl-ls', interpreters: [python], log: (line) => lines.push(line) });
  await assert.rejects(attempt, /Failed while installing wgsl-ls: ERROR: no such package/);
  assert.equal((await discover({ ...nowhere, privateFolder: folder })).found, undefined);
  assert.ok(lines.some((line) => line.startsWith('> ') && line.includes('-I -m pip install')));
});
