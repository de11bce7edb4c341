/**
 * Packs `cosem` and its packages and uses the tarballs as a stranger would: alone and together, local, global and by npx; imports every entry,
 * compiles against the types, runs the command. Measures what `cosem` alone puts down.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { entriesOf, manifestOf, packages } from './workspace.js';

/** Of `cosem` alone, optional dependencies included. */
const MOST_OCTETS = 15_000_000;
const MOST_PACKAGES = 40;
/** Files that are read, packages included, and what none of them may be of, before anything is done. */
const STARTS = [
  { what: "import 'cosem'", most: 50, never: /^node:|@noble|yaml|zod|serialport|hono/, code: "import 'cosem'" },
  {
    what: "import 'cosem/node'",
    most: 60,
    never: /@noble|yaml|zod|node_modules\/@?serialport|hono|libsql/,
    code: "import 'cosem/node'",
  },
  {
    what: 'cosem --help',
    most: 40,
    never: /@noble|yaml|zod|serialport|hono|libsql|crc|commissioning|cosem-pki|peculiar|reflect-metadata/,
    args: ['--help'],
  },
];

/** Tells which modules are loaded, one a line. */
const TELLS = `
import { register } from 'node:module';
const hooks = 'export async function resolve(name, context, next) { const found = await next(name, context); process._rawDebug("loads " + found.url); return found; }';
register('data:text/javascript,' + encodeURIComponent(hooks));
`;

const root = resolve(import.meta.dirname, '..');
const members = packages(root);
const { name: main, version } = manifestOf(root);
const work = mkdtempSync(join(tmpdir(), 'cosem-package-'));
const bin = (tool) => join(root, 'node_modules/.bin', tool);
const QUIET = ['--silent', '--no-audit', '--no-fund', '--prefer-offline'];

try {
  const tarballs = pack();
  lint(tarballs);
  const alone = project('alone', [tarballs[0]]);
  measure(alone);
  checkMaps(join(alone, 'node_modules', main));
  importAll(alone, entriesOf(root));
  checkStarts(alone);
  checkTypes(alone, entriesOf(root));
  checkCommand(join(alone, 'node_modules/.bin/cosem'));
  checkMissing(join(alone, 'node_modules/.bin/cosem'));
  const bare = project('bare', [tarballs[0]], '--omit=optional');
  checkWithoutSerial(join(bare, 'node_modules/.bin/cosem'));
  const together = project('together', tarballs);
  for (const member of members) checkMaps(join(together, 'node_modules', manifestOf(member).name));
  const entries = [root, ...members].flatMap(entriesOf);
  checkOneCopy(join(together, 'node_modules'));
  importAll(together, entries);
  checkTypes(together, entries);
  checkAdded('local', join(together, 'node_modules/.bin/cosem'));
  checkGlobal(tarballs);
  checkNpx(tarballs);
  checkPublish();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function run(command, args, cwd = work, env = process.env) {
  try {
    return execFileSync(command, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    console.error(error.stdout, error.stderr);
    throw new Error(`${command} ${args.join(' ')} failed`);
  }
}

function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** The tarballs, that of `cosem` first. Packing it builds them all. */
function pack() {
  return [root, ...members].map((folder) => {
    const { name, version: own } = manifestOf(folder);
    must(own === version, `${name} has version ${own}, cosem ${version}`);
    run('npm', ['pack', '--silent', '--pack-destination', work], folder);
    const file = join(work, `${name}-${own}.tgz`);
    must(existsSync(file), `npm pack made no ${file}`);
    return file;
  });
}

function lint(tarballs) {
  for (const tarball of tarballs) {
    run(bin('publint'), ['run', tarball, '--strict']);
    run(bin('attw'), [tarball, '--profile', 'esm-only']);
  }
  console.log('publint and attw have nothing to say');
}

function project(name, tarballs, ...options) {
  const folder = join(work, name);
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  run('npm', ['install', ...QUIET, ...options, ...tarballs], folder);
  return folder;
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Folders below node_modules that are packages, nested ones too, by name. */
function installed(modules) {
  return filesIn(modules)
    .filter((file) => /[/\\]node_modules[/\\](@[^/\\]+[/\\])?[^/\\]+[/\\]package\.json$/.test(file))
    .map((file) => manifestOf(join(file, '..')).name);
}

function measure(folder) {
  const modules = join(folder, 'node_modules');
  const octets = filesIn(modules).reduce((sum, file) => sum + lstatSync(file).size, 0);
  const count = installed(modules).length;
  console.log(`${main} alone: ${count} packages, ${(octets / 1e6).toFixed(1)} MB`);
  must(count <= MOST_PACKAGES, `${main} alone installs ${count} packages, more than ${MOST_PACKAGES}`);
  must(octets <= MOST_OCTETS, `${main} alone takes ${octets} octets, more than ${MOST_OCTETS}`);
}

/** An editor goes from a name to its source: the maps of the declarations lead to files that are in the package. */
function checkMaps(folder) {
  const declarations = filesIn(folder).filter((file) => file.endsWith('.d.ts'));
  for (const file of declarations) {
    const { sources } = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
    for (const source of sources)
      must(existsSync(join(file, '..', source)), `${file}: its source ${source} is missing`);
  }
  must(declarations.length > 0, `${folder} has no declarations`);
  console.log(`${declarations.length} declarations lead to their sources`);
}

/** What starts reads few files, and nothing that it does not need. */
function checkStarts(folder) {
  const tells = ['--import', `data:text/javascript,${encodeURIComponent(TELLS)}`];
  for (const { what, most, never, code, args } of STARTS) {
    const program =
      code === undefined
        ? [join(folder, 'node_modules', main, manifestOf(root).bin[main]), ...args]
        : ['--input-type=module', '-e', code];
    const { status, stderr } = spawnSync('node', [...tells, ...program], { cwd: folder, encoding: 'utf8' });
    must(status === 0, `${what}: ${stderr}`);
    const found = new Set([...stderr.matchAll(/^loads (.*)$/gm)].map(([, url]) => url));
    const files = [...found].filter((url) => !url.startsWith('node:'));
    console.log(`${what} loads ${files.length} files`);
    must(files.length > 1, `${what}: nothing tells what is loaded`);
    must(files.length <= most, `${what} loads ${files.length} files, more than ${most}`);
    const early = [...found].filter((url) => never.test(url.replace(/^file:.*?\/node_modules\//, 'node_modules/')));
    must(early.length === 0, `${what} loads what it does not need: ${early.join(', ')}`);
  }
}

function importAll(folder, entries) {
  const names = entries.map(([entry]) => entry);
  const code = `for (const entry of ${JSON.stringify(names)}) console.log(entry, Object.keys(await import(entry)).length)`;
  for (const line of run('node', ['--input-type=module', '-e', code], folder).trim().split('\n')) {
    must(!line.endsWith(' 0'), `${line}: it exports nothing`);
    console.log(`${line} exports`);
  }
}

/** The types hold in a strict project; those of the isomorphic entries without Node's types, as in a browser project. */
function checkTypes(folder, entries) {
  const needsNode = (entry) => /^cosem-|\/(node|http|command)$/.test(entry);
  const groups = [
    { name: 'browser', types: [], names: entries.map(([entry]) => entry).filter((entry) => !needsNode(entry)) },
    { name: 'node', types: ['node'], names: entries.map(([entry]) => entry) },
  ];
  for (const { name, types, names } of groups) {
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: false, types, typeRoots: [join(root, 'node_modules/@types')] },
      ...{ module: 'nodenext', target: 'es2023', lib: ['es2023', 'dom', 'esnext.disposable'] },
    };
    writeFileSync(join(folder, `${name}.ts`), names.map((entry, i) => `export * as e${i} from '${entry}';\n`).join(''));
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ compilerOptions, files: [`${name}.ts`] }));
    run('node', [join(root, 'node_modules/typescript/bin/tsc'), '-p', `${name}.json`], folder);
    console.log(`types of ${names.join(', ')} hold (${name})`);
  }
}

function checkCommand(command) {
  const said = run(command, ['--version']).trim();
  must(said === version, `cosem --version says ${said}, not ${version}`);
  must(run(command, ['--help']).includes('simulate'), 'cosem --help does not list its commands');
  console.log('the command runs');
}

function checkMissing(command) {
  const lines = {
    'cosem-commissioning': [
      ['commission', '--help'],
      ['help', 'commission'],
      ['verify', 'x'],
      ['simulate', '--verification-service'],
    ],
    'cosem-pki': [['pki'], ['pki', 'show', 'x'], ['help', 'pki']],
  };
  for (const [name, args] of Object.entries(lines).flatMap(([name, all]) => all.map((args) => [name, args]))) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    const sentence = new RegExp(`^cosem: \`cosem [^\`]+\` comes with the package ${name}, .*: npm install ${name}\n$`);
    must(status === 2 && sentence.test(stderr), `cosem ${args.join(' ')} without its package: ${status} ${stderr}`);
  }
  console.log('a command without its package says what to install');
}

function checkWithoutSerial(command) {
  const args = ['read', '--serial', '/dev/ttyUSB0'];
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const said = stderr.includes('npm install serialport');
  must(status === 3 && said, `a serial port without serialport: ${status} ${stderr}`);
  console.log('a serial port without serialport says what to install');
}

function checkOneCopy(modules) {
  const copies = installed(modules).filter((name) => name === main).length;
  must(copies === 1, `there are ${copies} copies of ${main}`);
  const code =
    "import { CosemError } from 'cosem'; import { StorageError } from 'cosem-commissioning'; " +
    'process.exit(StorageError.prototype instanceof CosemError ? 0 : 1)';
  run('node', ['--input-type=module', '-e', code], join(modules, '..'));
  console.log(`one copy of ${main}`);
}

function checkAdded(how, command) {
  for (const [called, ...args] of [
    ['commission', 'commission', '--help'],
    ['verify', 'help', 'verify'],
    ['pki', 'pki', '--help'],
  ]) {
    must(run(command, args).includes(`Usage: cosem ${called}`), `${how}: ${args}`);
  }
  const { status, stderr } = spawnSync(command, ['verify', join(work, 'nosuch')], { encoding: 'utf8' });
  must(
    status === 2 && stderr.startsWith('cosem: '),
    `${how}: an error of a package's command is not told: ${status} ${stderr}`,
  );
  console.log(`commands of packages run (${how})`);
}

function checkGlobal(tarballs) {
  const prefix = join(work, 'global');
  run('npm', ['install', '--global', '--prefix', prefix, ...QUIET, ...tarballs]);
  checkOneCopyIn(join(prefix, 'lib/node_modules'));
  checkAdded('global', join(prefix, 'bin/cosem'));
}

function checkOneCopyIn(modules) {
  const copies = installed(modules).filter((name) => name === main).length;
  must(copies === 1, `there are ${copies} copies of ${main} in ${modules}`);
}

function checkNpx(tarballs) {
  const folder = join(work, 'npx');
  mkdirSync(folder);
  const npx = (given, ...args) => run('npx', ['--yes', ...given.flatMap((file) => ['-p', file]), ...args], folder);
  must(npx([tarballs[0]], 'cosem', '--version').trim() === version, 'npx -p ./cosem-*.tgz cosem --version');
  must(npx(tarballs, 'cosem', 'commission', '--help').includes('Usage: cosem commission'), 'npx with the package');
  console.log('npx runs it');
}

function checkPublish() {
  for (const folder of [root, ...members]) {
    run('npm', ['publish', '--dry-run', '--ignore-scripts'], folder);
  }
  console.log('npm publish --dry-run passes');
}
