import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { program } from '../bin/program.js';
import { parseAnswers } from '../packages/commissioning/src/answers.js';
import { createMeter } from '../simulator/index.js';
import { parseScenario } from '../simulator/scenario.js';
import { systemClock } from '../src/index.js';
import { listenTcp } from '../src/node.js';
import { parsePushSheets } from '../src/push/sheet.js';
import { parseQuirks, parseTemplate, templateText } from '../src/tools.js';
import { FakeIo } from './bin/fake-io.js';
import { blocksOf, commandLines, commandsIn, type DocBlock, docPages, placeOf, root } from './support/docs.js';
import { leaveGiven } from './support/docs-given.js';

/** Whatever the pages show as code compiles and runs, or says right above what it needs. */

const blocks = docPages().flatMap(blocksOf);
const named = (languages: readonly string[]) =>
  blocks.filter(({ language }) => languages.includes(language)).map((block) => [placeOf(block), block] as const);
const programs = named(['ts', 'js']);

/** Those that stand in examples/ too are run by test/examples.test.ts. */
const examples = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.js'))
  .map((name) => readFileSync(join(root, 'examples', name), 'utf8'));
const isExample = ({ code }: DocBlock) => examples.some((text) => text.endsWith(code));

let folder: string;
beforeAll(() => {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  folder = mkdtempSync(join(root, 'node_modules/.cache/docs-'));
});
afterAll(async () => {
  await leaveGiven();
  rmSync(folder, { recursive: true, force: true });
});

it('only a few programs say that they need what no test has', () => {
  expect(blocks.filter(({ marks }) => marks.needs !== undefined).map(placeOf).length).toBeLessThanOrEqual(10);
});

/** Text and SQL are for people; the picture of the rooms is held to the imports by test/architecture.test.ts. */
it('every language is one that is looked at', () => {
  const languages = new Set(blocks.map(({ language }) => language));
  expect([...languages].sort()).toEqual(['js', 'json', 'mermaid', 'sh', 'sql', 'text', 'ts', 'yaml']);
});

/** With what is given in front, in the same line: places in the program are those of the page. */
function moduleOf({ code, marks }: DocBlock, support: string, names: readonly string[] = []): string {
  const front = marks.given ? `import { given } from '${support}'; const { ${marks.given} } = given; ` : '';
  return `${front}${code}\nexport { ${names.join(', ')} };\n`;
}

it('every program compiles strictly', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile).config;
  const { options } = ts.parseJsonConfigFileContent(
    {
      ...config,
      files: [],
      include: undefined,
      compilerOptions: { ...config.compilerOptions, allowJs: true, checkJs: true },
    },
    ts.sys,
    root,
  );
  const sources = new Map(
    programs.map(([place, block], i) => {
      const file = join(root, 'test', `docs-program-${i}.${block.language}`);
      return [file, { place, block, text: moduleOf(block, './support/docs-given.js') }];
    }),
  );
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists(file);
  host.readFile = (file) => sources.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, ...rest) => {
    const text = sources.get(file)?.text;
    return text === undefined ? getSourceFile(file, ...rest) : ts.createSourceFile(file, text, rest[0], true);
  };
  const compiled = ts.createProgram([...sources.keys()], options, host);
  const faults = [...sources].flatMap(([file, { block }]) => {
    const source = compiled.getSourceFile(file);
    return [...compiled.getSyntacticDiagnostics(source), ...compiled.getSemanticDiagnostics(source)].flatMap(
      (fault) => {
        const words = ts.flattenDiagnosticMessageText(fault.messageText, ' ');
        // JavaScript does not say its types: what follows from that alone is no fault of it.
        if (block.language === 'js' && /implicitly has (?:an|type)|'?undefined'?/.test(words)) return [];
        const { line } = ts.getLineAndCharacterOfPosition(source as ts.SourceFile, fault.start ?? 0);
        return [`${block.page}:${block.line + 1 + line}: ${words}`];
      },
    );
  });
  expect(faults).toEqual([]);
});

/** Stands for vitest in the programs: the tests that they define are run by the test that imports them. */
const SHIM = `
export { expect } from ${JSON.stringify(import.meta.resolve('vitest'))};
export const defined = [];
export const test = (name, run) => { defined.push([name, run]); };
export const it = test;
`;
type Defined = readonly (readonly [name: string, run: () => unknown])[];

/** What the programs say that have a name: what they print, and of what they make what is named. */
const SAID: Readonly<
  Record<string, { names?: readonly string[]; check(lines: string[], made: Record<string, unknown>): void }>
> = {
  'one-value': { check: (lines) => expect(lines).toEqual([expect.stringMatching(/^\d+(\.\d+)? Wh$/)]) },
  'rows-by-name': {
    check: (lines) => {
      const row = /^20\d\d-\d\d-\d\d .*: \d+(\.\d+)? Wh, \d+(\.\d+)? V$/;
      expect(lines).toEqual(Array(48).fill(expect.stringMatching(row)));
    },
  },
  access: {
    names: ['time', 'zone', 'called'],
    check: (lines, { time, zone, called }) => {
      expect([time, zone, called]).toMatchObject([
        { ok: true },
        { ok: expect.any(Boolean) },
        { ok: expect.any(Boolean) },
      ]);
      expect(lines[0]).toMatch(/^20\d\d-\d\d-\d\d /);
    },
  },
  'register-value': {
    names: ['data', 'unit', 'rough'],
    check: (lines, { data, unit, rough }) => {
      // Whatever its type, as the page says.
      expect(Object.keys(data as object)).toEqual(['type', 'value']);
      expect(unit).toBe('Wh');
      expect(lines).toEqual([expect.stringMatching(/^\d+(\.\d+)? Wh$/)]);
      expect(rough).toBe(Number(lines[0]?.split(' ')[0]));
    },
  },
};

it('every program that has a name is known by it', () => {
  const names = blocks.flatMap(({ marks }) => marks.example ?? []);
  expect(names.sort()).toEqual(Object.keys(SAID).sort());
});

describe('programs', () => {
  const run = programs.filter(([, block]) => block.marks.needs === undefined && !isExample(block));
  it.each(run)('%s runs', async (_, block) => {
    const name = join(folder, `${block.page.replaceAll(/\W/g, '-')}-${block.line}`);
    const said = block.marks.example === undefined ? undefined : SAID[block.marks.example];
    const shim = `${name}-vitest.js`;
    writeFileSync(shim, SHIM);
    await using served = await servedFor(block.code);
    const code = moduleOf(block, join(root, 'test/support/docs-given.ts'), said?.names)
      .replace("from 'vitest'", `from '${shim}'`)
      .replaceAll(/'(?:\d+\.){3}\d+', 4059/g, `'127.0.0.1', ${served.port}`)
      .replaceAll(/\b4059\b/g, `${served.port}`)
      .replaceAll(/Store\('(\w+)'\)/g, (_call, file: string) => `Store('${join(folder, file)}')`);
    writeFileSync(`${name}.ts`, code);
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      const made = await import(`${name}.ts`);
      const { defined } = (await import(shim)) as { defined: Defined };
      expect(defined.length > 0).toBe(block.code.includes("from 'vitest'"));
      for (const [, test] of defined) await test();
      said?.check(
        log.mock.calls.map(([line]) => String(line)),
        made,
      );
    } finally {
      log.mockRestore();
      warn.mockRestore();
    }
  });
});

/** A meter at a port, for programs that open one at an address. */
async function servedFor(code: string): Promise<AsyncDisposable & { port: number }> {
  if (!/\b4059\b/.test(code)) return { port: 0, async [Symbol.asyncDispose]() {} };
  const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
  const listener = await listenTcp({ port: 0 }, (line) => void virtual.attach(line, { framing: 'wrapper' }));
  return {
    port: listener.port,
    async [Symbol.asyncDispose]() {
      await listener.close();
      virtual.stop();
    },
  };
}

describe('commands', () => {
  it.each(named(['sh']).flatMap(([, block]) => commandLines(block).map((line) => [placeOf(block), line] as const)))(
    '%s: %s',
    async (_, line) => {
      for (const words of commandsIn(line)) await checkCommand(words);
    },
  );
});

async function checkCommand(words: readonly string[]): Promise<void> {
  const [name, ...rest] = words;
  if (name === 'npx' || name === 'cosem') {
    const own = name === 'cosem' ? rest : rest.slice(rest.indexOf('cosem') + 1);
    await (await inertProgram(own)).parseAsync(own, { from: 'user' });
  } else if (name === 'npm') {
    const [verb = '', ...more] = rest;
    const script = verb === 'run' ? more.find((word) => !word.startsWith('-')) : verb === 'test' ? 'test' : undefined;
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    if (script !== undefined) expect(Object.keys(scripts)).toContain(script);
    else expect(['ci', 'install', 'link']).toContain(verb);
  }
}

/** The command with nothing behind it: what is wrong with a command line is found, and nothing is done. */
async function inertProgram(argv: readonly string[]): Promise<Command> {
  const commands = await program(new FakeIo(), argv);
  const calm = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    command.action(() => undefined);
    for (const below of command.commands) calm(below);
  };
  for (const below of commands.commands) calm(below);
  return commands;
}

/** What reads a document, by its name in the mark. */
const READERS: Readonly<Record<string, (text: string, source: string) => unknown>> = {
  'push sheets': (text, source) => expect(parsePushSheets(text, source)).toHaveLength(1),
  'quirk sheets': parseQuirks,
  template: (text) => expect(JSON.parse(templateText(parseTemplate(text)))).toEqual(JSON.parse(text)),
  scenario: parseScenario,
  answers: parseAnswers,
};

describe('documents', () => {
  it.each(named(['json', 'yaml']))('%s', (place, { language, code, marks }) => {
    expect(language === 'json' ? JSON.parse(code) : parseYaml(code)).toBeInstanceOf(Object);
    if (marks['read-by'] === undefined) return;
    const read = READERS[marks['read-by']];
    if (read === undefined) throw new Error(`${place}: nothing reads ${marks['read-by']}`);
    read(code, place);
  });
});
