import type { Millis } from '../../src/base/clock.js';

/** R, Y and B are 0, 1 and 2; undefined is every phase that the meter has. */
export type PhaseChoice = 0 | 1 | 2 | undefined;

/**
 * What people, the grid and the weather do to a meter. Everything happens at the moment of the call and holds until it is taken back;
 * what the meter makes of it (events, status bits, a relay that opens) is its own business.
 */
export interface MeterControls {
  /** Phases that the meter has. */
  readonly phases: number;
  magnet(on: boolean): void;
  cover(open: boolean): void;
  /** The plug-in communication module. */
  module(removed: boolean): void;
  neutral(state: 'sound' | 'missing' | 'disturbed'): void;
  /** Milliamperes that come back by earth instead of the neutral; 0 is none. */
  earthLoad(milliamperes: number): void;
  /** Percent of the current that the meter sees: 100 is all, -100 a conductor put in the wrong way round, 40 a bypass. */
  current(percent: number, phase: PhaseChoice): void;
  /** Tenths of a volt; 0 is missing, undefined what the grid gives. */
  voltage(decivolts: number | undefined, phase: PhaseChoice): void;
  /** All of the grid, whatever its voltage was. */
  power(on: boolean): void;
  /** Something that draws that much beside the household; 0 takes it away. Spread over the phases unless one is named. */
  appliance(name: string, watts: number, phase: PhaseChoice): void;
  /** Whether the household itself draws anything. */
  household(on: boolean): void;
  /** The relay's contacts are welded: they stay as they are, whatever the relay is told. */
  relayStuck(stuck: boolean): void;
  /** Paise that are paid in. */
  recharge(paise: number): void;
  /** The meter's own clock runs on from another time: `by` milliseconds later, or local time `to` as if that were UTC. */
  clock(change: { readonly by: Millis } | { readonly to: Millis }): void;
}
