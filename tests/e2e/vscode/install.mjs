// A machine without the server: the extension says so, offers to install the one that it carries, does that after a
// click, and works.
//   install.mjs SCRATCH VSIX WORKSPACE ARTIFACTS
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { hands, openBrowser, startWorkbench, until } from './workbench.mjs';

const [scratch, vsix, workspace, artifacts] = process.argv.slice(2);
// Without any folder that has a wgsl-ls.
const path = process.env.PATH.split(delimiter).filter((folder) => !existsSync(join(folder, 'wgsl-ls'))).join(delimiter);
const workbench = await startWorkbench({ scratch, vsix, path });
const browser = await openBrowser(scratch);
const { page } = browser;
const hand = hands(page, artifacts);
let code = 0;
try {
  await page.goto(workbench.url(workspace));
  await page.locator('.explorer-viewlet .monaco-list-row').first().waitFor();
  await hand.open('flash_attn_tile.wgsl');
  const offer = page.locator('.notification-toast', { hasText: 'was not found' });
  await offer.waitFor();
  await hand.shot('01-offer');
  const folder = /(\/\S+\/server)/.exec((await offer.innerText()).replaceAll('\n', ''))?.[1];
  assert.ok(!existsSync(join(dirname(folder), 'server')), 'nothing is installed before the answer');
  await offer.getByText('Install it for VS Code only').click();
  await page.locator('.notification-toast', { hasText: 'Installing' }).waitFor();
  await page.waitForTimeout(1500);
  await hand.shot('02-progress');
  const outcome = page.locator('.notification-toast', { hasText: /installed and running|Failed/ });
  await outcome.waitFor({ timeout: 240_000 });
  assert.match(await outcome.innerText(), /installed and running/);
  await until('the active variant is named', 60_000, async () => (await hand.status()).includes('plain'));
  await hand.shot('03-running');
  console.log('ok - offered, agreed, installed, running');
} catch (error) {
  await hand.shot('failed');
  console.log(error.stack);
  code = 1;
}
await browser.close();
workbench.stop();
process.exit(code);
