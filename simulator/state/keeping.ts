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

/** The meter as far as it is kept. */
export interface KeptMeter {
  readonly parts: Parts;
  /** Lets everything happen that fell due. */
  catchUp(): Millis;
  /** Nobody simulated it: it had no power. What fell due before happens first. */
  wasWithoutPower(from: Millis, to: Millis): void;
}

/** What keeps a meter of its own in the store of its options; nothing without one. */
export function keepingOf(options: MeterOptions, profile: string): Keeping | undefined {
  const { store, clock, lease } = options;
  if (store === undefined) return undefined;
  const name = serialOf(options);
  return new Keeping(store, name, clock, new Lifetime(store, name, originOf(options, profile), clock, lease));
}

/** What the past of a meter follows from. */
export function originOf(
  { seed, installed, solarPeak }: Pick<MeterOptions, 'seed' | 'installed' | 'solarPeak'>,
  profile: string,
): string {
  return JSON.stringify({ profile, seed, installed, solarPeak });
}

/** Keeps one meter in a store, so that a kill at any moment takes nothing back that a client was told. */
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

  /** When the meter came into being. */
  get created(): Millis {
    return this.#lifetime.created;
  }

  /** The counters of its sending, made to last. */
  counters(counters: ServerSecurity['counters']): ServerSecurity['counters'] {
    this.#counters = new StoredCounters(counters, this.#store, this.#name);
    return this.#counters;
  }

  /** Brings a newly made meter to where it was, and through what has passed since. */
  restore(meter: KeptMeter): void {
    this.#meter = meter;
    this.#keeper = new Keeper(meter.parts, this.#store, this.#name);
    // Absences that what is kept knows of already.
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

  /** The device, noticing what clients change. */
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
      statusChanged: (...change) => device.statusChanged(...change),
    };
  }

  /** Somebody is about to see the meter as it is at this time. */
  seen(): void {
    this.#lifetime.alive(this.#clock.now());
  }

  /** What was changed is written down. Called before an answer leaves. */
  settle(request?: Uint8Array): void {
    this.#keeper?.settle();
    // It used up a counter of the client's: it must not be let in again, nor that counter be told as one to use.
    if (request !== undefined) this.settleReceived();
  }

  /** The lowest counters that clients may use are written down: one of them is about to be told. */
  settleReceived(): void {
    this.#keeper?.settlePart(RECEIVED);
  }

  /** The meter goes out of memory; it lives on. */
  putAway(): void {
    this.#keeper?.settle();
    this.settleReceived();
    this.#counters?.release();
  }

  /** Nobody simulates it any more. */
  end(): void {
    this.#lifetime.end(this.#clock.now());
  }

  /** What happened before a change happens under what held before it. */
  #change(): void {
    this.#meter?.catchUp();
    this.#meter?.parts.changed();
  }
}
