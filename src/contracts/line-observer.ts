import type { Millis } from '../base/clock.js';
import type { LinkEvent } from './link.js';

/** Octets as they crossed the transport. */
export interface TraceEntry {
  readonly direction: 'sent' | 'received';
  readonly bytes: Uint8Array;
  readonly now: Millis;
}

/** What a person may watch while a line is driven. An observer must not throw. */
export interface LineObserver {
  /** Every chunk as it was written or came in. Chunks are not frames. */
  readonly trace?: (entry: TraceEntry) => void;
  /** Every event of the link, `discarded` with its reason among them. */
  readonly onLinkEvent?: (event: LinkEvent, now: Millis) => void;
}
