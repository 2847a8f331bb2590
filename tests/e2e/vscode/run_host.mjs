// Runs host/index.js inside the workbench's extension host.
//   run_host.mjs SCRATCH VSIX WORKSPACE SERVER_FOLDER ARTIFACTS
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBrowser, startWorkbench } from './workbench.mjs';

const [scratch, vsix, workspace, serverFolder, artifacts] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const workbench = await startWorkbench({
  scratch,
  vsix,
  path: [serverFolder, process.env.PATH].join(delimiter),
  options: ['--vscode-option', 'enable-smoke-test-driver'],
});
const remote = (path) => `vscode-remote://127.0.0.1:${workbench.port}${path}`;
const browser = await openBrowser(scratch);
let code = 1;
try {
  const exit = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no end after two minutes')), 120_000).unref();
    void browser.page.exposeFunction('codeAutomationExit', resolve);
  });
  await browser.page.exposeFunction('codeAutomationLog', (_kind, args) => {
    const text = args.map(String).join(' ');
    // The workbench's own complaints (about native modules that are not built) are not ours.
    if (/^(not )?ok - /.test(text)) console.log(text);
  });
  const payload = [
    ['extensionDevelopmentPath', remote(join(here, 'host'))],
    ['extensionTestsPath', remote(join(here, 'host/index.js'))],
  ];
  await browser.page.goto(workbench.url(workspace, payload));
  code = await exit;
} catch (error) {
  console.log(error.stack);
} finally {
  await browser.page.screenshot({ path: join(artifacts, 'last.png') });
  await browser.close();
  workbench.stop();
}
process.exit(code);
