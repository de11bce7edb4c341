import { type Inspected, type InspectedMessage, Inspector, type InspectorOptions } from './inspector.js';
import { type Draft, node, seal } from './node.js';
import type { Unit } from './units.js';

/**
 * Takes octets apart, whatever layer they begin with: HDLC frames, several of them, with garbage between; wrapper WPDUs; M-Bus long
 * frames with DLMS; LLC and APDU; an APDU; a value. Segments and blocks are joined, ciphered messages opened where keys are given.
 * Never throws for what the octets are: what makes no sense becomes a node with an error.
 * @returns a node `octets` over all of them, and the messages they hold.
 */
export function inspect(bytes: Uint8Array, options: InspectorOptions = {}): Inspected {
  const inspector = new Inspector(options);
  const children: Draft[] = [];
  const messages: InspectedMessage[] = [];
  let from = 0;
  for (const unit of inspector.cutAll(bytes)) {
    const start = find(bytes, unit, from);
    const view = inspector.view(unit, bytes, start);
    children.push(view.draft);
    messages.push(...view.messages);
    // A flag may close one frame and open the next.
    from = start + unit.octets.length - (unit.kind === 'hdlc' ? 1 : 0);
  }
  children.push(...inspector.incomplete(bytes.length));
  const root = node('octets', 0, bytes.length, { children });
  return { node: seal({ draft: root, bytes }), messages };
}

/** Where a unit's octets are: units come in the order of the octets. */
function find(bytes: Uint8Array, { octets }: Unit, from: number): number {
  for (let start = from; ; start = bytes.indexOf(octets[0] as number, start + 1)) {
    if (start < 0) return from;
    let i = 0;
    while (i < octets.length && bytes[start + i] === octets[i]) i++;
    if (i === octets.length) return start;
  }
}
