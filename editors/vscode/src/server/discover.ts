/**
 * Where the server is. The order is: the setting, `wgsl-ls` on PATH, beside the Python extension's interpreter,
 * the private virtual environment. Nothing is run here: a candidate is a file that exists. In a workspace that is
 * not trusted only the machine's own places count, because an interpreter chosen by the workspace may be its file.
 */
import { promises as fs } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

export type Place = 'setting' | 'path' | 'python-extension' | 'private';

export interface Found {
  command: string;
  place: Place;
}

export interface Surroundings {
  /** `wgsl.server.path`; empty when not set. */
  configured: string;
  /** The environment's PATH. */
  searchPath: string;
  /** The interpreter that the Python extension has chosen, if it is there. */
  interpreter: string | undefined;
  /** The extension's own virtual environment, if it has made one. */
  privateFolder: string | undefined;
  trusted: boolean;
  workspaceFolders: readonly string[];
  windows: boolean;
}

export interface Discovery {
  found: Found | undefined;
  /** One line per place that was looked at, for the log and for the message to the user. */
  tried: string[];
}

export async function discover(around: Surroundings): Promise<Discovery> {
  const tried: string[] = [];
  const attempt = async (place: Place, command: string, label: string): Promise<Found | undefined> => {
    const there = await isFile(command);
    tried.push(`${label}: ${command}${there ? '' : ' (not there)'}`);
    return there ? { command, place } : undefined;
  };

  if (around.configured !== '') {
    // A setting that points nowhere is an error to show, not a reason to start some other server.
    const command = expandVariables(around.configured, around.workspaceFolders[0]);
    if (!path.isAbsolute(command)) {
      tried.push(`setting wgsl.server.path: ${command} (not an absolute path)`);
      return { found: undefined, tried };
    }
    return { found: await attempt('setting', command, 'setting wgsl.server.path'), tried };
  }
  for (const name of executableNames(around.windows)) {
    for (const folder of around.searchPath.split(path.delimiter)) {
      if (folder === '' || !path.isAbsolute(folder)) continue;
      if (!around.trusted && around.workspaceFolders.some((workspace) => isInside(folder, workspace))) {
        tried.push(`PATH: ${folder} not searched, the workspace is not trusted`);
        continue;
      }
      const command = path.join(folder, name);
      if (await isFile(command)) return { found: await attempt('path', command, 'PATH'), tried };
    }
  }
  tried.push('PATH: no wgsl-ls');
  if (around.interpreter === undefined) {
    tried.push('Python extension: no interpreter');
  } else if (!around.trusted) {
    tried.push('Python extension: not asked, the workspace is not trusted');
  } else {
    for (const name of executableNames(around.windows)) {
      const beside = path.join(path.dirname(around.interpreter), name);
      const found = await attempt('python-extension', beside, 'Python extension');
      if (found !== undefined) return { found, tried };
    }
  }
  if (around.privateFolder === undefined) {
    tried.push('private environment: none');
    return { found: undefined, tried };
  }
  for (const name of executableNames(around.windows)) {
    const command = path.join(scriptsFolder(around.privateFolder, around.windows), name);
    const found = await attempt('private', command, 'private environment');
    if (found !== undefined) return { found, tried };
  }
  return { found: undefined, tried };
}

function isInside(folder: string, outer: string): boolean {
  const relative = path.relative(outer, folder);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

export function scriptsFolder(environment: string, windows: boolean): string {
  return path.join(environment, windows ? 'Scripts' : 'bin');
}

export function executableNames(windows: boolean): string[] {
  return windows ? ['wgsl-ls.exe', 'wgsl-ls.cmd'] : ['wgsl-ls'];
}

export function expandVariables(value: string, workspaceFolder: string | undefined): string {
  const home = os.homedir();
  return value
    .replace(/^~(?=$|[\\/])/, home)
    .replaceAll('${userHome}', home)
    .replaceAll('${workspaceFolder}', workspaceFolder ?? '');
}

async function isFile(name: string): Promise<boolean> {
  try {
    return (await fs.stat(name)).isFile();
  } catch {
    return false;
  }
}
