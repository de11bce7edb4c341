/** Communication setups of the meter: what it says about its lines. */

import type { Implementation } from '../../src/cosem/class.js';
import type { GprsModemSetup, HdlcSetupV1, Ipv6Setup, TcpUdpSetup } from '../../src/cosem/classes/communication.js';
import type { MeterModel } from './model.js';

const BEST_EFFORT = { precedence: 0, delay: 0, reliability: 0, peakThroughput: 0, meanThroughput: 0 };
/** Seconds of silence after which a connection ends. */
export const INACTIVITY_TIMEOUT = 120;

/** Milliseconds where the attribute wants seconds. */
const SLIPPED_TIMEOUT = 20_000;

function timeoutOf({ quirks }: MeterModel): number {
  return quirks.has('milliseconds-for-seconds') ? SLIPPED_TIMEOUT : INACTIVITY_TIMEOUT;
}

export function hdlcSetup(model: MeterModel, maxInfo: number, window: number): Implementation<typeof HdlcSetupV1> {
  return {
    commSpeed: '9600',
    windowSizeTransmit: window,
    windowSizeReceive: window,
    maxInfoFieldLengthTransmit: maxInfo,
    maxInfoFieldLengthReceive: maxInfo,
    interOctetTimeOut: 500,
    inactivityTimeOut: timeoutOf(model),
    deviceAddress: 16,
  };
}

export function tcpUdpSetup(model: MeterModel): Implementation<typeof TcpUdpSetup> {
  return {
    tcpUdpPort: 4059,
    ipReference: '0.0.25.7.0.255',
    mss: 576,
    nbOfSimConn: 1,
    inactivityTimeOut: timeoutOf(model),
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
