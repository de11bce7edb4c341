/**
 * A meter that is kept in a store and killed at any write: what a client was told holds when it comes back. In virtual time, with the
 * real client; the store is in memory and dies at a write, before it or after it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMeter, MemoryMeterStore, openOptionsOf, type VirtualMeter } from '../../simulator/index.js';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AssociationLnV1, ImageTransfer, ScriptTable } from '../../src/classes.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { i32, u16 } from '../../src/codec/make.js';
import { AccessError, MemoryCounterStore, type Meter, open } from '../../src/index.js';
import { IMAGE, IMAGE_BLOCK, IMAGE_BLOCKS, type Life, life, type Step } from './kill-steps.js';
import {
  bitsOf,
  buttonPressed,
  clockSet,
  demandReset,
  disconnected,
  type Effect,
  judgeRows,
  MortalStore,
  reconnected,
  sorted,
  type Told,
  toldAt,
} from './mortal.js';
import { DAY, HOUR, START, wattHours } from './support.js';

const BALANCE = '0.0.94.96.24.255';
const PAYMENT_MODE = '0.0.94.96.20.255';
const POWER_LOG = '0.0.99.98.2.255';
const COVER_LOG = '0.0.99.98.5.255';
const LOAD = '1.0.99.1.0.255';
const UTILITY = 48;
const COVER_OPENED = 251;
const INITIATED = 'image-transfer-initiated';
const VERIFIED = 'image-verification-successful';

/** What clients were told, over all lives. */
class World {
  readonly clock = new VirtualClock(START);
  readonly disk = new MemoryMeterStore();
  /** What the client keeps of its counters; a client that is new reads the meter's. */
  #clientCounters = new MemoryCounterStore();
  /** Whether the next life has a client that knows nothing of the counters used. */
  #fresh = false;
  /** Counters of answers and of requests under the global key. */
  readonly #answered = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #repeated: string[] = [];
  /** Requests that a meter took: the last request for an association, and the last ones in it. */
  #aarq: Uint8Array | undefined;
  #requests: Uint8Array[] = [];
  #energy = 0;
  /** What may hold: one, or two while an answer is missing. */
  #told: readonly Told[] = [];
  #clockWasSet = false;
  #coversOpened = 0;
  serial = '';
  kills = 0;

  #make(store: MortalStore | MemoryMeterStore): VirtualMeter {
    return createMeter('is15959-1ph', {
      clock: this.clock,
      seed: 7,
      store,
      installed: START - 2 * DAY,
      lists: true,
      imageBlockSize: IMAGE_BLOCK,
    });
  }

  /** A world whose meter is postpaid from the beginning, so that nothing but the steps moves the relay and the balance. */
  static async begun(): Promise<World> {
    const world = new World();
    await world.#begin();
    return world;
  }

  /** Another one that begins as this did. */
  copy(): World {
    const { serial } = this;
    const world = new World();
    world.disk.save(serial, this.disk.load(serial));
    world.#told = this.#told;
    world.#energy = this.#energy;
    for (const counter of this.#answered) world.#answered.add(counter);
    for (const counter of this.#asked) world.#asked.add(counter);
    // What was recorded of the first client can be replayed to all; its counters go on by what the meter tells.
    world.#aarq = this.#aarq;
    world.#requests = [...this.#requests];
    return world;
  }

  async #begin(): Promise<void> {
    const virtual = this.#make(this.disk);
    const meter = await this.#open(virtual, 'utility');
    await this.clock.run(meter.set(meter.data(PAYMENT_MODE).value, { type: 'unsigned', value: 0 }));
    this.#told = [{ ...(await this.#observe(meter, virtual)), billed: 0, closeAt: undefined }];
    await this.clock.run(meter.close());
    virtual.stop();
    this.serial = virtual.identity.serial;
  }

  async live({ writes, after, steps }: Life): Promise<void> {
    const store = new MortalStore(this.disk, writes, after);
    let virtual: VirtualMeter | undefined;
    try {
      virtual = this.#make(store);
      const meter = await this.#welcome(virtual);
      for (const step of steps) await this.#do(step, meter, virtual);
      await this.check(meter, virtual);
      await this.clock.run(meter.close());
      virtual.stop();
    } catch (error) {
      if (!store.dead) throw error;
      this.kills++;
    }
    // A process that is dead does nothing more.
    store.dead = true;
    try {
      virtual?.stop();
    } catch {
      // It cannot even write that it stops.
    }
  }

  /** Whoever recorded what went over the line before the meter was killed gets nowhere with it. */
  async #welcome(virtual: VirtualMeter): Promise<Meter> {
    if (this.#aarq !== undefined) {
      const answer = virtual.handle(UTILITY, 1, this.#aarq);
      expect(answer === undefined ? '' : toHex(answer), 'an association, replayed').not.toContain('a203020100');
    }
    if (this.#fresh) this.#clientCounters = new MemoryCounterStore();
    this.#fresh = false;
    const recorded = this.#requests.splice(0);
    const meter = await this.#open(virtual, 'utility');
    for (const request of recorded) {
      const answer = virtual.handle(UTILITY, 1, request);
      // ExceptionResponse, or silence.
      expect([undefined, 0xd8], 'a request, replayed').toContain(answer?.[0]);
    }
    await this.check(meter, virtual);
    return meter;
  }

  async #open(virtual: VirtualMeter, name: string): Promise<Meter> {
    const { security, ...options } = openOptionsOf(virtual, name);
    const line = await virtual.line({ framing: 'wrapper' });
    return this.clock.run(
      open(line, {
        framing: 'wrapper',
        clock: this.clock,
        patience: 0,
        ...options,
        ...(security && { security: { ...security, counters: this.#clientCounters, trustCounters: true } }),
        trace: (event) => {
          if (event.type === 'octets')
            this.#record(options.client, event.bytes.subarray(8), event.direction === 'received');
        },
      }),
    );
  }

  /** Invocation counters under the global key of a client are used once, by either side. */
  #record(client: number, apdu: Uint8Array, answer: boolean): void {
    const [tag = 0, length = 0] = apdu;
    if (tag === 0x60 && !answer && client === UTILITY) this.#aarq = apdu.slice();
    if (tag < 0xc8 || tag > 0xcf) return;
    const at = 2 + (length > 0x80 ? length - 0x80 : 0);
    const counter = `${client} ${toHex(apdu.subarray(at + 1, at + 5))}`;
    const used = answer ? this.#answered : this.#asked;
    // Who listens to a line must not throw: it is told later.
    if (used.has(counter)) this.#repeated.push(`${answer ? 'answer' : 'request'} ${counter}`);
    used.add(counter);
    if (!answer && client === UTILITY) this.#requests = [...this.#requests.slice(-2), apdu.slice()];
  }

  async #do(step: Step, meter: Meter, virtual: VirtualMeter): Promise<void> {
    const relay = meter.disconnectControl();
    switch (step.type) {
      case 'wait':
        this.clock.advance(1000 * step.seconds);
        return;
      case 'check':
        return this.check(meter, virtual);
      case 'fresh':
        this.#fresh = true;
        return;
      case 'relay':
        if (step.on) return this.#order(reconnected, () => meter.call(relay.remoteReconnect));
        return this.#order(disconnected, () => meter.call(relay.remoteDisconnect));
      case 'button':
        return this.#order(buttonPressed, () => virtual.pressButton());
      case 'cover':
        if (step.on) this.#coversOpened++;
        return this.#order(
          () => ({ coverOpen: step.on }),
          () => virtual.controls.cover(step.on),
        );
      case 'balance':
        return this.#order(
          () => ({ balance: step.paise }),
          () => meter.set(meter.data(BALANCE).value, i32(step.paise)),
        );
      case 'recharge':
        return this.#order(
          ({ balance }) => ({ balance: balance + step.paise }),
          () => virtual.controls.recharge(step.paise),
        );
      case 'block':
        return this.#order(
          () => ({ blockPeriod: step.seconds }),
          () => meter.set(meter.data('1.0.0.8.4.255').value, u16(step.seconds)),
        );
      case 'demand':
        return this.#order(
          () => ({ demandPeriod: step.seconds }),
          () => meter.set(meter.data('1.0.0.8.0.255').value, u16(step.seconds)),
        );
      case 'clock': {
        this.#clockWasSet = true;
        // One moment ends one period: that of a reset is over.
        this.clock.advance(1000);
        const time = CosemDateTime.fromDate(new Date(this.clock.now() + step.shift), -330);
        return this.#order(clockSet(step.shift), () => meter.set(meter.clock().time, time));
      }
      case 'reset':
        // The same.
        this.clock.advance(1000);
        return this.#order(demandReset, () => meter.call(meter.object(ScriptTable, '0.0.10.0.1.255').execute, 1));
      case 'secret': {
        const secret = new TextEncoder().encode(step.text);
        return this.#order(
          () => ({ lls: toHex(secret) }),
          () => meter.set(meter.object(AssociationLnV1, '0.0.40.0.2.255').secret, secret),
        );
      }
      default:
        return this.#update(step, virtual);
    }
  }

  /** Steps of an update of the firmware, which has a client of its own. */
  async #update(step: Step, virtual: VirtualMeter): Promise<void> {
    const client = await this.#open(virtual, 'firmware');
    const image = client.object(ImageTransfer, '0.0.44.0.0.255');
    if (step.type === 'image') {
      await this.#order(
        () => ({ image: INITIATED, blocks: '0'.repeat(IMAGE_BLOCKS) }),
        () =>
          client.call(image.imageTransferInitiate, {
            imageIdentifier: new Uint8Array([0x41]),
            imageSize: IMAGE.length,
          }),
      );
    } else if (step.type === 'verify') {
      await this.#order(
        (told) => (told.image === INITIATED && !told.blocks.includes('0') ? { image: VERIFIED } : undefined),
        () => client.call(image.imageVerify),
      );
    } else if (step.type === 'activate') {
      await this.#order(
        (told) =>
          told.image === VERIFIED ? { image: 'image-activation-successful', firmware: 'COSEM-D1-9.9' } : undefined,
        () => client.call(image.imageActivate),
      );
    } else if (step.type === 'firmware') {
      const { block } = step;
      await this.#order(
        ({ image, blocks }) =>
          image === INITIATED ? { blocks: `${blocks.slice(0, block)}1${blocks.slice(block + 1)}` } : undefined,
        () =>
          client.call(image.imageBlockTransfer, {
            imageBlockNumber: block,
            imageBlockValue: IMAGE.subarray(IMAGE_BLOCK * block, IMAGE_BLOCK * (block + 1)),
          }),
      );
    }
    await this.clock.run(client.close());
  }

  /** Carries out an order. While no answer is there it is wholly carried out or not at all. */
  async #order(effect: Effect, carryOut: () => unknown): Promise<void> {
    const now = this.clock.now();
    const before = this.#told.map((told) => toldAt(told, now));
    const changes = before.map((told) => effect(told, now));
    const done = before.flatMap((told, i) => (changes[i] === undefined ? [] : [{ ...told, ...changes[i] }]));
    const refused = before.filter((_, i) => changes[i] === undefined);
    this.#told = [...before, ...done];
    try {
      await this.clock.run(Promise.resolve(carryOut()));
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      this.#told = refused;
      expect(refused.length, `refused: ${error.message}`).toBeGreaterThan(0);
      return;
    }
    this.#told = done;
    expect(done.length, 'carried out what had to be refused').toBeGreaterThan(0);
  }

  async #observe(meter: Meter, virtual: VirtualMeter): Promise<Omit<Told, 'billed' | 'closeAt'>> {
    const relay = meter.disconnectControl();
    const image = meter.object(ImageTransfer, '0.0.44.0.0.255');
    const [state, output, balance, block, demand, time, bills, status, blocks, firmware, energy] = await this.clock.run(
      meter.get(
        relay.controlState,
        relay.outputState,
        meter.data(BALANCE).value,
        meter.data('1.0.0.8.4.255').value,
        meter.data('1.0.0.8.0.255').value,
        meter.clock().time,
        meter.data('0.0.0.1.0.255').value,
        image.imageTransferStatus,
        image.imageTransferredBlocksStatus,
        meter.data('1.0.0.2.0.255').value,
        meter.register('1.0.1.8.0.255').value,
      ),
    );
    expect(output).toBe(state === 'connected');
    expect(wattHours(energy), 'energy runs back').toBeGreaterThanOrEqual(this.#energy);
    this.#energy = wattHours(energy);
    const { secret = new Uint8Array(0) } = virtual.connections.find(({ name }) => name === 'reader') ?? {};
    return {
      relay: state,
      balance: balance.value as number,
      blockPeriod: block.value as number,
      demandPeriod: demand.value as number,
      shift: (time.toMillis() as number) - this.clock.now(),
      bills: bills.value as number,
      image: status,
      blocks: bitsOf(blocks),
      firmware: firmware.value as string,
      lls: toHex(secret),
      coverOpen: virtual.face().coverOpen,
    };
  }

  /** The meter is as it was told to be, or as one order more that nobody heard the answer of. */
  async check(meter: Meter, virtual: VirtualMeter): Promise<void> {
    const seen = await this.#observe(meter, virtual);
    expect(this.#repeated, 'invocation counters used again').toEqual([]);
    const possible = this.#told.map((told) => toldAt(told, this.clock.now()));
    const visible = ({ billed, closeAt, ...rest }: Told) => rest;
    const fits = possible.filter((told) => JSON.stringify(sorted(visible(told))) === JSON.stringify(sorted(seen)));
    if (fits.length === 0) expect(seen).toEqual(visible(possible[0] as Told));
    this.#told = fits;
  }

  /** In the end: everything that was told holds, and the profiles have no row twice and none missing but without power. */
  async judge(): Promise<void> {
    const virtual = this.#make(this.disk);
    const meter = await this.#welcome(virtual);
    this.clock.advance(2 * HOUR);
    await this.check(meter, virtual);
    const log = await this.#rows(meter, POWER_LOG);
    const covers = await this.#rows(meter, COVER_LOG);
    const opened = covers.filter(({ code }) => code === COVER_OPENED).length;
    expect(opened).toBeLessThanOrEqual(this.#coversOpened);
    if (this.#told[0]?.coverOpen === true) expect(opened).toBeGreaterThan(0);
    if (!this.#clockWasSet) {
      const rows = (await this.#rows(meter, LOAD)).map(({ at }) => at);
      judgeRows(
        rows.filter((at) => at > START - HOUR),
        log,
        1000 * (this.#told[0]?.blockPeriod ?? 0),
      );
    }
    await this.clock.run(meter.close());
    virtual.stop();
  }

  async #rows(meter: Meter, name: string): Promise<{ readonly at: number; readonly code: unknown }[]> {
    const { value } = await this.clock.run(meter.get(meter.profile(name).object.buffer));
    return (value as readonly Data[]).map((row) => {
      const [time, code] = row.value as readonly Data[];
      return { at: CosemDateTime.fromBytes(time?.value as Uint8Array).toMillis() as number, code: code?.value };
    });
  }
}

/** Lives that took something back once. */
const FOUND: readonly Life[][] = [
  // What was done in the very moment the meter was made.
  [
    { writes: 99, after: true, steps: [{ type: 'cover', on: true }], away: 0 },
    { writes: 0, after: false, steps: [], away: 0 },
  ],
  // The bill of a date that the clock was set over.
  [7, 8, 9, 10].map((writes) => ({
    writes,
    after: true,
    steps: [{ type: 'clock' as const, shift: 10 * DAY }],
    away: 0,
  })),
  // Counters of requests that changed nothing, and a client that asks the meter for its own.
  [
    { writes: 99, after: true, steps: [{ type: 'fresh' }, ...new Array(4).fill({ type: 'check' })], away: 60 },
    ...[5, 6, 7, 8, 9, 10, 11, 12, 13].map((writes): Life => {
      return { writes, after: false, steps: [{ type: 'fresh' }, { type: 'check' }, { type: 'reset' }], away: 0 };
    }),
  ],
];

test('killed at any write, a meter takes back nothing that a client was told', async () => {
  let kills = 0;
  const begun = await World.begun();
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 4 }), async (lives) => {
      const world = begun.copy();
      for (const one of lives) {
        await world.live(one);
        world.clock.advance(1000 * one.away);
      }
      await world.judge();
      kills += world.kills;
    }),
    { numRuns: 200, examples: FOUND.map((lives) => [lives]) },
  );
  console.log(`${kills} kills`);
  expect(kills).toBeGreaterThan(0);
}, 240_000);
