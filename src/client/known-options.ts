import type { GatewayAddress } from '../apdu/apdu.js';
import { StateError } from '../base/errors.js';
import { checkOptions, type OptionNames, type OtherNames } from '../base/known-options.js';
import type { KeyPairs } from '../contracts/protection.js';
import type { OpenOptions, SecurityOptions } from './options.js';
import type { Reconnect } from './reconnect-options.js';

const OPEN_OPTIONS: OptionNames<OpenOptions> = {
  framing: true,
  client: true,
  server: true,
  gateway: true,
  serverLower: true,
  addressSize: true,
  maxInfo: true,
  window: true,
  maxBaud: true,
  octetTime: true,
  naming: true,
  authentication: true,
  suite: true,
  keyPairs: true,
  password: true,
  secret: true,
  security: true,
  keysOf: true,
  systemTitle: true,
  conformance: true,
  maxReceivePduSize: true,
  userId: true,
  preEstablished: true,
  strict: true,
  lenient: true,
  acknowledgeByAnswer: true,
  allowEchoedChallenge: true,
  allowOddChallenge: true,
  allowCounterReset: true,
  acceptUnprovenMeter: true,
  fixedInvokeId: true,
  release: true,
  deviation: true,
  blockWindow: true,
  inFlight: true,
  echo: true,
  turnaround: true,
  interFrameDelay: true,
  deviceAddress: true,
  wakeUp: true,
  signOnBaud: true,
  hdlcBaud: true,
  companion: true,
  quirks: true,
  responseTimeout: true,
  exchangeLimit: true,
  patience: true,
  reconnect: true,
  keepAlive: true,
  onLog: true,
  onMetric: true,
  retries: true,
  cache: true,
  clock: true,
  crypto: true,
  trace: true,
  onRemark: true,
  onNotification: true,
  confirmNotifications: true,
  signal: true,
};

const SECURITY_OPTIONS: OptionNames<SecurityOptions> = {
  lowestReceived: true,
  response: true,
  handshake: true,
  general: true,
  sign: true,
  signedResponse: true,
  masterKey: true,
  serverTitle: true,
  counters: true,
  systemTitle: true,
  encryptionKey: true,
  authenticationKey: true,
  broadcastKey: true,
  policy: true,
  dedicatedKey: true,
  counterEntry: true,
  counterStep: true,
  readInvocationCounter: true,
  trustCounters: true,
  publicClient: true,
};

const GATEWAY_OPTIONS: OptionNames<GatewayAddress> = { networkId: true, physicalDeviceAddress: true };
const KEY_PAIRS: OptionNames<KeyPairs> = { signing: true, agreement: true, peerSigning: true, peerAgreement: true };
const RECONNECT_OPTIONS: OptionNames<Reconnect> = { first: true, backoff: true };

/** Names that options have elsewhere, in the command and in other libraries. */
const OTHER_NAMES: OtherNames = {
  auth: 'authentication',
  physical: 'serverLower',
  timeout: 'responseTimeout',
  title: 'systemTitle',
  ek: 'encryptionKey',
  ak: 'authenticationKey',
  readCounter: 'readInvocationCounter',
  dedicated: 'dedicatedKey',
};

/** @throws StateError for an unknown option, by name and never with its value. */
export function checkOpenOptions(options: OpenOptions): void {
  checkOptions(options, OPEN_OPTIONS, 'open', { others: OTHER_NAMES });
  checkSecurityOptions(options.security);
  checkOptions(options.keyPairs, KEY_PAIRS, 'open', { within: 'keyPairs' });
  checkOptions(options.gateway, GATEWAY_OPTIONS, 'open', {
    within: 'gateway',
    others: { address: 'physicalDeviceAddress' },
  });
  if (typeof options.reconnect === 'object')
    checkOptions(options.reconnect, RECONNECT_OPTIONS, 'open', { within: 'reconnect' });
  if (options.strict === true && options.lenient === true) {
    throw new StateError("the options 'strict' and 'lenient' exclude each other", { hint: 'give one of them' });
  }
}

/** @throws StateError for an unknown option of `security`. */
export function checkSecurityOptions(security: SecurityOptions | undefined): void {
  checkOptions(security, SECURITY_OPTIONS, 'open', { within: 'security', others: OTHER_NAMES });
}
