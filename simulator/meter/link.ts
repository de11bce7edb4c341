import type { ServeOptions } from '../serve.js';
import { INACTIVITY_TIMEOUT } from './communication.js';
import { SERVER_SAP } from './device.js';
import type { MeterModel } from './model.js';
import { FLAG, type MeterOptions } from './options.js';
import type { Link, LinkSlips, Platform } from './platform.js';

/** The meter's side of a data link. `busy` says whether it is to answer RNR. */
export function meterLink(
  platform: Platform,
  model: MeterModel,
  options: Pick<MeterOptions, 'maxInfo' | 'window'>,
  attach: ServeOptions,
  busy: () => boolean,
): Link {
  const make = platform.links[attach.framing ?? 'hdlc'];
  return make({
    devices: [SERVER_SAP],
    maxInfo: options.maxInfo ?? model.maxInfo,
    window: options.window ?? 1,
    inactivityTimeout: INACTIVITY_TIMEOUT * 1000,
    manufacturer: FLAG,
    identification: model.firmware.slice(0, 16),
    slips: slipsOf(model),
    busy,
    ...(attach.lower === undefined ? {} : { lower: attach.lower }),
  });
}

function slipsOf({ quirks }: MeterModel): LinkSlips {
  return {
    ignoresProposal: quirks.has('deaf-negotiation'),
    bareUaToWindows: quirks.has('bare-ua'),
    parametersInUaToDisc: quirks.has('ua-to-disc'),
    bareFrmr: quirks.has('frmr-bare'),
  };
}
