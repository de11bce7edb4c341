import { StateError } from '../base/errors.js';
import { suggestion } from '../base/near-miss.js';
import type { OpenOptions, Reconnect, SecurityOptions } from './options.js';

/** Every option there is: what stands elsewhere is a slip of the pen, and an option that is silently not heard may be one of security. */
const OPEN_OPTIONS: Readonly<Record<keyof OpenOptions, true>> = {
  framing: true,
  client: true,
  server: true,
  serverLower: true,
  addressSize: true,
  maxInfo: true,
  window: true,
  maxBaud: true,
  octetTime: true,
  authentication: true,
  password: true,
  secret: true,
  security: true,
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
  echo: true,
  turnaround: true,
  interFrameDelay: true,
  deviceAddress: true,
  wakeUp: true,
  signOnBaud: true,
  hdlcBaud: true,
  quirks: true,
  responseTimeout: true,
  exchangeLimit: true,
  patience: true,
  reconnect: true,
  keepAlive: true,
  onLoss: true,
  onResume: true,
  retries: true,
  cache: true,
  clock: true,
  crypto: true,
  trace: true,
  onRemark: true,
  onNotification: true,
  signal: true,
};

const SECURITY_OPTIONS: Readonly<Record<keyof SecurityOptions, true>> = {
  lowestReceived: true,
  response: true,
  handshake: true,
  general: true,
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

const RECONNECT_OPTIONS: Readonly<Record<keyof Reconnect, true>> = { first: true, backoff: true };

/** What options are called elsewhere: in the command, in other libraries. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  auth: 'authentication',
  physical: 'serverLower',
  timeout: 'responseTimeout',
  title: 'systemTitle',
  ek: 'encryptionKey',
  ak: 'authenticationKey',
  readCounter: 'readInvocationCounter',
  dedicated: 'dedicatedKey',
};

/** @throws StateError for an option that there is not, by name; never with its value. */
export function checkOpenOptions(options: OpenOptions): void {
  check(options, OPEN_OPTIONS, 'open', 'option');
  if (options.security !== undefined) check(options.security, SECURITY_OPTIONS, 'open', "option 'security'");
  if (typeof options.reconnect === 'object') check(options.reconnect, RECONNECT_OPTIONS, 'open', "option 'reconnect'");
  if (options.strict === true && options.lenient === true) {
    throw new StateError("the options 'strict' and 'lenient' exclude each other", { hint: 'give one of them' });
  }
}

function check(given: object, known: Readonly<Record<string, true>>, where: string, what: string): void {
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || Object.hasOwn(known, name)) continue;
    const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
    const meant = other !== undefined && Object.hasOwn(known, other) ? `did you mean '${other}'?` : undefined;
    throw new StateError(
      what === 'option' ? `${where} has no option '${name}'` : `the ${what} of ${where} holds no '${name}'`,
      { hint: meant ?? suggestion(name, Object.keys(known)) },
    );
  }
}
