/** What a meter tells about the supply of its house. What could not be read is undefined, and is never taken for absent. */

import type { SupplyPart, SupplyTamper } from '../../causes/supply-words.js';
import type { RelayStatus } from '../relay-status.js';

/** An entry of an event log. */
export interface SupplyEvent {
  /** The meter's time, `2026-11-23 14:05:00`; undefined where the entry has none that is complete. */
  readonly time: string | undefined;
  /** Code of the event. */
  readonly code: number;
}

/** The clock of the meter. */
export interface SupplyClock {
  /** The time that it shows, `2026-11-23 14:05:00`. */
  readonly time: string;
  /** How many seconds it is ahead of local time; undefined where local time was not told. */
  readonly ahead: number | undefined;
}

/** A recharge that reached the meter. */
export interface SupplyToken {
  /** The amount for people, `₹ 500.00`. */
  readonly amount: string | undefined;
  /** When it came by the meter's clock, `2026-11-23 14:05:00`. */
  readonly time: string | undefined;
  /** Whether the meter carried out the token; undefined where it does not say. */
  readonly accepted: boolean | undefined;
}

/** The account that the meter keeps or shows. */
export interface SupplyCredit {
  /** Whether use is paid before; undefined where it is not known. */
  readonly prepaid: boolean | undefined;
  /** The balance, exact, in units of its currency: `-12.34`. */
  readonly balance: string | undefined;
  /** The balance for people, `₹ -12.34`. */
  readonly balanceText: string | undefined;
  /** When the balance was counted. */
  readonly balanceTime: string | undefined;
  /** The last recharge; undefined where the meter tells nothing of one. */
  readonly token: SupplyToken | undefined;
  /** Emergency credit for people, where some can be selected now. */
  readonly emergency: string | undefined;
}

/** The signal of the modem. */
export interface SupplySignal {
  /** In dBm. */
  readonly level: number | undefined;
  /** Whether the modem is in a network. */
  readonly registered: boolean | undefined;
}

/** The event logs that are read. */
export type SupplyLog = 'switching' | 'tamper' | 'overload' | 'transaction';

/** What was read of a meter to find out why its house is dark. All times are those that its clock showed. */
export interface SupplyEvidence {
  /** The serial number of the name plate. */
  readonly serial: string | undefined;
  /** The clock. */
  readonly clock: SupplyClock | undefined;
  /** Whether the contacts of the relay are closed. */
  readonly output: boolean | undefined;
  /** What the relay was ordered to be. */
  readonly state: RelayStatus['state'] | undefined;
  /** The control mode, 0 to 6. */
  readonly mode: number | undefined;
  /** The account. */
  readonly credit: SupplyCredit;
  /** The load limit that is in force, in W. */
  readonly limit: string | undefined;
  /** Voltage of each phase in V. */
  readonly volts: readonly string[] | undefined;
  /** Current of each phase, and of the neutral where there is one, in A. */
  readonly amperes: readonly string[] | undefined;
  /** Signs of tampering that stand; undefined where they could not be read. */
  readonly tampers: readonly SupplyTamper[] | undefined;
  /** The newest entries of each log, oldest first; undefined for a log that could not be read. */
  readonly logs: Readonly<Record<SupplyLog, readonly SupplyEvent[] | undefined>>;
  /** The signal of the modem, where the meter has one. */
  readonly signal: SupplySignal | undefined;
  /** When the meter is going to close its relay by its own schedule. */
  readonly closes: string | undefined;
  /** What could not be read. */
  readonly unread: readonly SupplyPart[];
}

/** Codes of the events of IS 15959 that are looked for. */
export const CODES = {
  opened: 301,
  closed: 302,
  overload: [215, 67],
  clockSet: 151,
  tampers: { cover: 251, magnet: 201, neutral: 203, bypass: 65 } satisfies Record<SupplyTamper, number>,
} as const;

/** Bits of the event status word. */
export const BITS: Readonly<Record<SupplyTamper, number>> = { cover: 83, magnet: 81, neutral: 82, bypass: 10 };

/** The kinds of tampering by their codes, `[name, code]`. */
export const TAMPER_CODES = Object.entries(CODES.tampers) as [SupplyTamper, number][];
