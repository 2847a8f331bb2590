// The real VS Code workbench in a real browser: starts its server with the packed extension installed, opens a
// folder, and offers the few gestures that a story needs. Every run has folders of its own and leaves no process.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';

const tools = process.env.WGSL_EDITOR_TOOLS;
const { chromium } = createRequire(join(tools, 'vscode/'))('playwright-core');
const CODE_SERVER = join(tools, 'vscode/node_modules/code-server/out/node/entry.js');
const NODE = join(tools, 'bin/node');

/** Without this module, which is compiled where a compiler is, the workbench shows no log. */
export const showsLogs = existsSync(
  join(tools, 'vscode/node_modules/code-server/lib/vscode/node_modules/@vscode/spdlog/build/Release/spdlog.node'),
);

const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'workbench.colorTheme': 'Default Dark Modern',
  'window.commandCenter': false,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'editor.minimap.enabled': false,
  'git.enabled': false,
  'remote.autoForwardPorts': false,
  // A browser saves by itself unless told otherwise; a desktop does not.
  'files.autoSave': 'off',
  'security.workspace.trust.enabled': false,
};

export async function startWorkbench({ scratch, vsix, path, settings = {}, trust = false, options = [] }) {
  const data = join(scratch, 'data');
  const extensions = join(scratch, 'extensions');
  for (const scope of ['User', 'Machine']) mkdirSync(join(data, scope), { recursive: true });
  mkdirSync(extensions, { recursive: true });
  const seeded = { ...SETTINGS, ...(trust ? { 'security.workspace.trust.enabled': true } : {}), ...settings };
  // Settings of scope "machine" are read from the second file, all others from either.
  for (const scope of ['User', 'Machine']) {
    writeFileSync(join(data, scope, 'settings.json'), JSON.stringify(seeded, null, 2));
  }
  const config = join(scratch, 'code-server.yaml');
  writeFileSync(config, 'auth: none\n');
  const env = { ...process.env, PATH: path, EXTENSIONS_GALLERY: '{}', HOME: scratch, WGSL_LS_CACHE: join(scratch, 'cache') };
  delete env.VSCODE_IPC_HOOK_CLI;
  // A home of its own must not hide the machine's choice of package index.
  const pip = ['.config/pip/pip.conf', '.pip/pip.conf'].map((name) => join(homedir(), name)).find(existsSync);
  if (pip !== undefined && env.PIP_CONFIG_FILE === undefined) env.PIP_CONFIG_FILE = pip;
  // The extension host takes its PATH from a login shell, as a desktop's VS Code does.
  for (const name of ['.profile', '.bash_profile']) writeFileSync(join(scratch, name), `export PATH='${path}'\n`);
  const common = ['--config', config, '--user-data-dir', data, '--extensions-dir', extensions];
  if (vsix !== undefined) {
    const install = spawnSync(NODE, [CODE_SERVER, ...common, '--install-extension', vsix], { env, encoding: 'utf8' });
    if (install.status !== 0) throw new Error(`installing ${vsix}: ${install.stdout}${install.stderr}`);
  }
  const port = await freePort();
  const args = [
    CODE_SERVER, ...common, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry',
    '--disable-update-check', '--disable-getting-started-override', '--disable-proxy',
    '--reconnection-grace-time', '5', '-e', ...(trust ? [] : ['--disable-workspace-trust']), ...options,
  ];
  const child = spawn(NODE, args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  child.stdout.on('data', (chunk) => log.push(chunk.toString()));
  child.stderr.on('data', (chunk) => log.push(chunk.toString()));
  await until('the workbench server answers', 30_000, async () => {
    if (child.exitCode !== null) throw new Error(`code-server ended: ${log.join('')}`);
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
  });
  const stop = () => {
    try {
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // it has ended by itself
    }
  };
  // Its process group is its own, so it outlives us unless we end it.
  process.once('SIGTERM', () => {
    stop();
    process.exit(143);
  });
  /** As a person does in the settings: these are in force besides those of the start. */
  const configure = (more) => {
    for (const scope of ['User', 'Machine']) {
      writeFileSync(join(data, scope, 'settings.json'), JSON.stringify({ ...seeded, ...more }, null, 2));
    }
  };
  return {
    port,
    configure,
    url: (folder, payload) =>
      `http://127.0.0.1:${port}/?folder=${encodeURI(folder)}` +
      (payload === undefined ? '' : `&payload=${encodeURIComponent(JSON.stringify(payload))}`),
    log: () => log.join(''),
    stop,
  };
}

export async function openBrowser(scratch, viewport = { width: 1440, height: 900 }) {
  const context = await chromium.launchPersistentContext(join(scratch, 'browser'), {
    executablePath: '/usr/bin/chromium',
    headless: true,
    viewport,
    args: [
      '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync',
      '--disable-component-update', '--disable-quic', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(30_000);
  // The first page brings the whole workbench.
  page.setDefaultNavigationTimeout(120_000);
  return { page, close: () => context.close() };
}

/** The gestures of a person at the keyboard. */
export function hands(page, pictures) {
  const keyboard = page.keyboard;
  const rows = page.locator('.quick-input-list .monaco-list-row');
  const hand = {
    async shot(name) {
      await page.waitForTimeout(250);
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    },
    async command(title) {
      await keyboard.press('F1');
      await page.locator('.quick-input-widget input').first().waitFor();
      await keyboard.type(title, { delay: 5 });
      await rows.filter({ hasText: title }).first().waitFor();
      await keyboard.press('Enter');
    },
    async open(file) {
      const asked = page.locator('.quick-input-widget input').first();
      // A page that is still loading takes no keys.
      await until('a file can be asked for', 30_000, async () => {
        await keyboard.press('Escape');
        await keyboard.press('Control+P');
        await asked.waitFor({ timeout: 3_000 });
        return true;
      });
      await keyboard.type(file, { delay: 5 });
      // Until the list is filtered, its first row is what was open last.
      await until('it is the first row', 30_000, async () => (await rows.first().innerText()).includes(file));
      await keyboard.press('Enter');
      await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
      await page.locator('.tab.active', { hasText: file.split('/').at(-1) }).first().waitFor();
      await page.locator('.editor-group-container .view-line').first().waitFor();
    },
    async goto(line, column = 1) {
      await keyboard.press('Control+G');
      const input = page.locator('.quick-input-widget input').first();
      await input.waitFor();
      await input.fill(`:${line}:${column}`);
      await keyboard.press('Enter');
      await page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
    },
    async pick(text) {
      await rows.filter({ hasText: text }).first().waitFor();
      await keyboard.type(text, { delay: 5 });
      await page.waitForTimeout(300);
      await keyboard.press('Enter');
    },
    rows,
    /** Clicks into an editor, so that the keyboard goes to it. Not by a locator: that would scroll the wide text. */
    async focus(group = 0) {
      const box = await page.locator('.editor-group-container').nth(group).boundingBox();
      await page.mouse.click(box.x + 250, box.y + 200);
    },
    editor: (index = 0) => page.locator('.editor-group-container').nth(index).locator('.monaco-editor').first(),
    status: () => page.locator('#wgsl-ls\\.wgsl-ls\\.wgsl-ls\\.variant, [id*="wgsl-ls.variant"]').first().innerText(),
    /** Texts of the visible lines of an editor group that are painted fainter than `opacity`. */
    dimmed: (group = 0) =>
      page.evaluate((index) => {
        const editor = document.querySelectorAll('.editor-group-container')[index];
        return [...editor.querySelectorAll('.view-line')]
          .filter((line) => [...line.querySelectorAll('span span')].some((part) => Number(getComputedStyle(part).opacity) < 0.95))
          .map((line) => line.textContent.replaceAll('\u00a0', ' ').trim());
      }, group),
    /** By text, the colours in which a visible line of the first group is painted. */
    colours: (text) =>
      page.evaluate((part) => {
        const line = [...document.querySelectorAll('.editor-group-container .view-line')]
          .find((one) => one.textContent.replaceAll('\u00a0', ' ').includes(part));
        return [...new Set([...line.querySelectorAll('span span')].map((one) => getComputedStyle(one).color))];
      }, text),
    lines: (group = 0) =>
      page.evaluate((index) => {
        const editor = document.querySelectorAll('.editor-group-container')[index];
        return [...editor.querySelectorAll('.view-line')]
          .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
          .map((line) => line.textContent.replaceAll('\u00a0', ' '))
          // Inlay hints are part of a line's text here: "let sum: f32 = 0.0;".
          .map((line) => line.replace(/\b(let|var) (\w+): ?[\w<>, ]+? =/, '$1 $2 ='));
      }, group),
    cursor: () => page.locator('#status\\.editor\\.selection').innerText(),
  };
  return hand;
}

export async function until(what, milliseconds, condition) {
  const end = Date.now() + milliseconds;
  let last = '';
  while (Date.now() < end) {
    try {
      const value = await condition();
      if (value) return value;
      last = JSON.stringify(value);
    } catch (error) {
      if (error.message.startsWith('code-server ended')) throw error;
      last = error.message;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited ${milliseconds / 1000} s in vain until ${what}; last: ${last}`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
