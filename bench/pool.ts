/**
 * A head-end: 500 meters over TCP, each opened with a password and ciphering, asked for its energy and 48 rows of its block load, and closed. What that
 * costs this process in processor time, garbage collection and compilation included, beside as many connections with as many bare exchanges. The
 * meters run in a process of their own. First as a program that was just started, then once warm, then with what was kept of each meter from the
 * visit before (`cache`), as a head-end does it from the second day on.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createMeter, openOptionsOf } from '../simulator/index.js';
import { MeterPool, type OpenOptions, open, systemClock } from '../src/index.js';
import { tcp as connect, nodeCrypto } from '../src/node.js';
import { cpuOf, type Row } from './harness.js';
import { MemoryCache } from './line.js';
import { ENERGY } from './meter.js';

const METERS = 500;
const ROWS = 48;
const CONCURRENCY = 64;
const FIRST_PORT = 0x100;
const BLOCK_LOAD = '1.0.99.1.0.255';
/** The process of the meters makes each of them when it is asked first, on a busy machine slowly. */
const PATIENCE = 120_000;
/** Processor time that the target allows for all, in microseconds. */
const MOST = 2_000_000;

export async function pool(): Promise<Row[]> {
  const child = fork(new URL('./pool-server.js', import.meta.url), [String(METERS)]);
  try {
    const [ports] = (await once(child, 'message')) as [{ meters: number; bare: number }];
    const { connections } = createMeter('is15959-3ph', { clock: systemClock, seed: 1, crypto: nodeCrypto });
    const caches = Array.from({ length: METERS }, () => new MemoryCache());
    let exchanges = 0;
    const optionsOf = (index: number, kept: boolean): OpenOptions => ({
      ...openOptionsOf({ connections }, 'reader'),
      framing: 'wrapper',
      server: FIRST_PORT + index,
      responseTimeout: PATIENCE,
      trace: (event) => {
        if (event.type === 'octets' && event.direction === 'sent') exchanges++;
      },
      ...(kept ? { cache: caches[index] as MemoryCache } : {}),
    });
    const round = async (kept = false) => {
      const meters = Array.from({ length: METERS }, (_, index) => ({
        gateway: String(index),
        open: (signal: AbortSignal) => {
          const line = connect('127.0.0.1', ports.meters, { connectTimeout: PATIENCE });
          return open(line, { ...optionsOf(index, kept), signal });
        },
      }));
      const work = new MeterPool({ concurrency: CONCURRENCY }).each(meters, async (meter) => {
        await meter.reading(ENERGY);
        return meter.profile(BLOCK_LOAD).rows({ last: ROWS });
      });
      for await (const { value, error } of work) {
        if (value?.length !== ROWS) throw new Error('a meter was not read', { cause: error });
      }
    };
    const name = `${METERS} meters, energy and ${ROWS} rows: processor time`;
    const rows: Row[] = [];
    const measure = async (how: string, kept: boolean) => {
      exchanges = 0;
      const micros = await cpuOf(() => round(kept), 1);
      const each = Math.round(exchanges / METERS);
      const bare = await cpuOf(() => bareRound(ports.bare, each), 1);
      rows.push({
        name: how === '' ? name : `the same ${how}`,
        value: seconds(micros),
        reference: `bare: as many connections with ${each} exchanges each ${seconds(bare)}; target ${seconds(MOST)}`,
        ratio: micros / MOST,
        target: '<= 1',
        ok: micros <= MOST,
      });
    };
    await measure('', false);
    await measure('once warm', false);
    await round(true);
    await measure('once warm, scalers and objects kept from the visit before', true);
    return rows;
  } finally {
    child.disconnect();
  }
}

function seconds(micros: number): string {
  return `${(micros / 1e6).toFixed(2)} s`;
}

/** As many connections, as many at once, each with so many questions and answers of some octets. */
async function bareRound(port: number, exchanges: number): Promise<void> {
  const question = new Uint8Array(40);
  let left = METERS;
  const lane = async () => {
    while (left-- > 0) {
      const socket = createConnection({ port, host: '127.0.0.1', noDelay: true });
      await once(socket, 'connect');
      for (let i = 0; i < exchanges; i++) {
        socket.write(question);
        await once(socket, 'data');
      }
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
}
