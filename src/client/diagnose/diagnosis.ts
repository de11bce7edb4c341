/** The result of an examination, and what its parts share. */

import type { CauseFacts, Sentence } from '../../causes/cause.js';
import type { CauseId } from '../../causes/causes.js';
import { errorCodes } from '../../causes/codes.js';
import type { ProgressId } from '../../causes/passed.js';
import type { Companion } from '../../companion/companion.js';
import type { Transport } from '../../contracts/transport.js';
import type { DiscoveredMeter, DiscoverPlatform } from '../discover/discover.js';
import type { OpenOptions } from '../options.js';
import type { LineWatch } from './line-watch.js';

/** Where the way to a reading ends, and what is known about it. `wordCause` of `cosem/inspect` says it in words. */
export interface Diagnosis {
  /** The cause, by its name in the table of causes. */
  readonly id: CauseId;
  /** The facts that the sentences name. They never contain a key or password. */
  readonly facts: CauseFacts;
  /** The error that it ended with. */
  readonly cause?: unknown;
  /** The meter that was found, if its options differ from the given ones. */
  readonly found?: DiscoveredMeter;
  /** Set where only more questions to the meter could tell whether there is a nearer cause. */
  readonly unsettled?: true;
}

/** A call that failed, and what its line was seen to do. */
export interface FailedCall {
  /** What was thrown. */
  readonly error: unknown;
  /** Watched the line of that call: its `see` was, or is part of, the `trace` of `open`. */
  readonly watch: LineWatch;
  /** Whether the association was open when it failed. Default false. */
  readonly opened?: boolean;
}

/** Options of {@link diagnose}, in addition to the options that do not work. */
export interface DiagnoseOptions {
  /** Speed of the serial port in bit/s. Left out for a network. */
  readonly baud?: number;
  /** What sentences call the line: `/dev/ttyUSB0`, `10.0.0.7:4059`. Default the name of the transport. */
  readonly place?: string;
  /** The companion specification whose name plate is read. Default the generic one. */
  readonly companion?: Companion;
  /**
   * A call that failed already: the examination begins where that call ended. Nothing is sent then that needs a key, a password or a counter, because
   * a second wrong one may lock the meter; which of two keys is wrong is not looked for.
   */
  readonly failed?: FailedCall;
  /** Writes the options of a found meter for sentences. By default as options of `open`. */
  readonly optionsOf?: (found: DiscoveredMeter) => string;
  /** Called for each stage that is passed; `wordProgress` of `cosem/inspect` has words for it. It must not throw. */
  readonly onPassed?: (id: ProgressId, facts: CauseFacts) => void;
  /** Called for what is being tried: a stage, or an attempt of the search in words. It must not throw. */
  readonly onTrying?: (what: ProgressId | { readonly probe: string }, facts: CauseFacts) => void;
}

/** @internal What all parts of an examination share. */
export interface Attempt {
  readonly platform: DiscoverPlatform;
  readonly connect: () => Transport;
  readonly options: OpenOptions;
  /** Whether nothing may be sent that needs a key or a password. */
  readonly careful: boolean;
  readonly trying: (what: ProgressId | { readonly probe: string }, facts?: CauseFacts) => void;
}

/** @internal An error within a sentence: its message is English, its codes are for every language. */
export function inCodes(error: unknown): Sentence {
  return { en: messageOf(error), hi: errorCodes(error) };
}

/** @internal The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
