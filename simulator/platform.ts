/** The part of the entry `cosem/simulator` that gives links and cryptography to the meters, which know only their contracts. */

import { given } from '../src/base/given.js';
import type { Link } from '../src/contracts/link.js';
import { FrameEncoder } from '../src/link/hdlc-frame.js';
import { HdlcLink } from '../src/link/hdlc-link.js';
import { FrameSplitter } from '../src/link/hdlc-splitter.js';
import { ModeELink } from '../src/link/mode-e.js';
import { WrapperLink } from '../src/link/wrapper-link.js';
import { ReceiveCounter } from '../src/security/ciphering.js';
import { MemoryCounterStore } from '../src/security/counter.js';
import { unwrapKey } from '../src/security/keys.js';
import { nobleCrypto } from '../src/security/noble-crypto.js';
import { wordingOf } from './hdlc-slips.js';
import type { GatewayPlatform, MeterLinkOptions, Platform } from './meter/platform.js';

const ALL_STATIONS: Readonly<Record<1 | 2 | 4, number | undefined>> = { 1: undefined, 2: 0x7f, 4: 0x3fff };

const gateway: GatewayPlatform = {
  wrapper: (mode) => new WrapperLink('server', { mode }),
  hdlcFrames(onFrame) {
    const splitter = new FrameSplitter(() => {});
    const encoder = new FrameEncoder();
    return (chunk) => {
      splitter.push(chunk);
      for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) {
        const { lower, size } = frame.destination;
        onFrame(lower !== undefined && lower === ALL_STATIONS[size] ? 'all' : lower, encoder.encode(frame));
      }
    };
  },
};

/** The links and the cryptography of the meters of this entry. */
export const platform: Platform = {
  gateway,
  links: {
    hdlc: hdlcLink,
    'mode-e': (options) =>
      new ModeELink(
        {
          role: 'server',
          manufacturer: options.manufacturer,
          identification: options.identification ?? 'COSEM',
          baud: 9600,
        },
        hdlcLink(options),
      ),
    wrapper: ({ devices }) => new WrapperLink('server', { devices }),
    'wrapper-udp': ({ devices }) => new WrapperLink('server', { devices, mode: 'datagram' }),
  },
  crypto: nobleCrypto,
  counters: () => new MemoryCounterStore(),
  receiveCounter: () => new ReceiveCounter(),
  unwrapKey,
};

function hdlcLink(options: MeterLinkOptions): Link {
  const { devices, maxInfo, window, lower, inactivityTimeout, interOctetTimeout, busy, slips } = options;
  return new HdlcLink('server', {
    devices,
    inactivityTimeout,
    parameters: {
      maxInfoTransmit: maxInfo,
      maxInfoReceive: maxInfo,
      windowTransmit: window,
      windowReceive: window,
    },
    ...given({ lower, interOctetTimeout, busy }),
    ...(slips === undefined ? {} : { wording: wordingOf(slips) }),
  });
}
