/** The result of an examination, and what its parts share. */

import type { CauseFacts } from '../../causes/cause.js';
import type { CauseId } from '../../causes/causes.js';
import type { ProgressId } from '../../causes/passed.js';
import type { Companion } from '../../companion/companion.js';
import type { Transport } from '../../contracts/transport.js';
import type { DiscoveredMeter, DiscoverPlatform } from '../discover/discover.js';
import type { OpenOptions } from '../options.js';

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
}

/** Options of {@link diagnose}, in addition to the options that do not work. */
export interface DiagnoseOptions {
  /** Speed of the serial port in bit/s. Left out for a network. */
  readonly baud?: number;
  /** What sentences call the line: `/dev/ttyUSB0`, `10.0.0.7:4059`. Default the name of the transport. */
  readonly place?: string;
  /** The companion specification whose name plate is read. Default the generic one. */
  readonly companion?: Companion;
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
  readonly trying: (what: ProgressId | { readonly probe: string }, facts?: CauseFacts) => void;
}

/** @internal The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
