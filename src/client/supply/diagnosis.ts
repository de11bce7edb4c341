/** What is concluded about the supply of a house, and what is told about it beforehand. */

import type { CauseFacts } from '../../causes/cause.js';
import type { SupplyCauseId } from '../../causes/supply.js';
import type { SupplyEvidence } from './evidence.js';

/** A recharge as the utility has it in its books. */
export interface ExpectedRecharge {
  /** When it was paid, by the utility's local time: `2026-11-23 14:05:00`. */
  readonly time: string;
  /** The amount for people, `₹ 500.00`. */
  readonly amount?: string | undefined;
}

/** What is known about a house before its meter is asked. */
export interface SupplyOptions {
  /** The serial number that the meter must have. Left out, any meter is taken. */
  readonly serial?: string | undefined;
  /** The last recharge by the utility's books. */
  readonly recharge?: ExpectedRecharge | undefined;
  /** The hours in which the utility reconnects, by the meter's clock: `HH:MM`. Left out, at any time. */
  readonly hours?:
    | {
        /** The first moment, `HH:MM`. */
        readonly from: string;
        /** The moment from which it does not any more, `HH:MM`. */
        readonly to: string;
      }
    | undefined;
  /** Gives local time as if it were UTC, in milliseconds. Left out, nothing is said about the meter's clock. */
  readonly localTime?: (() => number) | undefined;
  /** From how many seconds on the clock counts as wrong. Default 600. */
  readonly clockLimit?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** One thing that was found. `wordSupplyCause` of `cosem/inspect` says it in words. */
export interface SupplyFinding {
  /** Its name in the table of supply causes. */
  readonly id: SupplyCauseId;
  /** What the sentence names: amounts and times as the meter has them. */
  readonly facts: CauseFacts;
}

/** Whether an order may close the relay, by what was read. It says nothing about what the utility ordered. */
export interface SupplyClosing {
  /** What an order to close would do: close the relay, or make it ready for the button. Undefined where the relay takes none now. */
  readonly order: 'closes' | 'makes-ready' | undefined;
  /** Whether the meter itself has the credit for it: prepaid, a balance above zero, and a recharge after the relay opened. */
  readonly byCredit: boolean;
  /** Why it must not be closed. Empty means that nothing that was read speaks against it. */
  readonly barriers: readonly SupplyCauseId[];
}

/** Why a house is dark, by what its meter told. */
export interface SupplyDiagnosis {
  /** What explains it, or what stands in the way of an explanation. */
  readonly verdict: SupplyFinding;
  /** What else was found. */
  readonly also: readonly SupplyFinding[];
  /** Whether an order may close the relay. */
  readonly closing: SupplyClosing;
  /** What was read. */
  readonly evidence: SupplyEvidence;
}
