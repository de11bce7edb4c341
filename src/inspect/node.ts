import { toHex } from '../base/bytes.js';
import { CosemError, DecodeError, SecurityError } from '../base/errors.js';

/** The value of a node, as in JSON: 64-bit integers are decimal text, octets hexadecimal text. */
export type NodeValue = null | boolean | number | string;

/** Why octets could not be read further, or opened. */
export interface NodeError {
  /** What is wrong, for programs: `truncated`, `bad-fcs`, `bad-tag`, `block-sequence`. */
  readonly reason: string;
  /** The same in a sentence. */
  readonly message: string;
}

/**
 * A piece of a message with its meaning. It is plain data: `cosem decode --json` prints this document.
 */
export interface InspectNode {
  /** Name of the field in the standard, or of the layer: `hdlc-frame`, `get-request`, `class-id`. */
  readonly name: string;
  /** Offset of its first octet in the nearest node, at or above this one, that has `octets`. */
  readonly offset: number;
  /** Number of octets. */
  readonly length: number;
  /** Wire type, for Data: `long-unsigned`. */
  readonly type?: string;
  /** The value itself, where it has one. */
  readonly value?: NodeValue;
  /** The meaning in words: a date, a logical name with its title, the name of a result. */
  readonly text?: string;
  /** Its octets in hexadecimal, at nodes where offsets begin again: the input, deciphered content, joined segments. Masked digits are `*`. */
  readonly octets?: string;
  /** True for a secret: value, text and octets are left out. */
  readonly masked?: true;
  /** False when it was deciphered without checking its authentication tag, because no authentication key was given. */
  readonly authenticated?: false;
  /** Deviations from the standard that were tolerated: `field-order: …`. */
  readonly remarks?: readonly string[];
  /** Why it could not be read further, or opened. */
  readonly error?: NodeError;
  /** Its parts, in the order of the octets. */
  readonly children?: readonly InspectNode[];
}

/** A node that is still being made. */
export type Draft = { -readonly [K in keyof InspectNode]: K extends 'children' ? Draft[] : InspectNode[K] };

/** Everything about a node except its name and place. */
export type NodeMeaning = Partial<Omit<Draft, 'name' | 'offset' | 'length'>>;

export function node(name: string, offset: number, end: number, meaning: NodeMeaning = {}): Draft {
  return { name, offset, length: end - offset, ...meaning };
}

/** A node where offsets begin again, with its octets. {@link seal} writes them into the node. */
export interface Space {
  readonly draft: Draft;
  readonly bytes: Uint8Array;
}

/**
 * Writes the octets of a space into its node. Call it when all nodes below are made: what is masked in them is masked here too. Nodes where offsets
 * begin again are skipped.
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

/** An error as part of a node; throws any other than ours again. */
export function nodeError(error: unknown): NodeError {
  if (error instanceof DecodeError || error instanceof SecurityError) {
    return { reason: error.reason, message: error.message };
  }
  if (error instanceof CosemError) return { reason: error.code, message: error.message };
  throw error;
}

/** Turns tolerated deviations into errors that name them, for strict reading. */
export function refuseDeviations(draft: Draft): void {
  const { remarks, error, children = [] } = draft;
  if (remarks !== undefined && error === undefined) {
    draft.error = { reason: 'bad-value', message: `it deviates from the standard (${remarks.join('; ')})` };
    delete draft.remarks;
    delete draft.text;
  }
  for (const child of children) refuseDeviations(child);
}

/** All nodes of a tree, each before its children. */
export function* walkNodes(tree: InspectNode): Generator<InspectNode> {
  yield tree;
  for (const child of tree.children ?? []) yield* walkNodes(child);
}
