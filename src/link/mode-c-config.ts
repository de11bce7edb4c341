import type { Millis } from '../base/clock.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';

/** How a client signs on to a meter without HDLC (IEC 62056-21, modes A to C). */
export interface ModeCClientConfig {
  /** The side of the link. */
  readonly role: 'client';
  /** Which meter is meant on a line with several. Default empty: any meter. */
  readonly deviceAddress?: string;
  /** The highest speed to switch to, in baud. Default the speed that the meter proposes. */
  readonly maxBaud?: number;
  /** The longest silence of the meter, in milliseconds. Default 2200: 1500 of the standard and the time on the line. */
  readonly timeout?: Millis;
  /** How often a message is repeated, and a damaged answer refused. Default 2. */
  readonly retries?: number;
  /** Number of null octets that are sent first to wake up a battery-powered meter; a pause of 1.6 s follows (6.3.1). Default none. */
  readonly wakeUp?: number;
  /** The speed of the sign-on, in baud. Default 300, as in the standard. */
  readonly openingBaud?: number;
  /** Whether the meter stays at the speed of the sign-on, whatever it proposes. Default false. */
  readonly fixedBaud?: boolean;
  /**
   * Whether the line cannot change its speed, as behind a serial server or a modem. Then the meter is asked to keep its speed; if that fails, a second
   * sign-on accepts the proposed speed, for meters that have only one. Default false.
   */
  readonly fixedLine?: boolean;
}

/** How a meter answers the sign-on in mode C. */
export interface ModeCServerConfig {
  /** The side of the link. */
  readonly role: 'server';
  /** Three letters of the flag association. */
  readonly manufacturer: string;
  /** Its name in the identification, up to 16 characters. */
  readonly identification: string;
  /** The address to which it answers. By default it answers only requests without an address. */
  readonly deviceAddress?: string;
  /** The speed that it proposes, in baud. */
  readonly baud: number;
  /** Pause before each answer, in milliseconds. Default 200. */
  readonly reactionTime?: Millis;
}

const CLIENT: OptionNames<ModeCClientConfig> = {
  role: true,
  deviceAddress: true,
  maxBaud: true,
  timeout: true,
  retries: true,
  wakeUp: true,
  openingBaud: true,
  fixedBaud: true,
  fixedLine: true,
};
const SERVER: OptionNames<ModeCServerConfig> = {
  role: true,
  manufacturer: true,
  identification: true,
  deviceAddress: true,
  baud: true,
  reactionTime: true,
};

/** @throws StateError for an unknown option. */
export function checkModeCOptions(config: ModeCClientConfig | ModeCServerConfig): void {
  const others = { signOnBaud: 'openingBaud' };
  checkOptions<object>(config, config.role === 'client' ? CLIENT : SERVER, 'ModeCLink', { others });
}
