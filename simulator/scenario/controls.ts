import type { Millis } from '../../src/base/clock.js';

/** A phase: 0, 1 and 2 are R, Y and B; undefined is every phase that the meter has. */
export type PhaseChoice = 0 | 1 | 2 | undefined;

/**
 * What people, the grid and the weather do to a meter: `meter.controls`. Everything happens at the moment of the call and lasts until it is
 * undone. How the meter reacts (events, status bits, a relay that opens) is up to the meter.
 */
export interface MeterControls {
  /** How many phases the meter has: 1 or 3. */
  readonly phases: number;
  /** Holds a magnet against the meter, or takes it away. */
  magnet(on: boolean): void;
  /** Opens or closes the cover. */
  cover(open: boolean): void;
  /** Pulls the plug-in communication module out, or puts it back. */
  module(removed: boolean): void;
  /** Disconnects the neutral, disturbs it by a foreign voltage, or restores it. */
  neutral(state: 'sound' | 'missing' | 'disturbed'): void;
  /** How many milliamperes return through earth instead of the neutral; 0 for none. */
  earthLoad(milliamperes: number): void;
  /** How many percent of the current the meter sees: 100 is all, -100 a reversed conductor, 40 a bypass. */
  current(percent: number, phase: PhaseChoice): void;
  /** Sets the voltage in tenths of a volt; 0 is a missing phase, undefined leaves it to the grid. */
  voltage(decivolts: number | undefined, phase: PhaseChoice): void;
  /** Switches the whole grid off or on again. The voltages that were set stay. */
  power(on: boolean): void;
  /** Adds an appliance of that many watts to the household; 0 removes it. Spread over the phases unless one is named. */
  appliance(name: string, watts: number, phase: PhaseChoice): void;
  /** Switches everything in the household off or on again. */
  household(on: boolean): void;
  /** Welds the relay's contacts, so that they stay as they are whatever the relay is told; or frees them. */
  relayStuck(stuck: boolean): void;
  /** Opens or closes the relay from afar, as the utility does; what the relay does not allow has no effect. */
  relayOrder(order: 'open' | 'close'): void;
  /** Sets the control mode of the relay, 0 to 6. */
  controlMode(mode: number): void;
  /** Sets the balance of the prepaid account in paise, without a recharge. */
  balance(paise: number): void;
  /** Pays in so many paise. */
  recharge(paise: number): void;
  /** Sets the meter's own clock: `by` milliseconds later, or to local time `to`, as if that were UTC. */
  clock(change: { readonly by: Millis } | { readonly to: Millis }): void;
}
