/** Records what crosses a line for Wireshark: frame by frame, with secrets masked. */

import { concat } from '../../base/bytes.js';
import { type Direction, Inspector, type InspectorOptions } from '../inspector.js';
import { FrameMasker, hidden, type MaskedFrame } from '../masker.js';
import { type CaptureOptions, CaptureWriter } from './capture-writer.js';

/** Options of a {@link CaptureRecorder}. */
export interface RecorderOptions extends CaptureOptions {
  /** Framing, keys and titles of the conversation. Keys are used only for `deciphered` and are never written. */
  readonly inspect: InspectorOptions;
  /** Writes each message deciphered, in the wrapper between these SAPs: then anyone who gets the recording can read the values in it. */
  readonly deciphered?: {
    /** Client SAP. */
    readonly client: number;
    /** Server SAP. */
    readonly server: number;
  };
}

/**
 * Records a conversation as pcapng: append each result to the file. Passwords, keys and secrets are masked. Long messages in several pieces are
 * masked as a whole when the client sends them or has asked for a secret. Check sequences are those of the masked frames.
 *
 * @example
 * ```ts
 * const recorder = new CaptureRecorder({ inspect: { framing: 'hdlc' } });
 * const file = concat(recorder.begin(now), recorder.feed(octets, 'client', now), recorder.end(now));
 * ```
 */
export class CaptureRecorder {
  readonly #writer: CaptureWriter;
  readonly #frames: FrameMasker;
  /** Is given all messages deciphered, because only the request tells whether an answer is secret. */
  readonly #clear = new Inspector({ framing: 'bare', mask: true });
  readonly #deciphered: RecorderOptions['deciphered'];

  constructor({ inspect, deciphered, ...capture }: RecorderOptions) {
    this.#writer = new CaptureWriter(capture);
    this.#frames = new FrameMasker(inspect);
    this.#deciphered = deciphered;
  }

  /** The beginning of the file; call it once, first. Times are milliseconds since 1970. */
  begin(time: number): Uint8Array {
    return this.#writer.begin(time);
  }

  /** Takes octets that crossed the line, in any chunks. @returns the frames that are complete by now, as packets. */
  feed(octets: Uint8Array, from: Direction, time: number): Uint8Array {
    return this.#write(this.#frames.feed(octets, from), from, time);
  }

  /** Adds a comment to the next packet. */
  remark(text: string): void {
    this.#writer.remark(text);
  }

  /** The end of the file. */
  end(time: number): Uint8Array {
    return this.#writer.end(time);
  }

  #write(frames: readonly MaskedFrame[], from: Direction, time: number): Uint8Array {
    const parts: Uint8Array[] = [];
    for (const { octets, messages } of frames) {
      if (this.#deciphered === undefined) parts.push(this.#writer.add(octets, from, time));
      else {
        for (const message of messages) {
          const apdu = (message.outer?.type === 'ciphered' ? message.plaintext : undefined) ?? message.octets;
          parts.push(this.#writer.add(this.#wpdu(this.#hiddenApdu(apdu, from), from), from, time));
        }
      }
    }
    return concat(...parts);
  }

  /** A deciphered APDU with its secrets masked. */
  #hiddenApdu(apdu: Uint8Array, from: Direction): Uint8Array {
    const secret = this.#clear.secretAsked;
    const [shown] = this.#clear.feed(apdu, from);
    return shown === undefined ? new Uint8Array(0) : hidden(apdu, shown.node, { from, secret });
  }

  #wpdu(apdu: Uint8Array, from: Direction): Uint8Array {
    const { client, server } = this.#deciphered ?? { client: 0, server: 0 };
    const [source, destination] = from === 'client' ? [client, server] : [server, client];
    const header = new DataView(new ArrayBuffer(8));
    header.setUint16(0, 1);
    header.setUint16(2, source);
    header.setUint16(4, destination);
    header.setUint16(6, apdu.length);
    return concat(new Uint8Array(header.buffer), apdu);
  }
}
