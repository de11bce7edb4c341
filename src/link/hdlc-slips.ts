import { NO_INFORMATION } from './hdlc-config.js';
import { DEFAULT_PARAMETERS, encodeParameters, type HdlcParameters, negotiate } from './hdlc-parameters.js';

/** What servers in the field do against IEC 62056-46: for tests of clients. All false. */
export interface HdlcServerSlips {
  /** The parameters of the SNRM are not looked at: the UA announces, and the server uses, what it can do. */
  readonly ignoresProposal?: boolean;
  /** An SNRM that proposes windows alone gets a UA without information: the defaults. */
  readonly bareUaToWindows?: boolean;
  /** The UA to a DISC repeats the negotiated parameters. */
  readonly parametersInUaToDisc?: boolean;
  /** FRMR has no information field. */
  readonly bareFrmr?: boolean;
}

/** What holds after an SNRM, and what the UA says of it. */
export interface Settlement {
  readonly parameters: HdlcParameters;
  readonly information: Uint8Array;
}

/** The server's answer to an SNRM. @param proposal its information field, which was read as `proposed` already. */
export function settle(
  own: HdlcParameters,
  proposed: HdlcParameters,
  proposal: Uint8Array,
  slips: HdlcServerSlips = {},
): Settlement {
  if (slips.bareUaToWindows === true && proposesWindowsAlone(proposal)) {
    return { parameters: DEFAULT_PARAMETERS, information: NO_INFORMATION };
  }
  const parameters = slips.ignoresProposal === true ? own : negotiate(own, proposed);
  return { parameters, information: encodeParameters(parameters) };
}

const HEADER = 3;
const FIRST_WINDOW = 7;

/** Whether a readable information field has window sizes and nothing else. */
function proposesWindowsAlone(information: Uint8Array): boolean {
  let at = HEADER;
  for (; at + 1 < information.length; at += 2 + (information[at + 1] as number)) {
    if ((information[at] as number) < FIRST_WINDOW) return false;
  }
  return at > HEADER;
}
