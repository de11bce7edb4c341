import type { GatewayAddress } from '../../apdu/apdu.js';
import { StateError } from '../../base/errors.js';
import { type LogicalName, parseLogicalName } from '../../base/obis.js';
import { PROTECTIONS } from '../../base/protections.js';
import { keyOctets, secretOctets, titleOctets } from '../../base/written-keys.js';
import type { Companion } from '../../companion/companion.js';
import { companionOf, companions } from '../../companion/companions.js';
import type { StoredPlace } from '../../contracts/stored-line.js';
import { type Authentication, authentications, type SecurityOptions } from '../options.js';
import { framingIn, lineIn, type SettingValues, type SettingWords } from './line.js';
import { writtenGateway, writtenNumber, writtenWhole, writtenWord } from './written.js';

/** The mechanisms by their names, as far as a configuration has what they need: it has no key pairs. */
export const AUTHENTICATIONS = (Object.keys(authentications) as Authentication[]).filter((name) => name !== 'ecdsa');

/** Keys, and what they are used with. */
export interface KeySettings {
  /** Global unicast encryption key (GUEK). */
  readonly encryptionKey: Uint8Array | undefined;
  /** Authentication key (GAK). */
  readonly authenticationKey: Uint8Array | undefined;
  /** System title: our own, or with `decode` and `monitor` of the command that of the client. 8 octets. */
  readonly title: Uint8Array | undefined;
  /** Dedicated key of a recorded association, or `random` to draw one for each association. */
  readonly dedicatedKey: Uint8Array | 'random' | undefined;
  /** The companion specification: the given one, or the one that the meter shows once it is open; `generic` until then. */
  readonly companion: Companion;
  /** Whether the companion specification was given. */
  readonly companionTold: boolean;
  /** Path of the file of invocation counters. */
  readonly counters: string | undefined;
}

/** Everything that a connection of a configuration says, already checked. */
export interface StoredSettings extends KeySettings, StoredPlace {
  /** Mode E: device address of the meter. */
  readonly deviceAddress: string | undefined;
  /** Mode E: whether a wake-up sequence is sent first. */
  readonly wakeUp: boolean;
  /** Mode E: fixed speed of HDLC after the sign-on, in baud. */
  readonly hdlcBaud: number | undefined;
  /** Client SAP. */
  readonly client: number;
  /** Server SAP: the logical device. */
  readonly server: number;
  /** The meter behind a gateway, by the header of which it is reached. */
  readonly gateway: GatewayAddress | undefined;
  /** HDLC: the lower (physical) part of the server's address. */
  readonly physical: number | undefined;
  /** HDLC: size of the server's address in octets. */
  readonly addressSize: 1 | 2 | 4 | undefined;
  /** How objects are named: logical or short names; found out where it is left out. */
  readonly naming: 'ln' | 'sn' | undefined;
  /** Authentication mechanism. */
  readonly authentication: Authentication;
  /** Password of low level security. */
  readonly password: Uint8Array | undefined;
  /** Secret of high level security. */
  readonly secret: Uint8Array | undefined;
  /** Protection of requests. */
  readonly security: SecurityOptions['policy'];
  /** Files and names of quirk sheets, or `none`. */
  readonly quirks: string | undefined;
  /** Logical name of the object in which the meter publishes the invocation counter of this client. */
  readonly counterObject: LogicalName | undefined;
  /** The largest step by which our counter follows that of the meter without a person's decision. */
  readonly counterStep: number | undefined;
  /** For how long a lost meter is tried again, in milliseconds. */
  readonly patience: number | undefined;
  /** Whether the line returns what is sent. */
  readonly echo: boolean | 'auto' | undefined;
  /** Silence from the last octet heard to the first one sent, in milliseconds. */
  readonly turnaround: number | undefined;
  /** Silence between two frames sent in a row, in milliseconds. */
  readonly interFrameDelay: number | undefined;
  /** Whether deviations from the standard in form are errors. */
  readonly strict: boolean;
  /** Whether deviations of this meter are tolerated even with `strict`. */
  readonly lenient: boolean;
  /** HDLC: whether an answer acknowledges its request. */
  readonly acknowledgeByAnswer: boolean;
}

/** Reads settings one by one, where they are given. */
class Given {
  readonly #values: SettingValues;
  readonly #words: SettingWords;

  constructor(values: SettingValues, words: SettingWords) {
    this.#values = values;
    this.#words = words;
  }

  /** Read by a function that repeats nothing of what was written. */
  secret<T>(name: string, read: (text: string, what: string) => T): T | undefined {
    const text = this.#values[name];
    return text === undefined ? undefined : read(text, this.#words.name(name));
  }

  /** What is no secret. */
  value<T>(name: string, read: (text: string, what: string) => T): T | undefined {
    const text = this.#values[name];
    return text === undefined ? undefined : read(text, this.#words.value(name, text));
  }

  whole(name: string, least: number, most: number): number | undefined {
    return this.value(name, (text, what) => writtenWhole(text, what, least, most));
  }

  number(name: string, least: number, most: number): number | undefined {
    return this.value(name, (text, what) => writtenNumber(text, what, least, most));
  }

  word<T extends string>(name: string, words: readonly T[]): T | undefined {
    return this.value(name, (text, what) => writtenWord(text, what, words));
  }

  yes(name: string): boolean {
    return this.word(name, ['yes', 'no']) === 'yes';
  }

  /** A time that is written in seconds, in milliseconds. */
  seconds(name: string, least: number, most: number): number | undefined {
    const seconds = this.number(name, least, most);
    return seconds === undefined ? undefined : seconds * 1000;
  }
}

/** Keys alone, of settings of which none is required. @throws StateError */
export function keySettingsOf(values: SettingValues, words: SettingWords): KeySettings {
  const own = new Given(values, words);
  const id = values.companion ?? 'generic';
  const companion = companionOf(id);
  if (companion === undefined) {
    throw new StateError(`there is no companion specification ${words.said(id)}`, {
      hint: `one of ${companions.map((one) => one.id).join(', ')}`,
    });
  }
  return {
    encryptionKey: own.secret('ek', keyOctets),
    authenticationKey: own.secret('ak', keyOctets),
    title: own.secret('title', titleOctets),
    dedicatedKey: own.secret('dedicated-key', (text, what) => (text === 'random' ? text : keyOctets(text, what))),
    companion,
    companionTold: values.companion !== undefined,
    counters: values.counters,
  };
}

/** Settings, read and checked. @throws StateError that names the setting, and what to write instead. */
export function settingsOf(values: SettingValues, words: SettingWords): StoredSettings {
  const line = lineIn(values, words);
  const own = new Given(values, words);
  const password = own.secret('password', (text, what) => secretOctets(text, what));
  const secret = own.secret('secret', (text, what) => secretOctets(text, what, { hexDigits: [32, 64] }));
  const echo = own.word('echo', ['auto', 'on', 'off']);
  const size = own.word('address-size', ['1', '2', '4']);
  const settings: StoredSettings = {
    line,
    framing: framingIn(values.framing, words.value('framing', values.framing ?? ''), line),
    deviceAddress: values['device-address'],
    wakeUp: own.yes('wake-up'),
    signOnBaud: own.whole('sign-on-baud', 300, 4_000_000),
    hdlcBaud: own.whole('hdlc-baud', 300, 4_000_000),
    client: own.whole('client', 0, 0xffff) ?? 16,
    server: own.whole('server', 0, 0xffff) ?? 1,
    gateway: own.value('gateway', writtenGateway),
    physical: own.whole('physical', 0, 0x3fff),
    addressSize: size === undefined ? undefined : (Number(size) as 1 | 2 | 4),
    naming: own.word('naming', ['ln', 'sn']),
    authentication: own.word('auth', AUTHENTICATIONS) ?? (secret ? 'hls2' : password ? 'lls' : 'none'),
    password,
    secret,
    ...keySettingsOf(values, words),
    security: own.word('security', PROTECTIONS),
    counterObject: own.value('counter-object', obisOf),
    counterStep: own.whole('counter-step', 0, 0xffffffff),
    quirks: values.quirks,
    timeout: own.seconds('timeout', 0.1, 3600),
    patience: own.seconds('patience', 0, 86_400),
    rts: own.word('rts', ['on', 'off', 'send', 'listen']),
    dtr: own.word('dtr', ['on', 'off']),
    echo: echo === undefined || echo === 'auto' ? echo : echo === 'on',
    turnaround: own.number('turnaround', 0, 10_000),
    interFrameDelay: own.number('inter-frame-delay', 0, 10_000),
    strict: own.yes('strict'),
    lenient: own.yes('lenient'),
    acknowledgeByAnswer: own.yes('acknowledge-by-answer'),
  };
  checkKeys(settings, words);
  return settings;
}

/** What belongs together must be there together. */
function checkKeys(settings: StoredSettings, words: SettingWords): void {
  const { authentication, password, secret, title, dedicatedKey, security = 'none' } = settings;
  if (dedicatedKey !== undefined && dedicatedKey !== 'random') {
    throw new StateError(
      `a fixed ${words.name('dedicated-key')} is for decode and monitor: meters count from 0 under it in every association, and the same counters under the same key lay open what they protect`,
      { hint: `write random in its place (${words.name('dedicated-key')}): a key is drawn for each association` },
    );
  }
  if (authentication === 'lls' && !password) {
    throw new StateError('low level security needs a password', { hint: `add ${words.add('password')}` });
  }
  if (authentication !== 'none' && authentication !== 'lls' && authentication !== 'gmac' && !secret) {
    throw new StateError(`authentication ${authentication} needs a secret`, { hint: `add ${words.add('secret')}` });
  }
  if (authentication === 'sha256' && !title) {
    throw new StateError('authentication sha256 needs our system title, which goes into its answers', {
      hint: `add ${words.name('title')}, 16 hexadecimal digits`,
    });
  }
  const { encryptionKey, authenticationKey } = settings;
  const keyed = encryptionKey !== undefined || authenticationKey !== undefined;
  const needed = keyed || authentication === 'gmac' || dedicatedKey !== undefined || security !== 'none';
  const missing = Object.entries({ ek: encryptionKey, ak: authenticationKey, title }).flatMap(([name, value]) =>
    value === undefined ? [words.name(name)] : [],
  );
  if (needed && missing.length > 0) {
    throw new StateError(`ciphering needs ${missing.join(' and ')} too`, {
      hint: 'both keys and our system title belong together',
    });
  }
}

function obisOf(text: string, what: string): LogicalName {
  try {
    return parseLogicalName(text);
  } catch {
    throw new StateError(`${what} is no logical name`, { hint: 'write six numbers, such as 0.0.43.1.0.255' });
  }
}
