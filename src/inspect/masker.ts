/** Masks the secrets in the frames of a conversation; the masked octets still decode. */

import { fromHex } from '../base/bytes.js';
import { checkSequence } from '../link/hdlc-frame.js';
import {
  type Direction,
  type Inspected,
  type InspectedMessage,
  Inspector,
  type InspectorOptions,
} from './inspector.js';
import type { InspectNode } from './node.js';

/** The octet that replaces each octet of a secret: `*`. */
const MASK = 0x2a;
/** Pieces of longer messages and undecoded octets. From a meter they are masked only when a secret was asked for, because it may be in them. */
const PIECES: ReadonlySet<string> = new Set([
  'segment',
  'raw-data',
  'block-data',
  'rest',
  'undecoded',
  'information',
  'trailing',
]);

/** A frame with its secrets masked. */
export interface MaskedFrame {
  /** Its tree, masked. */
  readonly node: InspectNode;
  /** Its octets, with `*` for those of a secret and a check sequence that fits. */
  readonly octets: Uint8Array;
  /** The messages in it, not masked: do not print them. */
  readonly messages: readonly InspectedMessage[];
}

/**
 * Takes a conversation apart as an {@link Inspector} does and gives each frame with its secrets masked: as a tree, and as octets that still decode.
 * Long messages in several pieces are masked as a whole when the client sends them or has asked for a secret.
 */
export class FrameMasker {
  readonly #plain: Inspector;
  readonly #masked: Inspector;

  constructor(options: InspectorOptions) {
    this.#plain = new Inspector({ ...options, mask: false });
    this.#masked = new Inspector({ ...options, mask: true });
  }

  /** Takes octets that crossed the line, in any chunks. @returns the frames that are complete by now. */
  feed(octets: Uint8Array, from: Direction): MaskedFrame[] {
    const secret = this.#masked.secretAsked;
    return both(this.#plain.feed(octets, from), this.#masked.feed(octets, from), { from, secret });
  }

  /** What was left over when the line was closed. It is not known who sent it, so all pieces are masked. */
  flush(): MaskedFrame[] {
    return both(this.#plain.flush(), this.#masked.flush(), { from: 'client', secret: true });
  }
}

function both(plain: readonly Inspected[], masked: readonly Inspected[], origin: Origin): MaskedFrame[] {
  return plain.flatMap(({ node, messages }, i) => {
    const shown = masked[i]?.node;
    if (shown === undefined) return [];
    return [{ node: shown, octets: hidden(fromHex(node.octets ?? ''), shown, origin), messages }];
  });
}

/** Who sent octets, and whether the client had asked for a secret. */
interface Origin {
  readonly from: Direction;
  readonly secret: boolean;
}

/** How many octets of a secret tell only its type and length: they are kept, so that the message still decodes. */
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

/** @internal A copy of the octets of a unit in which everything is masked that its masked tree leaves out. */
export function hidden(plain: Uint8Array, shown: InspectNode, { from, secret }: Origin): Uint8Array {
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
