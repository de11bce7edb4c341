/** Frames and headers of the data links as nodes. */

import { toHex } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { addressText, type Control, type HdlcAddress, type HdlcFrame } from '../link/hdlc-frame.js';
import { isLlc, LLC_LENGTH } from '../link/hdlc-llc.js';
import { decodeParameters } from '../link/hdlc-parameters.js';
import type { MbusFrame } from '../link/mbus.js';
import { mbusSegment } from '../link/mbus.js';
import { type Draft, type NodeMeaning, node, nodeError } from './node.js';

/** The node of the frame that begins at an offset. The caller makes the nodes of its information field. */
export function hdlcNode(
  bytes: Uint8Array,
  start: number,
  frame: HdlcFrame,
  length: number,
  information: (start: number, end: number) => Draft[],
): Draft {
  const { destination, source, control } = frame;
  const children: Draft[] = [];
  let at = start;
  const add = (name: string, size: number, meaning: NodeMeaning) => {
    children.push(node(name, at, at + size, meaning));
    at += size;
  };
  add('flag', 1, {});
  const more = frame.segmented ? ', more segments follow' : '';
  add('format', 2, { value: length - 2, text: `type 3, ${counted(length - 2, 'octet')}${more}` });
  add('destination', destination.size, addressMeaning(destination));
  add('source', source.size, addressMeaning(source));
  add('control', 1, { value: control.octet, text: controlText(control) });
  // Some devices send a header check sequence even without an information field.
  const bare = 1 + 2 + destination.size + source.size + 1 + 2 + 1;
  if (length > bare) {
    add('hcs', 2, { value: hexAt(bytes, at, 2) });
    const end = at + frame.information.length;
    if (end > at) children.push(...information(at, end));
    at = end;
  }
  add('fcs', 2, { value: hexAt(bytes, at, 2) });
  add('flag', 1, {});
  const text = `${controlText(control)}, ${addressText(source)} to ${addressText(destination)}${more}`;
  return node('hdlc-frame', start, start + length, { text, children });
}

function hexAt(bytes: Uint8Array, start: number, size: number): string {
  return toHex(bytes.subarray(start, start + size));
}

function addressMeaning(address: HdlcAddress): NodeMeaning {
  return address.lower === undefined
    ? { value: address.upper }
    : { value: addressText(address), text: `logical ${address.upper}, physical ${address.lower}` };
}

function controlText({ type, pf, ns, nr }: Control): string {
  const final = pf ? ' P/F' : '';
  if (type === 'I') return `I N(S)=${ns} N(R)=${nr}${final}`;
  return type === 'RR' || type === 'RNR' ? `${type} N(R)=${nr}${final}` : `${type}${final}`;
}

const PARAMETER_NAMES: Readonly<Record<number, string>> = {
  5: 'max-info-transmit',
  6: 'max-info-receive',
  7: 'window-transmit',
  8: 'window-receive',
};

/** The information field of SNRM and UA. */
export function parametersNode(bytes: Uint8Array, start: number, end: number): Draft {
  const draft = node('parameters', start, end);
  try {
    decodeParameters(bytes.subarray(start, end));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { ...draft, value: hexAt(bytes, start, end - start), error: nodeError(error) };
  }
  const r = new Reader(bytes, start + 3, end);
  draft.children = [node('group', start, start + 3, { value: hexAt(bytes, start, 3) })];
  while (r.remaining > 0) {
    const at = r.offset;
    const name = PARAMETER_NAMES[r.u8()] ?? 'unknown';
    let value = 0;
    for (const octet of r.take(r.u8())) value = value * 256 + octet;
    draft.children.push(node(name, at, r.offset, { value }));
  }
  return draft;
}

/**
 * The LLC headers before an APDU: one, or several from a meter that repeats it. E6 after the header of a response is another header too, because
 * a meter sends no gateway-request; after the header of a command only the same header again is one.
 */
export function llcNodes(bytes: Uint8Array, start: number, end: number): Draft[] {
  const drafts: Draft[] = [];
  const isResponse = bytes[start + 1] === 0xe7;
  for (let at = start; end - at >= LLC_LENGTH && isLlc(bytes, at); at += LLC_LENGTH) {
    const again = drafts.length > 0;
    if (again && !isResponse && (bytes[at] !== bytes[start] || bytes[at + 1] !== bytes[start + 1])) break;
    const side = bytes[at + 1] === 0xe6 ? 'command' : 'response';
    const count = drafts.length === 1 ? 'twice' : 'again';
    const text = again ? `${side}, written ${count}` : side;
    drafts.push(node('llc', at, at + LLC_LENGTH, { value: hexAt(bytes, at, LLC_LENGTH), text }));
  }
  const last = drafts.at(-1);
  if (last !== undefined && last.offset + LLC_LENGTH === end)
    last.error = { reason: 'truncated', message: 'nothing follows the LLC header' };
  return drafts;
}

/** The node of a WPDU whose header is complete. */
export function wrapperNode(bytes: Uint8Array, start: number, end: number, payload: Draft[]): Draft {
  const r = new Reader(bytes, start, end);
  const children: Draft[] = [];
  for (const name of ['version', 'source-wport', 'destination-wport', 'length']) {
    const value = r.u16();
    children.push(node(name, r.offset - 2, r.offset, { value }));
  }
  const [, source, destination] = children;
  const text = `${source?.value} to ${destination?.value}`;
  return node('wrapper', start, end, { text, children: [...children, ...payload] });
}

/** The meaning of the L field. When it is too small for the length (modulo 256), checksum and stop octet decide. */
function lengthMeaning({ length, lengthField }: MbusFrame): NodeMeaning {
  if (length === lengthField) return { value: lengthField, text: `L field ${length}` };
  const text = `L field ${lengthField}, which is ${length} modulo 256`;
  return { value: lengthField, text, remarks: [`wrong-lengths: ${text}`] };
}

/** The node of an M-Bus long frame with its information field. */
export function mbusNode(start: number, frame: MbusFrame, information: readonly Draft[]): Draft {
  const { number, last } = mbusSegment(frame);
  const body = start + 4;
  const end = body + frame.length;
  return node('m-bus-frame', start, end + 2, {
    text: `${frame.sourceSap} to ${frame.destinationSap}, segment ${number}${last ? ', the last' : ''}`,
    children: [
      node('header', start, body, lengthMeaning(frame)),
      node('c-field', body, body + 1, { value: frame.control }),
      node('a-field', body + 1, body + 2, { value: frame.address }),
      node('ci-field', body + 2, body + 3, { value: frame.ci, text: `segment ${number}${last ? ', the last' : ''}` }),
      node('stsap', body + 3, body + 4, { value: frame.sourceSap }),
      node('dtsap', body + 4, body + 5, { value: frame.destinationSap }),
      ...information,
      node('checksum', end, end + 1, { value: frame.checksum }),
      node('stop', end + 1, end + 2),
    ],
  });
}
