/**
 * Economy on the line: a virtual serial line of 9600 baud between this client and the virtual meter, in virtual time. Deterministic: no
 * machine is faster here. Beside each the least possible time: the same payload, the useful values alone, at the line's speed without any
 * pause.
 */

import { createMeter, type MeterOptions, makeImage, VirtualLine, type VirtualMeter } from '../simulator/index.js';
import { data, ProfileGenericV1 } from '../src/classes.js';
import {
  type CacheStore,
  is15959,
  MemoryCounterStore,
  type Meter,
  type OpenOptions,
  open,
  readingsOf,
  VirtualClock,
} from '../src/index.js';
import { encodeData, fromLatin1 } from '../src/protocol.js';
import { ImageUpdate } from '../src/tools.js';
import { nodeCrypto } from '../src/transport/node-crypto.js';
import type { Row } from './harness.js';

const BAUD = 9600;
const OCTET = 10_000 / BAUD;
const BLOCK_LOAD = '1.0.99.1.0.255';
const TOPICS = ['energy', 'balance', 'relay'] as const;
/** The value of each topic that is asked for first. */
const FIRST = ['activeImport', 'balance', 'outputState'];

/** What a job cost on the line. */
export interface LineCost {
  readonly seconds: number;
  /** Octets in both directions. */
  readonly octets: number;
  /** Times that the line turned round: from us to the meter and back. */
  readonly turns: number;
  /** Octets of the content, as APDUs carry it, without which the job cannot be done. */
  readonly payload: number;
  /** The least possible time over the time it took. */
  readonly share: number;
}

/** What the meter grants beyond the usual, and how it is opened. */
export interface LineSetUp {
  readonly meter?: Partial<MeterOptions>;
  readonly options?: Partial<OpenOptions>;
  /** Whose association; `utility` unless told. */
  readonly connection?: string;
  /** Whether the counter that the meter publishes is read first, as on a first visit. */
  readonly firstVisit?: boolean;
  /** Whether it is the second visit of a client that keeps counters and what the meter told: the first is not measured. */
  readonly secondVisit?: boolean;
  /** From where on is measured: `opening` (and closing) counts too, unless told. */
  readonly from?: 'opening' | 'association';
}

/** Runs a job over a fresh line. `work` gives the octets that must cross at the least. */
export async function overLine(setUp: LineSetUp, work: (meter: Meter) => Promise<number>): Promise<LineCost> {
  const { meter: own, options, connection = 'utility', firstVisit = false, secondVisit = false } = setUp;
  const from = setUp.from ?? 'opening';
  const clock = new VirtualClock(Date.UTC(2026, 5, 10, 6));
  const virtual = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto, ...own });
  const line = new VirtualLine(clock, { baudRate: BAUD });
  await virtual.attach(line.b);
  let [octets, turns, last, began] = [0, 0, '', clock.now()];
  const count: OpenOptions['trace'] = (event) => {
    if (event.type !== 'octets') return;
    octets += event.bytes.length;
    if (event.direction === 'sent' && last !== 'sent') turns++;
    last = event.direction;
  };
  const opened: OpenOptions = {
    ...connected(virtual, connection, firstVisit || secondVisit),
    clock,
    trace: count,
    ...(secondVisit ? { cache: new MemoryCache() } : {}),
    ...options,
  };
  const visit = async () => {
    [octets, turns, last, began] = [0, 0, '', clock.now()];
    const meter = await open(line.a, opened);
    if (from === 'association') [octets, turns, last, began] = [0, 0, '', clock.now()];
    const payload = await work(meter);
    if (from === 'opening') await meter.close();
    const seconds = (clock.now() - began) / 1000;
    const cost = { payload, octets, turns, seconds, share: (payload * OCTET) / 1000 / seconds };
    await meter.close();
    return cost;
  };
  const run = async () => {
    if (secondVisit) await visit();
    return visit();
  };
  const cost = await clock.run(run());
  virtual.stop();
  return cost;
}

/** What is kept of meters between visits, in memory. */
export class MemoryCache implements CacheStore {
  readonly #entries = new Map<string, string>();
  load(entry: string): string | undefined {
    return this.#entries.get(entry);
  }
  save(entry: string, text: string): void {
    this.#entries.set(entry, text);
  }
}

/** HLS and ciphering. */
function connected(virtual: VirtualMeter, connection: string, firstVisit: boolean): OpenOptions {
  const { client, secret, security } = virtual.connections.find(({ name }) => name === connection) ?? {};
  if (client === undefined || secret === undefined || security === undefined)
    throw new Error(`the meter has no ${connection}`);
  return {
    client,
    authentication: 'hls2',
    secret,
    crypto: nodeCrypto,
    octetTime: OCTET,
    security: {
      systemTitle: security.clientTitle,
      encryptionKey: security.encryptionKey,
      authenticationKey: security.authenticationKey,
      policy: security.policy,
      counters: new MemoryCounterStore(),
      ...(firstVisit ? { readInvocationCounter: security.invocationCounter, trustCounters: true } : {}),
    },
  };
}

/**
 * (a) What a technician wants first: energy, balance, relay. `first`: the one value of each that is asked for most; `all` that the three
 * topics have. The least is what the values take as Data.
 */
export function readFirst(which: 'first' | 'all', setUp: LineSetUp): Promise<LineCost> {
  return overLine(setUp, async (meter) => {
    const all = TOPICS.flatMap((topic) => readingsOf(is15959, topic));
    const specs = which === 'all' ? all : all.filter(({ key }) => FIRST.includes(key));
    const outcomes = await meter.readings(specs);
    return outcomes.reduce((octets, outcome) => {
      if (!outcome.ok) throw outcome.error;
      return octets + encodeData(outcome.value.data).length;
    }, 0);
  });
}

/** (b) 35 days of half-hour block load, once the association is open. The least is the buffer as Data, once over the line. */
export function readBlockLoad(meter: LineSetUp['meter'] & object): Promise<LineCost> {
  return overLine({ meter, from: 'association' }, async (open) => {
    const { buffer } = open.object(ProfileGenericV1, BLOCK_LOAD);
    return encodeData(await open.get({ ...buffer, type: data })).length;
  });
}

const IMAGE_LENGTH = 200 * 1024;
/** Of an image of the virtual meter, beside its payload. */
const IMAGE_FRAME = 4 + 1 + 1 + 11 + 1 + 12 + 4 + 32;

/** (c) A firmware image of 200 KB as client 80, once the association is open: transferred, verified, compared. The least is the image. */
export function sendImage(meter: LineSetUp['meter'] & object, unconfirmed = false): Promise<LineCost> {
  const octets = makeImage(nodeCrypto, {
    profile: 'is15959-1ph',
    firmware: 'COSEM-D1-1.1',
    payload: new Uint8Array(IMAGE_LENGTH - IMAGE_FRAME),
  });
  return overLine({ meter, connection: 'firmware', from: 'association' }, async (open) => {
    const update = new ImageUpdate(open);
    const image = { identification: fromLatin1('COSEM-D1-1.1'), octets };
    await update.transfer(image, { unconfirmed });
    await update.verify();
    await update.check(image);
    return octets.length;
  });
}

/** What is measured, its set-up in words, and what is wanted of it. */
export interface LineCase {
  readonly name: string;
  readonly run: () => Promise<LineCost>;
  readonly target: { readonly seconds: number } | { readonly share: number } | undefined;
}

const INFO = { maxInfo: 1024, window: 7 };

export const LINE_CASES: readonly LineCase[] = [
  {
    name: 'client 48 ciphered: connect, energy, balance, relay, close',
    run: () => readFirst('first', { meter: INFO, secondVisit: true }),
    target: { seconds: 1.6 },
  },
  {
    name: 'the same on a first visit: invocation counter read as client 16',
    run: () => readFirst('first', { meter: INFO, firstVisit: true }),
    target: { seconds: 1.6 },
  },
  {
    name: 'all 19 values of the three topics, meter takes lists',
    run: () => readFirst('all', { meter: { ...INFO, lists: true } }),
    target: { seconds: 1.6 },
  },
  {
    name: 'all 19 values of the three topics, meter takes no lists',
    run: () => readFirst('all', { meter: INFO }),
    target: undefined,
  },
  {
    name: 'the same on a second visit: counter and scalers kept from the first',
    run: () => readFirst('all', { meter: INFO, secondVisit: true }),
    target: undefined,
  },
  {
    name: '35 days of block load, max info 1024, window 7',
    run: () => readBlockLoad(INFO),
    target: { share: 0.95 },
  },
  {
    name: '35 days of block load, max info 1024, window 1',
    run: () => readBlockLoad({ ...INFO, window: 1 }),
    target: { share: 0.9 },
  },
  {
    name: 'the same from a meter without general block transfer: GET blocks, APDU 768',
    run: () => readBlockLoad({ ...INFO, quirks: ['get-blocks'] }),
    target: undefined,
  },
  {
    name: '200 KB image, image block 4096, APDU 4352, max info 1024, window 7',
    run: () => sendImage({ ...INFO, imageBlockSize: 4096, maxPduSize: 4352 }),
    target: { share: 0.95 },
  },
  {
    name: '200 KB image, image block 768, APDU 832, max info 1024, window 7, blocks unconfirmed',
    run: () => sendImage({ ...INFO, imageBlockSize: 768 }, true),
    target: undefined,
  },
  {
    name: '200 KB image, image block 200, APDU 832, max info 1024, window 1, blocks unconfirmed',
    run: () => sendImage({ ...INFO, window: 1 }, true),
    target: undefined,
  },
  {
    name: '200 KB image, image block 200, APDU 832, max info 128, window 1, as in the field',
    run: () => sendImage({}),
    target: undefined,
  },
];

/** Whether it did what was wanted. */
export function meets({ target }: LineCase, { seconds, share }: LineCost): boolean {
  if (target === undefined) return true;
  return 'seconds' in target ? seconds < target.seconds : share >= target.share;
}

export async function line(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const one of LINE_CASES) {
    const cost = await one.run();
    const { seconds, octets, turns, payload, share } = cost;
    const { target } = one;
    rows.push({
      name: one.name,
      value: `${seconds.toFixed(2)} s, ${octets} octets, ${turns} turns`,
      reference: `payload alone ${((payload * OCTET) / 1000).toFixed(2)} s`,
      ratio: share,
      target: target === undefined ? '' : 'seconds' in target ? `< ${target.seconds} s` : `>= ${target.share}`,
      ok: meets(one, cost),
    });
  }
  return rows;
}
