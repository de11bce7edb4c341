/** Frames of a conversation without its secrets, as octets that can be read again. */

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

/** A frame of which secrets are left out. */
export interface MaskedFrame {
  /** Its tree, masked. */
  readonly node: InspectNode;
  /** The octets, with `*` for those of a secret; check sequences fit what is written. */
  readonly octets: Uint8Array;
  /** What it holds, not masked: not for printing. */
  readonly messages: readonly InspectedMessage[];
}

/**
 * Looks at a conversation as an {@link Inspector} does and gives each frame without its secrets: as a tree, and as octets that anyone can
 * read again. Longer messages that come in pieces are masked whole where the client sends them or asked for a secret.
 */
export class FrameMasker {
  readonly #plain: Inspector;
  readonly #masked: Inspector;

  constructor(options: InspectorOptions) {
    this.#plain = new Inspector({ ...options, mask: false });
    this.#masked = new Inspector({ ...options, mask: true });
  }

  /** Octets that crossed the line, in any chunks. Gives what is whole by now. */
  feed(octets: Uint8Array, from: Direction): MaskedFrame[] {
    const secret = this.#masked.secretAsked;
    return both(this.#plain.feed(octets, from), this.#masked.feed(octets, from), { from, secret });
  }

  /** What was left over when the line closed. Who sent it is not told, so nothing of a piece is shown. */
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

/** @internal A copy of the octets of a unit, without those that its masked tree leaves out. */
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
