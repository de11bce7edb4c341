import type { Remark } from '../base/remark.js';
import { SERVER_TAGS } from './server-tags.js';

/**
 * The LLC header before an APDU (IEC 62056-46, 5.3.2): destination LSAP, source LSAP, quality. A client writes E6 E6 00, a server E6 E7 00. Accepted
 * are destination E6 or FF (broadcast), source E6 from a client, E7 (with some meters E6) from a server, and any quality.
 */

/** Octets of the header. */
export const LLC_LENGTH = 3;

/** The APDU with the header of a command or response before it, in a new array. */
export function addLlc(apdu: Uint8Array, kind: 'command' | 'response'): Uint8Array {
  const bytes = new Uint8Array(LLC_LENGTH + apdu.length);
  bytes[0] = 0xe6;
  bytes[1] = kind === 'command' ? 0xe6 : 0xe7;
  bytes.set(apdu, LLC_LENGTH);
  return bytes;
}

/** Why information is discarded: it contains no payload. */
export const NO_LLC = 'no LLC header, or nothing after it';
const DOUBLED: Remark = { code: 'llc-header', text: 'the meter writes the LLC header twice', weight: 'detail' };
const NEEDLESS: Remark = {
  code: 'llc-header',
  text: 'a wrapper message contains an LLC header, which does not belong there',
  weight: 'detail',
};
const MISSING: Remark = { code: 'llc-header', text: 'the meter writes no LLC header', weight: 'detail' };

/** An APDU without its LLC header, and what was odd about the header. */
export interface LlcPayload {
  readonly bytes: Uint8Array;
  readonly remark?: Remark;
}

/**
 * The APDU of a server without its LLC header. Repeated headers of either side are all removed, because a gateway-request (E6) never comes from a
 * meter. A missing header is tolerated when the octets begin like an APDU of a server.
 */
export function serverPayload(information: Uint8Array): LlcPayload | undefined {
  const bytes = stripLlc(information, 'any');
  if (bytes === undefined) {
    return SERVER_TAGS.has(information[0] ?? 0) && information.length > LLC_LENGTH
      ? { bytes: information, remark: MISSING }
      : undefined;
  }
  const behind = behindHeaders(bytes);
  return behind.length === bytes.length ? { bytes } : { bytes: behind, remark: DOUBLED };
}

/**
 * Removes an LLC header from an APDU in the wrapper, where none belongs: some gateways leave the one of HDLC there.
 * @returns undefined when there is none.
 */
export function unwrappedPayload(apdu: Uint8Array): LlcPayload | undefined {
  const bytes = behindHeaders(apdu);
  return bytes.length === apdu.length ? undefined : { bytes, remark: NEEDLESS };
}

/** The octets after all headers. Not recursive: a peer may send thousands of them. */
function behindHeaders(bytes: Uint8Array): Uint8Array {
  let rest = bytes;
  for (let next = stripLlc(rest, 'any'); next !== undefined; next = stripLlc(rest, 'any')) rest = next;
  return rest;
}

/** Whether a header of either side begins at an offset. */
export function isLlc(bytes: Uint8Array, start = 0): boolean {
  const destination = bytes[start];
  const source = bytes[start + 1];
  return (destination === 0xe6 || destination === 0xff) && (source === 0xe6 || source === 0xe7);
}

/** A view of the APDU after the header; undefined when there is no header of that kind, or nothing after it. */
export function stripLlc(information: Uint8Array, kind: 'command' | 'response' | 'any'): Uint8Array | undefined {
  if (information.length <= LLC_LENGTH) return undefined;
  if (!isLlc(information)) return undefined;
  const isCommand = information[1] === 0xe6;
  if (isCommand ? kind === 'response' : kind === 'command') return undefined;
  return information.subarray(LLC_LENGTH);
}
