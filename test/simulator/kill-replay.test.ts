/**
 * Client and meter, both kept on a disk, one of them killed at every write in turn. After each kill everything that was recorded is played
 * again, to the meter and to the client: nothing is let in, and no counter under the key comes twice. `npm run kills` does a thousand; here
 * are fewer.
 */
import { expect, test } from 'vitest';
import { createMeter, MemoryMeterStore, openOptionsOf, type VirtualMeter } from '../../simulator/index.js';
import { toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type CounterStore, type Meter, open, SecurityError, type Transport } from '../../src/index.js';
import { FileCounterStore } from '../../src/node.js';
import { ModelDisk } from '../support/model-disk.js';
import { type Recording, ReplayedLine } from '../support/recorded-line.js';
import { TappedLine, type Turn } from '../support/tapped-line.js';
import { MortalStore } from './mortal.js';
import { DAY, START } from './support.js';

const KILLS = Number(process.env.COSEM_KILLS ?? 60);
const NEVER = Number.POSITIVE_INFINITY;
/** Frames and sessions of each client that are played again: the last ones, which a kill may have lost. */
const LAST = 6;
const WRAPPER_HEADER = 8;
const CLIENTS = ['utility', 'reader'] as const;
type Client = (typeof CLIENTS)[number];

/** Who dies at which of its writes. */
interface Death {
  readonly who: 'client' | 'meter';
  readonly write: number;
  /** Whether the meter's last write is on the disk. */
  readonly after: boolean;
}

class World {
  readonly clock = new VirtualClock(START);
  readonly #meterDisk = new MemoryMeterStore();
  readonly #clientDisk = new ModelDisk();
  /** Counters, by key. */
  readonly #sent = new Set<string>();
  readonly #answered = new Set<string>();
  /** What the meter has answered, and so taken, and whole sessions that a client believed. */
  readonly #taken: Record<Client, Uint8Array[]> = { utility: [], reader: [] };
  #sessions: Recording[] = [];
  #fate = 1;
  kills = 0;
  replays = 0;

  /** @returns whether somebody died. */
  async live({ who, write, after }: Death): Promise<boolean> {
    const store = new MortalStore(this.#meterDisk, who === 'meter' ? write : NEVER, after);
    if (who === 'client') this.#clientDisk.cutAfter(write);
    let virtual: VirtualMeter | undefined;
    const lines: { readonly name: Client; readonly line: TappedLine }[] = [];
    let failure: unknown;
    try {
      const counters = this.#counters();
      virtual = createMeter('is15959-1ph', { clock: this.clock, seed: 7, store, installed: START - DAY });
      // Before either has heard anything new of the other.
      await this.#attackClient(virtual, counters);
      for (const name of CLIENTS) await this.#attackMeter(virtual, name);
      for (const name of CLIENTS) {
        const line = new TappedLine(await virtual.line({ framing: 'wrapper' }));
        lines.push({ name, line });
        await this.#visit(virtual, name, line, counters);
      }
      virtual.stop();
    } catch (error) {
      failure = error;
    }
    const died = store.dead || this.#clientDisk.dead;
    for (const { name, line } of lines) this.#takeDown(name, line.turns);
    // A process that is dead does nothing more.
    store.dead = true;
    try {
      virtual?.stop();
    } catch {}
    this.#clientDisk.restart(() => this.#draw() % 3);
    // What is found wrong is so whoever died since.
    if (failure !== undefined && (!died || (failure as Error).name === 'AssertionError')) throw failure;
    if (died) this.kills++;
    this.clock.advance(60_000);
    return died;
  }

  /** The same numbers each time (Lehmer). */
  #draw(): number {
    this.#fate = (this.#fate * 48_271) % 0x7fff_ffff;
    return this.#fate;
  }

  /** The client's store, and what it gives. */
  #counters(): CounterStore {
    const store = new FileCounterStore('/counters', { fs: this.#clientDisk.fs, block: 16, patience: 0 });
    return {
      next: (entry) => {
        const counter = store.next(entry);
        const used = `${entry} ${counter}`;
        expect(this.#sent.has(used), `the client gives counter ${used} again`).toBe(false);
        this.#sent.add(used);
        return counter;
      },
      peek: (entry) => store.peek(entry),
      raise: (entry, atLeast) => store.raise(entry, atLeast),
      received: store.received,
    };
  }

  #open(virtual: VirtualMeter, name: Client, line: Transport, counters: CounterStore): Promise<Meter> {
    const { security, ...options } = openOptionsOf(virtual, name);
    if (security === undefined) throw new Error(`${name} has no keys`);
    return this.clock.run(
      open(line, {
        framing: 'wrapper',
        clock: this.clock,
        patience: 0,
        responseTimeout: 2000,
        ...options,
        security: { ...security, readInvocationCounter: undefined, counters },
      }),
    );
  }

  /** A session of a client, in the midst of which everything is said again that was recorded before. */
  async #visit(virtual: VirtualMeter, name: Client, line: TappedLine, counters: CounterStore): Promise<void> {
    const recorded = this.#taken[name].filter((frame) => frame[WRAPPER_HEADER] !== 0x60).slice(-LAST);
    const meter = await this.#open(virtual, name, line, counters);
    if (name === 'reader') this.#sessions = [...this.#sessions.slice(1 - LAST), line.recording];
    for (const frame of recorded) {
      for (const answer of await line.inject(frame, this.#wait)) {
        // ExceptionResponse, or silence.
        expect(toHex(answer.subarray(WRAPPER_HEADER)), `a request of the ${name}, replayed`).toMatch(/^D8/i);
      }
      this.replays++;
    }
    await this.clock.run(meter.get(meter.register('1.0.1.8.0.255').value));
    if (name === 'utility') {
      const relay = meter.disconnectControl();
      const closed = await this.clock.run(meter.get(relay.outputState));
      await this.clock.run(meter.call(closed ? relay.remoteDisconnect : relay.remoteReconnect));
    }
    await this.clock.run(meter.close());
  }

  /** Requests for an association that it took before. */
  async #attackMeter(virtual: VirtualMeter, name: Client): Promise<void> {
    const recorded = this.#taken[name].filter((frame) => frame[WRAPPER_HEADER] === 0x60).slice(-LAST);
    for (const frame of recorded) {
      const line = new TappedLine(await virtual.line({ framing: 'wrapper' }));
      await line.open({ data: () => {}, closed: () => {} });
      const answers = (await line.inject(frame, this.#wait)).map((answer) => toHex(answer).toLowerCase());
      expect(answers.join(''), `an association of the ${name}, replayed`).not.toMatch(/a203020100|a20302010e/);
      await line.close();
      this.replays++;
    }
  }

  /** Sessions that a client believed before. */
  async #attackClient(virtual: VirtualMeter, counters: CounterStore): Promise<void> {
    for (const recording of this.#sessions) {
      const attack = this.#open(virtual, 'reader', new ReplayedLine(recording), counters);
      const error = await attack.then(
        () => undefined,
        (failure: unknown) => failure,
      );
      if (this.#clientDisk.dead) throw error;
      expect(error, 'a whole session, replayed').toBeInstanceOf(SecurityError);
      expect(error).toMatchObject({ reason: 'replay' });
      this.replays++;
    }
  }

  readonly #wait = () => this.clock.run(new Promise<void>((resolve) => this.clock.at(this.clock.now() + 50, resolve)));

  /** What the meter answered it has taken; the counters of its answers come once. */
  #takeDown(name: Client, turns: readonly Turn[]): void {
    for (const { sent, heard } of turns) {
      if (heard.length === 0) continue;
      this.#taken[name].push(sent);
      for (const answer of heard) {
        const counter = counterIn(answer.subarray(WRAPPER_HEADER));
        if (counter === undefined) continue;
        const used = `${name} ${counter}`;
        expect(this.#answered.has(used), `the meter gives counter ${used} again`).toBe(false);
        this.#answered.add(used);
      }
    }
  }
}

/** The invocation counter of a ciphered answer, or of the terms in an AARE. */
function counterIn(apdu: Uint8Array): string | undefined {
  const hex = toHex(apdu).toLowerCase();
  if (apdu[0] === 0x61) return /be..04..28..[123]0(.{8})/.exec(hex)?.[1];
  return /^c[c-f](?:81..|82....|[0-7].)[123]0(.{8})/.exec(hex)?.[1];
}

test(`after ${KILLS} kills of client and meter nothing recorded is let in, and no counter comes twice`, async () => {
  const world = new World();
  const reached = { client: 0, meter: 0 };
  for (const who of ['client', 'meter'] as const) {
    // A sweep over all writes of a life; then again, for what has gathered meanwhile.
    for (let write = 0, kills = 0; kills < KILLS / 2; ) {
      const died = await world.live({ who, write, after: kills % 2 === 1 });
      if (died) kills++;
      reached[who] = Math.max(reached[who], write);
      write = died ? write + STEP[who] : write % STEP[who];
      // What was done in a life that nobody ended is there to be played again.
      if (died && kills % 8 === 0) await world.live({ who, write: NEVER, after: false });
    }
  }
  console.log(
    `${world.kills} kills, ${world.replays} replays, up to write ${reached.client} of the client, ${reached.meter} of the meter`,
  );
  expect(world.kills).toBeGreaterThanOrEqual(KILLS);
  expect(world.replays).toBeGreaterThan(KILLS);
}, 900_000);

/** How many writes the next kill lies behind the last: every one where there is time. */
const STEP = KILLS >= 500 ? { client: 1, meter: 1 } : { client: 7, meter: 1 };
