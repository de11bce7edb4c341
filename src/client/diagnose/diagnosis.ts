/** What an examination ends with, and what its parts are given. */

import type { CauseFacts } from '../../causes/cause.js';
import type { CauseId } from '../../causes/causes.js';
import type { ProgressId } from '../../causes/passed.js';
import type { Companion } from '../../companion/companion.js';
import type { Transport } from '../../contracts/transport.js';
import type { DiscoveredMeter, DiscoverPlatform } from '../discover/discover.js';
import type { OpenOptions } from '../options.js';

/** Where the way to a reading ends, and what is known about it: `wordCause` of `cosem/inspect` says it in words. */
export interface Diagnosis {
  readonly id: CauseId;
  /** What the sentences name. No key or password is among it. */
  readonly facts: CauseFacts;
  /** The error that it ended with. */
  readonly cause?: unknown;
  /** The meter that was found where its options are others than the given ones. */
  readonly found?: DiscoveredMeter;
}

/** What {@link diagnose} is told beside the options that do not work. */
export interface DiagnoseOptions {
  /** Speed at which the serial port stands, in bit/s. Left out: the line is a network. */
  readonly baud?: number;
  /** What sentences call the line: `/dev/ttyUSB0`, `10.0.0.7:4059`. The name of the transport unless told. */
  readonly place?: string;
  /** Its name plate is what is read; the generic one unless told. */
  readonly companion?: Companion;
  /** How sentences name the options of a meter that was found. Those of `open` unless told. */
  readonly optionsOf?: (found: DiscoveredMeter) => string;
  /** Told of each stage that is passed: `wordProgress` of `cosem/inspect` has words for it. Must not throw. */
  readonly onPassed?: (id: ProgressId, facts: CauseFacts) => void;
  /** Told of what is tried: a stage, or an attempt of the search in words. Must not throw. */
  readonly onTrying?: (what: ProgressId | { readonly probe: string }, facts: CauseFacts) => void;
}

/** @internal What every part of an examination is given. */
export interface Attempt {
  readonly platform: DiscoverPlatform;
  readonly connect: () => Transport;
  readonly options: OpenOptions;
  readonly trying: (what: ProgressId | { readonly probe: string }, facts?: CauseFacts) => void;
}

/** @internal The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
