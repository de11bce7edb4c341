import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { createMeter, faultTable, parseFault, verbTable } from '../../simulator/index.js';
import { parseScenario } from '../../simulator/scenario.js';
import { VirtualClock } from '../../src/index.js';
import { parseTemplate, templateText } from '../../src/tools.js';
import { FakeIo } from '../bin/fake-io.js';
import { DAY, START } from './support.js';

/** Whatever docs/scenarios.md, docs/templates.md and docs/testing-with-the-virtual-meter.md show is run here. */

const root = resolve(import.meta.dirname, '../..');
const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const PAGES = ['scenarios.md', 'templates.md', 'testing-with-the-virtual-meter.md'];

/** The code of a language. */
function blocks(name: string, language: string): string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...page(name).matchAll(pattern)].map((match) => match[1]!);
}

let folder: string;
beforeAll(() => {
  mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
  folder = mkdtempSync(join(root, 'node_modules/.cache/docs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each([
  ['faults', faultTable()],
  ['verbs', verbTable()],
])('the table of %s is the one that the program goes by', (what, table) => {
  const shown = page('scenarios.md').split(`<!-- ${what} -->\n`)[1]!.split(`<!-- /${what} -->`)[0]!;
  expect(shown.trim()).toBe(table);
});

it('the faults that are shown are some', () => {
  const shown = blocks('scenarios.md', 'text').flatMap((text) => text.trim().split('\n'));
  expect(shown.length).toBe(3);
  for (const line of shown) expect(parseFault(line.split(/\s/)[0]!)).toBeDefined();
});

it('the scenarios that are shown can happen', () => {
  const [text = ''] = blocks('scenarios.md', 'yaml');
  const clock = new VirtualClock(START);
  const meter = createMeter('is15959-1ph', { clock, seed: 1 });
  const happened: string[] = [];
  meter.play(parseScenario(text), {
    onMoment: ({ step, error }) => {
      expect(error).toBeUndefined();
      happened.push(step.text);
    },
  });
  clock.advance(9 * DAY);
  for (const step of parseScenario(text).steps) expect(happened).toContain(step.text);
  meter.stop();
});

it('the file that is shown is a template', () => {
  const [text = ''] = blocks('templates.md', 'json');
  expect(JSON.parse(templateText(parseTemplate(text)))).toEqual(JSON.parse(text));
});

/** Stands for vitest in the programs: the tests that they define are run by the test that imports them. */
const SHIM = `
export { expect } from ${JSON.stringify(import.meta.resolve('vitest'))};
export const defined = [];
export const test = (name, run) => { defined.push([name, run]); };
export const it = test;
`;
type Defined = readonly (readonly [name: string, run: () => unknown])[];

describe.each(PAGES)('programs of %s', (name) => {
  const library = ['node', 'tools', 'classes', 'inspect', 'protocol', 'server', 'curves'];
  const entries: Record<string, string> = {
    cosem: join(root, 'src/index.ts'),
    ...Object.fromEntries(library.map((entry) => [`cosem/${entry}`, join(root, `src/${entry}.ts`)])),
    'cosem/scenario': join(root, 'simulator/scenario.ts'),
    'cosem/simulator': join(root, 'simulator/index.ts'),
  };
  it.each(blocks(name, 'ts').map((code, i) => [i + 1, code] as const))('number %i runs', async (i, code) => {
    const file = join(folder, `${name}-${i}.ts`);
    const shim = join(folder, `${name}-${i}-vitest.js`);
    writeFileSync(shim, SHIM);
    const known: Record<string, string> = { ...entries, vitest: shim };
    writeFileSync(
      file,
      code.replaceAll(/from '((?:cosem|vitest)[^']*)'/g, (_, entry: string) => `from '${known[entry]!}'`),
    );
    await import(file);
    const { defined } = (await import(shim)) as { defined: Defined };
    expect(defined.length > 0).toBe(code.includes("from 'vitest'"));
    for (const [, run] of defined) await run();
  });
});

describe.each(PAGES)('commands of %s', (name) => {
  it('run, in their order', async () => {
    const yaml = blocks('scenarios.md', 'yaml')[0]!;
    writeFileSync(join(folder, 'evening.yaml'), yaml);
    for (const block of blocks(name, 'sh')) await runBlock(block);
  });
});

/** Runs lines of a shell: one that ends with & goes on until the block is over. Ports and files are ours. */
async function runBlock(block: string): Promise<void> {
  const running: { io: FakeIo; ended: Promise<number> }[] = [];
  try {
    for (const line of block.trim().split('\n')) {
      const background = line.endsWith(' &');
      const words = line
        .replace(/ &$/, '')
        .replace(/127\.0\.0\.1:\d+/, '127.0.0.1:0')
        .split(' ')
        .slice(1)
        .map((word) => (/\.(json|yaml)$/.test(word) ? join(folder, word) : word));
      const io = new FakeIo({ XDG_STATE_HOME: folder });
      const ended = main(words, io);
      if (!background) {
        expect([line, await ended, io.stderr.text]).toEqual([line, 0, expect.not.stringContaining('cosem: ')]);
        continue;
      }
      running.push({ io, ended });
      await Promise.race([io.stdout.until(/Listening/), ended.then(() => Promise.reject(new Error(io.stderr.text)))]);
    }
  } finally {
    for (const { io, ended } of running) {
      io.interrupt();
      expect(await ended).toBe(0);
    }
  }
}
