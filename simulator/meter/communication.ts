/** Communication setups of the meter: what it says about its lines. */

import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { GprsModemSetup, HdlcSetupV1, Ipv6Setup, TcpUdpSetup } from '../../src/cosem/classes/communication.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import type { MeterModel } from './model.js';
import type { MeterOptions } from './options.js';

const BEST_EFFORT = { precedence: 0, delay: 0, reliability: 0, peakThroughput: 0, meanThroughput: 0 };
const INACTIVITY_TIMEOUT = 120;
/** The time-out of the reference meter in seconds; its setup object says 20000. */
const SLIPPED_TIMEOUT = 20;
const INTER_OCTET_TIMEOUT: Millis = 500;
const LONGEST = 0xffff;

/** How the data link of a meter is set up. */
export interface LinkSetup {
  readonly maxInfo: number;
  readonly window: number;
  /** Seconds of silence after which a connection ends. */
  readonly inactivityTimeout: number;
  readonly interOctetTimeout: Millis;
}

/** @throws StateError for a time-out that the attributes of the setup object cannot hold. */
export function linkSetup(
  model: MeterModel,
  options: Pick<MeterOptions, 'maxInfo' | 'window' | 'inactivityTimeout' | 'interOctetTimeout'>,
): LinkSetup {
  const {
    inactivityTimeout = saysMilliseconds(model) ? SLIPPED_TIMEOUT : INACTIVITY_TIMEOUT,
    interOctetTimeout = INTER_OCTET_TIMEOUT,
  } = options;
  checkTimeout('inactivity time-out', inactivityTimeout, 0, 'seconds; 0 is never');
  checkTimeout('inter-octet time-out', interOctetTimeout, 20, 'milliseconds');
  return {
    maxInfo: options.maxInfo ?? model.maxInfo,
    window: options.window ?? 1,
    inactivityTimeout,
    interOctetTimeout,
  };
}

function checkTimeout(name: string, value: number, least: number, unit: string): void {
  if (Number.isInteger(value) && value >= least && value <= LONGEST) return;
  throw new StateError(`an ${name} of ${value} cannot be`, { hint: `a whole number, ${least} to ${LONGEST} ${unit}` });
}

function saysMilliseconds({ quirks }: MeterModel): boolean {
  return quirks.has('milliseconds-for-seconds');
}

/** The time-out as the setup objects state it. */
function said(model: MeterModel, { inactivityTimeout }: LinkSetup): number {
  return saysMilliseconds(model) ? Math.min(inactivityTimeout * 1000, LONGEST) : inactivityTimeout;
}

export function hdlcSetup(model: MeterModel, setup: LinkSetup): Implementation<typeof HdlcSetupV1> {
  const { maxInfo, window, interOctetTimeout } = setup;
  return {
    commSpeed: '9600',
    windowSizeTransmit: window,
    windowSizeReceive: window,
    maxInfoFieldLengthTransmit: maxInfo,
    maxInfoFieldLengthReceive: maxInfo,
    interOctetTimeOut: interOctetTimeout,
    inactivityTimeOut: said(model, setup),
    deviceAddress: 16,
  };
}

export function tcpUdpSetup(model: MeterModel, setup: LinkSetup): Implementation<typeof TcpUdpSetup> {
  return {
    tcpUdpPort: 4059,
    ipReference: '0.0.25.7.0.255',
    mss: 576,
    nbOfSimConn: 1,
    inactivityTimeOut: said(model, setup),
  };
}

export const gprsModemSetup: Implementation<typeof GprsModemSetup> = {
  apn: 'meters.example',
  pinCode: 0,
  qualityOfService: { default: BEST_EFFORT, requested: BEST_EFFORT },
};

export const ipv6Setup: Implementation<typeof Ipv6Setup> = {
  dlReference: '0.0.25.4.0.255',
  addressConfigMode: 'auto-configuration',
  // ::1
  unicastIpv6Addresses: [Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)],
  multicastIpv6Addresses: [],
  gatewayIpv6Addresses: [],
  primaryDnsAddress: new Uint8Array(0),
  secondaryDnsAddress: new Uint8Array(0),
  trafficClass: 0,
  neighborDiscoverySetup: [{ rsMaxRetry: 3, rsRetryWaitTime: 10_000, raSendPeriod: 520_000 }],
};
