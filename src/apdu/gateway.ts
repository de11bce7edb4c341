/** gateway-request E6 and gateway-response E7: the header of a meter behind a gateway (IEC 62056-5-3 Annex C; Green Book 10.10). */

import { hexOctet, isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import type { Reader, Writer } from '../base/cursor.js';
import { StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { GatewayAddress, GatewayApdu } from './apdu.js';
import { readOctets, readU8, writeU8 } from './fields.js';
import { APDU_TAGS } from './tags.js';

/** The longest physical device address: its length is one octet of A-XDR. */
const LONGEST_ADDRESS = 0x7f;

/** Whether an APDU is one of a meter behind a gateway. */
export function isGatewayTag(tag: number | undefined): boolean {
  return tag === APDU_TAGS['gateway-request'] || tag === APDU_TAGS['gateway-response'];
}

/** @throws StateError for an address that no header can have. */
export function checkGatewayAddress({ networkId, physicalDeviceAddress }: GatewayAddress): void {
  if (!Number.isInteger(networkId) || networkId < 0 || networkId > 0xff) {
    throw new StateError(`${networkId} is not a network id`, { hint: 'it is a whole number, 0 to 255' });
  }
  const { length } = physicalDeviceAddress;
  if (length === 0 || length > LONGEST_ADDRESS) {
    throw new StateError(`a physical device address of ${counted(length, 'octet')}`, {
      hint: `it has 1 to ${LONGEST_ADDRESS} octets`,
    });
  }
}

/** Which meter it is, as people write it: `0/12345678`, or `0/hex:AABBCCDD` where the address is no text. */
export function gatewayText({ networkId, physicalDeviceAddress: address }: GatewayAddress): string {
  const text = isPrintable(address) ? toLatin1(address) : '';
  return `${networkId}/${text === '' || /^(hex|text):/.test(text) ? `hex:${toHex(address)}` : text}`;
}

export function readGateway(r: Reader, tag: number): GatewayApdu {
  const type = tag === APDU_TAGS['gateway-request'] ? 'gateway-request' : 'gateway-response';
  const networkId = readU8(r, 'network-id');
  const physicalDeviceAddress = readOctets(r, 'physical-device-address');
  r.field = 'apdu';
  const start = r.offset;
  r.need(1);
  const inner = r.bytes[start] as number;
  if (isGatewayTag(inner)) r.fail('too-deep', `a gateway header, ${hexOctet(inner)}, inside another`, start);
  r.offset = r.end;
  return { type, networkId, physicalDeviceAddress, apdu: r.bytes.subarray(start, r.end) };
}

export function writeGateway(w: Writer, apdu: GatewayApdu): void {
  checkGatewayAddress(apdu);
  w.u8(APDU_TAGS[apdu.type]);
  writeU8(w, apdu.networkId, 'network-id');
  w.octets(apdu.physicalDeviceAddress);
  if (apdu.apdu.length === 0 || isGatewayTag(apdu.apdu[0])) {
    throw new StateError('a gateway header needs an APDU behind it that has none itself');
  }
  w.bytes(apdu.apdu);
}
