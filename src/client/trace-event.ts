import type { Millis } from '../base/clock.js';
import type { TraceEntry } from '../contracts/line-observer.js';
import type { LinkEvent } from '../contracts/link.js';

/** What crosses the line, for tracing. The octets may contain a password in clear (LLS): mask it before showing them. */
export type TraceEvent =
  | ({
      /** Octets that were sent or received. */
      readonly type: 'octets';
    } & TraceEntry)
  | {
      /** An event of the data link. */
      readonly type: 'link';
      /** What happened on the link. */
      readonly event: LinkEvent;
      /** When it happened, by the clock of the meter. */
      readonly now: Millis;
    }
  | {
      /** A notification that was refused because its protection or content is wrong. */
      readonly type: 'refused';
      /** The refused octets. */
      readonly bytes: Uint8Array;
      /** Why it was refused. */
      readonly error: Error;
      /** When it came, by the clock of the meter. */
      readonly now: Millis;
    };
