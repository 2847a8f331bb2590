// The Dawn of npm's package `webgpu`, for dawn_node.py: `node dawn_node.mjs FOLDER_OF_THE_PACKAGE TOGGLES`.
// One line of JSON in, one out, marked, since native code may print, too. The first line out is the hello.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const MARK = '\u0001wgsl-ls ';
const [folder, toggles] = process.argv.slice(2);
console.log = console.error;

const say = (message) => process.stdout.write(MARK + JSON.stringify(message) + '\n');

/** A device of the backend that runs nothing, with everything that its adapter has. */
async function opened(create, moreToggles) {
  const gpu = create(['backend=null', `enable-dawn-features=${[toggles, ...moreToggles].join(',')}`]);
  const adapter = await gpu.requestAdapter();
  const limits = {};
  for (const name in adapter.limits) if (typeof adapter.limits[name] === 'number') limits[name] = adapter.limits[name];
  const device = await adapter.requestDevice({ requiredFeatures: [...adapter.features], requiredLimits: limits });
  const slot = { gpu, adapter, device, limits, module: null, lost: '' };
  device.lost.then((told) => (slot.lost = `the device is lost: ${told.reason} ${told.message}`));
  return slot;
}

async function scoped(slot, make) {
  slot.device.pushErrorScope('internal');
  slot.device.pushErrorScope('validation');
  const made = make();
  const error = (await slot.device.popErrorScope()) ?? (await slot.device.popErrorScope());
  if (slot.lost) return { lost: slot.lost };
  return { made, error: error ? error.message : '' };
}

async function answer(slots, asked) {
  const slot = slots[asked.device];
  if (asked.kind === 'pipeline') {
    const compute = { module: slot.module, entryPoint: asked.entry, constants: asked.constants };
    const { lost, error } = await scoped(slot, () => slot.device.createComputePipeline({ layout: 'auto', compute }));
    return lost ? { lost } : { error };
  }
  const { lost, made, error } = await scoped(slot, () => slot.device.createShaderModule({ code: asked.text }));
  if (lost) return { lost };
  slot.module = made;
  const { messages } = await made.getCompilationInfo();
  return {
    error,
    messages: messages.map((one) => [one.type, one.lineNum ? one.offset : -1, one.length, one.message]),
  };
}

try {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { create, globals } = await import(pathToFileURL(join(folder, 'index.js')));
  Object.assign(globalThis, globals);
  const slots = [await opened(create, []), await opened(create, ['skip_validation'])];
  const [{ adapter, device, limits, gpu }] = slots;
  say({
    version: `webgpu ${version} (npm), node ${process.version}`,
    adapter: adapter.info.description || adapter.info.device,
    features: [...device.features].sort(),
    limits,
    language: [...gpu.wgslLanguageFeatures].sort(),
  });
  for await (const line of createInterface({ input: process.stdin })) say(await answer(slots, JSON.parse(line)));
  process.exit(0);
} catch (error) {
  say({ unavailable: `${error?.message ?? error}` });
  process.exit(0);
}
