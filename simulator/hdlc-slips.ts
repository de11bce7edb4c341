/** Deviations of meters in the field from IEC 62056-46, as settings of an HDLC server. */

import type { HdlcServerWording } from '../src/link/hdlc-config.js';
import { DEFAULT_PARAMETERS, encodeParameters } from '../src/link/hdlc-parameters.js';
import type { LinkSlips } from './meter/platform.js';

const NOTHING = new Uint8Array(0);

/** The settings of a server with these deviations. */
export function wordingOf(slips: LinkSlips): HdlcServerWording {
  return {
    settle: (standard, own, proposal) => {
      if (slips.bareUaToWindows && proposesWindowsAlone(proposal)) {
        return { parameters: DEFAULT_PARAMETERS, information: NOTHING };
      }
      return slips.ignoresProposal ? { parameters: own, information: encodeParameters(own) } : standard;
    },
    farewell: (parameters) => (slips.parametersInUaToDisc ? encodeParameters(parameters) : NOTHING),
    rejection: (standard) => (slips.bareFrmr ? NOTHING : standard),
  };
}

const HEADER = 3;
const FIRST_WINDOW = 7;

/** True when an information field can be read and proposes nothing but window sizes. */
function proposesWindowsAlone(information: Uint8Array): boolean {
  let at = HEADER;
  for (; at + 1 < information.length; at += 2 + (information[at + 1] as number)) {
    if ((information[at] as number) < FIRST_WINDOW) return false;
  }
  return at > HEADER;
}
