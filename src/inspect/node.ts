import { toHex } from '../base/bytes.js';
import { CosemError, DecodeError, SecurityError } from '../base/errors.js';

/** What a node's value is in JSON: 64 bit integers are decimal text, octets hexadecimal. */
export type NodeValue = null | boolean | number | string;

/** Why octets could not be read further, or opened. */
export interface NodeError {
  /** Such as `truncated`, `bad-fcs`, `bad-tag`, `block-sequence`. */
  readonly reason: string;
  readonly message: string;
}

/**
 * A piece of a message with its meaning. Plain data: this is the document that `cosem decode --json` prints.
 */
export interface InspectNode {
  /** Name of the field in the standard, or of the layer: `hdlc-frame`, `get-request`, `class-id`. */
  readonly name: string;
  /** Of the first octet, counted in the nearest node at or above this one that has `octets`. */
  readonly offset: number;
  /** Number of octets. */
  readonly length: number;
  /** Wire type, for Data: `long-unsigned`. */
  readonly type?: string;
  readonly value?: NodeValue;
  /** The meaning in words: a date, a logical name with its title, the name of a result. */
  readonly text?: string;
  /** Its octets in hexadecimal, where counting begins anew: the input, deciphered content, joined segments. `*` stands for masked digits. */
  readonly octets?: string;
  /** A secret: value, text and octets are left out. */
  readonly masked?: true;
  /** Deciphered, but its authentication tag was not checked: there was no authentication key. Nothing proves who made it. */
  readonly authenticated?: false;
  /** What deviates from the standard in it and was read all the same: `field-order: …`. */
  readonly remarks?: readonly string[];
  readonly error?: NodeError;
  readonly children?: readonly InspectNode[];
}

/** A node while it is made. */
export type Draft = { -readonly [K in keyof InspectNode]: K extends 'children' ? Draft[] : InspectNode[K] };

/** What may be said of a piece of octets. */
export type NodeMeaning = Partial<Omit<Draft, 'name' | 'offset' | 'length'>>;

export function node(name: string, offset: number, end: number, meaning: NodeMeaning = {}): Draft {
  return { name, offset, length: end - offset, ...meaning };
}

/** A node whose octets begin a count of their own. {@link seal} writes them into it. */
export interface Space {
  readonly draft: Draft;
  readonly bytes: Uint8Array;
}

/**
 * Writes a space's octets into its node, when all below it is known: what is masked there is masked here too.
 * Octets of nodes that begin a count of their own are not looked at.
 */
export function seal({ draft, bytes }: Space): Draft {
  const digits = toHex(bytes);
  const spans: Draft[] = draft.masked ? [node('all', 0, bytes.length)] : [];
  collectMasked(draft, spans);
  if (spans.length === 0) {
    draft.octets = digits;
    return draft;
  }
  const masked = [...digits];
  for (const { offset, length } of spans) masked.fill('*', 2 * offset, 2 * (offset + length));
  draft.octets = masked.join('');
  return draft;
}

function collectMasked(draft: Draft, spans: Draft[]): void {
  for (const child of draft.children ?? []) {
    if (child.masked) spans.push(child);
    else if (child.octets === undefined) collectMasked(child, spans);
  }
}

/** The node's side of an error; errors that are not ours pass. */
export function nodeError(error: unknown): NodeError {
  if (error instanceof DecodeError || error instanceof SecurityError) {
    return { reason: error.reason, message: error.message };
  }
  if (error instanceof CosemError) return { reason: error.code, message: error.message };
  throw error;
}

/** Strictly, what deviates is an error that names it. */
export function refuseDeviations(draft: Draft): void {
  const { remarks, error, children = [] } = draft;
  if (remarks !== undefined && error === undefined) {
    draft.error = { reason: 'bad-value', message: `it deviates from the standard (${remarks.join('; ')})` };
    delete draft.remarks;
    delete draft.text;
  }
  for (const child of children) refuseDeviations(child);
}

/** All nodes of a tree, parents before children. */
export function* walkNodes(tree: InspectNode): Generator<InspectNode> {
  yield tree;
  for (const child of tree.children ?? []) yield* walkNodes(child);
}
