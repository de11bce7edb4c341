import { given } from '../../src/base/given.js';
import type { Link } from '../../src/contracts/link.js';
import type { AttachOptions } from '../serve.js';
import type { LinkSetup } from './communication.js';
import { deafLink } from './deaf-link.js';
import { SERVER_SAP } from './device.js';
import type { MeterModel } from './model.js';
import { FLAG } from './options.js';
import type { LinkSlips, Platform } from './platform.js';

/** For how many milliseconds a meter with the quirk `needs-pause` hears nothing after it has spoken. */
const DEAF = 100;

/** The meter's side of a data link. `busy` says whether it is to answer RNR. */
export function meterLink(
  platform: Platform,
  model: MeterModel,
  setup: LinkSetup,
  attach: AttachOptions,
  busy: () => boolean,
): Link | Promise<Link> {
  const make = platform.links[attach.framing ?? 'hdlc'];
  const link = make({
    devices: [SERVER_SAP],
    maxInfo: setup.maxInfo,
    window: setup.window,
    inactivityTimeout: setup.inactivityTimeout * 1000,
    interOctetTimeout: setup.interOctetTimeout,
    manufacturer: FLAG,
    identification: model.firmware.slice(0, 16),
    slips: slipsOf(model),
    busy,
    ...given({ lower: attach.lower }),
  });
  if (!model.quirks.has('needs-pause')) return link;
  return link instanceof Promise ? link.then((loaded) => deafLink(loaded, DEAF)) : deafLink(link, DEAF);
}

function slipsOf({ quirks }: MeterModel): LinkSlips {
  return {
    ignoresProposal: quirks.has('deaf-negotiation'),
    bareUaToWindows: quirks.has('bare-ua'),
    parametersInUaToDisc: quirks.has('ua-to-disc'),
    bareFrmr: quirks.has('frmr-bare'),
  };
}
