import { equalBytes, fromHex } from '../../src/base/bytes.js';
import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import { counted } from '../../src/base/words.js';
import type { ServerSecurity } from '../../src/contracts/association.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';
import type { Transport } from '../../src/contracts/transport.js';
import type { Core } from '../meter/core.js';
import type { KeySets } from '../meter/key-sets.js';
import type { Identity } from '../meter/options.js';
import type { Values } from '../meter/values.js';
import { CUSTOMER_PORTS, type CustomerPortForm, customerPorts } from './forms.js';
import { portMessage } from './message.js';
import type { PortPlatform } from './platform.js';
import { type CustomerPort, openPort } from './port.js';
import { PortRegisters } from './registers.js';

/** Options of `meter.customerPort`. */
export interface CustomerPortOptions {
  /** Which port: `p1` (Netherlands, Belgium), `p1-se`, `p1-lu`, `han-no` or `mbus-at`. */
  readonly form: CustomerPortForm;
  /**
   * The keys of the customer, 16 octets each, for ports that cipher. Default the meter's `displayKey`, as encryption and authentication key: what is in
   * the house has no key of the utility. `p1-lu` has the published authentication key of all such ports.
   */
  readonly keys?: {
    /** Encryption key. */
    readonly encryption: Uint8Array;
    /** Authentication key. */
    readonly authentication?: Uint8Array;
  };
  /** How often it sends, in milliseconds. Default as such ports do: `customerPorts` tells. */
  readonly interval?: Millis;
  /** Called once when the port is over, with the error of the line where it broke. */
  readonly onClosed?: (error?: Error) => void;
}

const OPTIONS: OptionNames<CustomerPortOptions> = { form: true, keys: true, interval: true, onClosed: true };

/** The authentication key of all meters in Luxembourg, which its companion standard publishes. */
const LUXEMBOURG_AK = fromHex('00112233445566778899AABBCCDDEEFF');
const KEY_LENGTH = 16;
/** Longer than any port waits: a day. */
const LONGEST: Millis = 86_400_000;

/** What a port is made of. */
export interface PortParts {
  readonly platform: PortPlatform;
  readonly crypto: CryptoProvider;
  readonly core: Core;
  readonly values: Values;
  readonly identity: Identity;
  readonly sets: KeySets;
  readonly clock: Clock;
  /** What is sent must first be durable: a counter that was used never comes again. */
  durable(): void;
}

/** @throws StateError for options that do not fit; LinkError when the line cannot be opened. */
export function serveCustomerPort(
  parts: PortParts,
  transport: Transport,
  options: CustomerPortOptions,
  onClosed: () => void,
): Promise<CustomerPort> {
  checkOptions(options, OPTIONS, 'customerPort');
  const { form, keys, interval } = options;
  if (!CUSTOMER_PORTS.includes(form)) {
    throw new StateError('there is no customer port of that form', { hint: `known are ${CUSTOMER_PORTS.join(', ')}` });
  }
  const info = customerPorts[form];
  const every = interval ?? info.interval;
  if (!(Number.isInteger(every) && every >= 1 && every <= LONGEST)) {
    throw new StateError('the interval of a customer port is a whole number of milliseconds, at most a day');
  }
  for (const [name, key] of Object.entries(keys ?? {})) {
    if (!(key instanceof Uint8Array) || key.length !== KEY_LENGTH) {
      throw new StateError(`the ${name} key of a customer port does not have ${counted(KEY_LENGTH, 'octet')}`);
    }
  }
  const { core, identity, platform } = parts;
  const security = securityOf(parts.sets, form, keys);
  const seal = (content: Uint8Array) => {
    if (info.protection === 'none') return content;
    const { keys: own, counters, counterEntry } = security;
    const sealing = {
      keys: own,
      systemTitle: identity.systemTitle,
      invocationCounter: counters.next(counterEntry),
      protection: info.protection,
    };
    return platform.seal(parts.crypto, sealing, content);
  };
  return openPort(transport, {
    clock: parts.clock,
    interval: every,
    message: (at) => {
      const now = core.catchUp();
      if (!core.powered) return [];
      const registers = new PortRegisters(parts.values, now);
      const pieces = portMessage(
        form,
        platform,
        { registers, serial: identity.serial, time: core.time.stamp(now) },
        at,
        seal,
      );
      parts.durable();
      return pieces;
    },
    closed: (error) => {
      onClosed();
      options.onClosed?.(error);
    },
  });
}

/**
 * The keys of the customer, and the counter of what is sent under them. Two counters for one key would use numbers twice: a key that the meter has
 * for a client is counted with what it answers to that client.
 */
function securityOf(sets: KeySets, form: CustomerPortForm, keys: CustomerPortOptions['keys']): ServerSecurity {
  const { display } = sets;
  const encryption = keys?.encryption ?? display.keys.encryption;
  const usual = form === 'p1-lu' ? LUXEMBOURG_AK : display.keys.authentication;
  const same =
    Object.values(sets).find((set: ServerSecurity) => equalBytes(set.keys.encryption, encryption)) ?? display;
  return { ...same, keys: { encryption, authentication: keys?.authentication ?? usual } };
}
