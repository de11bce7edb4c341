/**
 * Compiles against the packed types as strangers do, side by side with several versions of TypeScript: a browser project that knows no more than
 * ES2022 and the DOM, and a project on Node; both strict, with the declarations of libraries checked.
 *
 * `node scripts/check-types.js`        the project's own version and 5.9; needs a build
 * `node scripts/check-types.js --all`  6 and 7 too
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const OLDEST = '5.9';
const versions = process.argv.includes('--all') ? [OLDEST, '6.0', '7.0'] : [OLDEST];
const work = mkdtempSync(join(tmpdir(), 'cosem-types-'));

const STRICT = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false };
const BROWSER = [
  'cosem',
  'cosem/web',
  'cosem/simulator',
  'cosem/classes',
  'cosem/protocol',
  'cosem/inspect',
  'cosem/server',
];
const projects = [
  {
    name: 'browser',
    options: {
      ...STRICT,
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2022',
      lib: ['ES2022', 'DOM'],
      types: [],
    },
    code: `${BROWSER.map((entry, i) => `export * as e${i} from '${entry}';`).join('\n')}
import { is15959, open, readingsOf, type Unit } from 'cosem';
import { webSerial, type WebSerialPort } from 'cosem/web';
export async function read(port: WebSerialPort): Promise<string> {
  await using meter = await open(webSerial(port, { baudRate: 9600 }), { client: 16 });
  const [data, { scaler, unit }] = await meter.get(meter.register('1.0.1.8.0.255').value, meter.register('1.0.1.8.0.255').scalerUnit);
  const exact: [number, Unit] = [scaler, unit];
  // @ts-expect-error: a tagged value is no number.
  const lie: boolean = data > 5;
  // @ts-expect-error: there is no such topic.
  readingsOf(is15959, 'enrgy');
  // @ts-expect-error: there is no such option.
  void open(webSerial(port), { framin: 'hdlc' });
  const { text } = await meter.reading('1.0.1.8.0.255');
  return text + String(exact) + String(lie);
}
`,
  },
  {
    name: 'node',
    options: {
      ...STRICT,
      module: 'nodenext',
      target: 'es2022',
      lib: ['ES2022'],
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    },
    code: `export * as root from 'cosem';
import { open } from 'cosem';
import { nodeCrypto, tcp } from 'cosem/node';
export const meter = () => open(tcp('localhost', 4059), { framing: 'wrapper', crypto: nodeCrypto });
`,
  },
];

function run(command, args, cwd = work) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    console.error(error.stdout);
    throw new Error(`${command} ${args.join(' ')} failed`);
  }
}

try {
  run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', work], root);
  const tarball = readdirSync(work).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(work, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }));
  const compilers = versions.map((version) => `typescript-${version}@npm:typescript@~${version}.0`);
  const quiet = ['--silent', '--no-audit', '--no-fund', '--prefer-offline', '--omit=optional'];
  run('npm', ['install', ...quiet, join(work, tarball), ...compilers.filter((name) => !name.includes('-7'))]);
  // Version 7 is a native program, which comes as an optional dependency.
  const native = compilers.filter((name) => name.includes('-7'));
  if (native.length > 0) run('npm', ['install', ...quiet.filter((name) => !name.startsWith('--omit')), ...native]);
  for (const { name, options, code } of projects) {
    mkdirSync(join(work, name));
    writeFileSync(join(work, name, 'uses.ts'), code);
    writeFileSync(join(work, name, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['uses.ts'] }));
  }
  const tools = [join(root, 'node_modules/typescript/bin/tsc')];
  for (const version of versions) tools.push(join(work, `node_modules/typescript-${version}/bin/tsc`));
  for (const tool of tools) {
    const version = run('node', [tool, '--version']).trim();
    for (const { name } of projects) {
      run('node', [tool, '-p', join(work, name)]);
      console.log(`TypeScript ${version}: no errors (${name})`);
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
