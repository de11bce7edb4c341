import type { Clock, Millis } from '../../src/base/clock.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import type { ServedDevice } from '../../src/contracts/served-device.js';
import { type MeterOptions, serialOf } from '../meter/options.js';
import { StoredCounters } from './counters.js';
import { Keeper } from './keeper.js';
import { Lifetime } from './lifetime.js';
import type { Parts } from './parts.js';

/** The part that holds the lowest invocation counters that clients may use. */
export const RECEIVED = 'received';

/** What is needed of a meter to keep it. */
export interface KeptMeter {
  readonly parts: Parts;
  /** Lets everything happen that fell due. */
  catchUp(): Millis;
  /** Nobody simulated the meter between these times: it had no power. What fell due earlier happens first. */
  wasWithoutPower(from: Millis, to: Millis): void;
}

/** Keeps a single meter in the store of its options; undefined without a store. */
export function keepingOf(options: MeterOptions, profile: string): Keeping | undefined {
  const { store, clock, lease } = options;
  if (store === undefined) return undefined;
  const name = serialOf(options);
  return new Keeping(store, name, clock, new Lifetime(store, name, originOf(options, profile), clock, lease));
}

/** Everything that the past of a meter follows from. */
export function originOf(
  { seed, installed, solarPeak }: Pick<MeterOptions, 'seed' | 'installed' | 'solarPeak'>,
  profile: string,
): string {
  return JSON.stringify({ profile, seed, installed, solarPeak });
}

/** Keeps one meter in a store. Nothing that a client was told is lost, even if the process is killed at any moment. */
export class Keeping {
  readonly #store: MeterStore;
  readonly #name: string;
  readonly #clock: Clock;
  readonly #lifetime: Lifetime;
  #counters: StoredCounters | undefined;
  #meter: KeptMeter | undefined;
  #keeper: Keeper | undefined;

  constructor(store: MeterStore, name: string, clock: Clock, lifetime: Lifetime) {
    this.#store = store;
    this.#name = name;
    this.#clock = clock;
    this.#lifetime = lifetime;
  }

  /** When the meter was made. */
  get created(): Millis {
    return this.#lifetime.created;
  }

  /** Makes its sending counters durable. */
  counters(counters: ServerSecurity['counters']): ServerSecurity['counters'] {
    this.#counters = new StoredCounters(counters, this.#store, this.#name);
    return this.#counters;
  }

  /** Restores a newly made meter to its last state, and lets the time since then pass. */
  restore(meter: KeptMeter): void {
    this.#meter = meter;
    this.#keeper = new Keeper(meter.parts, this.#store, this.#name);
    // Absences that the saved state already includes.
    let known = 0;
    meter.parts.add('absences', {
      save: () => known,
      load: (saved) => {
        known = saved;
      },
    });
    this.#keeper.restore();
    const { absences } = this.#lifetime;
    for (const { from, to } of absences.slice(known)) meter.wasWithoutPower(from, to);
    known = absences.length;
  }

  /** Wraps the device, to notice what clients change. */
  watched(device: ServedDevice): ServedDevice {
    return {
      sap: device.sap,
      association: (client) => device.association(client),
      get: (request, context) => device.get(request, context),
      set: (request, value, context) => {
        this.#change();
        return device.set(request, value, context);
      },
      action: (request, parameter, context) => {
        this.#change();
        return device.action(request, parameter, context);
      },
      named: (shortName, context) => device.named?.(shortName, context),
      shortNameOf: (member, client) => device.shortNameOf?.(member, client),
      statusChanged: (...change) => device.statusChanged(...change),
    };
  }

  /** Must be called before somebody sees the meter as it is at this time. */
  seen(): void {
    this.#lifetime.alive(this.#clock.now());
  }

  /** Stores what was changed. Called before an answer leaves. */
  settle(request?: Uint8Array): void {
    this.#keeper?.settle();
    // The request used up a counter of the client, which must not be accepted again after a restart.
    if (request !== undefined) this.settleReceived();
  }

  /** Stores the lowest counters that clients may use, because one of them is about to be told. */
  settleReceived(): void {
    this.#keeper?.settlePart(RECEIVED);
  }

  /** The meter leaves memory, and will come back. */
  putAway(): void {
    this.#keeper?.settle();
    this.settleReceived();
    this.#counters?.release();
  }

  /** The simulation ends. */
  end(): void {
    this.#lifetime.end(this.#clock.now());
  }

  /** Lets everything before a change happen under the conditions before it. */
  #change(): void {
    this.#meter?.catchUp();
    this.#meter?.parts.changed();
  }
}
