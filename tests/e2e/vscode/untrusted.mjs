// A folder that its user does not trust: the machine's server checks, the workspace's own choice of a server is not
// taken, and nothing is run.
//   untrusted.mjs SCRATCH VSIX WORKSPACE SERVER_FOLDER ARTIFACTS
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { hands, openBrowser, startWorkbench, until } from './workbench.mjs';

const [scratch, vsix, workspace, serverFolder, artifacts] = process.argv.slice(2);
// The workspace names a program of its own as the server; it must never be started.
const trap = join(workspace, 'server.sh');
const sprung = join(workspace, 'was-run');
writeFileSync(trap, `#!/bin/sh\ntouch "${sprung}"\n`, { mode: 0o755 });
mkdirSync(join(workspace, '.vscode'));
writeFileSync(join(workspace, '.vscode/settings.json'), JSON.stringify({ 'wgsl.server.path': trap }));

const path = [serverFolder, process.env.PATH].join(delimiter);
const workbench = await startWorkbench({ scratch, vsix, path, trust: true });
const browser = await openBrowser(scratch);
const { page } = browser;
const hand = hands(page, artifacts);
let code = 0;
try {
  await page.goto(workbench.url(workspace));
  await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
  await hand.open('flash_attn.wgsl');
  await until('the active variant is named', 30_000, async () => (await hand.status()).includes('f32_d64'));
  await page.keyboard.press('F1');
  await page.keyboard.type('WGSL: ');
  await hand.rows.filter({ hasText: 'Explain this line' }).first().waitFor();
  assert.equal(await hand.rows.filter({ hasText: 'Smoke run' }).count(), 0);
  await hand.shot('restricted');
  assert.ok(!existsSync(sprung), "the workspace's own program was started");
  console.log('ok - checked, and nothing of the workspace was run');
} catch (error) {
  await hand.shot('failed');
  console.log(error.stack);
  code = 1;
}
await browser.close();
workbench.stop();
process.exit(code);
