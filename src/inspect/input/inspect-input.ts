/** Takes input apart, conversation by conversation, and shows who sent what. */

import { concat } from '../../base/bytes.js';
import { counted } from '../../base/words.js';
import { inspect } from '../inspect.js';
import { type Inspected, type InspectedMessage, Inspector, type InspectorOptions } from '../inspector.js';
import type { InspectNode } from '../node.js';
import type { Input, InputStream } from './streams.js';

/**
 * Takes apart what `readInput` has read. Octets without a direction are taken apart by {@link inspect}. Pieces that tell who sent them are shown in
 * order, each with `->` (client) or `<-` (server) before its text.
 */
export function inspectInput({ streams }: Input, options: InspectorOptions = {}): Inspected {
  const [only] = streams;
  if (streams.length === 1 && only !== undefined && only.name === undefined) return inspectStream(only, options);
  const children: InspectNode[] = [];
  const messages: InspectedMessage[] = [];
  for (const stream of streams) {
    const { node, messages: own } = inspectStream(stream, options);
    children.push({ ...node, name: 'conversation', offset: 0, ...(stream.name && { text: stream.name }) });
    for (const message of own) messages.push(message);
  }
  const length = children.reduce((sum, child) => sum + child.length, 0);
  return { node: { name: 'octets', offset: 0, length, children }, messages };
}

function inspectStream({ name, pieces }: InputStream, options: InspectorOptions): Inspected {
  const octets = pieces.reduce((sum, piece) => sum + piece.octets.length, 0);
  if (name === undefined && pieces.every(({ direction }) => direction === undefined)) {
    const whole = concat(...pieces.map((piece) => piece.octets));
    const joined = inspect(whole, options);
    // Otherwise each line of a log may be a message without a frame.
    if (pieces.length === 1 || !joined.node.children?.some(({ error }) => error !== undefined)) return joined;
  }
  const inspector = new Inspector(options);
  const children: InspectNode[] = [];
  const messages: InspectedMessage[] = [];
  const take = (inspected: readonly Inspected[], from: string) => {
    for (const { node, messages: own } of inspected) {
      const text = [from, node.text].filter((part) => part !== undefined && part !== '').join(': ');
      children.push(text === '' ? node : { ...node, text });
      for (const message of own) messages.push(message);
    }
  };
  for (const { octets: chunk, direction } of pieces) take(inspector.feed(chunk, direction), arrow(direction));
  take(inspector.flush(), '');
  return { node: { name: 'octets', offset: 0, length: octets, text: counted(octets, 'octet'), children }, messages };
}

function arrow(direction: 'client' | 'server' | undefined): string {
  return direction === undefined ? '' : direction === 'client' ? '->' : '<-';
}
