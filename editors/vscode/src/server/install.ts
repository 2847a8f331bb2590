/**
 * Makes the private virtual environment and installs the server into it. Only called after the user said yes.
 * Every command and its output go to the log; a failure is one sentence that names the step that failed.
 */
import { spawn } from 'node:child_process';
import { promises as fs } from 'node:fs';
import * as path from 'node:path';
import { scriptsFolder } from './discover';

export interface InstallOptions {
  folder: string;
  /** What pip is asked for: a requirement or the path of a wheel. */
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

export async function install(options: InstallOptions): Promise<void> {
  options.progress('looking for Python');
  const home = path.dirname(options.folder);
  await fs.mkdir(home, { recursive: true });
  const python = await findPython({ ...options, home });
  options.log(`using ${python}`);
  options.progress('making the virtual environment');
  await fs.rm(options.folder, { recursive: true, force: true });
  try {
    await mustRun(options, 'making the virtual environment', python, ['-I', '-m', 'venv', options.folder]);
    const inside = path.join(scriptsFolder(options.folder, options.windows), options.windows ? 'python.exe' : 'python');
    options.progress(`downloading ${options.requirement}`);
    await mustRun(options, `installing ${options.requirement}`, inside, [
      '-I', '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', options.requirement,
    ]);
  } catch (error) {
    // Half an environment would be found as a server at the next start.
    await fs.rm(options.folder, { recursive: true, force: true });
    throw error;
  }
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
  const result = await run(command, args, path.dirname(options.folder), options.signal, options.log);
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
