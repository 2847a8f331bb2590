/**
 * Makes a private virtual environment and installs the server into it. Only called after the user said yes.
 *
 * A new environment is built beside the one in use and takes its place only when its server runs, so a failure leaves
 * what worked. Which one is in use stands in the file `current`, because an environment cannot be moved.
 * Every command and its output go to the log; a failure is one sentence that names the step that failed.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import * as path from 'node:path';
import { executableNames, scriptsFolder } from './discover';

export interface InstallOptions {
  /** The folder of the extension's own that holds the environments. */
  home: string;
  /** What pip is asked for: the path of a wheel, perhaps with parts in brackets, or a requirement. */
  requirement: string;
  /** Interpreters to try, best first. */
  interpreters: string[];
  windows: boolean;
  log: (line: string) => void;
  progress: (message: string) => void;
  signal: AbortSignal;
}

export class InstallError extends Error {}

const OLDEST_PYTHON: readonly [number, number] = [3, 11];
const POINTER = 'current';
const PREFIX = 'server-';
/** The path of a wheel, and perhaps parts in brackets. */
const WHEEL = /^(.*\.whl)(\[[\w,-]*\])?$/;

/** `current`: what was asked for is there already, and nothing was done. */
export async function install(options: InstallOptions): Promise<'installed' | 'current'> {
  const { home } = options;
  await fs.mkdir(home, { recursive: true });
  const identity = await identityOf(options.requirement);
  const before = await privateEnvironment(home);
  if (identity !== undefined && before !== undefined && path.basename(before) === PREFIX + identity
    && (await runs(options, before))) return 'current';
  options.progress('looking for Python');
  const python = await findPython(options);
  options.log(`using ${python}`);
  options.progress('making the virtual environment');
  // The one in use is never built over, even when it is broken.
  const name = identity === undefined || before?.endsWith(identity) ? randomUUID().slice(0, 8) : identity;
  const folder = path.join(home, PREFIX + name);
  try {
    await fs.rm(folder, { recursive: true, force: true });
    await mustRun(options, 'making the virtual environment', python, ['-I', '-m', 'venv', folder]);
    const inside = path.join(scriptsFolder(folder, options.windows), options.windows ? 'python.exe' : 'python');
    options.progress('installing the server and the compilers');
    // It takes minutes on a slow line: what pip is at is said as it goes.
    const told = { ...options, log: (line: string) => {
      options.log(line);
      const step = pipStep(line);
      if (step !== undefined) options.progress(step);
    } };
    const pip = ['-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
    const pinned = await pinnedBeside(options.requirement);
    if (pinned !== undefined) {
      await mustRun(told, 'installing what the server needs', inside, [...pip, '--require-hashes', '-r', pinned]);
      pip.push('--no-deps');
    }
    await mustRun(told, `installing ${options.requirement}`, inside, [...pip, options.requirement]);
    options.progress('starting it for the first time');
    if (!(await runs(options, folder))) throw new InstallError('Failed: the installed server does not start.');
  } catch (error) {
    await fs.rm(folder, { recursive: true, force: true });
    throw error;
  }
  await pointTo(home, path.basename(folder));
  return 'installed';
}

/** What a line of pip's says for a person: "downloading numpy (16.6 MB)". */
export function pipStep(line: string): string | undefined {
  const [, name, size] = /^\s*Downloading (?:\S+\/)?([\w.]+?)-\d\S* \(([^)]+)\)/.exec(line) ?? [];
  if (name !== undefined) return `downloading ${name} (${size})`;
  const [, wanted] = /^\s*Collecting ([\w.-]+)/.exec(line) ?? [];
  if (wanted !== undefined) return `looking for ${wanted}`;
  return /^\s*Installing collected packages/.test(line) ? 'unpacking what was downloaded' : undefined;
}

/** The environment in use; undefined when there is none. */
export async function privateEnvironment(home: string): Promise<string | undefined> {
  const name = (await fs.readFile(path.join(home, POINTER), 'utf8').catch(() => '')).trim();
  return name.startsWith(PREFIX) && path.basename(name) === name ? path.join(home, name) : undefined;
}

/** Takes away every environment but the one in use; what is still open stays until the next time. */
export async function removeOthers(home: string): Promise<void> {
  const used = await privateEnvironment(home);
  for (const name of await fs.readdir(home).catch(() => [] as string[])) {
    if (name.startsWith(PREFIX) && path.join(home, name) !== used) {
      await fs.rm(path.join(home, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

/** The wheel that the extension carries, if it was packed with one. */
export async function carriedWheel(extension: string): Promise<string | undefined> {
  const folder = path.join(extension, 'out', 'server');
  const names = await fs.readdir(folder).catch(() => [] as string[]);
  const wheel = names.find((name) => name.endsWith('.whl'));
  return wheel === undefined ? undefined : path.join(folder, wheel);
}

/** The list of versions and hashes that lies beside a wheel, for everything that the wheel needs. */
async function pinnedBeside(requirement: string): Promise<string | undefined> {
  const [, wheel = ''] = WHEEL.exec(requirement) ?? [];
  const list = path.join(path.dirname(wheel), 'requirements.txt');
  return wheel !== '' && (await fs.stat(list).catch(() => undefined))?.isFile() ? list : undefined;
}

/** The version that a wheel's name says. */
export function wheelVersion(wheel: string): string | undefined {
  return /^wgsl_ls-([^-]+)-/.exec(path.basename(wheel))?.[1];
}

/** Stands for the content of a wheel and the parts asked for; undefined for a requirement, which may change any day. */
async function identityOf(requirement: string): Promise<string | undefined> {
  const [, file = '', parts = ''] = WHEEL.exec(requirement) ?? [];
  if (file === '') return undefined;
  const content = await fs.readFile(file).catch(() => undefined);
  if (content === undefined) return undefined;
  const pinned = await pinnedBeside(requirement);
  const list = pinned === undefined ? '' : await fs.readFile(pinned);
  return createHash('sha256').update(content).update(parts).update(list).digest('hex').slice(0, 16);
}

async function pointTo(home: string, name: string): Promise<void> {
  const beside = path.join(home, `${POINTER}.${randomUUID()}`);
  await fs.writeFile(beside, `${name}\n`);
  await fs.rename(beside, path.join(home, POINTER));
}

async function runs(options: InstallOptions, environment: string): Promise<boolean> {
  for (const name of executableNames(options.windows)) {
    const result = await run(path.join(scriptsFolder(environment, options.windows), name), ['--version'], options.home, options.signal);
    if (result.code === 0) return true;
    options.log(`${name} --version: ${result.problem ?? `exit ${result.code}`}`);
  }
  return false;
}

export async function findPython(
  options: Pick<InstallOptions, 'interpreters' | 'log' | 'signal'> & { home: string },
): Promise<string> {
  const seen: string[] = [];
  for (const interpreter of options.interpreters) {
    const result = await run(interpreter, ['-I', '-c', 'import sys; print(*sys.version_info[:2])'], options.home, options.signal);
    if (result.code !== 0) {
      options.log(`${interpreter}: ${result.problem ?? `exit ${result.code}`}`);
      continue;
    }
    const [major = 0, minor = 0] = result.output.trim().split(/\s+/).map(Number);
    if (major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1])) return interpreter;
    seen.push(`${interpreter} is ${major}.${minor}`);
    options.log(`${interpreter}: Python ${major}.${minor} is too old`);
  }
  const found = seen.length > 0 ? ` (${seen.join(', ')})` : '';
  throw new InstallError(
    `Python ${OLDEST_PYTHON.join('.')} or newer was not found${found}. ` +
      'Install it, or name one in the setting wgsl.server.python.',
  );
}

async function mustRun(options: InstallOptions, step: string, command: string, args: string[]): Promise<void> {
  options.log(`> ${command} ${args.join(' ')}`);
  const result = await run(command, args, options.home, options.signal, options.log);
  if (options.signal.aborted) throw new InstallError('The installation was cancelled.');
  if (result.code !== 0) {
    const last = result.output.trim().split('\n').at(-1) ?? '';
    throw new InstallError(`Failed while ${step}: ${result.problem ?? (last || `exit ${result.code}`)}`);
  }
}

interface Outcome {
  code: number;
  output: string;
  problem?: string;
}

/**
 * The current folder may be a workspace's, from which Windows starts programs and Python imports modules (`-I` keeps it
 * from that): everything runs in a folder of the extension's own.
 */
function run(
  command: string, args: string[], cwd: string, signal: AbortSignal, log?: (line: string) => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { cwd, signal, windowsHide: true });
    const take = (chunk: Buffer): void => {
      const text = chunk.toString();
      output += text;
      if (log !== undefined) for (const line of text.trimEnd().split('\n')) log(line);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => resolve({ code: -1, output, problem: error.message }));
    child.on('close', (code) => resolve({ code: code ?? -1, output }));
  });
}
