import { concat, equalBytes, fromLatin1, toHex } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LogicalName } from '../base/obis.js';
import type { OnRemark } from '../base/remark.js';
import type { OnLog, OnMetric } from '../base/telemetry.js';
import { counted } from '../base/words.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { CacheStore } from '../contracts/cache-store.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { TraceEntry } from '../contracts/line-observer.js';
import type { Framing, LinkEvent } from '../contracts/link.js';
import type { AssociationView, ClientSecurity, ClientSessionConfig } from '../session/client-config.js';
import type { Notification } from '../session/notification.js';
import type { QuirkSheet } from './quirks/sheet.js';
import type { Reconnect } from './reconnect-options.js';

/** Authentication mechanisms by name, with the last arc of their OID 2.16.756.5.8.2.n. */
export const authentications = {
  /** Lowest level: none. */
  none: 0,
  /** Low level security: a password in clear. */
  lls: 1,
  /** HLS, mechanism 2: AES-128 of the challenge under the secret, as Indian meters do it. */
  hls2: 2,
  md5: 3,
  sha1: 4,
  gmac: 5,
  sha256: 6,
} as const;

export type Authentication = keyof typeof authentications;

/**
 * Keys and what is done with them. Security suite 0: every key has 16 octets. `counters` may be left out where
 * `readInvocationCounter` is given; a store that survives the process is the safer way.
 */
export interface SecurityOptions
  extends Pick<ClientSecurity, 'response' | 'handshake' | 'general' | 'serverTitle' | 'lowestReceived'> {
  /**
   * Where our invocation counters come from. One that survives the process is the safer way; it may be one that answers later, as a database
   * does ({@link AsyncCounterStore}).
   */
  readonly counters?: CounterStore | AsyncCounterStore;
  /** Our own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** Global unicast encryption key (GUEK). */
  readonly encryptionKey: Uint8Array;
  /** Authentication key (GAK). Many Indian meters have it equal to the encryption key. */
  readonly authenticationKey: Uint8Array;
  /** Global broadcast encryption key (GBEK). */
  readonly broadcastKey?: Uint8Array;
  /**
   * How requests are protected. `authenticated-encryption` unless told otherwise; `none` leaves the association in clear and the keys to
   * authentication `gmac`.
   */
  readonly policy?: NonNullable<ClientSecurity['request']>;
  /**
   * A key for each association alone, which `true` draws. There is no fixed one: under a dedicated key a meter counts from 0 in every
   * association, and a counter that comes twice under one key lays open what it protects.
   */
  readonly dedicatedKey?: true;
  /**
   * The entry of `counters`. Unless told otherwise our system title and a short digest of the encryption key: meters that share a key
   * share its counters, as they must.
   */
  readonly counterEntry?: string;
  /**
   * The object in which the meter publishes the invocation counter of this client: it is read first, through the public client, and
   * our counter is raised above it. In India `0.0.43.1.2.255` for client 32, `0.0.43.1.3.255` for 48. Of several the first that the meter
   * shows counts, and where it shows none our own counter does.
   */
  readonly readInvocationCounter?: LogicalName | readonly LogicalName[] | undefined;
  /**
   * The largest step by which our counter follows one that the meter publishes, or names when it refuses ours: nothing of that is proved.
   * Unless told 67,108,864 (2^26), and never above 2,147,483,647 in all; of a key that `counters` knows nothing of any up to that.
   */
  readonly counterStep?: number;
  /**
   * Whether a counter that `counters` has for this key already is used at once: what the meter publishes is then read only when it refuses.
   * That saves two connections of three on every later visit. Unless told it is read each time.
   */
  readonly trustCounters?: boolean;
  /** SAP of the public client: 16 unless told otherwise. */
  readonly publicClient?: number;
}

/** What crosses the line, for whoever wants to watch. Octets may hold a password in clear (LLS): mask it before showing them. */
export type TraceEvent =
  | ({ readonly type: 'octets' } & TraceEntry)
  | { readonly type: 'link'; readonly event: LinkEvent; readonly now: Millis }
  /** A notification whose protection or content does not hold. */
  | { readonly type: 'refused'; readonly bytes: Uint8Array; readonly error: Error; readonly now: Millis };

/** What {@link open} is told. */
export interface OpenOptions {
  /** `hdlc` unless told otherwise. */
  readonly framing?: Framing;
  /** Client SAP: who we are. 16, the public client, unless told otherwise. */
  readonly client?: number;
  /** Server SAP, the logical device: 1, the management logical device, unless told otherwise. */
  readonly server?: number;
  /** HDLC: lower (physical) part of the server address, where it has one. */
  readonly serverLower?: number;
  /** HDLC: octets of the server address; as few as hold it unless told otherwise. */
  readonly addressSize?: 1 | 2 | 4;
  /**
   * HDLC: longest information field proposed, both ways, 32 to 2030 octets; 1024 unless told otherwise. The meter grants what it has; where it
   * wants no proposal, the link is opened with the defaults of the standard.
   */
  readonly maxInfo?: number;
  /** HDLC: window size proposed, both ways, 1 to 7; 7 unless told otherwise. */
  readonly window?: number;
  /** Mode E: the highest speed to switch to, in bit/s; the meter's proposal unless told otherwise. */
  readonly maxBaud?: number;
  /** HDLC: time an octet takes on a slow line, in milliseconds: 10 bits at 9600 baud are 1.04. */
  readonly octetTime?: Millis;

  /** Told from what is given unless said: `hls2` with a secret, `lls` with a password, `none` without. */
  readonly authentication?: Authentication;
  /** Password of low level security. Text is sent as ISO 8859-1. */
  readonly password?: string | Uint8Array;
  /** Secret of high level security: `hls2`, `md5`, `sha1`, `sha256`. */
  readonly secret?: string | Uint8Array;
  readonly security?: SecurityOptions;
  /**
   * Our own system title, eight octets, for an association without keys: authentication `sha256` needs it, and some meters want to see one.
   * With keys it is that of `security`.
   */
  readonly systemTitle?: Uint8Array;

  /** Proposed conformance block, 24 bits; every service that this client speaks unless told otherwise. */
  readonly conformance?: number;
  /** Longest APDU taken from the meter, in octets. */
  readonly maxReceivePduSize?: number;
  /** User identification (calling-AE-invocation-id). */
  readonly userId?: number;
  /** An association that the meter holds open without AARQ, and what would have been negotiated. */
  readonly preEstablished?: Pick<AssociationView, 'conformance' | 'serverMaxReceivePduSize'>;
  /**
   * Refuses what deviates from the standard in its form, each deviation by its name, which is borne and told by a remark otherwise: order of
   * fields and lengths in the AARE, surplus octets, a day of week that is none. What a meter proves is judged alike either way.
   */
  readonly strict?: boolean;
  /** Bears such deviations of this meter though `strict` holds for others: sheets of quirks say so of meters that are known. */
  readonly lenient?: boolean;
  /**
   * HDLC: takes an answer that comes in sequence as the acknowledgement of the request, whatever its N(R) says: some servers acknowledge
   * nothing that they answer. False unless told otherwise.
   */
  readonly acknowledgeByAnswer?: boolean;
  /**
   * Goes on when the meter sends our own challenge back as its own. False unless told otherwise: with HLS mechanisms 2, 3 and 4 whoever does
   * that needs no secret. It is told by a remark. No sheet of quirks sets it.
   */
  readonly allowEchoedChallenge?: boolean;
  /**
   * HLS mechanism 2: goes on when the challenge of the meter has not 16 octets, one block of AES. False unless told otherwise: with other
   * lengths a meter may have its own proof worked out by us. It is told by a remark. No sheet of quirks sets it.
   */
  readonly allowOddChallenge?: boolean;
  /**
   * Takes a meter whose invocation counter went back below what was received from it before, as of one that counts anew in each association,
   * where HLS proves afresh that it knows the secret: pass 4 must hold. False unless told otherwise. What is kept of it stays, so that it opens
   * nothing for anybody else; but what it answered under that key before can be played into such a session, save under a dedicated key. It is
   * told by a remark. No sheet of quirks sets it.
   */
  readonly allowCounterReset?: boolean;
  /**
   * Goes on when the meter returns nothing for its half of the authentication (HLS): anybody may be on the line. False unless told
   * otherwise. It is told by a remark. No sheet of quirks sets it.
   */
  readonly acceptUnprovenMeter?: boolean;
  /** Some meters answer under one and the same invoke id only. */
  readonly fixedInvokeId?: number;
  /**
   * Whether {@link Meter.close} releases the association by RLRQ before it disconnects. With the wrapper, unless told otherwise; over
   * HDLC the disconnection does it too. Some meters do not know RLRQ.
   */
  readonly release?: boolean;
  /** Minutes, UTC = local + deviation (India: -330): for dates given to a meter whose own deviation is wrong. */
  readonly deviation?: number;

  /**
   * general-block-transfer, where the meter speaks it: blocks that it may send in a row, 1 to 63. 8 with the wrapper, where each turn may
   * cost a second of a mobile network; over HDLC as many as frames, so that the blocks fill its window and each acknowledgement is one of
   * both.
   */
  readonly blockWindow?: number;

  /**
   * Whether the line brings our own octets back, as optical probes and two-wire adapters do; they are then taken out, whole or broken.
   * `auto` unless told otherwise: once a whole frame came back.
   */
  readonly echo?: boolean | 'auto';
  /** Silence from the last octet received to the first one sent, in milliseconds; none is added unless told. */
  readonly turnaround?: Millis;
  /** Silence between two frames sent in a row, in milliseconds; none is added unless told. With `octetTime` it counts from a frame's end. */
  readonly interFrameDelay?: Millis;
  /** Mode E: which meter is meant on a line with several; empty for whoever hears it. */
  readonly deviceAddress?: string;
  /** Mode E: whether a wake-up sequence comes before the sign-on, for meters on a battery. */
  readonly wakeUp?: boolean;
  /** Mode E: the speed of the sign-on, at which the transport stands; 300 unless told otherwise. */
  readonly signOnBaud?: number;
  /** Mode E: the speed at which HDLC goes on, whatever the sign-on agreed on; for meters that keep to one. */
  readonly hdlcBaud?: number;
  /**
   * What meters are known to do otherwise than the standard: sheets whose meter it is take effect. `knownQuirks` of `cosem/tools` unless
   * told otherwise; an empty list for none.
   */
  readonly quirks?: readonly QuirkSheet[];
  /** How long the meter may stay silent, in milliseconds, repetitions included. About 10 s unless told otherwise. */
  readonly responseTimeout?: Millis;
  /** How long one exchange may take in all. 5 minutes unless told otherwise. */
  readonly exchangeLimit?: Millis;
  /**
   * When the line breaks, or the meter drops the association, it is connected and associated anew by itself, and what was being read is
   * read again; a SET or an ACTION whose answer was lost is not repeated (UncertainError). So long it is tried, in milliseconds; 60 s
   * unless told otherwise, 0: not at all, Infinity: until the meter is closed. A meter that refuses the data link (DM), because another client's may still be open, is waited
   * for as long, and so is one that signed on in mode E and does not hear the sign-on any more (a minute at most).
   */
  readonly patience?: Millis;
  /**
   * Keeps the meter at hand: a line that is lost while nothing is under way is taken up again in the background, as long as `patience`; the
   * next call does it otherwise. `true`, or how.
   */
  readonly reconnect?: boolean | Reconnect;
  /**
   * Looks after so many milliseconds without a call whether the meter is still there; 0: never. HDLC asks by RR, which keeps the meter's
   * inactivity time-out (120 s in most) from ending the link too: with `reconnect` every 60 s unless told otherwise. With the wrapper one
   * attribute is read, which costs a request each time and, where messages are ciphered, an invocation counter: never unless told. A TCP
   * connection is watched by the system besides.
   */
  readonly keepAlive?: Millis;
  /** HDLC: how often a frame without answer is repeated within that time. 3 unless told otherwise. */
  readonly retries?: number;
  /**
   * Where scalers, units and the object list are kept between visits: told once, they are not asked for again while the meter tells the same
   * firmware version. None unless given; `FileCacheStore` of `cosem/node` keeps them in a folder.
   */
  readonly cache?: CacheStore;
  readonly clock?: Clock;
  /** Another provider than the one of the entry. */
  readonly crypto?: ClientSessionConfig['crypto'];
  /** Must not throw. */
  readonly trace?: (event: TraceEvent) => void;
  /** Told in words, and in numbers, what happens: see docs/logging.md. */
  readonly onLog?: OnLog;
  readonly onMetric?: OnMetric;
  /** What was tolerated, overruled or given up: see {@link Remark}. Must not throw. */
  readonly onRemark?: OnRemark;
  /** What the meter sends unasked on this line. Must not throw. */
  readonly onNotification?: (notification: Notification) => void;
  /** When it aborts, opening and whatever is under way end with its reason, and the meter is disconnected. */
  readonly signal?: AbortSignal;
}

const WRAPPER_WINDOW = 8;
/** Frames in a row that are proposed to an HDLC meter. */
const HDLC_WINDOW = 7;

/** The entry of a counter store under which the counters of a key are kept: it shows nothing of the key. */
export function counterEntryOf(
  crypto: CryptoProvider,
  security: Pick<SecurityOptions, 'systemTitle' | 'encryptionKey' | 'counterEntry'>,
): string {
  const digest = crypto.hash('sha-256', concat(fromLatin1('cosem counter entry'), security.encryptionKey));
  return security.counterEntry ?? `${toHex(security.systemTitle)}/${toHex(digest.subarray(0, 4))}`;
}

/**
 * What the session is told.
 * @throws StateError when something is missing or does not fit together.
 */
export function sessionConfig(
  options: OpenOptions,
  crypto: CryptoProvider,
  counters: CounterStore | undefined,
  received: CounterStore['received'] = counters?.received,
): ClientSessionConfig {
  const { security } = options;
  const authentication = authenticationOf(options);
  const secret = authentication === 'lls' ? options.password : options.secret;
  return {
    crypto,
    context: isCiphered(options) ? 'ln-ciphered' : 'ln',
    mechanism: authentications[authentication],
    ...given({
      secret: secret === undefined ? undefined : octetsOf(secret),
      systemTitle: ownTitle(options, authentication),
      security: security && clientSecurity(security, crypto, counters, received),
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

/** Whether deviations of form are refused. */
export function isStrict({ strict, lenient }: OpenOptions): boolean {
  return strict === true && lenient !== true;
}

/** HDLC recovers what is lost by itself; with the wrapper, over UDP most of all, missing blocks are asked for again. */
function blockTransfer({ framing = 'hdlc', window, blockWindow, responseTimeout = 10_000 }: OpenOptions) {
  if (!framing.startsWith('wrapper')) return { generalBlockWindow: blockWindow ?? window ?? HDLC_WINDOW };
  return { generalBlockWindow: blockWindow ?? WRAPPER_WINDOW, blockPatience: responseTimeout / 4 };
}

/** Our own system title, where it is needed or given. */
function ownTitle({ security, systemTitle }: OpenOptions, authentication: Authentication): Uint8Array | undefined {
  const title = security?.systemTitle ?? systemTitle;
  if (title === undefined) {
    if (authentication !== 'sha256') return undefined;
    throw new StateError('authentication sha256 needs our system title, which goes into its answers', {
      hint: 'give eight octets: systemTitle, or --title',
    });
  }
  if (title.length !== 8) throw new StateError(`our system title has ${counted(title.length, 'octet')} instead of 8`);
  if (systemTitle !== undefined && !equalBytes(title, systemTitle)) {
    throw new StateError('systemTitle and security.systemTitle are not the same', { hint: 'give one of them' });
  }
  return title;
}

/** Whether the application context is the one with ciphering. */
export function isCiphered({ security }: OpenOptions): boolean {
  return security !== undefined && security.policy !== 'none';
}

/** Programs without types, and those written for earlier versions, may give octets. */
function fixedDedicatedKey(): StateError {
  return new StateError(
    'a fixed dedicated key is not used: meters count from 0 under it in every association, and the same counters under the same key lay open what they protect',
    { hint: 'let one be drawn for each association: dedicatedKey: true' },
  );
}

function clientSecurity(
  security: SecurityOptions,
  crypto: CryptoProvider,
  counters: CounterStore | undefined,
  received: CounterStore['received'],
): ClientSecurity {
  // From JavaScript it may be left out.
  if ((security.encryptionKey as Uint8Array | undefined) === undefined) {
    throw new StateError("the option 'security' holds no encryptionKey", {
      hint: 'where our title alone is needed, as for HLS 6 (sha256) in clear, give it as the option systemTitle in place of security',
    });
  }
  for (const [key, name] of [
    [security.encryptionKey, 'encryption key'],
    [security.authenticationKey, 'authentication key'],
    [security.broadcastKey, 'broadcast key'],
  ] as const) {
    if (key !== undefined && key.length !== 16) {
      throw new StateError(`the ${name} has ${counted(key.length, 'octet')} instead of 16`, {
        hint: '32 hexadecimal digits',
      });
    }
  }
  if (security.dedicatedKey !== undefined && security.dedicatedKey !== true) throw fixedDedicatedKey();
  const { counterStep } = security;
  if (counterStep !== undefined && !(Number.isSafeInteger(counterStep) && counterStep >= 0)) {
    throw new StateError('the largest step of the invocation counter (counterStep) is no whole number from 0 on');
  }
  const { lowestReceived = 0 } = security;
  if (!(Number.isSafeInteger(lowestReceived) && lowestReceived >= 0 && lowestReceived <= 0xffff_ffff)) {
    throw new StateError('the lowest invocation counter taken from the meter (lowestReceived) is no number of 32 bits');
  }
  if (counters === undefined) {
    throw new StateError('nothing says which invocation counter comes next', {
      hint: 'give a counter store, or the object in which the meter publishes the counter (readInvocationCounter)',
    });
  }
  const dedicatedKey = security.dedicatedKey === true ? crypto.random(16) : undefined;
  const policy = security.policy === 'none' ? undefined : security.policy;
  return {
    keys: {
      encryption: security.encryptionKey,
      authentication: security.authenticationKey,
      ...given({ broadcast: security.broadcastKey }),
    },
    counters,
    counterEntry: counterEntryOf(crypto, security),
    ...given({
      request: policy,
      response: security.response,
      handshake: security.handshake,
      dedicatedKey,
      general: security.general,
      serverTitle: security.serverTitle,
      lowestReceived: security.lowestReceived,
      received,
    }),
  };
}

/** @internal The mechanism that the options name, or that follows from them. @throws StateError when it needs what is not there. */
export function authenticationOf(options: OpenOptions): Authentication {
  const { password, secret } = options;
  const chosen = options.authentication ?? (secret !== undefined ? 'hls2' : password !== undefined ? 'lls' : 'none');
  if (!Object.hasOwn(authentications, chosen)) {
    throw new StateError(`there is no authentication '${chosen}'`, { hint: Object.keys(authentications).join(', ') });
  }
  const needs =
    chosen === 'none' ? undefined : chosen === 'lls' ? 'password' : chosen === 'gmac' ? 'security' : 'secret';
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
    // The message of fromLatin1 would show a character of the secret.
    throw new StateError('a password or secret has a character that has no octet', { hint: 'give its octets instead' });
  }
}
