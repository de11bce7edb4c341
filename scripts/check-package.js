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
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    console.error(error.stdout);
    throw new Error(`${command} ${args.join(' ')} failed`);
  }
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

  // The types hold in a strict project; those of the isomorphic entries without Node's types, as in a browser project.
  const isomorphic = entries.filter((entry) => !/\/(node|commissioning)$/.test(entry));
  writeFileSync(
    join(project, 'uses.ts'),
    isomorphic.map((entry, i) => `export * as e${i} from '${entry}';\n`).join(''),
  );
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: false, types: [] },
    ...{ module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom', 'esnext.disposable'] },
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['uses.ts'] }));
  run('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], project);
  console.log(`types of ${isomorphic.join(', ')} hold`);

  const version = run(join(project, 'node_modules/.bin/cosem'), ['--version'], project).trim();
  if (version !== manifest.version) throw new Error(`cosem --version says ${version}, not ${manifest.version}`);
  const help = run(join(project, 'node_modules/.bin/cosem'), ['--help'], project);
  if (!help.includes('simulate')) throw new Error('cosem --help does not list its commands');
  console.log('the command runs');
} finally {
  rmSync(work, { recursive: true, force: true });
}
