// Bundles the extension and copies in what other folders own: the grammars and the licence. Beside the bundle lie the
// licences of what is in it. With --tests it bundles the unit tests, against a stand-in for the `vscode` module, and
// runs them.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { asText, bundledLicences } from './licences.mjs';

const shared = { bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'warning' };

if (process.argv.includes('--tests')) {
  rmSync('out/test', { recursive: true, force: true });
  const entryPoints = readdirSync('test').filter((name) => name.endsWith('.test.ts')).map((name) => `test/${name}`);
  await build({
    ...shared, entryPoints, outdir: 'out/test', sourcemap: 'inline', alias: { vscode: './test/vscode.ts' },
    // The language client reads the real `vscode` at load time; its place is taken by the few names we use.
    plugins: [{ name: 'language-client', setup: ({ onResolve }) => onResolve(
      { filter: /^vscode-languageclient\/node$/ }, () => ({ path: process.cwd() + '/test/languageClient.ts' })) }],
  });
  // Named one by one: Node knows patterns since 21, and not every shell replaces them.
  const files = entryPoints.map((name) => `out/${name.replace(/\.ts$/, '.js')}`);
  process.exit(spawnSync(process.execPath, ['--test', '--enable-source-maps', ...files], { stdio: 'inherit' }).status ?? 1);
} else {
  const { metafile } = await build({
    ...shared, entryPoints: ['src/extension.ts'], outfile: 'out/extension.js', external: ['vscode'], metafile: true,
    minify: process.argv.includes('--minify'), sourcemap: process.argv.includes('--minify') ? false : 'linked',
  });
  writeFileSync('out/third-party.txt', asText(bundledLicences(metafile)));
  const grammars = '../../grammars';
  rmSync('out/grammars', { recursive: true, force: true });
  mkdirSync('out/grammars', { recursive: true });
  for (const name of readdirSync(grammars).filter((file) => /^(?:.*\.tmLanguage|language-configuration)\.json$/.test(file))) {
    cpSync(`${grammars}/${name}`, `out/grammars/${name}`);
  }
  cpSync('../../wgsl_ls/project/wgsl-ls.schema.json', 'out/wgsl-ls.schema.json');
  if (existsSync('../../LICENSE')) cpSync('../../LICENSE', 'LICENSE');
}
