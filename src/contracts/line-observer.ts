import type { Millis } from '../base/clock.js';
import type { LinkEvent } from './link.js';

/** Octets as they crossed the transport. */
export interface TraceEntry {
  /** `sent` by us, or `received` from the peer. */
  readonly direction: 'sent' | 'received';
  /** The octets of one chunk, ciphered where the line is. */
  readonly bytes: Uint8Array;
  /** When, by the clock of the driver. */
  readonly now: Millis;
}

/** Hooks that show what happens on a line. They must not throw. */
export interface LineObserver {
  /** Every chunk as it was written or came in. Chunks are not frames. */
  readonly trace?: (entry: TraceEntry) => void;
  /** Every event of the link, `discarded` with its reason among them. */
  readonly onLinkEvent?: (event: LinkEvent, now: Millis) => void;
}
