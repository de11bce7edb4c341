import { present } from './apdu/present.js';
import type { DiscoverPlatform } from './client/discover/discover.js';
import type { LinkOptions } from './client/open.js';
import type { ReadoutPlatform } from './client/readout.js';
import { HdlcLink } from './link/hdlc-link.js';
import type { HdlcParameters } from './link/hdlc-parameters.js';
import { decodeIec21, encodeCommand } from './link/iec21.js';
import type { Link } from './link/link.js';
import { type ModeCClientConfig, ModeCLink } from './link/mode-c.js';
import { ModeELink } from './link/mode-e.js';
import { PausedLink } from './link/paused-link.js';
import { signOnLink } from './link/sign-on.js';
import { WrapperLink } from './link/wrapper-link.js';
import { MemoryCounterStore } from './security/counter.js';
import { nobleCrypto } from './security/noble-crypto.js';

/** Links and cryptography for the client room, which knows their contracts only. */
export const platform: DiscoverPlatform & ReadoutPlatform = {
  links: {
    hdlc: hdlcLink,
    'mode-e': (options) =>
      new ModeELink(
        present({ role: 'client', maxBaud: options.maxBaud, continueAt: options.continueAt }),
        hdlcLink(options),
      ),
    wrapper: ({ client, server }) => new WrapperLink('client', { client, server }),
    'wrapper-udp': ({ client, server }) => new WrapperLink('client', { client, server, mode: 'datagram' }),
  },
  crypto: nobleCrypto,
  memoryCounters: () => new MemoryCounterStore(),
  probe: ({ client, server, lower, addressSize, wait, octetTime }) =>
    new HdlcLink(
      'client',
      present({
        client,
        server,
        lower,
        addressSize,
        octetTime,
        retries: 0,
        // Adapters hand over what came in pieces of sixteen octets.
        responseTimeout: wait + 20 * octetTime,
        interOctetTimeout: 200 + 20 * octetTime,
      }),
    ),
  signOn: ({ wakeUp }) => signOnLink({ wakeUp, retries: 1 }),
  readoutLink: ({ deviceAddress, maxBaud, wakeUp, timeout }) =>
    new ModeCLink(
      present<ModeCClientConfig>({ role: 'client', deviceAddress, maxBaud, wakeUp, timeout, retries: undefined }),
    ),
  readoutMessage: decodeIec21,
  readoutCommand: encodeCommand,
};

/** What is proposed unless told otherwise: the meter grants what it has, and the defaults follow where it wants no proposal. */
const PROPOSED_INFO = 1024;
const PROPOSED_WINDOW = 7;

function hdlcLink(options: LinkOptions): Link {
  const link = bareHdlcLink(options);
  return options.pause === undefined ? link : new PausedLink(link, options.pause);
}

function bareHdlcLink(options: LinkOptions): Link {
  const {
    client,
    server,
    maxInfo = PROPOSED_INFO,
    window = PROPOSED_WINDOW,
    retries = 3,
    responseTimeout,
    octetTime,
  } = options;
  const parameters = {
    maxInfoTransmit: maxInfo,
    maxInfoReceive: maxInfo,
    windowTransmit: window,
    windowReceive: window,
  };
  return new HdlcLink(
    'client',
    present({
      client,
      server,
      lower: options.serverLower,
      addressSize: options.addressSize,
      parameters: present<Partial<HdlcParameters>>(parameters),
      retries,
      // The time allowed is shared by the question and its repetitions.
      responseTimeout: responseTimeout === undefined ? undefined : responseTimeout / (retries + 1),
      octetTime,
    }),
  );
}
