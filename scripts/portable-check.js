/** Uses portable folders as an installer does: the Linux one in an empty root without Node, the Windows one under Wine where there is one. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { faultsIn } from './portable-scripts.js';

/** A folder as people call theirs. */
const PLACE = 'मेरा काम, मीटर';
const LONGEST = 120_000;

function must(holds, what) {
  if (!holds) throw new Error(what);
}

/** @param folder the portable folder. @param work an empty folder of this run. */
export async function checkLinux(folder, version, work) {
  must(faultsIn(folder).length === 0, `checksums: ${faultsIn(folder).join(', ')}`);
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    console.log('SKIPPED: the Linux folder is only run as root on Linux, which alone may make an empty root');
    return;
  }
  const root = join(work, 'root');
  makeRoot(root, folder);
  const home = '/home/installer';
  mkdirSync(join(root, home, PLACE), { recursive: true });
  const old = `${home}/${PLACE}/old`;
  const next = `${home}/${PLACE}/next`;
  execFileSync('cp', ['-R', folder, join(root, old)]);
  const shell = (place, words, env = {}) => [
    '/usr/sbin/chroot',
    [root, '/bin/sh', `${place}/cosem`, ...words],
    { env: { HOME: home, ...env }, encoding: 'utf8', timeout: LONGEST },
  ];
  const cosem = (place, words, env) => {
    const { status, stdout, stderr } = spawnSync(...shell(place, words, env));
    must(status === 0, `cosem ${words.join(' ')} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };
  const nodes = spawnSync('/usr/sbin/chroot', [root, '/bin/sh', '-c', 'command -v node'], { env: {} });
  must(nodes.status !== 0, 'there is a Node on the path of the empty root');
  must(cosem(old, ['--version']).trim() === version, 'cosem --version');
  const said = cosem(old, ['commission', 'demo', `${home}/demo folder`]);
  must(/WO-|certificate/i.test(said), `commission demo: ${said}`);
  const meter = spawn(...shell(old, ['simulate', '--tcp', '127.0.0.1:0', '--write-config', `${home}/meter.json`]));
  try {
    await appears(join(root, home, 'meter.json'));
    const read = (place) => {
      const { readings } = JSON.parse(
        cosem(place, ['read', 'energy', '--config', `${home}/meter.json`, '--connection', 'reader', '--json']),
      );
      must(readings.length > 0 && readings.every(({ error }) => error === undefined), JSON.stringify(readings));
    };
    const state = join(root, home, '.local/state/cosem');
    const counters = () => readFileSync(join(state, 'invocation-counters'), 'utf8');
    read(old);
    const before = counters();
    // Beside the old one, which goes.
    execFileSync('cp', ['-R', folder, join(root, next)]);
    rmSync(join(root, old), { recursive: true });
    read(next);
    must(counters() !== before, 'the counters did not go on after the update');
    // Over the one that is there.
    execFileSync('cp', ['-R', `${folder}/.`, join(root, next)]);
    must(faultsIn(join(root, next)).length === 0, 'checksums after unpacking over it');
    read(next);
    must(existsSync(join(state, 'cosem.log')), 'no log is kept');
  } finally {
    meter.kill('SIGKILL');
  }
  const [certificate] = readdirSync(join(root, home, 'demo folder', 'certificates')).filter((n) => n.endsWith('.pdf'));
  const verify = ['verify', `${home}/demo folder/certificates/${certificate}`];
  cosem(next, [...verify, '--trust', `${home}/demo folder/trusted-signers.json`]);
  const rows = cosem(next, ['index', 'list', '--folder', `${home}/demo folder`], {
    COSEM_PASSPHRASE: 'cosem demo passphrase',
  });
  must(/\d{8}/.test(rows), `index list: ${rows}`);
  cosem(next, ['support', '--yes', '--output', `${home}/support.json`]);
  const facts = JSON.parse(readFileSync(join(root, home, 'support.json'), 'utf8'));
  must(facts.portable === true && facts.log.lines.length > 5, 'support');
  console.log('the Linux folder works in an empty root, and an update keeps folder, keys and counters');
}

/** Node's libraries, those of its native modules, and a shell: nothing else. */
function makeRoot(root, folder) {
  const natives = readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.node') && !name.includes('musl'))
    .map((name) => join(folder, name));
  const programs = ['/bin/sh', '/bin/mkdir', '/bin/readlink'];
  for (const file of [...programs, join(folder, 'runtime/node'), ...natives]) {
    if (programs.includes(file)) cpSync(file, join(root, file), { dereference: true });
    const { stdout } = spawnSync('ldd', [file], { encoding: 'utf8' });
    for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) {
      mkdirSync(dirname(join(root, library)), { recursive: true });
      cpSync(library, join(root, library), { dereference: true });
    }
  }
  for (const name of ['dev', 'tmp']) mkdirSync(join(root, name), { recursive: true });
  for (const [name, minor] of [
    ['null', '3'],
    ['urandom', '9'],
  ]) {
    execFileSync('mknod', ['-m', '666', join(root, 'dev', name), 'c', '1', minor]);
  }
}

async function appears(file) {
  for (let tries = 0; tries < 300; tries++) {
    if (existsSync(file) && readFileSync(file, 'utf8').endsWith('}\n')) return;
    await pause(100);
  }
  throw new Error(`${file} does not appear`);
}

/** Under Wine, a Windows for programs: where there is none it says so. */
export async function checkWindows(folder, version, work) {
  must(faultsIn(folder).length === 0, `checksums: ${faultsIn(folder).join(', ')}`);
  const wine = ['/usr/lib/wine/wine64', '/usr/bin/wine64', '/usr/bin/wine'].find((file) => existsSync(file));
  if (wine === undefined) {
    console.log('SKIPPED: there is no Wine (apt-get install wine64), so nobody has run the Windows folder');
    return;
  }
  const env = { ...process.env, WINEPREFIX: join(work, 'wine'), WINEDEBUG: '-all', DISPLAY: '', LC_ALL: 'C.UTF-8' };
  spawnSync(wine, ['winecfg', '-v', 'win10'], { env, timeout: LONGEST, stdio: 'ignore' });
  const place = join(work, `${PLACE} windows`);
  execFileSync('cp', ['-R', folder, place]);
  const z = (path) => `Z:${path.replaceAll('/', '\\')}`;
  let runs = 0;
  /** Node under Wine only writes to files. */
  const start = (words) => {
    const out = join(work, `wine-${++runs}.txt`);
    // From a file, because Wine quotes arguments otherwise than cmd reads them; called from its folder, whose name no code page spoils.
    const batch = join(work, `wine-${runs}.cmd`);
    const called = words.map((word) => `"${word}"`).join(' ');
    writeFileSync(batch, `@call cosem.cmd ${called} > "${z(out)}" 2>&1\r\n@exit /b %errorlevel%\r\n`);
    return { out, child: spawn(wine, ['cmd', '/c', z(batch)], { env, cwd: place, stdio: 'ignore' }) };
  };
  const cosem = async (...words) => {
    const { out, child } = start(words);
    const stop = setTimeout(() => child.kill('SIGKILL'), LONGEST);
    const status = await new Promise((done) => child.once('close', done));
    clearTimeout(stop);
    const text = existsSync(out) ? readFileSync(out, 'utf8') : '';
    must(status === 0, `cosem ${words.join(' ')} ended with ${status}: ${text}`);
    return text;
  };
  try {
    must((await cosem('--version')).includes(version), 'cosem --version under Wine');
    const config = join(work, 'wine meter.json');
    const meter = start(['simulate', '--tcp', '127.0.0.1:0', '--write-config', z(config)]);
    await appears(config);
    const said = await cosem('read', 'energy', '--config', z(config), '--connection', 'reader', '--json');
    must(JSON.parse(said.slice(said.indexOf('{'))).readings.length > 0, `read: ${said}`);
    meter.child.kill('SIGKILL');
    await cosem('commission', 'demo', z(join(work, 'wine demo')));
    must(existsSync(join(work, 'wine demo', 'certificates')), 'commission demo');
    console.log('the Windows folder works under Wine');
  } finally {
    spawnSync(wine.replace(/wine(64)?$/, 'wineserver'), ['-k'], { env, stdio: 'ignore', timeout: LONGEST });
    spawnSync('wineserver', ['-k'], { env, stdio: 'ignore', timeout: LONGEST });
  }
}
