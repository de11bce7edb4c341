import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { createMeter, faultTable, parseFault, verbTable } from '../../simulator/index.js';
import { parseScenario } from '../../simulator/scenario.js';
import { VirtualClock } from '../../src/index.js';
import { FakeIo } from '../bin/fake-io.js';
import { blocksOf, root } from '../support/docs.js';
import { DAY, START } from './support.js';

/** The tables, faults, scenarios and command lines of these pages are run here; their programs by test/docs-programs.test.ts. */

const page = (name: string) => readFileSync(join(root, 'docs', name), 'utf8');
const PAGES = ['scenarios.md', 'templates.md', 'testing-with-the-virtual-meter.md'];

/** The code of a language. */
function blocks(name: string, language: string): string[] {
  return blocksOf(`docs/${name}`)
    .filter((block) => block.language === language)
    .map(({ code }) => code);
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
