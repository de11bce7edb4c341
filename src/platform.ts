import { present } from './apdu/present.js';
import type { DiscoverPlatform } from './client/discover/discover.js';
import type { LinkOptions } from './client/open.js';
import type { ReadoutPlatform } from './client/readout.js';
import type { Link } from './contracts/link.js';
import { HdlcLink } from './link/hdlc-link.js';
import type { HdlcParameters } from './link/hdlc-parameters.js';
import { decodeIec21, encodeCommand } from './link/iec21.js';
import { type ModeCClientConfig, ModeCLink } from './link/mode-c.js';
import { ModeELink } from './link/mode-e.js';
import { FIXED_LINE_OPENINGS, type ModeEClientConfig, OPENING_BAUD, OPENINGS } from './link/mode-e-config.js';
import { PacedLink } from './link/paced-link.js';
import { signOnLink } from './link/sign-on.js';
import { decodeTelegram } from './link/telegram.js';
import { TelegramLink } from './link/telegram-link.js';
import { WrapperLink } from './link/wrapper-link.js';
import { MemoryCounterStore } from './security/counter.js';
import { nobleCrypto } from './security/noble-crypto.js';

/** Links and cryptography for the client room, which knows their contracts only. */
export const platform: DiscoverPlatform & ReadoutPlatform = {
  links: {
    hdlc: hdlcLink,
    'mode-e': (options) =>
      new ModeELink(
        present<Partial<ModeEClientConfig> & { role: 'client' }>({
          role: 'client',
          deviceAddress: options.deviceAddress,
          maxBaud: options.maxBaud,
          hdlcBaud: options.hdlcBaud,
          openingBaud: options.signOnBaud,
          wakeUp: options.wakeUp === true ? WAKE_UP : undefined,
          continueAt: options.continueAt,
          openings: options.fixedLine === true ? FIXED_LINE_OPENINGS : undefined,
          timeout: undefined,
          retries: undefined,
          breakFirst: undefined,
          patience: options.patience ?? PATIENCE,
        }),
        ({ baud, retries }) => hdlcLink(options, baud, retries),
      ),
    wrapper: (options) => paced(new WrapperLink('client', { client: options.client, server: options.server }), options),
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
  signOn: ({ wakeUp, baud, opening, wait }) =>
    signOnLink({
      wakeUp: wakeUp ? WAKE_UP : 0,
      retries: wait === undefined && baud === OPENING_BAUD ? 1 : 0,
      ...(wait === undefined ? {} : { timeout: wait }),
      openingBaud: baud,
      openings: OPENINGS.slice(opening, opening + 1),
      breakFirst: opening > 0,
    }),
  readoutLink: ({ deviceAddress, maxBaud, wakeUp, fixedBaud, fixedLine, listen, timeout }) =>
    listen === undefined
      ? new ModeCLink(
          present<ModeCClientConfig>({
            role: 'client',
            deviceAddress,
            maxBaud,
            wakeUp: wakeUp === true ? WAKE_UP : undefined,
            openingBaud: fixedBaud,
            fixedBaud: fixedBaud !== undefined,
            fixedLine,
            timeout,
            retries: undefined,
          }),
        )
      : new TelegramLink({ listen }),
  readoutMessage: (octets) =>
    octets[0] === SLASH ? { type: 'telegram', ...decodeTelegram(octets) } : decodeIec21(octets),
  readoutCommand: encodeCommand,
};

/** Begins a telegram. */
const SLASH = 0x2f;

/** Null octets that take the 2.2 s at 300 baud which a battery powered meter needs to wake (IEC 62056-21, 6.3.1). */
const WAKE_UP = 65;

/** What is proposed unless told otherwise: the meter grants what it has, and the defaults follow where it wants no proposal. */
const PROPOSED_INFO = 1024;
const PROPOSED_WINDOW = 7;
const RETRIES = 3;
/** How long a meter is waited for that is there and does not want us now. */
const PATIENCE = 60_000;

function paced(link: Link, { turnaround, interFrameDelay, octetTime }: LinkOptions): Link {
  if (turnaround === undefined && interFrameDelay === undefined) return link;
  return new PacedLink(link, { turnaround, interFrameDelay, octetTime });
}

/** @param baud the speed agreed on, where it is known. @param questions how often a frame is repeated, in place of the option. */
function hdlcLink(options: LinkOptions, baud?: number, questions?: number): Link {
  const { retries = RETRIES, responseTimeout } = options;
  const timed = baud === undefined ? options : { ...options, octetTime: 10_000 / baud };
  if (questions === undefined || questions >= retries) return paced(bareHdlcLink(timed), timed);
  const share =
    responseTimeout === undefined ? {} : { responseTimeout: (responseTimeout / (retries + 1)) * (questions + 1) };
  return paced(bareHdlcLink({ ...timed, retries: questions, ...share }), timed);
}

function bareHdlcLink(options: LinkOptions): Link {
  const {
    client,
    server,
    maxInfo = PROPOSED_INFO,
    window = PROPOSED_WINDOW,
    retries = RETRIES,
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
      refusalPatience: options.patience ?? PATIENCE,
      acknowledgeByAnswer: options.acknowledgeByAnswer,
      keepAlive: options.keepAlive,
    }),
  );
}
