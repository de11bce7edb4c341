import { present } from '../base/given.js';
import type { ProbeLinkOptions } from '../client/discover/probe.js';
import type { LinkOptions } from '../client/platform.js';
import type { Link } from '../contracts/link.js';
import { HdlcClientLink } from '../link/hdlc-client-link.js';
import type { HdlcParameters } from '../link/hdlc-parameters.js';
import { paced } from './paced.js';

/** HDLC parameters that are proposed by default. If the meter does not answer a proposal, the defaults of the standard are used. */
const PROPOSED_INFO = 1024;
const PROPOSED_WINDOW = 7;
const RETRIES = 3;
/** How long, in milliseconds, a meter may refuse the link for now (DM) before the client gives up. */
export const PATIENCE = 60_000;

/** HDLC. @param baud the negotiated speed, where it is known. @param questions how often a frame is repeated, in place of the option. */
export function hdlcLink(options: LinkOptions, baud?: number, questions?: number): Link {
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
  return new HdlcClientLink(
    present({
      client,
      server,
      lower: options.serverLower,
      addressSize: options.addressSize,
      parameters: present<Partial<HdlcParameters>>(parameters),
      retries,
      // The time-out is shared between a request and its repetitions.
      responseTimeout: responseTimeout === undefined ? undefined : responseTimeout / (retries + 1),
      octetTime,
      refusalPatience: options.patience ?? PATIENCE,
      acknowledgeByAnswer: options.acknowledgeByAnswer,
      keepAlive: options.keepAlive,
    }),
  );
}

/** A link that tries once whether a meter answers at an address. */
export function probeLink({ client, server, lower, addressSize, wait, octetTime }: ProbeLinkOptions): Link {
  return new HdlcClientLink(
    present({
      client,
      server,
      lower,
      addressSize,
      octetTime,
      retries: 0,
      // Some adapters deliver what came in pieces of sixteen octets.
      responseTimeout: wait + 20 * octetTime,
      interOctetTimeout: 200 + 20 * octetTime,
    }),
  );
}
