/** What crosses a line as a recording for Wireshark: frame by frame, secrets masked. */

import { concat, fromHex } from '../../base/bytes.js';
import { checkSequence } from '../../link/hdlc-frame.js';
import { type Direction, type Inspected, Inspector, type InspectorOptions } from '../inspector.js';
import type { InspectNode } from '../node.js';
import { type CaptureOptions, CaptureWriter } from './capture-writer.js';

/** How a {@link CaptureRecorder} is made. */
export interface RecorderOptions extends CaptureOptions {
  /** Framing, keys and titles of the conversation; keys are used for `deciphered` alone and never written. */
  readonly inspect: InspectorOptions;
  /** Writes each message in clear, in the wrapper, whatever was around it: the recording then holds readings that anyone can read. */
  readonly deciphered?: { readonly client: number; readonly server: number };
}

/** What stands for an octet of a secret: `*`. */
const MASK = 0x2a;
/** Pieces, and octets without sense. Of what a meter sends they are masked only where it was asked for a secret, which may be in them. */
const PIECES: ReadonlySet<string> = new Set([
  'segment',
  'raw-data',
  'block-data',
  'rest',
  'undecoded',
  'information',
  'trailing',
]);

/**
 * Records a conversation as pcapng: what it gives is written behind what it gave before. Passwords, keys and secrets are masked, and longer
 * messages that come in pieces are masked whole where the client sends them or asked for a secret; check sequences fit what is written.
 */
export class CaptureRecorder {
  readonly #writer: CaptureWriter;
  readonly #plain: Inspector;
  readonly #masked: Inspector;
  /** Sees the messages in clear, all of them: what an answer holds, only its question tells. */
  readonly #clear = new Inspector({ framing: 'bare', mask: true });
  readonly #deciphered: RecorderOptions['deciphered'];

  constructor({ inspect, deciphered, ...capture }: RecorderOptions) {
    this.#writer = new CaptureWriter(capture);
    this.#plain = new Inspector({ ...inspect, mask: false });
    this.#masked = new Inspector({ ...inspect, mask: true });
    this.#deciphered = deciphered;
  }

  /** What the file begins with, once. Time in milliseconds since 1970. */
  begin(time: number): Uint8Array {
    return this.#writer.begin(time);
  }

  /** Octets that crossed the line, in any chunks. Gives what is whole by now. */
  feed(octets: Uint8Array, from: Direction, time: number): Uint8Array {
    const secret = this.#masked.secretAsked;
    return this.#write(this.#plain.feed(octets, from), this.#masked.feed(octets, from), { from, secret }, time);
  }

  /** A remark that the next packet bears. */
  remark(text: string): void {
    this.#writer.remark(text);
  }

  /** What the file ends with. */
  end(time: number): Uint8Array {
    return this.#writer.end(time);
  }

  #write(plain: readonly Inspected[], masked: readonly Inspected[], origin: Origin, time: number): Uint8Array {
    const { from } = origin;
    const parts: Uint8Array[] = [];
    for (const [i, { node, messages }] of plain.entries()) {
      const shown = masked[i]?.node;
      if (shown === undefined) continue;
      if (this.#deciphered === undefined)
        parts.push(this.#writer.add(hidden(fromHex(node.octets ?? ''), shown, origin), from, time));
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

/** Who sent octets, and whether the client had asked for a secret. */
interface Origin {
  readonly from: Direction;
  readonly secret: boolean;
}

/** Octets before a secret that say what it is and how long: they stay, so that the message can be read. */
function headOf(name: string, first = 0): number {
  if (name.endsWith('authentication-value')) return 4;
  if (BLOCKS.has(name)) return first & 0x80 ? 1 + (first & 0x7f) : 1;
  if (PIECES.has(name)) return 0;
  // The flag of an optional field and a length; the tag of an octet-string and a length.
  return name === 'dedicated-key' || first === OCTET_STRING ? 2 : 0;
}

const OCTET_STRING = 9;
/** Pieces that begin with their length. */
const BLOCKS: ReadonlySet<string> = new Set(['raw-data', 'block-data']);

/** A copy of the octets of a unit, without those that its masked tree leaves out. */
function hidden(plain: Uint8Array, shown: InspectNode, { from, secret }: Origin): Uint8Array {
  const octets = plain.slice();
  const keptPieces = from === 'server' && !secret;
  let changed = false;
  const visit = (node: InspectNode) => {
    if (node.masked && !(keptPieces && PIECES.has(node.name))) {
      const end = node.offset + node.length;
      octets.fill(MASK, Math.min(end, node.offset + headOf(node.name, octets[node.offset])), end);
      changed ||= node.length > 0;
      return;
    }
    for (const child of node.children ?? []) if (child.octets === undefined) visit(child);
  };
  visit(shown);
  if (changed && shown.name === 'hdlc-frame') {
    const end = octets.length - 3;
    const sequence = checkSequence(octets.subarray(1, end));
    octets[end] = sequence & 0xff;
    octets[end + 1] = sequence >> 8;
  }
  return octets;
}
