import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { MAX_INFORMATION } from './hdlc-config.js';
import type { HdlcAddress, HdlcFrame } from './hdlc-frame.js';
import { type LlcPayload, NO_LLC, serverPayload, stripLlc } from './hdlc-llc.js';
import { SegmentJoiner } from './hdlc-station.js';

/** Some meters write the LLC header only before the first block of a push: further blocks begin with this APDU tag. */
const GENERAL_BLOCK_TRANSFER = 0xe0;

/**
 * Payloads without acknowledgement. Some meters cut them into segments, which have no numbers. So an incomplete payload is dropped when another station
 * sends, when a new LLC header begins, or when octets were lost in between, because segments could be joined wrongly.
 */
export class UnconfirmedReceiver {
  readonly #kind: 'command' | 'response' | 'any';
  readonly #joiner: SegmentJoiner;
  #source: HdlcAddress | undefined;

  /** @param maxPayload the longest payload, in octets. */
  constructor(kind: 'command' | 'response' | 'any', maxPayload: number) {
    this.#kind = kind;
    this.#joiner = new SegmentJoiner(maxPayload);
  }

  /** @returns the payload, or in words why there is none; undefined when more must come, or the frame is empty. */
  receive({ source, information, segmented }: HdlcFrame): LlcPayload | string | undefined {
    if (information.length === 0) return undefined;
    const begins = stripLlc(information, this.#kind) !== undefined;
    if (this.#joiner.open && (begins || source.upper !== this.#source?.upper || source.lower !== this.#source.lower))
      this.reset();
    if (!this.#joiner.open && !begins) {
      const bare = this.#kind === 'any' && information[0] === GENERAL_BLOCK_TRANSFER && !segmented;
      return bare ? { bytes: information } : NO_LLC;
    }
    this.#source = source;
    const joined = this.#joiner.add(information, segmented);
    if (joined === 'more') return undefined;
    if (joined === 'too-long') return 'the payload is beyond the limit';
    return this.#payload(joined) ?? NO_LLC;
  }

  #payload(information: Uint8Array): LlcPayload | undefined {
    if (this.#kind !== 'command') return serverPayload(information);
    const bytes = stripLlc(information, this.#kind);
    return bytes === undefined ? undefined : { bytes };
  }

  /** In words, what has come of an incomplete payload. */
  get pending(): string | undefined {
    return this.#joiner.pending;
  }

  /** Octets were lost: a segment may be missing, so the payload so far is dropped. */
  reset(): void {
    this.#joiner.reset();
  }
}

/**
 * @param most the negotiated length of the information field, where there is one.
 * @throws StateError when an unconfirmed payload, with its LLC header, does not fit into one frame.
 */
export function checkUnconfirmed(information: Uint8Array, most = MAX_INFORMATION): void {
  if (information.length <= most) return;
  throw new StateError(
    `an unconfirmed payload of ${counted(information.length - 3, 'octet')} does not fit into one UI frame`,
    {
      hint: `at most ${counted(most - 3, 'octet')} fit`,
    },
  );
}
