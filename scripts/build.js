// Builds `cosem` and its packages, each into a folder of its own, and puts these into the places of their `dist`: all or none, and
// whoever runs from there goes on. The compiler checks and makes declarations, the bundler the code.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.js';
import { leadToSources } from './declarations.js';
import { replaceFolder } from './replace-folder.js';
import { entriesOf, packages } from './workspace.js';

const root = resolve(import.meta.dirname, '..');
const NEW = '.new-';

const compiler = join(dirname(fileURLToPath(import.meta.resolve('typescript/package.json'))), 'bin/tsc');
const members = packages(root);
const targets = [root, ...members].map((folder) => {
  const dist = join(folder, 'dist');
  return { folder, dist, built: join(dist, `${NEW}${process.pid}`) };
});
const [main, ...added] = targets;
const began = Date.now();
process.stderr.write(`building cosem and ${members.length === 1 ? 'its package' : 'its packages'}: some 30 s … `);
try {
  let status = compile(['-p', join(root, 'tsconfig.build.json'), '--outDir', main.built], main);
  for (const target of added) {
    if (status !== 0) break;
    const config = memberConfig(target);
    status = compile(['-p', config], target);
    rmSync(config);
  }
  if (status === 0) {
    for (const { folder, built } of targets) {
      leadToSources(folder, built);
      await bundle(folder, built);
    }
    for (const { dist, built } of targets) {
      for (const name of readdirSync(dist)) if (isLeftOver(name)) rmSync(join(dist, name), { recursive: true });
      replaceFolder(built, dist, (name) => name.startsWith(NEW));
    }
    process.stderr.write(`done in ${((Date.now() - began) / 1000).toFixed(0)} s\n`);
  } else process.stderr.write('it failed; dist is as it was\n');
  process.exitCode = status ?? 1;
} finally {
  for (const { built } of targets) rmSync(built, { recursive: true, force: true });
}

function compile(args, { built }) {
  mkdirSync(built, { recursive: true });
  return spawnSync(process.execPath, [compiler, '--emitDeclarationOnly', ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  }).status;
}

/** A package sees of `cosem` what was built of it just now: its entries, as they will be installed. */
function memberConfig({ folder, built }) {
  mkdirSync(built, { recursive: true });
  const paths = entriesOf(root).map(([entry, { types }]) => [entry, [join(main.built, types.replace('./dist/', ''))]]);
  const file = join(built, 'tsconfig.json');
  const compilerOptions = {
    ...{ noEmit: false, rootDir: folder, outDir: built, paths: Object.fromEntries(paths) },
    ...{ declarationMap: true, stripInternal: true },
  };
  const include = ['src', 'bin'].map((name) => join(folder, name));
  writeFileSync(file, JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include }));
  return file;
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
