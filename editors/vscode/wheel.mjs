// Builds the server's wheel, which the extension carries: its "Install" button then needs no name on any index for it,
// and takes what the wheel needs in the versions, and with the hashes, that CI is run with.
//   PYTHON   the interpreter that builds (default: python3; 3.11 or newer with pip)
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';

const folder = 'out/server';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const built = spawnSync(
  process.env.PYTHON ?? 'python3',
  ['-I', '-m', 'pip', 'wheel', '--quiet', '--disable-pip-version-check', '--no-deps', '--wheel-dir', folder, '../..'],
  { stdio: 'inherit' },
);
const wheels = readdirSync(folder).filter((name) => name.endsWith('.whl'));
if (built.status !== 0 || wheels.length !== 1) {
  console.error('wheel.mjs: the wheel of the server was not built');
  process.exit(1);
}
cpSync('../../.ci/requirements-user.txt', `${folder}/requirements.txt`);
