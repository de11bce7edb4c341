/**
 * The LLC header before an APDU (IEC 62056-46, 5.3.2): destination LSAP, source LSAP, quality. A client writes E6 E6 00, a server
 * E6 E7 00. Read are: destination E6 or FF (broadcast), source E6 from a client, E7 or (some meters) E6 from a server, any quality.
 */

const LENGTH = 3;

/** The APDU with the header of a command or response before it, in a new array. */
export function addLlc(apdu: Uint8Array, kind: 'command' | 'response'): Uint8Array {
  const bytes = new Uint8Array(LENGTH + apdu.length);
  bytes[0] = 0xe6;
  bytes[1] = kind === 'command' ? 0xe6 : 0xe7;
  bytes.set(apdu, LENGTH);
  return bytes;
}

/** A view of the APDU behind the header; undefined when there is no header of that kind, or nothing behind it. */
export function stripLlc(information: Uint8Array, kind: 'command' | 'response' | 'any'): Uint8Array | undefined {
  if (information.length <= LENGTH) return undefined;
  const [destination, source] = information;
  if (destination !== 0xe6 && destination !== 0xff) return undefined;
  if (source !== 0xe6 && (source !== 0xe7 || kind === 'command')) return undefined;
  if (source === 0xe6 && kind === 'response') return undefined;
  return information.subarray(LENGTH);
}
