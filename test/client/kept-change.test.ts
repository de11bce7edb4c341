/** Keys changed with the power cut at every step: whatever the meter holds then, the file holds it too, and the change can be ended. */
import * as nodeFs from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { AccessError, AssociationError, type Meter, TimeoutError } from '../../src/index.js';
import { KeyFile, type KeyFileSystem, type StoredConnection } from '../../src/node.js';
import { changeKept, KeyChangeError, settlePending } from '../../src/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OLD = 'text:THE-OLD-16-OCTET';
const NEW = 'text:A-FRESH-16-OCTET';
const NAMES = ['utility', 'reader'];

/** The power of the machine that the command runs on. */
class Power {
  steps = 0;
  on = true;
  readonly #cutAt: number;
  readonly #after: boolean;

  constructor(cutAt = Number.POSITIVE_INFINITY, after = false) {
    this.#cutAt = cutAt;
    this.#after = after;
  }

  /** Does a step, unless the power is cut before it; or does it, wholly or partly, and then the power is cut. */
  step<T>(action: () => T): T {
    if (!this.on) throw new Error('no power');
    const cut = this.steps++ === this.#cutAt;
    if (cut && !this.#after) this.on = false;
    if (!this.on) throw new Error('no power');
    const result = action();
    if (cut) this.on = false;
    if (!this.on) throw new Error('no power');
    return result;
  }

  get fs(): KeyFileSystem {
    return {
      readFileSync: ((...of: Parameters<typeof nodeFs.readFileSync>) => {
        if (!this.on) throw new Error('no power');
        return nodeFs.readFileSync(...of);
      }) as typeof nodeFs.readFileSync,
      realpathSync: nodeFs.realpathSync,
      openSync: (...of) => this.step(() => nodeFs.openSync(...of)),
      fsyncSync: () => this.step(() => undefined),
      closeSync: (file) => {
        nodeFs.closeSync(file);
        this.step(() => undefined);
      },
      renameSync: (...of) => this.step(() => nodeFs.renameSync(...of)),
      unlinkSync: (...of) => this.step(() => nodeFs.unlinkSync(...of)),
      writeSync: ((file: number, bytes: Uint8Array, offset: number) => {
        // Half of it: a torn write.
        const half = Math.ceil((bytes.length - offset) / 2);
        return this.step(() => nodeFs.writeSync(file, bytes, offset, half));
      }) as typeof nodeFs.writeSync,
    };
  }
}

/** A meter as far as keys go. */
class Keyed {
  holds = OLD;
  readonly power: Power;
  /** `lost`: it takes the keys, and its answer does not arrive. `deaf`: the request does not arrive. */
  readonly line: 'good' | 'lost' | 'deaf' | 'refusing';

  constructor(power: Power, line: Keyed['line'] = 'good') {
    this.power = power;
    this.line = line;
  }

  readonly open = (settings: StoredConnection): Promise<Meter> => this.openWith(this.power, settings);

  async openWith(power: Power, settings: StoredConnection): Promise<Meter> {
    power.step(() => undefined);
    if (settings.ek !== this.holds) throw new AssociationError('wrong key');
    return { close: () => Promise.resolve() } as Meter;
  }

  readonly change = async (): Promise<void> => {
    this.power.step(() => {
      if (this.line === 'refusing') throw new AccessError('other-reason', '64', 'no');
      if (this.line !== 'deaf') this.holds = NEW;
    });
    if (this.line !== 'good') throw new TimeoutError('no answer');
  };
}

let count = 0;
function newFile(): string {
  const path = join(folder, `${count++}.json`);
  const connection = { tcp: '127.0.0.1:1', client: 48, ek: OLD, title: 'text:CSMHES01' };
  writeFileSync(
    path,
    JSON.stringify({
      generatedBy: 'x',
      default: 'utility',
      connections: { utility: connection, reader: { ...connection, client: 32 }, other: { tcp: 'h:2', ek: OLD } },
    }),
  );
  return path;
}

async function attempt(path: string, meter: Keyed) {
  const file = new KeyFile(path, meter.power.fs);
  return changeKept({
    file,
    meter: await meter.open(file.values('utility')),
    prover: 'utility',
    names: NAMES,
    fresh: { ek: NEW },
    change: meter.change,
    open: meter.open,
  });
}

/** The file as it is after everything: whole, nothing pending, its keys those of the meter, the rest untouched. */
function checkFile(path: string, holds: string): void {
  const file = new KeyFile(path);
  expect(file.pending).toEqual([]);
  for (const name of NAMES) expect(file.values(name).ek).toBe(holds);
  expect(file.values('other')).toEqual({ tcp: 'h:2', ek: OLD });
  expect(JSON.parse(readFileSync(path, 'utf8')).default).toBe('utility');
}

describe('keys', () => {
  test('are kept, changed, proved and replaced', async () => {
    const path = newFile();
    const meter = new Keyed(new Power());
    expect(await attempt(path, meter)).toEqual([
      { connection: 'utility', holds: 'new' },
      { connection: 'reader', holds: 'new' },
    ]);
    checkFile(path, NEW);
    expect(nodeFs.statSync(path).mode & 0o777).toBe(0o600);
  });

  test.each(['good', 'lost', 'deaf', 'refusing'] as const)(
    'with the power cut at every step over a line that is %s',
    async (line) => {
      let cuts = 0;
      let torn = 0;
      for (const after of [false, true]) {
        for (let step = 0; ; step++) {
          const path = newFile();
          const power = new Power(step, after);
          const meter = new Keyed(power, line);
          await attempt(path, meter).catch(() => undefined);
          if (power.on) break;
          cuts++;
          // Power is back: whatever opens the meter is found among what the file holds.
          const file = new KeyFile(path, new Power().fs);
          if (file.pending.length > 0) torn++;
          const settled = await settlePending(file, (settings) => meter.openWith(new Power(), settings));
          expect(settled.every(({ holds }) => holds !== 'unknown')).toBe(true);
          checkFile(path, meter.holds);
        }
      }
      expect(cuts).toBeGreaterThan(20);
      expect(torn).toBeGreaterThan(2);
    },
  );

  test('and with the power cut again while the change is ended', async () => {
    for (let step = 0; ; step++) {
      const path = newFile();
      const first = new Power(12, true);
      const meter = new Keyed(first);
      await attempt(path, meter).catch(() => undefined);
      expect(first.on).toBe(false);
      const second = new Power(step, true);
      await settlePending(new KeyFile(path, second.fs), (settings) => meter.openWith(second, settings)).catch(
        () => undefined,
      );
      await settlePending(new KeyFile(path, new Power().fs), (settings) => meter.openWith(new Power(), settings));
      checkFile(path, meter.holds);
      if (second.on) break;
    }
  });

  test('that the meter refuses, or did not hear of, are rolled back', async () => {
    for (const line of ['refusing', 'deaf'] as const) {
      const path = newFile();
      const error = await attempt(path, new Keyed(new Power(), line)).catch((thrown) => thrown);
      expect(error).toMatchObject({ held: 'old' });
      if (line === 'refusing') expect(error.cause).toBeInstanceOf(AccessError);
      checkFile(path, OLD);
    }
  });

  test('of a meter that is gone are both kept, and a second change waits for the first', async () => {
    const path = newFile();
    const power = new Power();
    const meter = new Keyed(power, 'lost');
    const change = { ...meter };
    const file = new KeyFile(path);
    const gone = () => Promise.reject(new TimeoutError('nobody'));
    const run = changeKept({
      file,
      meter: await meter.open(file.values('utility')),
      prover: 'utility',
      names: NAMES,
      fresh: { ek: NEW },
      change: change.change,
      open: gone,
    });
    await expect(run).rejects.toMatchObject({ held: 'unknown' });
    await expect(run).rejects.toThrow(KeyChangeError);
    expect(file.pending).toEqual(NAMES);
    expect([file.values('utility').ek, file.values('utility', 'new').ek]).toEqual([OLD, NEW]);
    expect(() => file.begin(['other'], { ek: NEW })).toThrow('not proved');
    expect(await settlePending(file, gone)).toEqual(NAMES.map((connection) => ({ connection, holds: 'unknown' })));
    await settlePending(file, meter.open);
    checkFile(path, NEW);
  });
});
