// Builds into a folder of its own and puts that into the place of `dist`: whoever runs from there goes on.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { executable, replaceFolder } from './replace-folder.js';

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist');
const NEW = '.new-';

const compiler = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
const built = join(dist, `${NEW}${process.pid}`);
const began = Date.now();
process.stderr.write('building cosem into dist: some 20 s … ');
try {
  mkdirSync(built, { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [compiler, '-p', join(root, 'tsconfig.build.json'), '--outDir', built],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (status === 0) {
    executable(join(built, 'bin/cosem.js'));
    for (const name of readdirSync(dist)) if (isLeftOver(name)) rmSync(join(dist, name), { recursive: true });
    replaceFolder(built, dist, (name) => name.startsWith(NEW));
    process.stderr.write(`done in ${((Date.now() - began) / 1000).toFixed(0)} s\n`);
  } else process.stderr.write('it failed; dist is as it was\n');
  process.exitCode = status ?? 1;
} finally {
  rmSync(built, { recursive: true, force: true });
}

/** A folder of a build that was killed. */
function isLeftOver(name) {
  const pid = name.startsWith(NEW) ? Number(name.slice(NEW.length)) : Number.NaN;
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
