import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { FakeServer } from './fakeServer';
import { Uri, reset, world } from './vscode';
import { discover, expandVariables } from '../src/server/discover';
import {
  InstallError, carriedWheel, findPython, install, pipStep, privateEnvironment, removeOthers, wheelVersion,
} from '../src/server/install';
import { Launcher } from '../src/server/launch';

const scratch = mkdtempSync(join(tmpdir(), 'wgsl-ls-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

function folder(): string {
  return mkdtempSync(join(scratch, 'one-'));
}

function program(...parts: string[]): string {
  const file = join(folder(), ...parts);
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

/**
 * Stands for Python and, once an environment is "made", for its pip and for the server, whose version is the content of
 * the wheel. `fail`: pip refuses; `dead`: the installed server does not start.
 */
function standIn(kind: 'works' | 'fail' | 'dead'): string {
  const python = program('python3');
  writeFileSync(python, `#!/bin/sh
[ "$1" = -I ] && [ "$PWD" != "${process.cwd()}" ] || exit 9
case "$2" in
  -c) echo 3 12;;
  -m) if [ "$3" = venv ]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"
      elif [ ${kind} = fail ]; then echo "ERROR: no such package" >&2; exit 1
      else for last; do :; done; here=$(dirname "$0")
        printf '#!/bin/sh\n[ ${kind} = works ] && echo "wgsl-ls %s"\n' "$(cat "\${last%%[*}")" > "$here/wgsl-ls"
        chmod +x "$here/wgsl-ls"; fi;;
esac
`);
  chmodSync(python, 0o755);
  return python;
}

function wheelOf(content: string): string {
  const wheel = join(folder(), `wgsl_ls-${content}-py3-none-any.whl`);
  writeFileSync(wheel, content);
  return wheel;
}

async function serverIn(home: string): Promise<string | undefined> {
  const found = (await discover({ ...nowhere, privateFolder: await privateEnvironment(home) })).found;
  return found === undefined ? undefined : execFileSync(found.command, ['--version'], { encoding: 'utf8' }).trim();
}

test('what pip is at is said as it goes', () => {
  const said = (line: string) => pipStep(line);
  assert.equal(said('Collecting numpy>=1.26 (from wgsl-ls==0.1.0)'), 'looking for numpy');
  assert.equal(said('  Downloading numpy-2.4.1-cp311-manylinux_x86_64.whl (16.6 MB)'), 'downloading numpy (16.6 MB)');
  assert.equal(said('  Downloading http://host/simple/tree_sitter-0.26.0-cp311.whl (647 kB)'), 'downloading tree_sitter (647 kB)');
  assert.equal(said('Installing collected packages: numpy, wgpu'), 'unpacking what was downloaded');
  assert.equal(said('Requirement already satisfied: pip'), undefined);
});

test('a failing installation names its step and leaves nothing that looks like a server', async () => {
  const home = folder();
  const lines: string[] = [];
  const options = { ...quiet, home, requirement: wheelOf('1'), log: (line: string) => lines.push(line) };
  await assert.rejects(install({ ...options, interpreters: [standIn('fail')] }), /Failed while installing .*: ERROR: no such package/);
  await assert.rejects(install({ ...options, interpreters: [standIn('dead')] }), /does not start/);
  assert.equal(await serverIn(home), undefined);
  assert.deepEqual(readdirSync(home), []);
  assert.ok(lines.some((line) => line.startsWith('> ') && line.includes('-I -m pip install')));
});

test('what a carried wheel needs is installed by the list beside it, with hashes, and nothing else', async () => {
  const home = folder();
  const wheel = wheelOf('1.0');
  const lines: string[] = [];
  const options = { ...quiet, home, requirement: `${wheel}[dawn,smoke]`, interpreters: [standIn('works')], log: (line: string) => { lines.push(line); } };
  const list = join(dirname(wheel), 'requirements.txt');
  writeFileSync(list, 'numpy==1.0 --hash=sha256:00\n');
  assert.equal(await install(options), 'installed');
  const asked = lines.filter((line) => line.includes(' -m pip install '));
  assert.deepEqual(asked.map((line) => line.replace(/^.* --progress-bar off /, '')), [
    `--require-hashes -r ${list}`, `--no-deps ${wheel}[dawn,smoke]`,
  ]);
  assert.equal(await install(options), 'current');
  writeFileSync(list, 'numpy==1.1 --hash=sha256:00\n');
  assert.equal(await install(options), 'installed');
});

test('a newer server is built beside the one in use, which stays until that one runs', async () => {
  const home = folder();
  const [first, second] = [wheelOf('1.0'), wheelOf('2.0')];
  const asked = (wheel: string, kind: 'works' | 'fail' | 'dead') =>
    install({ ...quiet, home, requirement: `${wheel}[dawn,smoke]`, interpreters: [standIn(kind)] });
  assert.equal(await asked(first, 'works'), 'installed');
  assert.equal(await serverIn(home), 'wgsl-ls 1.0');
  for (const kind of ['fail', 'dead'] as const) {
    await assert.rejects(asked(second, kind));
    assert.equal(await serverIn(home), 'wgsl-ls 1.0');
  }
  assert.equal(await asked(first, 'fail'), 'current');  // nothing runs
  assert.equal(await asked(second, 'works'), 'installed');
  assert.equal(await serverIn(home), 'wgsl-ls 2.0');
  await removeOthers(home);
  assert.equal(readdirSync(home).length, 2);
  assert.equal(await serverIn(home), 'wgsl-ls 2.0');
  // Broken by hand: what is asked for is made again, and not over it.
  const broken = (await privateEnvironment(home)) ?? '';
  rmSync(join(broken, 'bin', 'wgsl-ls'));
  assert.equal(await asked(second, 'works'), 'installed');
  assert.notEqual(await privateEnvironment(home), broken);
  assert.equal(await serverIn(home), 'wgsl-ls 2.0');
});

test('it is said which server runs, when it is not the one that was installed', async () => {
  const [home, wheel] = [folder(), wheelOf('1.2')];
  reset();
  world.configuration.set('wgsl.server.python', standIn('works'));
  world.configuration.set('wgsl.server.package', wheel);
  const server = new FakeServer();
  const launcher = new Launcher(server.real, Uri.file(home) as never, folder());
  const said = () => world.messages.splice(0).map(({ text }) => text);
  await launcher.installPrivately();
  const used = 'The one that runs is /bin/wgsl-ls, which comes first: see wgsl.server.path.';
  assert.deepEqual(said(), [`wgsl-ls is installed. ${used}`]);
  await launcher.installPrivately();
  assert.deepEqual(said(), [`The WGSL language server of this extension is installed and current. ${used}`]);
  const own = await privateEnvironment(join(home, 'server'));
  Object.assign(server, { program: join(own ?? '', 'bin', 'wgsl-ls') });
  await launcher.installPrivately();
  assert.deepEqual(said(), ['The WGSL language server of this extension is installed and current.']);
  writeFileSync(wheel, '1.3');
  Object.assign(server, { start: (found: { command: string }) => Promise.resolve(Object.assign(server, { program: found.command })) });
  const path = process.env['PATH'];
  process.env['PATH'] = '/usr/bin:/bin';
  await launcher.installPrivately();
  process.env['PATH'] = path;
  assert.deepEqual(said(), ['wgsl-ls is installed and running.']);
});

test('the extension knows the wheel that it carries', async () => {
  const extension = folder();
  assert.equal(await carriedWheel(extension), undefined);
  mkdirSync(join(extension, 'out', 'server'), { recursive: true });
  writeFileSync(join(extension, 'out', 'server', 'wgsl_ls-0.3.1-py3-none-any.whl'), '');
  const wheel = await carriedWheel(extension);
  assert.equal(wheelVersion(wheel ?? ''), '0.3.1');
});
