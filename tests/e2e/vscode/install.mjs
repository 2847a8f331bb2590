// A machine without the server: the extension says so, offers to install the one that it carries, does that after a
// click, and works. Asked again it is current; what fails leaves what works; one of another version is said and replaced.
//   install.mjs SCRATCH VSIX WORKSPACE ARTIFACTS OLDER_WHEEL
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { hands, openBrowser, startWorkbench, until } from './workbench.mjs';

const [scratch, vsix, workspace, artifacts, olderWheel] = process.argv.slice(2);
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
  /** The one environment that is there, and the wheel that pip put into it. */
  const installed = () => {
    const environments = readdirSync(folder).filter((name) => name.startsWith('server-'));
    assert.deepEqual(environments, [readFileSync(join(folder, 'current'), 'utf8').trim()]);
    const [python] = readdirSync(join(folder, environments[0], 'lib'));
    const packages = join(folder, environments[0], 'lib', python, 'site-packages');
    const own = readdirSync(packages).find((name) => /^wgsl_ls-.*dist-info$/.test(name));
    return { environment: environments[0], wheel: JSON.parse(readFileSync(join(packages, own, 'direct_url.json'), 'utf8')).url };
  };
  const told = (words) => page.locator('.notification-toast', { hasText: words }).first();
  const works = () => until('it works', 60_000, async () => /plain.*162/s.test(await hand.status()));
  const update = async (words) => {
    await hand.command('Notifications: Clear All Notifications');
    await hand.command('WGSL: Install or update the server for VS Code only');
    await told(words).waitFor({ timeout: 240_000 });
  };
  const first = installed();
  assert.match(first.wheel, /extensions\/wgsl-ls\.wgsl-ls-[^/]*\/out\/server\/wgsl_ls-[^/]*\.whl$/, 'of the extension, of no index');
  console.log('ok - offered, agreed, installed from the wheel that the extension carries, running');

  await update('installed and current');
  assert.deepEqual(installed(), first);
  await hand.shot('04-current');
  console.log('ok - asked again it is current');

  workbench.configure({ 'wgsl.server.package': join(scratch, 'wgsl_ls-9.9.9-py3-none-any.whl') });
  await update(/Failed while installing.*The server that is running goes on/s);
  await hand.shot('05-failed-and-goes-on');
  assert.deepEqual(installed(), first);
  await works();
  console.log('ok - a failure leaves the server that works');

  workbench.configure({ 'wgsl.server.package': `${olderWheel}[dawn,smoke]` });
  await update('installed and running');
  const differs = told(/server is 0\.0\.9, and this extension was made for/);
  await hand.shot('06-differs');
  await differs.waitFor();
  const second = installed();
  assert.notEqual(second.environment, first.environment);
  assert.ok(second.wheel.endsWith(olderWheel));
  workbench.configure({});
  await page.waitForTimeout(1000);
  await differs.getByText('Install the extension’s own').click();
  await told('Installing the WGSL language server').waitFor();
  await works();
  await until("it is the extension's again", 240_000, () => installed().wheel === first.wheel);
  await works();
  await hand.shot('07-own-again');
  console.log('ok - one of another version is said, and replaced after a click');
} catch (error) {
  await hand.shot('failed');
  console.log(error.stack);
  code = 1;
}
await browser.close();
workbench.stop();
process.exit(code);
