/** Data that are cut off: a node of what came, and how much is missing. */

import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { readData } from '../codec/axdr.js';
import { TAG } from '../codec/tags.js';
import type { Type } from '../codec/type.js';
import type { Companion } from '../companion/companion.js';
import { dataNode } from './data-node.js';
import { type Draft, node, nodeError } from './node.js';

/** The most levels that are taken apart; no Data is deeper. */
const MAX_DEPTH = 32;

/** The node of a Data of which octets are missing; afterwards the reader is at its end. */
export function cutDataNode(r: Reader, name: string, type: Type<unknown> | undefined, companion?: Companion): Draft {
  let missing = 0;
  let atLeast = false;
  const part = (label: string, depth: number, declared?: Type<unknown>): Draft => {
    const start = r.offset;
    const whole = attempt(r, label, declared, companion);
    if (whole !== undefined) return whole;
    const tag = r.bytes[start];
    if (r.remaining > 0 && (tag === TAG.array || tag === TAG.structure) && depth < MAX_DEPTH) {
      r.offset = start + 1;
      const count = lengthAt(r);
      if (count !== undefined) {
        const children: Draft[] = [];
        let i = 0;
        for (; i < count && r.remaining > 0; i++) children.push(part(`[${i}]`, depth + 1));
        missing += count - i;
        atLeast ||= count > i;
        const kind = tag === TAG.array ? 'array' : 'structure';
        return node(label, start, r.offset, { type: kind, text: `${i} of ${counted(count, 'element')}`, children });
      }
    }
    r.offset = start;
    const { lacking, sure } = lackingAt(r);
    missing += lacking;
    atLeast ||= !sure;
    r.offset = r.end;
    return node(label, start, r.end, {});
  };
  const draft = part(name, 0, type);
  const text = `${atLeast ? 'at least ' : ''}${counted(missing, 'octet')} missing`;
  const error = nodeError(new DecodeError('truncated', `cut here: ${text}`, r.end));
  draft.children = [...(draft.children ?? []), node('cut here', r.end, r.end, { text, error })];
  return draft;
}

function attempt(r: Reader, name: string, type: Type<unknown> | undefined, companion?: Companion): Draft | undefined {
  const start = r.offset;
  try {
    readData(new Reader(r.bytes, start, r.end));
    return dataNode(r, name, type, companion);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    r.offset = start;
    return undefined;
  }
}

function lengthAt(r: Reader): number | undefined {
  try {
    return r.length();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

/** How many octets are missing at the end of a value. */
function lackingAt(r: Reader): { readonly lacking: number; readonly sure: boolean } {
  const counting = new CountingReader(r.bytes, r.offset, r.end);
  try {
    readData(counting);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return counting.lacking > 0
    ? { lacking: counting.lacking, sure: counting.remaining < counting.asked }
    : { lacking: 1, sure: false };
}

/** A reader that remembers how many octets were needed but missing. */
export class CountingReader extends Reader {
  lacking = 0;
  asked = 0;

  override need(n: number): void {
    if (n > this.remaining) {
      this.lacking = n - this.remaining;
      this.asked = n;
    }
    super.need(n);
  }
}
