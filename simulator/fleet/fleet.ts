import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import type { OptionNames } from '../../src/base/known-options.js';
import { counted } from '../../src/base/words.js';
import type { AnsweringLine } from '../../src/contracts/answering-line.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import type { Transport } from '../../src/contracts/transport.js';
import type { ServedLink } from '../../src/transport/server.js';
import { type FaultLike, Faults } from '../faults/faults.js';
import { linkSetup } from '../meter/communication.js';
import { meterLink } from '../meter/link.js';
import { VirtualMeter } from '../meter/meter.js';
import type { MeterModel } from '../meter/model.js';
import {
  type Identity,
  identityOf,
  installedAt,
  METER_OPTIONS,
  type MeterOptions,
  type PushedNotification,
} from '../meter/options.js';
import type { Platform } from '../meter/platform.js';
import { type Answerer, type AttachOptions, type Served, serveMeter } from '../serve.js';
import { Keeping, originOf } from '../state/keeping.js';
import { Lifetime } from '../state/lifetime.js';
import { MemoryMeterStore } from '../state/memory-store.js';
import type { GatewayOptions } from './addresses.js';
import { serveGateway } from './gateway.js';
import { Places } from './places.js';

/** When nobody has spoken to a meter for this long its associations have timed out, and it can leave memory. */
const IDLE: Millis = 120_000;
/** When more meters than this are in memory, each new one replaces the meter that was silent longest. A meter takes some 600 KiB. */
const MOST_LIVE = 1000;
const MOMENT: Millis = 10_000;
/** The store's entry of what all meters of a fleet have in common. */
export function fleetEntry(seed: number): string {
  return `fleet ${seed}`;
}

/** Options of {@link createFleet}: those of a single meter as far as they apply to all, and how many meters there are. */
export interface FleetOptions
  extends Omit<MeterOptions, 'serial' | 'created' | 'counters' | 'scenario' | 'onPush' | 'objects'> {
  /** How many meters, at least 1. */
  readonly count: number;
  /** Seed of the first meter. Meter 7 of a fleet is the single meter whose seed is higher by 7. */
  readonly seed: number;
  /** Milliseconds of silence, by the clock of the lines, after which a meter leaves memory. Default 120 000. */
  readonly idle?: Millis;
  /**
   * When more meters than this are in memory, those that were silent longest leave it already after 10 s. Default 1000. When more are in
   * use at one time, more stay: each takes some 600 KiB.
   */
  readonly mostLive?: number;
  /**
   * Faults of one meter, in addition to the faults of all. Behind a gateway in the wrapper, where the meters share a line, faults of the
   * line strike what this meter sends, not what is sent to it.
   */
  readonly faultsOf?: (meter: number) => readonly FaultLike[];
  /** Called with every push, as for a single meter. A meter pushes nothing until somebody has spoken to it. */
  readonly onPush?: (push: PushedNotification, meter: number) => unknown;
}

const { serial: _serial, created: _created, scenario: _scenario, ...COMMON } = METER_OPTIONS;
/** Every option of a fleet, by name. */
export const FLEET_OPTIONS: OptionNames<FleetOptions> = {
  ...COMMON,
  count: true,
  idle: true,
  mostLive: true,
  faultsOf: true,
};

/** A meter that is in memory. */
interface Live {
  readonly meter: VirtualMeter;
  /** Its lines, keyed by our callback, which is called when the meter goes. Nobody else holds the lines, so they go with it. */
  readonly lines: Map<() => void, AnsweringLine>;
  usedAt: Millis;
}

/**
 * Many meters of one kind. A meter is made when somebody speaks to it, and leaves memory when nobody has for a while: what clients changed
 * is kept, everything else follows from its seed. So a meter that nobody speaks to costs nothing. Make one with {@link createFleet}.
 */
export class Fleet {
  /** How many meters the fleet has. */
  readonly count: number;
  readonly #platform: Platform;
  readonly #model: MeterModel;
  readonly #options: FleetOptions;
  readonly #store: MeterStore;
  readonly #lifetime: Lifetime;
  readonly #lineClock: Clock;
  readonly #idle: Millis;
  readonly #mostLive: number;
  readonly #live = new Map<number, Live>();
  /** The faults of each meter whose faults were asked for. */
  readonly #faults = new Map<number, Faults>();
  readonly #places = new Places();
  /** Alarms of meters that left memory and still have to push. */
  readonly #alarms = new Map<number, () => void>();
  #disarm: (() => void) | undefined;
  #stopped = false;

  /** @throws StateError for options that do not fit, or a store that holds another fleet. */
  constructor(platform: Platform, model: MeterModel, options: FleetOptions) {
    const { count, seed, clock, lease } = options;
    if (!Number.isSafeInteger(count) || count < 1) throw new StateError(`a fleet of ${counted(count, 'meter')}`);
    this.count = count;
    this.#platform = platform;
    this.#model = model;
    this.#options = options;
    this.#store = options.store ?? new MemoryMeterStore();
    this.#lifetime = new Lifetime(this.#store, fleetEntry(seed), originOf(options, model.profile), clock, lease);
    this.#lineClock = options.lineClock ?? clock;
    this.#idle = options.idle ?? IDLE;
    this.#mostLive = options.mostLive ?? MOST_LIVE;
  }

  /** How many meters are in memory. */
  get live(): number {
    return this.#live.size;
  }

  /** The names of a meter. The meter need not be in memory. @throws StateError when there is no such meter. */
  identity(index: number): Identity {
    const options = this.#optionsOf(index);
    return identityOf(options, installedAt(options));
  }

  /**
   * The meter itself; it is made when it is not in memory. Do not keep the object: the meter leaves memory when it is idle, and a new
   * object then takes its place.
   * @throws StateError when there is no such meter.
   */
  meter(index: number): VirtualMeter {
    const { meter } = this.#use(index);
    meter.placedAt(this.#places.of(index));
    return meter;
  }

  #use(index: number): Live {
    const now = this.#lineClock.now();
    let live = this.#live.get(index);
    if (live === undefined) {
      if (this.#live.size >= this.#mostLive) this.#makeRoom(now);
      live = { meter: this.#make(index), lines: new Map(), usedAt: now };
      this.#live.set(index, live);
      this.#watch();
    }
    live.usedAt = now;
    return live;
  }

  /**
   * Serves a line to one meter until it closes.
   * @throws LinkError when the transport cannot be opened; StateError when there is no such meter.
   */
  attach(index: number, transport: Transport, options: AttachOptions = {}): Promise<ServedLink> {
    const line = { ...given({ framing: this.#options.framing }), ...options };
    const served = this.served(index);
    this.#places.attached(index, line);
    return serveMeter(served, transport, line);
  }

  /**
   * Serves a line to many meters behind one address until it closes: each is a wPort in the wrapper, a physical address in HDLC.
   * @throws LinkError when the transport cannot be opened; StateError for options that do not fit.
   */
  gateway(transport: Transport, options: GatewayOptions): Promise<ServedLink> {
    this.#places.gateway(options);
    return serveGateway(this, this.#platform.gateway, transport, options, {
      clock: this.#lineClock,
      faults: new Faults(faultsOf(this.#options), { seed: this.#options.seed }),
      faultsOf: (meter) => this.faults(meter),
    });
  }

  /**
   * The faults of the lines and answers of one meter. Faults can be added and removed at any time, whether or not the meter is in memory.
   * @throws StateError when there is no such meter.
   */
  faults(index: number): Faults {
    let faults = this.#faults.get(index);
    if (faults === undefined) {
      const { seed } = this.#optionsOf(index);
      faults = new Faults([...faultsOf(this.#options), ...(this.#options.faultsOf?.(index) ?? [])], { seed });
      this.#faults.set(index, faults);
    }
    return faults;
  }

  /** @internal Answers for a meter, which is made when the first APDU comes. */
  answerer(index: number): Answerer {
    return { line: (gone) => this.#line(index, () => gone?.()) };
  }

  /** @internal What lines of a meter are served with. */
  served(index: number): Served {
    const options = this.#optionsOf(index);
    return {
      answerer: this.answerer(index),
      clock: this.#lineClock,
      realistic: options.realistic === true,
      seed: options.seed,
      faults: this.faults(index),
      link: (attach, busy) => meterLink(this.#platform, this.#model, linkSetup(this.#model, options), attach, busy),
    };
  }

  /** A line to a meter. One that has left memory and come back knows nothing of the associations it had. */
  #line(index: number, gone: () => void): AnsweringLine {
    const current = () => this.#live.get(index)?.lines.get(gone);
    return {
      handle: (...request) => {
        const { meter, lines } = this.#use(index);
        let line = lines.get(gone);
        if (line === undefined) {
          line = meter.served.answerer.line();
          lines.set(gone, line);
        }
        return line.handle(...request);
      },
      released: (client) => {
        current()?.released(client);
        // The whole line is gone: a meter that stays in memory must not keep it.
        if (client === undefined) this.#live.get(index)?.lines.delete(gone);
      },
      session: (client, server) => current()?.session(client, server),
      get associated() {
        return current()?.associated === true;
      },
      get proved() {
        return current()?.proved === true;
      },
    };
  }

  /** Puts every meter away: what it must keep is stored, its timers end. */
  stop(): void {
    this.#stopped = true;
    this.#disarm?.();
    for (const index of [...this.#live.keys()]) this.#putAway(index);
    for (const cancel of this.#alarms.values()) cancel();
    this.#alarms.clear();
    this.#lifetime.end(this.#options.clock.now());
  }

  #optionsOf(index: number): MeterOptions {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) {
      throw new StateError(`there is no meter ${index}`, { hint: `the fleet has meters 0 to ${this.count - 1}` });
    }
    const { onPush, seed, faultsOf: _faultsOf, ...common } = this.#options;
    return {
      ...common,
      seed: seed + index,
      created: this.#lifetime.created,
      ...(onPush === undefined ? {} : { onPush: (push: PushedNotification) => onPush(push, index) }),
    };
  }

  #make(index: number): VirtualMeter {
    this.#alarms.get(index)?.();
    this.#alarms.delete(index);
    const options = { ...this.#optionsOf(index), faults: this.faults(index) };
    const name = String(options.seed);
    const keeping = new Keeping(this.#store, name, this.#options.clock, this.#lifetime);
    return new VirtualMeter(this.#platform, options, this.#model, keeping);
  }

  #watch(): void {
    if (this.#disarm !== undefined || this.#stopped) return;
    const sweep = () => {
      this.#disarm = undefined;
      const now = this.#lineClock.now();
      for (const [index, { usedAt }] of this.#live) if (usedAt + this.#idle <= now) this.#putAway(index);
      if (this.#live.size > 0) this.#watch();
    };
    // This timer only frees memory, so a program whose lines are closed need not stay alive for it.
    this.#disarm = this.#lineClock.at(this.#lineClock.now() + this.#idle / 2, sweep, { background: true });
  }

  /** Removes the meter that was silent longest, unless somebody may still be using it. */
  #makeRoom(now: Millis): void {
    let [longest, since] = [-1, now - MOMENT];
    for (const [index, { usedAt }] of this.#live) {
      if (usedAt > since) continue;
      longest = index;
      since = usedAt;
    }
    if (longest >= 0) this.#putAway(longest);
  }

  #putAway(index: number): void {
    const live = this.#live.get(index);
    if (live === undefined) return;
    const { meter, lines } = live;
    const due = this.#options.onPush === undefined ? undefined : meter.nextPush;
    meter.putAway();
    this.#live.delete(index);
    for (const gone of lines.keys()) gone();
    if (due !== undefined && !this.#stopped) this.#wake(index, due);
  }

  /** Wakes a meter shortly before it pushes. */
  #wake(index: number, due: Millis): void {
    const { clock, lease = 0 } = this.#options;
    this.#alarms.set(
      index,
      clock.at(due - lease, () => this.meter(index)),
    );
  }
}

function faultsOf({ faults }: Pick<MeterOptions, 'faults'>): readonly FaultLike[] {
  return faults === undefined ? [] : faults instanceof Faults ? faults.list : faults;
}
