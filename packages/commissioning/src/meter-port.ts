import type { CosemDateTime } from 'cosem';
import type { SupplyDiagnosis, SupplyOptions } from 'cosem/tools';
import type { LoadEvidence, NamePlate, RecordedValue } from './evidence.js';
import type { RefusalCause } from './messages.js';
import type { Tamper } from './policy.js';

/** An entry of a meter's event log. */
export interface LoggedEvent {
  /** The meter's time, as text. */
  readonly time: string;
  readonly code: number;
}

/** State of the supply's relay. */
export interface RelayState {
  readonly connected: boolean;
  /** `disconnected`, `connected`, `ready-for-reconnection`: the last waits for the button. */
  readonly state: string;
  readonly mode: number;
}

/** How a meter is paid. What it does not tell is left out. */
export interface PaymentModes {
  /** The time that its clock showed. */
  readonly time?: string | undefined;
  readonly payment?: 'prepaid' | 'postpaid' | undefined;
  /** The metering mode in words of the companion specification: `forward only`. */
  readonly metering?: string | undefined;
  /** In rupees, exact. */
  readonly balance?: string | undefined;
  /** When the meter counted it. */
  readonly balanceTime?: string | undefined;
}

/** A period of a meter's block load profile. */
export interface LoadBlock {
  /** When it ended: the milliseconds since 1970 of the local time that the meter's clock showed, as if it were UTC. */
  readonly end: number;
  /** What the register counted in it; as text, because it is exact. Undefined where the row has no energy that can be used. */
  readonly counts: string | undefined;
  /** Whether the row says that the clock was doubtful or invalid. */
  readonly doubtful?: true | undefined;
}

/** The newest part of a meter's block load profile: active energy import. */
export interface BlockLoad {
  /** The local time that the meter's clock shows, as in {@link LoadBlock.end}; undefined where it shows none. */
  readonly time: number | undefined;
  /** Seconds from row to row. */
  readonly period: number;
  /** The worth of a count: 10^scaler Wh. */
  readonly scaler: number;
  /** In the order of the buffer. */
  readonly blocks: readonly LoadBlock[];
  /** When the clock was set, by the meter's own log, as in {@link LoadBlock.end}; undefined where the log cannot be read. */
  readonly clockSet: readonly number[] | undefined;
}

/** What a meter reports about tampering. */
export interface TamperReport {
  /** The status word, hexadecimal; null where the meter does not give it. */
  readonly statusWord: string | null;
  readonly standing: readonly Tamper[];
  readonly logged: readonly LoggedEvent[];
  /** Logs that could not be read. */
  readonly unread: readonly string[];
}

/**
 * The new meter as commissioning uses it. Methods throw what the client throws: LinkError and TimeoutError when the probe is gone,
 * AccessError when the meter refuses, DecodeError when its answer is impossible.
 */
export interface MeterPort {
  namePlate(): Promise<NamePlate>;
  /** The serial number alone. */
  serial(): Promise<string | undefined>;
  /** The time that the clock shows, with the deviation and status that the meter sends. */
  time(): Promise<CosemDateTime>;
  /** The clock's status bits. */
  clockStatus(): Promise<number>;
  setTime(time: CosemDateTime): Promise<void>;
  relay(): Promise<RelayState>;
  openRelay(): Promise<void>;
  /** Closes the relay, or makes it ready for the button, depending on its control mode. */
  closeRelay(): Promise<void>;
  /** Openings and closings in the meter's log, oldest first; undefined where the meter does not allow reading it. */
  switchings(): Promise<readonly LoggedEvent[] | undefined>;
  load(): Promise<LoadEvidence>;
  /** Every register of energy that the meter has. */
  energies(): Promise<readonly RecordedValue[]>;
  /** Payment mode, balance and what goes with them. */
  payment(): Promise<readonly RecordedValue[]>;
  tampers(watched: readonly Tamper[]): Promise<TamperReport>;
  /** Why the house is dark, by what the meter tells: see `diagnoseSupply` of `cosem/tools`. */
  supply(options: SupplyOptions): Promise<SupplyDiagnosis>;
  /** How the meter is paid. */
  paymentModes(): Promise<PaymentModes>;
  /** Writes the payment mode, where the meter keeps it and in the type in which it sends it. */
  setPaymentMode(to: 'prepaid' | 'postpaid'): Promise<void>;
  /** The logs that tell of payment and metering mode, oldest first in each; undefined where one of them cannot be read. */
  modeEvents(): Promise<readonly LoggedEvent[] | undefined>;
  /** What the meter counted in each period of its block load profile, over its last hours. @throws DecodeError where it has no such profile of energy. */
  blockLoad(hours: number): Promise<BlockLoad>;
  /**
   * Why a question failed, where more is known than its error says. It never rejects.
   * @param mayAsk whether the meter may be asked more, without keys and passwords; never in the middle of the relay test.
   */
  causeOf?(error: unknown, mayAsk: boolean): Promise<RefusalCause | undefined>;
}

/** Codes of the control log: the relay was opened, and closed. */
export const OPENED = 301;
export const CLOSED = 302;
