import { present } from '../apdu/present.js';
import type { ProbeLinkOptions } from '../client/discover/probe.js';
import type { LinkOptions } from '../client/open.js';
import type { Link } from '../contracts/link.js';
import { HdlcClientLink } from '../link/hdlc-client-link.js';
import type { HdlcParameters } from '../link/hdlc-parameters.js';
import { paced } from './paced.js';

/** What is proposed unless told otherwise: the meter grants what it has, and the defaults follow where it wants no proposal. */
const PROPOSED_INFO = 1024;
const PROPOSED_WINDOW = 7;
const RETRIES = 3;
/** How long a meter is waited for that is there and does not want us now. */
export const PATIENCE = 60_000;

/** HDLC. @param baud the speed agreed on, where it is known. @param questions how often a frame is repeated, in place of the option. */
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
      // The time allowed is shared by the question and its repetitions.
      responseTimeout: responseTimeout === undefined ? undefined : responseTimeout / (retries + 1),
      octetTime,
      refusalPatience: options.patience ?? PATIENCE,
      acknowledgeByAnswer: options.acknowledgeByAnswer,
      keepAlive: options.keepAlive,
    }),
  );
}

/** A link that asks once whether somebody answers at an address. */
export function probeLink({ client, server, lower, addressSize, wait, octetTime }: ProbeLinkOptions): Link {
  return new HdlcClientLink(
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
  );
}
