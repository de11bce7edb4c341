import type { GatewayAddress } from '../apdu/apdu.js';
import { equalBytes, fromLatin1 } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import type { OnRemark } from '../base/remark.js';
import type { OnLog, OnMetric } from '../base/telemetry.js';
import { counted } from '../base/words.js';
import type { Companion } from '../companion/companion.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { Awaitable } from '../contracts/awaitable.js';
import type { CacheStore } from '../contracts/cache-store.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Framing } from '../contracts/link.js';
import type { KeyPairs } from '../contracts/protection.js';
import type { AsyncReplayGuard } from '../contracts/replay-guard.js';
import { isHls } from '../session/association.js';
import type { AssociationView, ClientSecurity, ClientSessionConfig } from '../session/client-config.js';
import type { Notification } from '../session/notification-forms.js';
import type { QuirkSheet } from './quirks/sheet.js';
import type { Reconnect } from './reconnect-options.js';
import type { TraceEvent } from './trace-event.js';

/** The authentication mechanisms by name, with the last arc of their OID 2.16.756.5.8.2.n (IEC 62056-5-3 clause 7). */
export const authentications = {
  /** Lowest level: none. */
  none: 0,
  /** Low level security: a password in clear. */
  lls: 1,
  /** HLS, mechanism 2: AES-128 of the challenge with the secret, as Indian meters use it. */
  hls2: 2,
  /** HLS, mechanism 3: MD5 of challenge and secret. */
  md5: 3,
  /** HLS, mechanism 4: SHA-1 of challenge and secret. */
  sha1: 4,
  /** HLS, mechanism 5: GMAC with the keys of `security`. */
  gmac: 5,
  /** HLS, mechanism 6: SHA-256 of secret, system titles and challenges. */
  sha256: 6,
  /** HLS, mechanism 7: ECDSA with `keyPairs`, in security suite 1 or 2. */
  ecdsa: 7,
} as const;

/** The name of an authentication mechanism, such as `hls2`. */
export type Authentication = keyof typeof authentications;

/**
 * Keys, and how they are used. Every key has 16 octets, or 32 with security suite 2. `counters` may be left out where `readInvocationCounter` is
 * given; a store that survives the process is safer.
 */
export interface SecurityOptions
  extends Pick<
    ClientSecurity,
    'response' | 'handshake' | 'general' | 'sign' | 'signedResponse' | 'masterKey' | 'serverTitle' | 'lowestReceived'
  > {
  /**
   * The store of our invocation counters. A store that survives the process is safer. It may be asynchronous, like a database ({@link
   * AsyncCounterStore}), and so may its `received` alone.
   */
  readonly counters?: CounterStore<AsyncReplayGuard> | AsyncCounterStore;
  /** Our own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** Global unicast encryption key (GUEK). */
  readonly encryptionKey: Uint8Array;
  /** Authentication key (GAK). Many Indian meters have it equal to the encryption key. */
  readonly authenticationKey: Uint8Array;
  /** Global broadcast encryption key (GBEK). */
  readonly broadcastKey?: Uint8Array;
  /**
   * How requests are protected. Default `authenticated-encryption`. With `none` the association is in clear, and the keys are only used for
   * authentication `gmac`.
   */
  readonly policy?: NonNullable<ClientSecurity['request']>;
  /**
   * With `true`, each association has its own dedicated key, drawn at random. A fixed one is not possible: a meter counts from 0 under a
   * dedicated key in every association, and repeating a counter under one key exposes what it protects.
   */
  readonly dedicatedKey?: true;
  /**
   * The entry of `counters`. Default our system title and a short digest of the encryption key, so that meters which share a key share its
   * counters, as they must.
   */
  readonly counterEntry?: string;
  /**
   * Logical name of the object in which the meter publishes the invocation counter of this client. It is read first, as the public client,
   * and our counter is raised above it. In India `0.0.43.1.2.255` for client 32, `0.0.43.1.3.255` for 48. Of several, the first one that
   * the meter shows is used; if it shows none, our own counter is used.
   */
  readonly readInvocationCounter?: LogicalName | readonly LogicalName[] | undefined;
  /**
   * The largest step by which our counter follows one that the meter publishes, or names in a refusal, because such a number is not proved.
   * Default 67,108,864 (2^26), and never above 2,147,483,647 in total; for a key that `counters` does not know, any step up to that.
   */
  readonly counterStep?: number;
  /**
   * Whether a counter that `counters` already has for this key is used at once. The published counter is then only read when the meter
   * refuses, which saves two of three connections on every later visit. Default false.
   */
  readonly trustCounters?: boolean;
  /** SAP of the public client. Default 16. */
  readonly publicClient?: number;
}

/** What shows a meter who we are: what `keysOf` of {@link OpenOptions} gives. */
export type MeterCredentials = Pick<OpenOptions, 'password' | 'secret' | 'security'>;

/** Options of {@link open}. All have defaults; without options the public client is opened over HDLC. */
export interface OpenOptions {
  /** Data link of the line. Default `hdlc`. */
  readonly framing?: Framing;
  /** Client SAP: the role that we have. Default 16, the public client. */
  readonly client?: number;
  /** Server SAP: the logical device. Default 1, the management logical device. */
  readonly server?: number;
  /**
   * The meter is behind a gateway, which is reached over the line: each APDU gets the header with this address (IEC 62056-5-3 Annex C). None by
   * default.
   */
  readonly gateway?: GatewayAddress;
  /** HDLC: lower (physical) part of the server address, where it has one. */
  readonly serverLower?: number;
  /** HDLC: size of the server address in octets. By default the smallest that holds it. */
  readonly addressSize?: 1 | 2 | 4;
  /**
   * HDLC: longest information field that is proposed for both directions, 32 to 2030 octets. Default 1024. The meter grants what it
   * supports. If it accepts no proposal, the link is opened with the defaults of the standard.
   */
  readonly maxInfo?: number;
  /** HDLC: window size that is proposed for both directions, 1 to 7. Default 7. */
  readonly window?: number;
  /** Mode E: the highest speed to switch to, in bit/s. Default the meter's proposal. */
  readonly maxBaud?: number;
  /** HDLC: duration of an octet on a slow line, in milliseconds: 10 bits at 9600 baud take 1.04. */
  readonly octetTime?: Millis;

  /**
   * How objects are named: by logical names (`ln`) or by short names (`sn`). Left out it is found out: by logical names first, and where the meter
   * refuses that, by short names. With a `cache` it is kept.
   */
  readonly naming?: 'ln' | 'sn';
  /**
   * Authentication mechanism. By default it follows from the other options: `hls2` with a secret, `lls` with a password, `none` otherwise.
   */
  readonly authentication?: Authentication;
  /** Password of low level security. Text is sent as ISO 8859-1. */
  readonly password?: string | Uint8Array;
  /** Secret of high level security: `hls2`, `md5`, `sha1`, `sha256`. */
  readonly secret?: string | Uint8Array;
  /** Keys, for a ciphered association or authentication `gmac`. None by default. */
  readonly security?: SecurityOptions;
  /**
   * Gives password, secret or keys, in place of the options of these names, where they are kept elsewhere: a vault, a database. It may answer later. It is
   * asked before the line is opened, and again each time a lost line is restored: keys that were changed meanwhile are then the new ones. If it
   * fails, opening fails with a StateError; what is restored is tried again.
   *
   * ```ts
   * const meter = await open(tcp(host, 4059), { framing: 'wrapper', client: 48, keysOf: () => vault.secretsOf(serial) });
   * ```
   */
  readonly keysOf?: () => Awaitable<MeterCredentials | undefined>;
  /** Security suite of keys, signatures and key agreement: that of the meter (class 64, attribute 3). Default 0. */
  readonly suite?: 0 | 1 | 2;
  /** Key pairs, for authentication `ecdsa`, signatures and key agreement: suites 1 and 2. None by default. */
  readonly keyPairs?: KeyPairs;
  /**
   * Our own system title, eight octets, for an association without keys: authentication `sha256` or `ecdsa` needs it, and some meters require one.
   * With keys, give it in `security`.
   */
  readonly systemTitle?: Uint8Array;

  /** Proposed conformance block, 24 bits (IEC 62056-5-3 clause 7). Default every service that this client supports. */
  readonly conformance?: number;
  /** Longest APDU that we accept from the meter, in octets. */
  readonly maxReceivePduSize?: number;
  /** User identification (calling-AE-invocation-id). */
  readonly userId?: number;
  /** For an association that the meter keeps open without AARQ (pre-established): what would have been negotiated. */
  readonly preEstablished?: Pick<AssociationView, 'conformance' | 'serverMaxReceivePduSize'>;
  /**
   * Whether deviations from the standard in form are errors that name the deviation. By default they are tolerated and reported by a
   * remark: order of fields and lengths in the AARE, surplus octets, an invalid day of week. What a meter proves is judged in the same way
   * either way. Default false.
   */
  readonly strict?: boolean;
  /** Tolerates such deviations of this meter although `strict` applies to others; quirk sheets set it for known meters. Default false. */
  readonly lenient?: boolean;
  /**
   * HDLC: takes an answer in sequence as the acknowledgement of the request, whatever its N(R): some servers acknowledge nothing that they
   * answer. Default false.
   */
  readonly acknowledgeByAnswer?: boolean;
  /**
   * Continues when the meter sends our own challenge back as its own. Default false: with HLS mechanisms 2, 3 and 4 anybody can do that
   * without the secret. It is reported by a remark. No quirk sheet sets it.
   */
  readonly allowEchoedChallenge?: boolean;
  /**
   * HLS mechanism 2: continues when the challenge of the meter does not have 16 octets, one block of AES. Default false: with other lengths
   * a meter could make us compute its own proof. It is reported by a remark. No quirk sheet sets it.
   */
  readonly allowOddChallenge?: boolean;
  /**
   * Accepts a meter whose invocation counter went back below what was received from it before, for example one that counts from the start
   * in each association, provided that HLS proves again that it knows the secret: pass 4 must succeed. Default false. What is kept about it
   * stays, so nobody else profits; but earlier answers under that key can be replayed into such a session, unless it has a dedicated key.
   * It is reported by a remark. No quirk sheet sets it.
   */
  readonly allowCounterReset?: boolean;
  /**
   * Continues when the meter returns nothing for its half of the authentication (HLS), so that anybody may be on the line. Default false.
   * It is reported by a remark. No quirk sheet sets it.
   */
  readonly acceptUnprovenMeter?: boolean;
  /** The only invoke id to use, for meters that answer under no other. */
  readonly fixedInvokeId?: number;
  /**
   * Whether {@link Meter.close} releases the association by RLRQ before it disconnects. Some meters do not know RLRQ. Default true with the
   * wrapper, false over HDLC, where the disconnection has the same effect.
   */
  readonly release?: boolean;
  /** Deviation in minutes, UTC = local + deviation (India: -330), for dates given to a meter whose own deviation is wrong. */
  readonly deviation?: number;

  /**
   * general-block-transfer: how many blocks the meter may send in a row, 1 to 63. Default 8 with the wrapper, where each turn may cost a
   * second in a mobile network. Over HDLC as many as frames, so that the blocks fill its window and each acknowledgement serves both.
   */
  readonly blockWindow?: number;

  /**
   * Wrapper over TCP: how many requests that only read are sent before the answers to earlier ones have come, 1 to 14: calls that run at the same
   * time, as with `Promise.all`, share the way to the meter and back. A meter that does not take several is asked one at a time again, and a
   * remark says so. SET, ACTION and long answers have the line for themselves. Default 1.
   */
  readonly inFlight?: number;

  /**
   * Whether the line returns our own octets, as optical probes and two-wire adapters do; they are then removed, complete or damaged.
   * Default `auto`: from the first complete frame that comes back.
   */
  readonly echo?: boolean | 'auto';
  /** Silence between the last octet received and the first one sent, in milliseconds. Default none. */
  readonly turnaround?: Millis;
  /** Silence between two frames sent in a row, in milliseconds. Default none. With `octetTime` it counts from the end of a frame. */
  readonly interFrameDelay?: Millis;
  /** Mode E: device address of the meter on a line with several; empty for any meter. */
  readonly deviceAddress?: string;
  /** Mode E: whether a wake-up sequence is sent before the sign-on, for battery meters. Default false. */
  readonly wakeUp?: boolean;
  /** Mode E: speed of the sign-on, which the transport must have. Default 300. */
  readonly signOnBaud?: number;
  /** Mode E: the speed at which HDLC continues, whatever the sign-on agreed, for meters with a fixed speed. */
  readonly hdlcBaud?: number;
  /**
   * The companion specification that the meter follows, where that is known: readings by logical name, rows and columns have their names from it (`Voltage R` in India,
   * `Voltage L1` otherwise). `findCompanion` of `cosem/tools` finds it out.
   */
  readonly companion?: Companion;
  /**
   * Quirk sheets: how known meters deviate from the standard. Those that match the meter take effect. Default `knownQuirks` of
   * `cosem/tools`; an empty list for none.
   */
  readonly quirks?: readonly QuirkSheet[];
  /** How long the meter may stay silent, in milliseconds, including repetitions. Default about 10 s. */
  readonly responseTimeout?: Millis;
  /** How long one exchange may take in total, in milliseconds. Default 5 minutes. */
  readonly exchangeLimit?: Millis;
  /**
   * For how many milliseconds a broken line is restored. When the line breaks, or the meter drops the association, it is connected and
   * associated again automatically, and what was being read is read again. A SET or an ACTION whose answer was lost is not repeated
   * (UncertainError). Default 60 s; 0 for not at all, Infinity for until the meter is closed. A meter that refuses the data link (DM),
   * perhaps because another client is still connected, is tried again for as long; and so is a meter that signed on in mode E and no longer
   * hears the sign-on (for at most a minute).
   */
  readonly patience?: Millis;
  /**
   * Keeps the meter connected: a line that is lost while nothing is under way is restored in the background, for as long as `patience`.
   * Otherwise the next call restores it. `true`, or the details. Default false.
   */
  readonly reconnect?: boolean | Reconnect;
  /**
   * After this many milliseconds without a call it is checked whether the meter is still there; 0 for never. HDLC sends RR, which also
   * prevents the meter's inactivity time-out (120 s in most): with `reconnect` every 60 s by default. With the wrapper one attribute is
   * read, which costs a request each time and, where messages are ciphered, an invocation counter: never by default. In addition the system
   * watches TCP connections.
   */
  readonly keepAlive?: Millis;
  /** HDLC: how often a frame without answer is repeated within that time. Default 3. */
  readonly retries?: number;
  /**
   * Where scalers, units and the object list are kept between visits. They are read once, and not again while the meter has the same
   * firmware version. None by default; `FileCacheStore` of `cosem/node` keeps them in a folder.
   */
  readonly cache?: CacheStore;
  /** The clock for time-outs and pauses. Default the system's own. */
  readonly clock?: Clock;
  /** Cryptography. Default that of the entry. */
  readonly crypto?: ClientSessionConfig['crypto'];
  /** Gets everything that crosses the line. It must not throw. */
  readonly trace?: (event: TraceEvent) => void;
  /** Gets log entries about what happens: see docs/logging.md. */
  readonly onLog?: OnLog;
  /** Gets metrics about what happens: see docs/logging.md. */
  readonly onMetric?: OnMetric;
  /** Called for what was tolerated, overruled or given up: see {@link Remark}. It must not throw. */
  readonly onRemark?: OnRemark;
  /** Called for each notification that the meter sends on this line. It must not throw. */
  readonly onNotification?: (notification: Notification) => void;
  /**
   * Whether a notification that asks for it (service class confirmed) is confirmed when `onNotification` and the listeners of `notification`
   * have returned, so that the meter does not send it again. Default false.
   */
  readonly confirmNotifications?: boolean;
  /** When it aborts, opening and all running calls end with its reason, and the meter is disconnected. */
  readonly signal?: AbortSignal;
}

const WRAPPER_WINDOW = 8;
/** The window size that is proposed over HDLC. */
const HDLC_WINDOW = 7;

/**
 * The options of the session.
 * @param security its keys, where it has them.
 * @throws StateError when something is missing or does not fit together.
 */
export function sessionConfig(
  options: OpenOptions,
  crypto: CryptoProvider | undefined,
  security: ClientSecurity | undefined,
): ClientSessionConfig {
  const authentication = authenticationOf(options);
  const secret = authentication === 'lls' ? options.password : options.secret;
  return {
    crypto,
    context: isCiphered(options) ? 'ln-ciphered' : 'ln',
    mechanism: authentications[authentication],
    ...given({
      secret: secret === undefined ? undefined : octetsOf(secret),
      systemTitle: ownTitle(options, authentication),
      suite: options.suite,
      keyPairs: options.keyPairs,
      security,
      preEstablished: options.preEstablished,
      conformance: options.conformance,
      maxReceivePduSize: options.maxReceivePduSize,
      userId: options.userId,
      fixedInvokeId: options.fixedInvokeId,
      onRemark: options.onRemark,
      datagrams: options.framing === 'wrapper-udp' || undefined,
      strict: isStrict(options) || undefined,
      allowEchoedChallenge: options.allowEchoedChallenge,
      allowOddChallenge: options.allowOddChallenge,
      allowCounterReset: options.allowCounterReset,
      acceptUnprovenMeter: options.acceptUnprovenMeter,
    }),
    ...blockTransfer(options),
  };
}

/** Whether deviations of form are errors. */
export function isStrict({ strict, lenient }: OpenOptions): boolean {
  return strict === true && lenient !== true;
}

/** HDLC recovers losses itself; with the wrapper, above all over UDP, missing blocks are requested again. */
function blockTransfer({ framing = 'hdlc', window, blockWindow, responseTimeout = 10_000 }: OpenOptions) {
  if (!framing.startsWith('wrapper')) return { generalBlockWindow: blockWindow ?? window ?? HDLC_WINDOW };
  return { generalBlockWindow: blockWindow ?? WRAPPER_WINDOW, blockPatience: responseTimeout / 4 };
}

/** Our own system title, where it is needed or was given. */
function ownTitle({ security, systemTitle }: OpenOptions, authentication: Authentication): Uint8Array | undefined {
  const title = security?.systemTitle ?? systemTitle;
  if (title === undefined) {
    if (authentication !== 'sha256' && authentication !== 'ecdsa') return undefined;
    throw new StateError(`authentication ${authentication} needs our system title, which goes into its answers`, {
      hint: 'give eight octets: systemTitle, or --title',
    });
  }
  if (title.length !== 8) throw new StateError(`our system title has ${counted(title.length, 'octet')} instead of 8`);
  if (systemTitle !== undefined && !equalBytes(title, systemTitle)) {
    throw new StateError('systemTitle and security.systemTitle are not the same', { hint: 'give one of them' });
  }
  return title;
}

/** Whether the application context is a ciphered one. */
export function isCiphered({ security }: OpenOptions): boolean {
  return security !== undefined && security.policy !== 'none';
}

/** @internal Whether an association needs the code of protection, and cryptography. */
export function needsProtection(options: OpenOptions): boolean {
  return options.security !== undefined || isHls(authentications[authenticationOf(options)]);
}

/** @internal The mechanism that the options name, or that follows from them. @throws StateError when it needs an option that is missing. */
export function authenticationOf(options: OpenOptions): Authentication {
  const { password, secret } = options;
  const chosen = options.authentication ?? (secret !== undefined ? 'hls2' : password !== undefined ? 'lls' : 'none');
  if (!Object.hasOwn(authentications, chosen)) {
    throw new StateError(`there is no authentication '${chosen}'`, { hint: Object.keys(authentications).join(', ') });
  }
  const needs =
    chosen === 'none'
      ? undefined
      : (({ lls: 'password', gmac: 'security', ecdsa: 'keyPairs' } as const)[chosen as string] ?? 'secret');
  if (needs !== undefined && options[needs] === undefined) {
    throw new StateError(`authentication '${chosen}' needs the option '${needs}'`);
  }
  return chosen;
}

function octetsOf(secret: string | Uint8Array): Uint8Array {
  if (typeof secret !== 'string') return secret;
  try {
    return fromLatin1(secret);
  } catch {
    // The message of fromLatin1 would contain a character of the secret.
    throw new StateError('a password or secret has a character that has no octet', { hint: 'give its octets instead' });
  }
}
