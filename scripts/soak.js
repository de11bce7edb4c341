// Opens a meter over a pair of pseudo-terminals by mode E (IEC 62056-21), again and again, beside a load on the machine: a sign-on that is
// lost once in a hundred times is not seen in a test. Needs socat and a build (`npm run soak` builds).
//
//   npm run soak                                  1000 openings, 4 pairs at a time, a load of 12
//   npm run soak -- --openings 300 --pairs 2 --load 8
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createMeter, openOptionsOf } from '../dist/simulator/index.js';
import { open, systemClock } from '../dist/src/index.js';
import { nodeCrypto, serial } from '../dist/src/node.js';
import { endTogether } from './children.js';

const { values: given } = parseArgs({
  options: {
    openings: { type: 'string', default: '1000' },
    pairs: { type: 'string', default: '4' },
    load: { type: 'string', default: '12' },
    /** Seconds after which the load ends, whatever became of us. */
    limit: { type: 'string', default: '7200' },
    /** Seconds: what an opening did that took longer is printed. */
    slow: { type: 'string', default: '15' },
    /** Internal: this process is the meter at that port. */
    meter: { type: 'string' },
  },
});
const SEED = 7;
const SERIAL_NUMBER = '0.0.96.1.0.255';

if (given.meter === undefined) await soak();
else await serve(given.meter);

async function serve(path) {
  const meter = createMeter('is15959-1ph', { seed: SEED, clock: systemClock });
  await meter.attach(serial(path, { baudRate: 300 }), { framing: 'mode-e' });
  process.stdout.write('ready\n');
}

async function soak() {
  const [openings, pairs, load, limit] = ['openings', 'pairs', 'load', 'limit'].map((name) => {
    const value = Number(given[name]);
    if (!(value >= 0)) throw new Error(`--${name} is a number`);
    return value;
  });
  const folder = mkdtempSync(join(tmpdir(), 'cosem-soak-'));
  const children = [];
  const start = (command, args, stdio = 'ignore') => {
    const child = spawn(command, args, { stdio });
    children.push(child);
    return child;
  };
  const end = endTogether(children, folder);
  try {
    const burn = join(folder, 'burn.js');
    // It ends by itself too, should we be killed.
    writeFileSync(burn, `const end = Date.now() + ${limit * 1000}; while (Date.now() < end && process.ppid > 1);`);
    for (let i = 0; i < load; i++) start(process.execPath, [burn]);
    // Once: beside a load a virtual meter takes seconds to make, which are no part of an opening.
    const twin = createMeter('is15959-1ph', { seed: SEED, clock: systemClock });
    const options = openOptionsOf(twin, 'public');
    const count = { right: 0, wrong: 0, failed: 0, longest: 0, left: openings };
    const began = Date.now();
    const lines = Array.from({ length: Math.min(pairs, openings) }, async (_, i) => {
      const ends = [join(folder, `meter-${i}`), join(folder, `reader-${i}`)];
      const socat = start(
        'socat',
        ['-d', '-d', ...ends.map((link) => `pty,rawer,link=${link}`)],
        ['ignore', 'ignore', 'pipe'],
      );
      await told(socat.stderr, 'starting data transfer loop');
      const meter = start(process.execPath, [import.meta.filename, '--meter', ends[0]], ['ignore', 'pipe', 'inherit']);
      await told(meter.stdout, 'ready');
      while (count.left > 0) {
        count.left--;
        await openOnce(ends[1], options, twin.identity.serial, count);
        const done = count.right + count.wrong + count.failed;
        if (done % 50 === 0) console.log(report(count, began));
      }
    });
    await Promise.all(lines);
    console.log(
      `mode E over ${pairs} pty pairs, beside a load of ${load} on ${availableParallelism()} cores ` +
        `(load average ${loadavg()[0].toFixed(1)}): ${report(count, began)}`,
    );
    process.exitCode = count.right === openings ? 0 : 1;
  } finally {
    end();
  }
}

async function openOnce(path, options, expected, count) {
  const began = Date.now();
  const did = [];
  const note = (words) => did.push(`  ${((Date.now() - began) / 1000).toFixed(2)} s ${words}`);
  try {
    const meter = await open(serial(path, { baudRate: 300 }), {
      framing: 'mode-e',
      crypto: nodeCrypto,
      ...options,
      patience: 0,
      trace: (event) => note(traced(event)),
    });
    try {
      const { value } = await meter.get(meter.data(SERIAL_NUMBER).value);
      if (value === expected) count.right++;
      else {
        count.wrong++;
        console.log(`wrong: ${String(value)}`);
      }
    } finally {
      await meter.close();
    }
  } catch (error) {
    count.failed++;
    note(`failed: ${error.message}`);
    console.log(`failed: ${error.message}`);
  }
  const took = Date.now() - began;
  count.longest = Math.max(count.longest, took);
  if (took > Number(given.slow) * 1000) console.log(`slow:\n${did.join('\n')}\n  ${(took / 1000).toFixed(2)} s ended`);
}

/** An event of the trace in a line. */
function traced({ type, direction, bytes, event, error }) {
  if (type === 'octets') return `${direction} ${Buffer.from(bytes).toString('hex')}`;
  return type === 'link' ? `link: ${event.type} ${event.reason ?? ''}` : `refused: ${error.message}`;
}

function report({ right, wrong, failed, longest }, began) {
  const done = right + wrong + failed;
  const seconds = (Date.now() - began) / 1000;
  return `${done} openings, ${right} right, ${wrong} wrong, ${failed} failed, in ${seconds.toFixed(0)} s; the longest took ${(longest / 1000).toFixed(1)} s`;
}

function told(stream, words) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      if (text.includes(words)) resolve();
    });
    stream.once('end', () => reject(new Error(`ended without '${words}': ${text}`)));
  });
}
