/** Numbers, words and addresses as people write them, in files and on command lines. */

import type { GatewayAddress } from '../../apdu/apdu.js';
import { checkGatewayAddress } from '../../apdu/gateway.js';
import { StateError } from '../../base/errors.js';
import { suggestion } from '../../base/near-miss.js';
import { secretOctets } from '../../base/written-keys.js';
import type { NetworkAddress } from '../../contracts/stored-line.js';

/**
 * A whole number, decimal or with 0x.
 * @param what what messages call it. They do not repeat the text: what was put in the wrong place may be a key.
 * @throws StateError
 */
export function writtenWhole(text: string, what: string, least: number, most: number): number {
  const value = /^(\d+|0x[0-9a-f]+)$/i.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new StateError(`${what} is not a whole number from ${least} to ${most}`);
  return value;
}

/** A number with or without a fraction. @throws StateError */
export function writtenNumber(text: string, what: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least && value <= most)) throw new StateError(`${what} is not a number from ${least} to ${most}`);
  return value;
}

/** A meter behind a gateway: `NETWORK/ADDRESS`, the address as text or as `hex:…`. @throws StateError */
export function writtenGateway(text: string, what: string): GatewayAddress {
  const [, network, address] = /^(\d{1,3})\/(.+)$/s.exec(text) ?? [];
  if (network === undefined || address === undefined) {
    throw new StateError(`${what} is not a meter behind a gateway`, {
      hint: 'write NETWORK/ADDRESS: 0/12345678 for a text, 0/hex:AABBCCDD for octets',
    });
  }
  const gateway = {
    networkId: Number(network),
    physicalDeviceAddress: secretOctets(address, `the address of ${what}`),
  };
  checkGatewayAddress(gateway);
  return gateway;
}

/** One of a few words, in letters of either case. @throws StateError whose hint names them. */
export function writtenWord<T extends string>(text: string, what: string, words: readonly T[]): T {
  const word = words.find((candidate) => candidate === text.toLowerCase());
  if (word === undefined) throw new StateError(`${what} is unknown`, { hint: suggestion(text, words) });
  return word;
}

/** `HOST:PORT` or `[::1]:4059`; the port may be left out where a default is given. @throws StateError */
export function writtenAddress(text: string, what: string, port?: number): NetworkAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const digits = match?.[3];
  if (host === undefined || (digits === undefined && port === undefined)) {
    throw new StateError(`${what} is not an address`, {
      hint: 'write HOST:PORT, such as 192.168.1.10:4059 or [::1]:4059',
    });
  }
  return {
    host,
    port: digits === undefined ? (port as number) : writtenWhole(digits, `the port of ${what}`, 0, 65_535),
  };
}
