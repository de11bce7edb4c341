// Gives mutated octets and words to every place where somebody else's come in (test/hostile/fuzz), on all cores, and says what it cost. CI
// does 200,000 inputs of seed 1.
//
//   npm run fuzz -- 1000000                                  a million inputs, of a seed of its own
//   npm run fuzz -- 10000 --seed 7 --surface hdlc-server     of one place
//   npm run fuzz -- --seed 7 --surface hdlc-server --only 42 one input again, with what came before it in its block
import { fork } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { endTogether } from './children.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string' },
    surface: { type: 'string' },
    only: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});
const whole = (text, name) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is a whole number`);
  return value;
};
const inputs = whole(positionals[0] ?? '200000', 'the number of inputs');
const seed = values.seed === undefined ? Math.floor(Date.now() / 1000) : whole(values.seed, '--seed');
const only = values.only === undefined ? undefined : whole(values.only, '--only');
if (only !== undefined && values.surface === undefined) throw new Error('--only needs --surface');
const parts = only === undefined ? Math.max(1, whole(values.workers, '--workers')) : 1;
/** A worker that says nothing for so long hangs in an input. */
const SILENCE = 120_000;
/** Octets by which the heap may grow from the first tenth to the last, and by a tenth of it. */
const HEAP_ROOM = 8_000_000;
const PROGRESS = 10_000;
/** Faults of one kind and surface that are shown. */
const SHOWN = 3;

mkdirSync(join(root, 'node_modules/.cache'), { recursive: true });
const folder = mkdtempSync(join(root, 'node_modules/.cache/fuzz-'));
const children = new Set();
const end = endTogether(children, folder);
const failures = [];
const kinds = new Map();
try {
  await build({
    entryPoints: [join(root, 'test/hostile/fuzz/worker.ts')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const began = Date.now();
  console.log(`fuzz: ${only === undefined ? `${inputs} inputs` : `input ${only}`}, seed ${seed}, ${parts} processes`);
  const state = { done: 0, told: 0 };
  const all = await Promise.all(Array.from({ length: parts }, (_, part) => run(part, state, began)));
  report(
    all.filter((one) => one !== undefined),
    (Date.now() - began) / 1000,
  );
} finally {
  end();
}
process.exitCode = failures.length === 0 ? 0 : 1;

/** One worker. @returns what it counted; undefined where it ended before. */
function run(part, state, began) {
  const order = {
    inputs,
    seed,
    part,
    parts,
    surface: values.surface,
    ...(only !== undefined && { only: [only, only + 1] }),
  };
  return new Promise((resolve) => {
    const child = fork(join(folder, 'worker.js'), [JSON.stringify(order)], {
      execArgv: ['--expose-gc', '--enable-source-maps'],
      env: { COSEM_SHARED: join(root, '../shared/'), ...process.env },
    });
    children.add(child);
    let at;
    let result;
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        fail(`hangs in ${at?.surface} between ${at?.index} and ${at?.end}`);
        child.kill('SIGKILL');
      }, SILENCE);
    };
    const fail = (text, kind = text) => {
      failures.push(text);
      const times = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, times);
      if (times <= SHOWN) console.log(`FAULT ${text}`);
    };
    heard();
    child.on('message', (message) => {
      heard();
      if (message.type === 'at') {
        if (at !== undefined) state.done += at.end - at.index;
        at = message;
        if (state.done - state.told >= Math.max(PROGRESS, inputs / 50)) {
          state.told = state.done;
          const seconds = (Date.now() - began) / 1000;
          console.log(
            `  ${state.done} inputs, ${Math.round(state.done / seconds)} a second, ${failures.length} faults`,
          );
        }
      } else if (message.type === 'failure') {
        const { surface, index, error, input } = message.failure;
        fail(
          `${surface} ${index}: ${error}\n  input ${input}\n  again: npm run fuzz -- --seed ${seed} --surface ${surface} --only ${index}`,
          `${surface}: ${error}`,
        );
      } else if (message.type === 'unknown') {
        fail(`there is no surface ${values.surface}; known are ${message.surfaces.map(({ name }) => name).join(', ')}`);
      } else result = message;
    });
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      children.delete(child);
      if (result === undefined && code !== 2) fail(`a worker ended (${signal ?? code}) in ${at?.surface} ${at?.index}`);
      resolve(result);
    });
  });
}

function report(all, seconds) {
  const rows = new Map();
  const errors = new Map();
  for (const { tallies } of all) {
    for (const { name, inputs: count, octets, taken, errors: own, cpu, slowest } of tallies) {
      const row = rows.get(name) ?? { count: 0, octets: 0, taken: 0, cpu: 0, slowest };
      rows.set(name, {
        count: row.count + count,
        octets: row.octets + octets,
        taken: row.taken + taken,
        cpu: row.cpu + cpu,
        slowest: slowest.cpu > row.slowest.cpu ? slowest : row.slowest,
      });
      for (const [error, times] of own) errors.set(error, (errors.get(error) ?? 0) + times);
    }
  }
  const line = (...cells) =>
    console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(18) : String(cell).padStart(12))).join(''));
  line('surface', 'inputs', 'octets', 'taken', 'CPU µs each', 'ns an octet', 'slowest ms', 'its index');
  let total = 0;
  for (const [name, { count, octets, taken, cpu, slowest }] of rows) {
    total += count;
    const nanos = (cpu * 1e6) / Math.max(1, octets);
    line(
      name,
      count,
      octets,
      taken,
      ((cpu * 1000) / count).toFixed(0),
      nanos.toFixed(0),
      slowest.cpu.toFixed(1),
      slowest.index,
    );
  }
  console.log('\nerrors by class and reason:');
  for (const [error, times] of [...errors].sort(([, a], [, b]) => b - a))
    console.log(`  ${String(times).padStart(9)}  ${error}`);
  for (const { heap } of all) {
    if (heap.length < 20) continue;
    const tenth = Math.floor(heap.length / 10);
    const mean = (part) => part.reduce((sum, one) => sum + one, 0) / part.length;
    // The first few warm up what is made once.
    const [first, last] = [mean(heap.slice(tenth, 2 * tenth)), mean(heap.slice(-tenth))];
    console.log(`heap: ${(first / 1e6).toFixed(1)} MB in the second tenth, ${(last / 1e6).toFixed(1)} MB in the last`);
    if (last > first * 1.1 + HEAP_ROOM) failures.push('the heap grows');
  }
  console.log(`\n${total} inputs in ${seconds.toFixed(0)} s, ${failures.length} faults`);
  for (const [kind, times] of kinds) console.log(`  ${times} × ${kind}`);
}
