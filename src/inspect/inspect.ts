import { type Inspected, type InspectedMessage, Inspector, type InspectorOptions } from './inspector.js';
import { type Draft, node, seal } from './node.js';

/**
 * Takes octets apart, whatever layer they begin with: HDLC frames, also several with garbage between them; WPDUs; M-Bus long frames with DLMS; LLC
 * header and APDU; an APDU; a value. Segments and blocks are joined, and ciphered messages are opened where keys are given. Never throws because
 * of the octets: what makes no sense becomes a node with an error.
 *
 * @example
 * ```ts
 * const { node } = inspect(fromHex('C001C100080000010000FF0200'));
 * console.log(renderText(node));
 * ```
 * @returns a node `octets` over all of them, and the messages in them.
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
