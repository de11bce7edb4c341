/**
 * Packs the project, installs the tarball in an empty one and uses it as a stranger would: imports every entry, compiles against the
 * types, runs the command.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'cosem-package-'));

function run(command, args, cwd) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

try {
  run('npm', ['pack', '--silent', '--pack-destination', work], root);
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  if (!tarball) throw new Error('npm pack made no tarball');

  const project = join(work, 'project');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', join(work, tarball)], project);

  const entries = Object.keys(manifest.exports)
    .filter((key) => key !== './package.json')
    .map((key) => manifest.name + key.slice(1));
  for (const entry of entries) {
    const names = run(
      'node',
      ['-e', `import('${entry}').then((m) => console.log(Object.keys(m).length))`],
      project,
    ).trim();
    if (Number(names) === 0) throw new Error(`${entry} exports nothing`);
    console.log(`${entry}: ${names} exports`);
  }

  // One file that imports every entry, compiled without the Node types for the isomorphic ones.
  const compile = (file, imported, types) => {
    writeFileSync(join(project, file), imported.map((entry, i) => `export * as e${i} from '${entry}';\n`).join(''));
    const flags = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2023'];
    const libs = ['--lib', 'es2023,dom,esnext.disposable', '--types', types];
    run('node', [join(root, 'node_modules/typescript/bin/tsc'), ...flags, ...libs, file], project);
    console.log(`types of ${imported.join(', ')} hold`);
  };
  const isomorphic = entries.filter((entry) => !entry.endsWith('/node'));
  compile('isomorphic.ts', isomorphic, '');

  const version = run(join(project, 'node_modules/.bin/cosem'), ['--version'], project).trim();
  if (version !== manifest.version) throw new Error(`cosem --version says ${version}, not ${manifest.version}`);
  const help = run(join(project, 'node_modules/.bin/cosem'), ['--help'], project);
  if (!help.includes('simulate')) throw new Error('cosem --help does not list its commands');
  console.log('the command runs');
} finally {
  rmSync(work, { recursive: true, force: true });
}
