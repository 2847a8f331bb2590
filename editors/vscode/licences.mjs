// What the bundle holds of others, with their licences: each package, its version and the text it asks to be kept.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What may be bundled: these ask for their text to be kept, and for nothing else. */
export const PERMISSIVE = new Set(['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0']);

/** `metafile`: esbuild's. Throws for a package whose licence is not known or not PERMISSIVE. */
export function bundledLicences(metafile) {
  const folders = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const [, folder] = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((one) => /^(licen[cs]e|copying)/i.test(one));
    if (!PERMISSIVE.has(license)) throw new Error(`${name} ${version} has the licence '${license}', which is not one of ${[...PERMISSIVE].join(', ')}`);
    if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} ${version} comes without the text of its licence`);
    return { name, version, license, text: readFileSync(join(folder, file), 'utf8').trim() };
  });
}

export function asText(licences) {
  const parts = licences.map(({ name, version, license, text }) => `${name} ${version} (${license})\n\n${text}\n`);
  return `This extension contains, besides its own code:\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
