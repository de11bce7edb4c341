/** The part of the entry `cosem/simulator` that gives links and cryptography to the meters, which know only their contracts. */

import { encodeApdu } from '../src/apdu/codec.js';
import { lazily } from '../src/base/clock.js';
import { given } from '../src/base/given.js';
import type { Link } from '../src/contracts/link.js';
import { commandControl, encodeFrame, FrameEncoder, hdlcAddress } from '../src/link/hdlc-frame.js';
import { addLlc } from '../src/link/hdlc-llc.js';
import { HdlcServerLink } from '../src/link/hdlc-server-link.js';
import { FrameSplitter } from '../src/link/hdlc-splitter.js';
import { encodeMbusFrames } from '../src/link/mbus.js';
import { encodeTelegram } from '../src/link/telegram-writer.js';
import { protect, ReceiveCounter, securityControl } from '../src/security/ciphering.js';
import { MemoryCounterStore } from '../src/security/counter.js';
import { unwrapKey } from '../src/security/keys.js';
import { nobleCrypto } from '../src/security/noble-crypto.js';
import type { PortPlatform } from './customer-port/platform.js';
import { wordingOf } from './hdlc-slips.js';
import { SERVER_SAP } from './meter/device.js';
import type { GatewayPlatform, MeterLinkOptions, Platform } from './meter/platform.js';

const loadModeE = lazily(async () => (await import('../src/link/mode-e.js')).ModeELink);
const loadStation = lazily(async () => (await import('../src/session/gateway-station.js')).GatewayStationLink);
const loadWrapper = lazily(async () => (await import('../src/link/wrapper-link.js')).WrapperLink);

const ALL_STATIONS: Readonly<Record<1 | 2 | 4, number | undefined>> = { 1: undefined, 2: 0x7f, 4: 0x3fff };

const gateway: GatewayPlatform = {
  wrapper: async (mode, behind) => new (await loadStation())(new (await loadWrapper())('server', { mode }), behind),
  station: async (behind) => new (await loadStation())(new HdlcServerLink({ devices: [SERVER_SAP] }), behind),
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

/** Meter and consumer in M-Bus frames. */
const [METER, CONSUMER] = [1, 103];
/** The same in HDLC, as meters in Norway and Sweden name them. */
const HAN = { destination: hdlcAddress(32), source: hdlcAddress(4, 65) };
/** The most octets of an APDU in one UI frame: ports send their lists whole. */
const LONGEST_FRAME = 1024;
/** Tag of general-glo-ciphering. */
const GENERAL_GLO = 0xdb;

const port: PortPlatform = {
  telegram: encodeTelegram,
  notification: (body) => encodeApdu({ type: 'data-notification', longInvokeId: 0x4000_0000, body }),
  hdlc(apdu) {
    const information = addLlc(apdu, 'response');
    const frames: Uint8Array[] = [];
    for (let at = 0; at < information.length; at += LONGEST_FRAME) {
      const segmented = at + LONGEST_FRAME < information.length;
      const part = information.subarray(at, at + LONGEST_FRAME);
      frames.push(encodeFrame({ ...HAN, control: commandControl('UI', true), segmented, information: part }));
    }
    return frames;
  },
  mbus: (apdu) => encodeMbusFrames(apdu, METER, CONSUMER),
  seal(crypto, { keys, systemTitle, invocationCounter, protection }, content) {
    // Austrian meters that only encrypt name suite 1, whose keys have 16 octets too.
    const control = securityControl(protection === 'encryption' ? 1 : 0, protection);
    const sealed = protect(crypto, { keys, control, systemTitle, invocationCounter }, content);
    const parts = { systemTitle, securityControl: control, invocationCounter, content: sealed };
    return encodeApdu({ type: 'ciphered', tag: GENERAL_GLO, ...parts });
  },
};

/** The links and the cryptography of the meters of this entry. */
export const platform: Platform = {
  gateway,
  port,
  links: {
    hdlc: hdlcLink,
    'mode-e': async (options) => {
      const ModeELink = await loadModeE();
      return new ModeELink(
        {
          role: 'server',
          manufacturer: options.manufacturer,
          identification: options.identification ?? 'COSEM',
          baud: 9600,
        },
        hdlcLink(options),
      );
    },
    wrapper: async ({ devices }) => new (await loadWrapper())('server', { devices }),
    'wrapper-udp': async ({ devices }) => new (await loadWrapper())('server', { devices, mode: 'datagram' }),
  },
  crypto: nobleCrypto,
  counters: () => new MemoryCounterStore(),
  receiveCounter: () => new ReceiveCounter(),
  unwrapKey,
};

function hdlcLink(options: MeterLinkOptions): Link {
  const { devices, maxInfo, window, lower, inactivityTimeout, interOctetTimeout, busy, slips } = options;
  return new HdlcServerLink({
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
