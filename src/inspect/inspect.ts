import { type Inspected, type InspectedMessage, Inspector, type InspectorOptions } from './inspector.js';
import { type Draft, node, seal } from './node.js';

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
  for (const unit of inspector.cutAll(bytes)) {
    const view = inspector.view(unit, bytes, unit.at);
    children.push(view.draft);
    messages.push(...view.messages);
  }
  children.push(...inspector.incomplete(bytes.length));
  const root = node('octets', 0, bytes.length, { children });
  return { node: seal({ draft: root, bytes }), messages };
}
