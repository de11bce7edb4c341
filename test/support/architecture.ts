/** The rules of docs/architecture.md, read off the syntax tree of a source file: who imports whom, and what may stand where. */

import { posix } from 'node:path';
import ts from 'typescript';

export interface SourceFile {
  /** From the project's root, with `/`: `src/link/hdlc-link.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What rooms agree on: types alone, which every room may import. */
const CONTRACTS = 'src/contracts/';

/** The await loops between a link and a transport, for the client's side and the server's. */
const DRIVER = ['src/transport/driver.ts', 'src/transport/pump.ts', 'src/transport/server.ts'];
/**
 * `platform.ts` and what stands in `platform/` is the part of an entry that puts links and cryptography into the client, or into the virtual meter; the slips of HDLC that it
 * makes are its own.
 */
const ENTRIES = [
  'src/index.ts',
  'src/protocol.ts',
  'src/classes.ts',
  'src/inspect.ts',
  'src/tools.ts',
  'src/server.ts',
  'src/platform.ts',
  'src/platform/broadcast.ts',
  'src/platform/crypto.ts',
  'src/platform/hdlc.ts',
  'src/platform/mode-e.ts',
  'src/platform/paced.ts',
  'src/platform/readout.ts',
  'src/platform/wrapper.ts',
  'src/node.ts',
  'src/web.ts',
  'src/http.ts',
  'src/curves.ts',
  'simulator/scenario.ts',
  'simulator/index.ts',
  'simulator/platform.ts',
  'simulator/hdlc-slips.ts',
];
/** Each package has a library, whose entry stands beside its rooms, and commands. */
const COMMISSIONING = 'packages/commissioning/src/';
const COMMISSIONING_BIN = 'packages/commissioning/bin/';
const PKI = 'packages/pki/src/';
const PKI_BIN = 'packages/pki/bin/';
/** What a person's files hold of certificates and keys. */
const PKI_PLATFORM = `${PKI}platform/`;
const PACKAGE_ENTRIES = [`${COMMISSIONING}index.ts`, `${PKI}index.ts`];
/** The commands of a package see its own entry. */
const entryOf = (source: string) => PACKAGE_ENTRIES.filter((entry) => entry.startsWith(source));
/** Files, sockets and SQLite for commissioning: only the entry takes them in, the room itself knows their contracts. */
const COMMISSIONING_PLATFORM = `${COMMISSIONING}platform/`;
/** Files that give what stands in others. */
const BARRELS = [...ENTRIES, ...PACKAGE_ENTRIES, 'bin/index.ts'];
const HTTP = 'src/http/';

/** What a room may import besides itself, `src/base/` and `src/contracts/`: folders end with `/`, the rest are single files. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/base/': [],
  [CONTRACTS]: ['src/codec/'],
  'src/codec/': [],
  'src/link/': [],
  'src/security/': [],
  'src/apdu/': ['src/codec/'],
  'src/cosem/': ['src/codec/'],
  'src/session/': ['src/causes/', 'src/apdu/', 'src/security/', 'src/codec/'],
  'src/client/': ['src/session/', 'src/causes/', 'src/cosem/', 'src/companion/', 'src/apdu/', 'src/codec/', ...DRIVER],
  'src/server/': ['src/session/', 'src/cosem/', 'src/apdu/', 'src/codec/'],
  'src/companion/': ['src/cosem/', 'src/codec/'],
  'src/causes/': [],
  'src/inspect/': [
    'src/causes/',
    'src/link/',
    'src/apdu/',
    'src/security/',
    'src/cosem/',
    'src/companion/',
    'src/codec/',
  ],
  'src/push/': [
    'src/link/',
    'src/session/',
    'src/security/',
    'src/client/',
    'src/companion/',
    'src/cosem/',
    'src/apdu/',
    'src/codec/',
  ],
  // Node's cryptography and the stores in files are made of the same parts as those in memory.
  'src/transport/': ['src/security/'],
  // Pages and services are served by one layer, which no entry gives.
  [HTTP]: [],
  [COMMISSIONING_PLATFORM]: [COMMISSIONING],
  [COMMISSIONING]: [],
  [COMMISSIONING_BIN]: entryOf(COMMISSIONING),
  [PKI_PLATFORM]: [PKI],
  [PKI]: [],
  [PKI_BIN]: entryOf(PKI),
  'simulator/': [
    'src/server/',
    'src/cosem/',
    'src/companion/',
    'src/codec/',
    ...DRIVER,
    'src/transport/memory.ts',
    // Who may be at the other end of a line, and for how long: no platform in it.
    'src/transport/device-line.ts',
    'src/transport/idle-peers.ts',
  ],
  'bin/': [...ENTRIES.filter((entry) => !/^src\/(platform[./]|(web|http)\.ts$)/.test(entry)), HTTP],
};

/** Packages and where they may be imported. Whatever is not here may be imported nowhere. */
const PACKAGES: readonly { readonly name: RegExp; readonly from: readonly string[] }[] = [
  { name: /^@noble\//, from: ['src/security/', COMMISSIONING] },
  { name: /^crc(\/|$)/, from: ['src/link/'] },
  { name: /^serialport$/, from: ['src/transport/node-'] },
  {
    name: /^node:/,
    from: [
      'src/transport/node-',
      'src/node.ts',
      HTTP,
      COMMISSIONING_PLATFORM,
      PKI_PLATFORM,
      'bin/',
      COMMISSIONING_BIN,
      PKI_BIN,
    ],
  },
  { name: /^(@peculiar\/x509|reflect-metadata)$/, from: [PKI] },
  { name: /^(zod|csv-parse\/sync|csv-stringify\/sync)$/, from: [COMMISSIONING] },
  { name: /^qr$/, from: [COMMISSIONING, 'bin/'] },
  { name: /^(hono|@hono\/node-server)(\/|$)/, from: [HTTP] },
  { name: /^(pdfkit|fflate|read-excel-file\/universal)$/, from: [COMMISSIONING_PLATFORM] },
  { name: /^yaml$/, from: ['simulator/scenario/'] },
  { name: /^libsql$/, from: [COMMISSIONING_PLATFORM, 'src/transport/node-'] },
  { name: /^(commander|yocto-spinner)$/, from: ['bin/'] },
  { name: /^@clack\/prompts$/, from: [COMMISSIONING_BIN] },
  // A package knows `cosem` by its entries; its library does without the one for commands.
  {
    name: /^cosem(\/(node|simulator|scenario|http|curves|protocol|classes|inspect|tools|server))?$/,
    from: [COMMISSIONING, COMMISSIONING_BIN, PKI, PKI_BIN],
  },
  { name: /^cosem\/command$/, from: [COMMISSIONING_BIN, PKI_BIN] },
  // The one place that knows which packages have commands.
  { name: /^cosem-\w+\/commands$/, from: ['bin/packages.ts', 'bin/command-package.d.ts'] },
];

/** Where the outside world may be touched: clocks, timers, random numbers, Node. */
const PLATFORM = [
  'src/transport/',
  HTTP,
  COMMISSIONING_PLATFORM,
  PKI_PLATFORM,
  'bin/',
  COMMISSIONING_BIN,
  PKI_BIN,
  'src/base/clock.ts',
  'src/platform/crypto.ts',
  'src/node.ts',
  'src/web.ts',
];
/** Where nothing waits. */
const SYNCHRONOUS = [
  'src/base/',
  'src/codec/',
  'src/link/',
  'src/security/',
  'src/apdu/',
  'src/cosem/',
  'src/session/',
  'src/server/',
  'src/causes/',
];
const PLATFORM_NAMES = new Set([
  'Buffer',
  'process',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'crypto',
  'globalThis',
  'require',
]);
const PLATFORM_CALLS = new Set(['Date.now', 'Math.random']);
const MAX_LINES = 450;

function within(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith('.ts') ? path === place : path.startsWith(place)));
}

function roomOf(path: string): string | undefined {
  return Object.keys(ROOMS).find((room) => path.startsWith(room));
}

const parsed = new WeakMap<SourceFile, ts.SourceFile>();

function parse(file: SourceFile): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ESNext, true);
  parsed.set(file, source);
  return source;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

/** Every module a file names: static and dynamic imports, re-exports, `import('x').Y` types. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = [];
  walk(parse(file), (node) => {
    let specifier: ts.Node | undefined;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) specifier = node.moduleSpecifier;
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      specifier = node.arguments[0];
      if (specifier && !ts.isStringLiteral(specifier)) found.push('?');
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) specifier = node.argument.literal;
    if (specifier && ts.isStringLiteral(specifier)) found.push(specifier.text);
  });
  return found;
}

/** The project's file that a relative import names. */
export function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

function checkImport(path: string, specifier: string): string | undefined {
  if (specifier === '?') return 'imports a module whose name is computed';
  if (!specifier.startsWith('.')) {
    const rule = PACKAGES.find(({ name }) => name.test(specifier));
    if (!rule) return `imports the package ${specifier}, which no room may`;
    return rule.from.some((place) => path.startsWith(place)) ? undefined : `may not import the package ${specifier}`;
  }
  const target = resolveImport(path, specifier);
  if (PACKAGE_ENTRIES.includes(path) && target.startsWith(posix.dirname(path))) return undefined;
  if (!specifier.endsWith('.js')) return `imports ${specifier} without .js`;
  if (ENTRIES.includes(path) && target.startsWith('src/')) return undefined;
  const room = roomOf(path);
  if (room === undefined) return 'stands in no room';
  const platform = [COMMISSIONING_PLATFORM, PKI_PLATFORM].find((place) => target.startsWith(place));
  if (platform !== undefined && room !== platform) return `may not import ${target}`;
  if (target.startsWith(room)) return undefined;
  if (room.startsWith('packages/') && !target.startsWith('packages/')) {
    return `may not import ${target}: a package imports entries of cosem`;
  }
  if (room !== 'bin/' && target.startsWith('src/base/')) return undefined;
  if (room !== 'bin/' && room !== 'src/base/' && target.startsWith(CONTRACTS)) return undefined;
  if (within(target, ROOMS[room] ?? [])) return undefined;
  return `may not import ${target}`;
}

function nameIsReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  if (ts.isBindingElement(parent)) return parent.propertyName !== node && parent.initializer === node;
  // Declarations of one's own by that name: members, parameters, fields of types.
  return !(
    (ts.isParameter(parent) ||
      ts.isPropertySignature(parent) ||
      ts.isPropertyDeclaration(parent) ||
      ts.isMethodDeclaration(parent) ||
      ts.isAccessor(parent) ||
      ts.isMethodSignature(parent)) &&
    parent.name === node
  );
}

/** Whether a statement leaves nothing when it is compiled. */
function isTypeAlone(statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return statement.importClause?.isTypeOnly === true;
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
}

/** Names a file declares or imports itself: a parameter called `crypto` is not the platform's. */
function ownNames(source: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  walk(source, (node) => {
    if (
      (ts.isParameter(node) ||
        ts.isVariableDeclaration(node) ||
        ts.isBindingElement(node) ||
        ts.isImportSpecifier(node) ||
        ts.isFunctionDeclaration(node)) &&
      node.name &&
      ts.isIdentifier(node.name)
    ) {
      names.add(node.name.text);
    }
  });
  return names;
}

/** `x === undefined ? {} : { x }`, which `given({ x })` says. */
function givesWhatIsGiven(
  { condition, whenTrue, whenFalse }: ts.ConditionalExpression,
  source: ts.SourceFile,
): boolean {
  if (!ts.isObjectLiteralExpression(whenTrue) || whenTrue.properties.length > 0) return false;
  if (!ts.isObjectLiteralExpression(whenFalse)) return false;
  const [only, ...others] = whenFalse.properties;
  if (only === undefined || others.length > 0) return false;
  const value = ts.isPropertyAssignment(only) && ts.isIdentifier(only.name) ? only.initializer : only.name;
  return condition.getText(source) === `${value?.getText(source)} === undefined`;
}

/** All rules for one file; each problem is one sentence beginning with the file's place. */
export function checkFile(file: SourceFile): string[] {
  const source = parse(file);
  const problems: string[] = [];
  const report = (node: ts.Node | undefined, what: string) => {
    const line = node ? source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1 : 1;
    problems.push(`${file.path}:${line} ${what}`);
  };

  for (const specifier of importsOf(file)) {
    const problem = checkImport(file.path, specifier);
    if (problem) report(undefined, problem);
  }

  const lines = file.text.replace(/\n$/, '').split('\n').length;
  // An entry is a list of what there is: to split it would hide half of it.
  if (lines > MAX_LINES && !BARRELS.includes(file.path))
    report(undefined, `has ${lines} lines, more than ${MAX_LINES}`);

  const statements = source.statements;
  if (
    !BARRELS.includes(file.path) &&
    statements.length > 0 &&
    statements.every((s) => ts.isExportDeclaration(s) && s.moduleSpecifier !== undefined)
  ) {
    report(undefined, 'is a barrel: only entries re-export');
  }

  if (file.path.startsWith(CONTRACTS)) {
    for (const statement of statements) if (!isTypeAlone(statement)) report(statement, 'is more than a type');
  }

  const platform = within(file.path, PLATFORM);
  const synchronous = within(file.path, SYNCHRONOUS) && file.path !== 'src/base/clock.ts';
  const own = ownNames(source);
  walk(source, (node) => {
    if (ts.isExportAssignment(node) || node.kind === ts.SyntaxKind.DefaultKeyword) {
      if (!ts.isDefaultClause(node.parent)) report(node, 'has a default export');
    }
    if (ts.isExportSpecifier(node) && node.name.text === 'default') report(node, 'has a default export');
    if (node.kind === ts.SyntaxKind.AnyKeyword && file.path !== 'src/cosem/class.ts') report(node, 'says any');
    if (ts.isEnumDeclaration(node)) report(node, 'declares an enum');
    if (ts.isConditionalExpression(node) && givesWhatIsGiven(node, source) && /^(src|simulator)\//.test(file.path))
      report(node, 'spells out given()');
    if (ts.isModuleDeclaration(node)) report(node, 'declares a namespace');
    if (synchronous) {
      if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node)) report(node, 'is async');
      if (ts.isIdentifier(node) && node.text === 'Promise') report(node, 'names Promise');
    }
    if (platform) return;
    if (ts.isIdentifier(node) && PLATFORM_NAMES.has(node.text) && !own.has(node.text) && nameIsReference(node)) {
      report(node, `uses ${node.text}`);
    }
    if (ts.isPropertyAccessExpression(node) && PLATFORM_CALLS.has(node.getText(source))) {
      report(node, `uses ${node.getText(source)}`);
    }
    if (ts.isNewExpression(node) && node.expression.getText(source) === 'Date' && !node.arguments?.length) {
      report(node, 'reads the clock by new Date()');
    }
  });
  return problems;
}

/**
 * Files that import each other in a circle, by types or by values, each circle in order of names (strongly connected parts, Tarjan). A file
 * in one cannot be read, tested or moved without the others.
 */
export function circlesIn(files: readonly SourceFile[]): string[][] {
  const imports = new Map(
    files.map((file) => [
      file.path,
      importsOf(file).flatMap((specifier) => (specifier.startsWith('.') ? [resolveImport(file.path, specifier)] : [])),
    ]),
  );
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (path: string): number => {
    const own = order.size;
    order.set(path, own);
    lowest.set(path, own);
    open.push(path);
    for (const target of imports.get(path) ?? []) {
      if (!imports.has(target)) continue;
      const reached = order.has(target) ? (open.includes(target) ? order.get(target) : undefined) : visit(target);
      lowest.set(path, Math.min(lowest.get(path) ?? own, reached ?? own));
    }
    const low = lowest.get(path) ?? own;
    if (low === own) {
      const part = open.splice(open.indexOf(path));
      if (part.length > 1 || imports.get(path)?.includes(path)) circles.push(part.sort());
    }
    return low;
  };
  for (const path of imports.keys()) if (!order.has(path)) visit(path);
  return circles;
}

/** The room, the package or the entries that a file stands in, as the picture in the docs names them. */
function placeOf(path: string): string {
  if (ENTRIES.includes(path)) return 'entries';
  const [first = '', second = ''] = path.split('/');
  return first === 'src' || first === 'packages' ? second : first;
}

function placeImported(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return placeOf(resolveImport(from, specifier));
  const [name = ''] = specifier.split('/');
  return name === 'cosem' ? 'entries' : /^cosem-(\w+)$/.exec(name)?.[1];
}

/** Which room imports which, as `client --> session`. Not said are `base` and `contracts`, which all import, and what the entries give. */
export function arrowsOf(files: readonly SourceFile[]): string[] {
  const arrows = new Set<string>();
  for (const file of files) {
    const from = placeOf(file.path);
    if (from === 'entries') continue;
    for (const specifier of importsOf(file)) {
      const to = placeImported(file.path, specifier);
      if (to !== undefined && to !== from && to !== 'base' && to !== 'contracts') arrows.add(`${from} --> ${to}`);
    }
  }
  return [...arrows].sort();
}

/** The arrows that the picture in a page draws. */
export function arrowsDrawn(page: string): string[] {
  const picture = /```mermaid\n(.*?)```/s.exec(page)?.[1] ?? '';
  return [...picture.matchAll(/^ *(\w+ --> \w+)$/gm)].map(([, arrow = '']) => arrow).sort();
}

/** Everything that an entry reaches, as chains that lead to a module of Node or to a package that only runs there. */
export function nodeModulesReachedBy(
  entry: string,
  read: (path: string) => string | undefined,
  isomorphic = /^(@noble\/|crc\/|yaml$)/,
): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const visit = (path: string, chain: readonly string[]): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = read(path);
    const here = [...chain, path];
    if (text === undefined) {
      problems.push(`${here.join(' > ')} does not exist`);
      return;
    }
    for (const specifier of importsOf({ path, text })) {
      if (specifier.startsWith('.')) visit(resolveImport(path, specifier), here);
      else if (!isomorphic.test(specifier)) problems.push([...here, specifier].join(' > '));
    }
  };
  visit(entry, []);
  return problems;
}
