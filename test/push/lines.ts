/** What meters put on a line, made by hand for tests. */
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, fromLatin1 } from '../../src/base/bytes.js';
import type { Data } from '../../src/codec/data.js';
import type { CosemDateTime } from '../../src/codec/datetime.js';
import type { Protection } from '../../src/contracts/protection.js';
import { commandControl, encodeFrame, hdlcAddress } from '../../src/link/hdlc-frame.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { protect, securityControl } from '../../src/security/ciphering.js';
import type { SuiteId } from '../../src/security/suites.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

export const EK = fromHex('000102030405060708090A0B0C0D0E0F');
export const AK = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
export const TITLE = fromHex('5858580000000001');

export function notification(body: Data, dateTime?: CosemDateTime): Uint8Array {
  const time = dateTime === undefined ? {} : { dateTime };
  return encodeApdu({ type: 'data-notification', longInvokeId: 1, body, ...time });
}

export interface Envelope {
  readonly counter?: number;
  readonly protection?: Protection;
  readonly suite?: SuiteId;
  readonly tag?: number;
  readonly title?: Uint8Array;
  readonly ek?: Uint8Array;
  readonly ak?: Uint8Array;
  /** Under the global broadcast key, which `ek` then is. */
  readonly broadcast?: boolean;
}

/** In general-glo-ciphering. */
export function ciphered(content: Uint8Array, envelope: Envelope = {}): Uint8Array {
  const { counter = 1, protection = 'authenticated-encryption', suite = 0, tag = 0xdb, title = TITLE } = envelope;
  const control = securityControl(suite, protection, envelope.broadcast === true ? 'broadcast' : 'unicast');
  const keys = { encryption: envelope.ek ?? EK, authentication: envelope.ak ?? AK };
  const sealed = protect(nodeCrypto, { keys, control, systemTitle: title, invocationCounter: counter }, content);
  const parts = { systemTitle: title, securityControl: control, invocationCounter: counter, content: sealed };
  return encodeApdu({ type: 'ciphered', tag, ...parts });
}

export const wrapped = (apdu: Uint8Array, source = 1) => encodeWpdu({ source, destination: 103, apdu });

/** UI frames; with `size` in segments of so many octets. */
export function hdlc(
  apdu: Uint8Array,
  { size = 4096, server = 1, llc = true, control = commandControl('UI', true) } = {},
): Uint8Array[] {
  const information = llc ? addLlc(apdu, 'response') : apdu;
  const frames: Uint8Array[] = [];
  for (let at = 0; at < information.length; at += size) {
    frames.push(
      encodeFrame({
        destination: hdlcAddress(103),
        source: hdlcAddress(server),
        control,
        segmented: at + size < information.length,
        information: information.subarray(at, at + size),
      }),
    );
  }
  return frames;
}

/** Long frames of the M-Bus, an L field holding the low octet of its length. */
export function mbus(apdu: Uint8Array, size = 245): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0, i = 0; at < apdu.length; at += size, i++) {
    const last = at + size >= apdu.length ? 0x10 : 0;
    const body = concat(Uint8Array.of(0x53, 0xff, last | (i & 15), 1, 103), apdu.subarray(at, at + size));
    const sum = body.reduce((total, octet) => total + octet, 0) & 0xff;
    frames.push(
      concat(Uint8Array.of(0x68, body.length & 0xff, body.length & 0xff, 0x68), body, Uint8Array.of(sum, 0x16)),
    );
  }
  return frames;
}

/** Blocks of general block transfer. */
export function blocks(apdu: Uint8Array, size = 60): Uint8Array[] {
  const all: Uint8Array[] = [];
  for (let at = 0; at < apdu.length; at += size) {
    all.push(
      encodeApdu({
        type: 'general-block-transfer',
        last: at + size >= apdu.length,
        streaming: true,
        window: 0,
        blockNumber: all.length + 1,
        blockNumberAck: 0,
        raw: apdu.subarray(at, at + size),
      }),
    );
  }
  return all;
}

export const TELEGRAM = fromLatin1(
  '/XXX5\\2TEST-1\r\n\r\n0-0:1.0.0(261130103000W)\r\n1-0:1.8.0(00317.695*kWh)\r\n1-0:1.7.0(00.278*kW)\r\n!\r\n',
);
