import { given, present } from '../base/given.js';
import type { SignOnMaker } from '../client/discover/discover.js';
import type { LinkOptions } from '../client/platform.js';
import type { Link } from '../contracts/link.js';
import { ModeELink } from '../link/mode-e.js';
import { FIXED_LINE_OPENINGS, type ModeEClientConfig, OPENING_BAUD, OPENINGS } from '../link/mode-e-config.js';
import { signOnLink } from '../link/sign-on.js';
import { hdlcLink, PATIENCE } from './hdlc.js';

/** Number of null octets that last 2.2 s at 300 baud, the time a battery-powered meter needs to wake up (IEC 62056-21, 6.3.1). */
export const WAKE_UP = 65;

/** Mode E of IEC 62056-21, and HDLC from there. */
export function modeELink(options: LinkOptions): Link {
  return new ModeELink(
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
  );
}

/** The sign-on of mode E by itself. */
export const signOn: SignOnMaker = ({ wakeUp, baud, opening, wait }) =>
  signOnLink({
    wakeUp: wakeUp ? WAKE_UP : 0,
    retries: wait === undefined && baud === OPENING_BAUD ? 1 : 0,
    ...given({ timeout: wait }),
    openingBaud: baud,
    openings: OPENINGS.slice(opening, opening + 1),
    breakFirst: opening > 0,
  });
