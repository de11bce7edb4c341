import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  ACTION_RESULT,
  ASSOCIATION_RESULT,
  DATA_ACCESS_RESULT,
  EXCEPTION_SERVICE_ERROR,
  SERVICE_PROVIDER_DIAGNOSTIC,
  SERVICE_USER_DIAGNOSTIC,
  STATE_ERROR,
} from '../src/apdu/results.js';
import {
  arrowsDrawn,
  arrowsOf,
  checkFile,
  circlesIn,
  importsOf,
  nodeModulesReachedBy,
  type SourceFile,
} from './support/architecture.js';

const root = resolve(import.meta.dirname, '..');

function sources(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

const packages = readdirSync(join(root, 'packages')).flatMap((name) => [
  `packages/${name}/src`,
  `packages/${name}/bin`,
]);
const files = ['src', 'simulator', 'bin', ...packages].flatMap(sources);

const read = (path: string) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);

describe('architecture', () => {
  it('finds the sources', () => {
    expect(files.length).toBeGreaterThan(10);
    expect(files.some(({ path }) => path === 'src/base/errors.ts')).toBe(true);
  });

  it('holds in every file: imports, platform names, async, any, default exports, length', () => {
    expect(files.flatMap(checkFile)).toEqual([]);
  });

  it('is drawn as it is: each arrow an import, each import an arrow', () => {
    const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
    expect(arrowsDrawn(page)).toEqual(arrowsOf(files));
  });

  it('only presents in the command: what a method of a class or an octet of a message means is a rule of the library', () => {
    const declared = files
      .filter(({ path }) => path.startsWith('src/cosem/classes/'))
      .flatMap(({ text }) =>
        [...text.matchAll(/export const (\w+) = (?:cosemClass|extendClass)\(/g)].map(([, name]) => name),
      );
    expect(declared).toContain('DisconnectControlV0');
    const known = new RegExp(`\\b(?:${declared.join('|')}|cosemClass|ByteReader|decodeApdu|encodeApdu)\\b`);
    const rules = files
      .filter(({ path }) => /(?:^|\/)bin\//.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/import \{([^}]*)\}/g)].flatMap(([, names]) => {
          const rule = known.exec(names as string);
          return rule === null ? [] : [`${path} imports ${rule[0]}`];
        }),
      );
    expect(rules).toEqual([]);
  });

  it('has no circle of imports, by types neither', () => {
    expect(circlesIn(files)).toEqual([]);
  });

  it('says results and diagnostics by the names of one table', () => {
    const tables = [
      DATA_ACCESS_RESULT,
      ACTION_RESULT,
      ASSOCIATION_RESULT,
      SERVICE_USER_DIAGNOSTIC,
      SERVICE_PROVIDER_DIAGNOSTIC,
      STATE_ERROR,
      EXCEPTION_SERVICE_ERROR,
    ];
    const names = tables.flatMap((table) => Object.keys(table)).map((name) => name.toUpperCase().replaceAll('-', '_'));
    const bare = new RegExp(
      String.raw`\b(?:result|diagnostic|stateError|serviceError|category)\b\)?(?::| [!=]==) \d|\berror: \d|\bconst (?:${names.join('|')}) = \d`,
    );
    const numbers = files
      .filter(({ path }) => !path.startsWith('src/apdu/'))
      .flatMap(({ path, text }) =>
        text.split('\n').flatMap((line) => (bare.test(line) ? [`${path}: ${line.trim()}`] : [])),
      );
    expect(numbers).toEqual([]);
  });

  // Beside what opens and guards, and the receiver of pushes, which has no association.
  it('opens messages, and takes note of their counters, in one place for each role', () => {
    const opening = files.filter(({ path, text }) => path.startsWith('src/session/') && /\.(open|accept)\(/.test(text));
    expect(opening.map(({ path }) => path.slice('src/session/'.length))).toEqual([
      'client-acceptance.ts',
      'kept-received.ts',
      'notification.ts',
      'protection.ts',
      'server-acceptance.ts',
    ]);
  });

  it.each([
    'src/index.ts',
    'src/protocol.ts',
    'src/classes.ts',
    'src/inspect.ts',
    'src/tools.ts',
    'src/server.ts',
    'src/web.ts',
    'simulator/index.ts',
    'simulator/scenario.ts',
    'src/curves.ts',
  ])('%s reaches nothing of Node', (entry) => {
    expect(nodeModulesReachedBy(entry, read)).toEqual([]);
  });

  // Suite 0 and meters without a scenario do without the largest packages.
  it.each(['src/index.ts', 'src/protocol.ts', 'src/inspect.ts', 'src/server.ts', 'simulator/index.ts'])(
    '%s reaches neither elliptic curves nor YAML',
    (entry) => {
      expect(nodeModulesReachedBy(entry, read, /^(@noble\/(ciphers|hashes)\/|crc\/)/)).toEqual([]);
    },
  );
});

describe('what serves', () => {
  // A command that serves nothing starts without it.
  it.each(['hono', '@hono/node-server', '/http/', 'cosem/http', '/watch/site.js'])(
    '%s is loaded where it is used alone',
    (wanted) => {
      const eager = new RegExp(`^(?:import|export) (?!type )[^;]* from '[^']*${wanted}`, 'm');
      const serving = [
        'src/http/',
        'src/http.ts',
        'bin/watch/',
        'packages/commissioning/src/platform/verification-server.ts',
      ];
      const found = files.filter(({ text }) => eager.test(text));
      expect(found.map(({ path }) => path).filter((path) => !serving.some((place) => path.startsWith(place)))).toEqual(
        [],
      );
      if (wanted.includes('hono')) expect(found).toEqual([]);
    },
  );
});

describe('the checker itself', () => {
  const problemsOf = (path: string, text: string) => checkFile({ path, text }).map((p) => p.replace(/^\S+ /, ''));

  it.each([
    ['src/codec/a.ts', "import { x } from '../apdu/apdu.js';", 'may not import src/apdu/apdu.ts'],
    ['src/link/a.ts', "import type { Data } from '../codec/data.js';", 'may not import src/codec/data.ts'],
    ['src/apdu/a.ts', "export * from '../security/crypto.js'; const a = 1;", 'may not import src/security/crypto.ts'],
    ['src/cosem/a.ts', "type A = import('../apdu/apdu.js').Apdu;", 'may not import src/apdu/apdu.ts'],
    ['src/client/a.ts', "const a = await import('../link/hdlc-link.js');", 'may not import src/link/hdlc-link.ts'],
    ['src/client/a.ts', 'const a = await import(name);', 'imports a module whose name is computed'],
    ['src/transport/memory.ts', "import { H } from '../link/hdlc-link.js';", 'may not import src/link/hdlc-link.ts'],
    ['src/base/a.ts', "import type { Link } from '../contracts/link.js';", 'may not import src/contracts/link.ts'],
    ['src/contracts/a.ts', "import type { A } from '../apdu/apdu.js';", 'may not import src/apdu/apdu.ts'],
    ['src/contracts/a.ts', "import { Millis } from '../base/clock.js';", 'is more than a type'],
    ['src/contracts/a.ts', 'export const a = 1;', 'is more than a type'],
    ['bin/a.ts', "import type { Link } from '../src/contracts/link.js';", 'may not import src/contracts/link.ts'],
    ['simulator/a.ts', "import { open } from '../src/client/open.js';", 'may not import src/client/open.ts'],
    ['bin/a.ts', "import { toHex } from '../src/base/bytes.js';", 'may not import src/base/bytes.ts'],
    [
      'packages/commissioning/src/a.ts',
      "import { x } from './platform/x.js';",
      'may not import packages/commissioning/src/platform/x.ts',
    ],
    ['packages/commissioning/src/a.ts', "import { x } from 'node:fs';", 'may not import the package node:fs'],
    [
      'packages/commissioning/src/a.ts',
      "import { toHex } from '../../../src/base/bytes.js';",
      'may not import src/base/bytes.ts: a package imports entries of cosem',
    ],
    [
      'packages/commissioning/bin/a.ts',
      "import { Output } from '../../../bin/output.js';",
      'may not import bin/output.ts: a package imports entries of cosem',
    ],
    [
      'packages/commissioning/bin/a.ts',
      "import { say } from '../src/messages.js';",
      'may not import packages/commissioning/src/messages.ts',
    ],
    [
      'packages/commissioning/src/a.ts',
      "import { x } from 'cosem/command';",
      'may not import the package cosem/command',
    ],
    [
      'packages/commissioning/src/a.ts',
      "import { x } from 'cosem/dist/src/base/bytes.js';",
      'imports the package cosem/dist/src/base/bytes.js, which no room may',
    ],
    ['src/client/a.ts', "import { x } from 'cosem';", 'may not import the package cosem'],
    [
      'bin/commands/a.ts',
      "const a = await import('cosem-commissioning/commands');",
      'may not import the package cosem-commissioning/commands',
    ],
    [
      'bin/a.ts',
      "import { x } from 'cosem-commissioning';",
      'imports the package cosem-commissioning, which no room may',
    ],
    [
      'bin/a.ts',
      "import { x } from '../packages/commissioning/src/index.js';",
      'may not import packages/commissioning/src/index.ts',
    ],
    ['src/elsewhere/a.ts', "import { x } from '../base/bytes.js';", 'stands in no room'],
    ['src/codec/a.ts', "import { x } from './data';", 'imports ./data without .js'],
    ['src/codec/a.ts', "import { readFileSync } from 'node:fs';", 'may not import the package node:fs'],
    ['src/client/a.ts', "import { SerialPort } from 'serialport';", 'may not import the package serialport'],
    ['src/codec/a.ts', "import _ from 'lodash';", 'imports the package lodash, which no room may'],
    ['src/codec/a.ts', 'const a = Buffer.alloc(1);', 'uses Buffer'],
    ['src/codec/a.ts', 'const a = process.env.HOME;', 'uses process'],
    ['src/client/a.ts', 'setTimeout(() => {}, 1);', 'uses setTimeout'],
    ['src/client/a.ts', 'const a = Date.now();', 'uses Date.now'],
    ['src/client/a.ts', 'const a = new Date();', 'reads the clock by new Date()'],
    ['simulator/a.ts', 'const a = Math.random();', 'uses Math.random'],
    ['src/security/a.ts', 'crypto.getRandomValues(a);', 'uses crypto'],
    ['src/security/a.ts', 'const a = globalThis.crypto;', 'uses globalThis'],
    ['src/link/a.ts', 'export async function a() {}', 'is async'],
    ['src/server/a.ts', 'export function a(): Promise<void> { return b; }', 'names Promise'],
    ['src/client/a.ts', 'export default class {}', 'has a default export'],
    ['src/client/a.ts', 'const a = 1; export { a as default };', 'has a default export'],
    ['src/client/a.ts', 'const a = 1 as any;', 'says any'],
    ['src/client/a.ts', 'enum A { B }', 'declares an enum'],
    ['src/link/a.ts', 'const a = { ...(b === undefined ? {} : { b }) };', 'spells out given()'],
    ['simulator/a.ts', 'const a = b.c === undefined ? {} : { d: b.c };', 'spells out given()'],
    ['src/client/a.ts', 'namespace A { const b = 1; }', 'declares a namespace'],
    ['src/client/a.ts', "export * from './b.js';", 'is a barrel: only entries re-export'],
    ['src/client/a.ts', ';\n'.repeat(451), 'has 451 lines, more than 450'],
  ])('%s: %s', (path, text, expected) => {
    expect(problemsOf(path, text)).toEqual([expected]);
  });

  it.each([
    ['src/apdu/a.ts', "import { Data } from '../codec/data.js'; import { Reader } from '../base/cursor.js';"],
    ['src/transport/driver.ts', "import type { Link } from '../contracts/link.js';"],
    ['simulator/a.ts', "import type { Link } from '../src/contracts/link.js';"],
    ['src/contracts/a.ts', "import type { Data } from '../codec/data.js'; export interface A { readonly data: Data }"],
    ['src/transport/node-serial.ts', "import { SerialPort } from 'serialport'; process.cwd();"],
    [
      'packages/commissioning/src/platform/a.ts',
      "import { x } from '../x.js'; import { y } from 'node:fs'; import { z } from 'cosem/node'; process.cwd();",
    ],
    ['packages/commissioning/src/index.ts', "export { x } from './platform/x.js';"],
    ['packages/commissioning/bin/a.ts', "import { x } from '../src/index.js'; import { define } from 'cosem/command';"],
    ['bin/packages.ts', "const a = () => import('cosem-commissioning/commands');"],
    ['src/index.ts', "export { HdlcLink } from './link/hdlc-link.js';"],
    ['bin/a.ts', "import { open } from '../src/index.js'; setTimeout(() => {}, 1);"],
    ['src/base/clock.ts', 'export async function a() { setTimeout(() => {}, Date.now()); }'],
    ['src/cosem/class.ts', 'type A = any;'],
    ['src/client/a.ts', 'class A { get crypto() { return this.b; } }'],
    ['src/security/a.ts', 'function a(crypto: P) { return crypto.random(8); } // Buffer, any, async'],
    ['src/link/a.ts', 'const a = { process: 1 }; a.process; const b = "setTimeout";'],
    ['src/client/a.ts', 'switch (a) { default: b(); }'],
    ['src/client/a.ts', 'const a = new Date(0);'],
    ['src/client/a.ts', 'const a = b === undefined ? {} : { b: c(b) }; const d = b === undefined ? {} : { [e]: b };'],
    ['bin/a.ts', 'const a = b === undefined ? {} : { b };'],
  ])('lets pass %s: %s', (path, text) => {
    expect(problemsOf(path, text)).toEqual([]);
  });

  it('reads every kind of import', () => {
    const text = "import 'a'; import b from 'b'; export { c } from 'c'; import type { D } from 'd'; import('e');";
    expect(importsOf({ path: 'x.ts', text })).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each([
    ['import type', "import type { B } from './b.js';"],
    ['import()', "type B = import('./b.js').B;"],
    ['a re-export', "export { b } from './b.js';"],
    ['a dynamic import', "const b = await import('./b.js');"],
  ])('finds a circle by %s', (_, text) => {
    const circle = [
      { path: 'src/base/a.ts', text },
      { path: 'src/base/b.ts', text: "import { c } from './c.js';" },
      { path: 'src/base/c.ts', text: "import { a } from './a.js'; import './d.js';" },
      { path: 'src/base/d.ts', text: "import './e.js';" },
      { path: 'src/base/e.ts', text: '' },
      { path: 'src/base/first.ts', text: "import './a.js'; import './d.js';" },
    ];
    expect(circlesIn(circle)).toEqual([['src/base/a.ts', 'src/base/b.ts', 'src/base/c.ts']]);
    expect(circlesIn(circle.slice(1))).toEqual([]);
    expect(circlesIn([{ path: 'src/base/a.ts', text: "import './a.js';" }])).toEqual([['src/base/a.ts']]);
  });

  it('draws what rooms import, and reads what is drawn', () => {
    const sample = [
      {
        path: 'src/client/a.ts',
        text: "import '../session/b.js'; import '../base/c.js'; import type { D } from './d.js';",
      },
      { path: 'src/index.ts', text: "export { a } from './client/a.js';" },
      { path: 'bin/a.ts', text: "import '../src/index.js'; import('cosem-commissioning/commands');" },
      { path: 'packages/commissioning/src/a.ts', text: "import { x } from 'cosem/node'; import 'zod';" },
    ];
    const arrows = ['bin --> commissioning', 'bin --> entries', 'client --> session', 'commissioning --> entries'];
    expect(arrowsOf(sample)).toEqual(arrows);
    const page = `# A\n\n\`\`\`mermaid\nflowchart TD\n${arrows.map((arrow) => `  ${arrow}\n`).join('')}\`\`\`\nb --> c\n`;
    expect(arrowsDrawn(page)).toEqual(arrows);
  });

  it('follows the graph to a module of Node', () => {
    const tree: Record<string, string> = {
      'src/index.ts': "export { a } from './client/a.js'; import '@noble/hashes/sha2.js';",
      'src/client/a.ts': "import { b } from '../transport/b.js'; import './gone.js';",
      'src/transport/b.ts': "import { Socket } from 'node:net'; import 'serialport';",
    };
    expect(nodeModulesReachedBy('src/index.ts', (path) => tree[path])).toEqual([
      'src/index.ts > src/client/a.ts > src/transport/b.ts > node:net',
      'src/index.ts > src/client/a.ts > src/transport/b.ts > serialport',
      'src/index.ts > src/client/a.ts > src/client/gone.ts does not exist',
    ]);
  });
});
