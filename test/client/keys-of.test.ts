/** Keys that come later, as from a vault: `keysOf` of `open`. */

import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type AsyncReplayGuard, type Meter, type OpenOptions, open, SecurityError } from '../../src/index.js';
import { changeHlsSecret } from '../../src/tools.js';
import { START } from '../simulator/support.js';
import { FieldLine } from '../support/field-line.js';

const ENERGY = '1.0.1.8.0.255';

/** The options of a connection, and its secrets by themselves. */
function split(meter: FieldLine['meter'], name: string) {
  const { password, secret, security, ...options } = openOptionsOf(meter, name);
  const secrets = Object.fromEntries(
    Object.entries({ password, secret, security }).filter(([, value]) => value !== undefined),
  );
  return { secrets, options: options as OpenOptions };
}

/** A meter whose secrets are in a vault some way off. */
class Vaulted {
  readonly field = new FieldLine();
  readonly secrets: Pick<OpenOptions, 'password' | 'secret' | 'security'>;
  readonly options: OpenOptions;
  now: Pick<OpenOptions, 'password' | 'secret' | 'security'>;
  asked = 0;
  /** What the next questions fail with. */
  readonly fails: Error[] = [];

  constructor(name = 'utility') {
    ({ secrets: this.secrets, options: this.options } = split(this.field.meter, name));
    this.now = this.secrets;
  }

  readonly keysOf = async () => {
    this.asked++;
    await new Promise<void>((resolve) => this.field.at(200, resolve));
    const failure = this.fails.shift();
    if (failure !== undefined) throw failure;
    return this.now;
  };

  async open(more: Partial<OpenOptions> = {}): Promise<Meter> {
    await this.field.attach();
    const { line, clock } = this.field;
    const meter = await open(line.a, { framing: 'hdlc', clock, ...this.options, keysOf: this.keysOf, ...more });
    meter.on('resumed', (resumption) => this.field.resumptions.push(resumption));
    return meter;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.field.clock.run(work());
  }
}

describe('keys that come later', () => {
  it.each(['reader', 'utility'])('open a meter (%s), and are asked for once', async (name) => {
    const vault = new Vaulted(name);
    await vault.run(async () => {
      const meter = await vault.open();
      expect(await meter.get(meter.register(ENERGY).value)).toBeDefined();
      await meter.close();
    });
    expect(vault.asked).toBe(1);
  });

  it('that fail end opening before the line is touched; what the vault said stays in the cause', async () => {
    const vault = new Vaulted();
    const failure = new Error('token hunter2 has expired');
    vault.fails.push(failure);
    let opened = 0;
    const line = { name: 'no line', open: async () => void opened++, write: () => {}, close: async () => {} };
    const error = await vault.run(() =>
      open(line, { clock: vault.field.clock, ...vault.options, keysOf: vault.keysOf }).catch((thrown: Error) => thrown),
    );
    expect(error).toMatchObject({ code: 'state', cause: failure });
    expect(String(error)).not.toContain('hunter2');
    expect(opened).toBe(0);
  });

  it.each([
    ['nothing', async () => undefined, 'gave no keys'],
    ['an empty object', () => ({}), 'gave no keys'],
    ['an unknown option of security', () => ({ security: { ek: new Uint8Array(16) } }) as never, "'ek'"],
  ])('that are %s are refused by name', async (_, keysOf, words) => {
    const vault = new Vaulted();
    await expect(vault.run(() => vault.open({ keysOf }))).rejects.toMatchObject({
      code: 'state',
      message: expect.stringContaining(words),
    });
  });

  it('stand beside no fixed ones', async () => {
    const vault = new Vaulted();
    await expect(vault.run(() => vault.open({ secret: 'S3cretS3cretS3cr' }))).rejects.toThrow("'keysOf' and 'secret'");
    expect(vault.asked).toBe(0);
  });

  it('that never come leave the signal in force', async () => {
    const vault = new Vaulted();
    const stop = new AbortController();
    vault.field.at(60_000, () => stop.abort(new Error('enough')));
    const never = () => new Promise<never>(() => {});
    await expect(vault.run(() => vault.open({ keysOf: never, signal: stop.signal }))).rejects.toThrow('enough');
    expect(vault.field.clock.next()).toBeUndefined();
  });

  it('are asked for again when a lost line is restored, and once more where the vault did not answer', async () => {
    const vault = new Vaulted();
    const { field } = vault;
    await vault.run(async () => {
      const meter = await vault.open();
      vault.fails.push(new Error('the vault restarts'));
      field.at(10, () => field.line.unplug('a'));
      field.at(1000, () => field.line.plug('a'));
      await new Promise<void>((resolve) => field.at(500, resolve));
      expect(await meter.get(meter.register(ENERGY).value)).toBeDefined();
      await meter.close();
    });
    expect(vault.asked).toBe(3);
    expect(vault.fails).toEqual([]);
  });

  it('are the new ones where a secret was changed meanwhile', async () => {
    const vault = new Vaulted();
    const { field } = vault;
    const fresh = new Uint8Array(16).fill(7);
    await vault.run(async () => {
      const meter = await vault.open();
      await changeHlsSecret(meter, fresh);
      vault.now = { ...vault.secrets, secret: fresh };
      field.at(10, () => field.line.unplug('a'));
      field.at(1000, () => field.line.plug('a'));
      await new Promise<void>((resolve) => field.at(500, resolve));
      expect(await meter.get(meter.register(ENERGY).value)).toBeDefined();
      await meter.close();
    });
    expect(field.resumptions).toHaveLength(1);
  });
});

/** Received counters in a database, although our own are in a file or in memory. */
describe('a store of counters that answers at once, with a guard that answers later', () => {
  const clock = new VirtualClock(START);
  const virtual = createMeter('is15959-1ph', { clock, seed: 7 });

  async function session(received: AsyncReplayGuard, sent: { next: number }): Promise<void> {
    const { security: own, ...options } = openOptionsOf(virtual, 'utility');
    if (own === undefined) throw new Error('it has keys');
    const counters = {
      next: () => sent.next++,
      peek: () => sent.next,
      raise: (_: string, atLeast: number) => {
        sent.next = Math.max(sent.next, atLeast);
      },
      received,
    };
    const security = { ...own, readInvocationCounter: undefined, counters };
    const line = await virtual.line({ framing: 'wrapper' });
    const meter = await open(line, { framing: 'wrapper', clock, patience: 0, ...options, security });
    expect(await meter.get(meter.register(ENERGY).value)).toBeDefined();
    await meter.close();
  }

  it('stores what came before it is believed, and refuses what comes again', async () => {
    const rows = new Map<string, number>();
    const later = () => new Promise<void>((resolve) => clock.at(clock.now() + 40, resolve));
    const received: AsyncReplayGuard = {
      lowest: (entry) => later().then(() => rows.get(entry) ?? 0),
      accept: (entry, counter) => later().then(() => void rows.set(entry, counter + 1)),
    };
    const sent = { next: 1 };
    await clock.run(session(received, sent));
    expect(rows.size).toBe(1);
    const [entry] = [...rows.keys()] as [string];
    expect(rows.get(entry)).toBeGreaterThan(2);
    rows.set(entry, 0xf000_0000);
    await expect(clock.run(session(received, sent))).rejects.toThrow(SecurityError);
  });
});
