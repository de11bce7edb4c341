/** What crosses a line as a recording for Wireshark: frame by frame, secrets masked. */

import { concat } from '../../base/bytes.js';
import { type Direction, Inspector, type InspectorOptions } from '../inspector.js';
import { FrameMasker, hidden, type MaskedFrame } from '../masker.js';
import { type CaptureOptions, CaptureWriter } from './capture-writer.js';

/** How a {@link CaptureRecorder} is made. */
export interface RecorderOptions extends CaptureOptions {
  /** Framing, keys and titles of the conversation; keys are used for `deciphered` alone and never written. */
  readonly inspect: InspectorOptions;
  /** Writes each message in clear, in the wrapper, whatever was around it: the recording then holds readings that anyone can read. */
  readonly deciphered?: { readonly client: number; readonly server: number };
}

/**
 * Records a conversation as pcapng: what it gives is written behind what it gave before. Passwords, keys and secrets are masked, and longer
 * messages that come in pieces are masked whole where the client sends them or asked for a secret; check sequences fit what is written.
 */
export class CaptureRecorder {
  readonly #writer: CaptureWriter;
  readonly #frames: FrameMasker;
  /** Sees the messages in clear, all of them: what an answer holds, only its question tells. */
  readonly #clear = new Inspector({ framing: 'bare', mask: true });
  readonly #deciphered: RecorderOptions['deciphered'];

  constructor({ inspect, deciphered, ...capture }: RecorderOptions) {
    this.#writer = new CaptureWriter(capture);
    this.#frames = new FrameMasker(inspect);
    this.#deciphered = deciphered;
  }

  /** What the file begins with, once. Time in milliseconds since 1970. */
  begin(time: number): Uint8Array {
    return this.#writer.begin(time);
  }

  /** Octets that crossed the line, in any chunks. Gives what is whole by now. */
  feed(octets: Uint8Array, from: Direction, time: number): Uint8Array {
    return this.#write(this.#frames.feed(octets, from), from, time);
  }

  /** A remark that the next packet bears. */
  remark(text: string): void {
    this.#writer.remark(text);
  }

  /** What the file ends with. */
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

  /** An APDU in clear without its secrets. */
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
