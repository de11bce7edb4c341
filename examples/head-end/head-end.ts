// Reads energy registers and the last day of block load of many meters, as client 48, and writes a line of JSON for each.
//   node head-end.ts [meters.json [result.jsonl]]
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import { CosemError, fromHex, is15959, type Meter, MeterPool, open, readingsOf } from 'cosem';
import { FileCounterStore, tcp } from 'cosem/node';
import { type ListedMeter, meterList } from './meter-list.ts';

const [listFile = 'meters.json', resultFile = 'result.jsonl'] = process.argv.slice(2);
/** Ours: eight octets, three letters of the maker and a number. One for each head-end. */
const OUR_TITLE = fromHex('45584D0000000001');
const BLOCK_LOAD = '1.0.99.1.0.255';
const ENERGY = readingsOf(is15959, 'energy');

/** One store for all meters: they share a key here, and under a live key no counter may come twice. */
const counters = new FileCounterStore('counters');

const openMeter = (
  { host, port, server, secret, encryptionKey, authenticationKey }: ListedMeter,
  signal: AbortSignal,
) =>
  open(tcp(host, port), {
    framing: 'wrapper',
    client: 48,
    server,
    secret,
    security: {
      systemTitle: OUR_TITLE,
      encryptionKey,
      authenticationKey,
      counters,
      readInvocationCounter: '0.0.43.1.3.255',
      trustCounters: true, // the counter that is kept will do, unless the meter says otherwise
    },
    signal,
  });

async function readMeter(meter: Meter) {
  const energy = await meter.readings(ENERGY);
  const rows = await meter.profile(BLOCK_LOAD).rows({ last: 48 });
  // JSON of a row is its values alone: here they get names.
  const blocks = rows.map((row) => {
    const { energy, voltage } = row.pick({ energy: '1.0.1.29.0.255', voltage: '1.0.12.27.0.255' });
    return { end: row.time?.toText(), energy: energy.text, voltage: voltage.text };
  });
  return { energy, blocks };
}

async function readAll(signal: AbortSignal): Promise<number> {
  const meters = (await meterList(listFile)).map((listed) => ({
    listed,
    gateway: listed.host,
    open: (ending: AbortSignal) => openMeter(listed, ending),
  }));
  const pool = new MeterPool({ concurrency: 16, perGateway: 16, retry: { attempts: 3, backoff: { first: 500 } } });
  const unfinished = `${resultFile}.part`;
  const out = createWriteStream(unfinished);
  const failures = new Failures();
  const began = Date.now();
  let done = 0;

  for await (const { meter, ok, value, error } of pool.each(meters, readMeter, { signal })) {
    const { name } = meter.listed;
    if (ok) {
      for (const outcome of value.energy) if (!outcome.ok) failures.add(name, reasonOf(outcome.error));
      if (value.blocks.length < 48) failures.add(name, `${value.blocks.length} rows of block load in place of 48`);
    } else failures.add(name, reasonOf(error));
    const energy = value?.energy.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const line = ok ? { name, energy, blocks: value.blocks } : { name, error: reasonOf(error) };
    if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain');
    done += 1;
    progress(done, meters.length, began);
  }

  out.end();
  await once(out, 'finish');
  await rename(unfinished, resultFile); // a file of that name is always a whole run
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.error(`\n${meters.length} meters in ${seconds} s; ${resultFile} has a line for each`);
  failures.report();
  return failures.count;
}

/** What failed, by reason: of 500 meters many fail alike. */
class Failures {
  readonly #names = new Map<string, string[]>();

  get count(): number {
    return this.#names.size;
  }

  add(name: string, reason: string): void {
    this.#names.set(reason, [...(this.#names.get(reason) ?? []), name]);
  }

  report(): void {
    for (const [reason, names] of this.#names) {
      const more = names.length > 10 ? ` and ${names.length - 10} more` : '';
      console.error(`${names.length} × ${reason}\n    ${names.slice(0, 10).join(' ')}${more}`);
    }
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof CosemError)) return String(error);
  return `${error.code}: ${error.text}`;
}

function progress(done: number, of: number, began: number): void {
  const rate = done / ((Date.now() - began) / 1000);
  const line = `${done} of ${of}, ${rate.toFixed(1)} a second`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line}\u001b[K`);
  else if (done % 50 === 0) console.error(line);
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
try {
  if ((await readAll(interrupted.signal)) > 0) process.exitCode = 1;
} catch (error) {
  if (!interrupted.signal.aborted && !(error instanceof CosemError)) throw error;
  console.error(interrupted.signal.aborted ? 'interrupted' : reasonOf(error));
  process.exitCode = 1;
}
