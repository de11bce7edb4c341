import { fromLatin1 } from '../../src/base/bytes.js';
import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import type { Naming } from '../../src/contracts/association.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
import type { Framing } from '../../src/contracts/link.js';
import type { MeterStore } from '../../src/contracts/meter-store.js';
import type { LockOptions } from '../../src/server/authentication-lock.js';
import type { DeviceObject } from '../../src/server/object.js';
import type { FaultLike, Faults } from '../faults/faults.js';
import type { Scenario } from '../scenario/steps.js';
import type { DetectionOptions } from './detection.js';
import type { PrepaidOptions } from './prepaid.js';
import type { QuirkName } from './quirks.js';
import type { TariffOption } from './tariff.js';
import { DAY, IST_DEVIATION, MINUTE, midnight, monthStart } from './time.js';

/** Keys and secrets of a meter. */
export interface MeterSecrets {
  /** LLS password of the meter reader, client 32. */
  readonly lls: Uint8Array;
  /** HLS secret of utility setting, client 48. With mechanism 2 it is an AES key of at most 16 octets. */
  readonly hls: Uint8Array;
  /** HLS secret of firmware upgrade, client 80. */
  readonly firmwareHls: Uint8Array;
  /** LLS password of the in-home display, client 96. */
  readonly displayLls: Uint8Array;
  /** Encryption and authentication key of the in-home display, client 96. A device in the house gets no key of the utility. */
  readonly displayKey: Uint8Array;
  /**
   * Encryption and authentication key of the meter reader, client 32. It opens no other association. Where `encryptionKey` is given and
   * this is not, client 32 uses the keys of client 48.
   */
  readonly readerKey?: Uint8Array;
  /** Encryption and authentication key of firmware upgrade, client 80. The default is as for the reader. */
  readonly firmwareKey?: Uint8Array;
  /** Global unicast encryption key of utility setting, client 48, and of what is pushed. */
  readonly encryptionKey: Uint8Array;
  /** Authentication key that goes with it; in India the same as the encryption key. */
  readonly authenticationKey: Uint8Array;
  /** Global broadcast encryption key. */
  readonly broadcastKey: Uint8Array;
  /** Master key (KEK) that wraps new keys. */
  readonly masterKey: Uint8Array;
}

const SECRETS: OptionNames<MeterSecrets> = {
  lls: true,
  hls: true,
  firmwareHls: true,
  displayLls: true,
  displayKey: true,
  readerKey: true,
  firmwareKey: true,
  encryptionKey: true,
  authenticationKey: true,
  broadcastKey: true,
  masterKey: true,
};

/** The secrets of test meters. They are published, so they protect nothing: give a meter that matters its own. */
export const BENCH_SECRETS: Required<MeterSecrets> = {
  lls: fromLatin1('COSEM-LL'),
  hls: fromLatin1('COSEM-BENCH-HLS1'),
  firmwareHls: fromLatin1('COSEM-BENCH-HLS2'),
  displayLls: fromLatin1('COSEM-IH'),
  displayKey: fromLatin1('COSEM-BENCH-IHDK'),
  readerKey: fromLatin1('COSEM-BENCH-RDRK'),
  firmwareKey: fromLatin1('COSEM-BENCH-FWRK'),
  encryptionKey: fromLatin1('COSEM-BENCH-GUEK'),
  authenticationKey: fromLatin1('COSEM-BENCH-GUEK'),
  broadcastKey: fromLatin1('COSEM-BENCH-GBEK'),
  masterKey: fromLatin1('COSEM-BENCH-KEK0'),
};

/**
 * The secrets of a meter: those that were given, else the published ones. When an encryption key is given, no client falls back on a
 * published key of its own.
 */
export function secretsOf(given: Partial<MeterSecrets> = {}): MeterSecrets {
  const { readerKey, firmwareKey, ...bench } = BENCH_SECRETS;
  return given.encryptionKey === undefined ? { ...BENCH_SECRETS, ...given } : { ...bench, ...given };
}

/** A push as it leaves the meter. Whoever listens must deliver it to its destination. */
export interface PushedNotification {
  /** The APDU: a DataNotification, ciphered in general-glo-ciphering as the policy of the push setup demands. */
  readonly apdu: Uint8Array;
  /** Logical name of the push setup (class 40) that sends it. */
  readonly logicalName: string;
  /** Source wPort of the wrapper: the server SAP. */
  readonly source: number;
  /** Destination wPort of the wrapper: the client SAP. */
  readonly destination: number;
  /** `host:port` of send_destination_and_method; undefined where it cannot be read. */
  readonly address: string | undefined;
  /** Whether it asks for a confirm: the octets that come back are what `onPush` returns. */
  readonly confirmed: boolean;
}

/** The mechanisms that meters of IS 15959 use for clients 48 and 80: the names of `open()` and the numbers of IEC 62056-5-3. */
export const UTILITY_MECHANISMS = {
  /** HLS with an AES-128 secret, as in IS 15959. */
  hls2: 2,
  /** HLS with MD5. */
  md5: 3,
  /** HLS with GMAC. */
  gmac: 5,
} as const;

/** One of the mechanisms of clients 48 and 80. */
export type UtilityMechanism = keyof typeof UTILITY_MECHANISMS;

/** An emergency profile of the limiter (class 71): another load limit for some time, for the meters of some groups. */
export interface EmergencyOptions {
  /** Id of the emergency profile; it applies only if `groups` contains it. */
  readonly id: number;
  /** Ids of the emergency profiles that concern this meter. */
  readonly groups: readonly number[];
  /** When it begins, as true time. */
  readonly activation: Millis;
  /** For how many seconds it lasts. */
  readonly duration: number;
  /** The load limit in W while it lasts. */
  readonly threshold: number;
}

/** What a virtual meter is like. Every option but `clock` and `seed` has a default. */
export interface MeterOptions {
  /** The time of the meter. `systemClock` runs in real time, a `VirtualClock` as a test wants. */
  readonly clock: Clock;
  /**
   * The clock of its lines, for time-outs and late answers. By default the same clock; give another one when `clock` runs faster than real
   * time.
   */
  readonly lineClock?: Clock;
  /** Data link of lines that name none; `openOptionsOf` tells it to clients. Default `hdlc`. */
  readonly framing?: Framing;
  /** Everything random in the meter follows from it: two meters of one seed that were made at the same time are equal. */
  readonly seed: number;
  /**
   * Where it keeps its state over restarts; by default nowhere. Meters in one store are told apart by their serial numbers. What a client
   * was told is durable before the client hears it. The time in which nobody simulated the meter becomes a power failure.
   */
  readonly store?: MeterStore;
  /**
   * Where its sending invocation counters come from, in entries `virtual/<system title>/…`. They go on after a restart, so that clients
   * which remember the last counter do not take the meter's answers for replays. Several meters, and several simulations of one, may share
   * the store. By default counters are in memory and begin at a number that rises with time.
   */
  readonly counters?: CounterStore;
  /**
   * While the meter is read, its state is written at most once in this many milliseconds of `clock`. Default 15 000. Give more where the
   * clock runs faster.
   */
  readonly lease?: Millis;
  /** When it was first made, for a meter that is restored from saved state; default now. What happened before follows from the seed. */
  readonly created?: Millis;
  /** Serial number, 5 to 13 digits; by default it follows from the seed. */
  readonly serial?: string;
  /** Its keys and passwords; those that are left out are the published {@link BENCH_SECRETS}. */
  readonly secrets?: Partial<MeterSecrets>;
  /** When it was installed, as true time; its life begins at the local midnight before. */
  readonly installed?: Millis;
  /** Price of a kWh in paise, or slabs of prices. Default 650. */
  readonly tariff?: TariffOption;
  /** How the prepaid account is kept; what is left out has its default. */
  readonly prepaid?: PrepaidOptions;
  /** Whether it has a table of special days, `0.0.11.0.0.255`, which IS 15959 does not list. Default false. */
  readonly specialDays?: boolean;
  /** Peak power of a solar roof in W. Default 0: no roof. */
  readonly solarPeak?: number;
  /** The emergency profile of the limiter, which no client of IS 15959 may write. None by default. */
  readonly emergency?: EmergencyOptions;
  /** How tamper and quality events are detected; what is left out has its default. */
  readonly detection?: DetectionOptions;
  /** Deviations of real meters from the standards that it makes, by the names in `quirks`. None by default. */
  readonly quirks?: readonly QuirkName[];
  /** After how many failed authentications in a row an association is locked, and for how long. Default 5, and 5 minutes. */
  readonly lock?: LockOptions;
  /** Longest HDLC information field in octets. Default 128, for three-phase meters 832. */
  readonly maxInfo?: number;
  /** HDLC window size, 1 to 7. Default 1, as meters have it. */
  readonly window?: number;
  /** Size of a firmware image block in octets. Default 200, for three-phase meters 256. */
  readonly imageBlockSize?: number;
  /** Longest APDU in octets that it takes and sends. By default 832 and 768, as reference meters have it. */
  readonly maxPduSize?: number;
  /** The authentication mechanism of clients 48 and 80; the meter accepts no other. Default `hls2`. */
  readonly mechanism?: UtilityMechanism;
  /**
   * How clients name what they ask for: by logical names (`ln`, the default), by short names (`sn`), or each as it likes (`both`). A meter
   * with short names alone pushes by InformationReport.
   */
  readonly naming?: Naming | 'both';
  /**
   * SAP of a client that broadcasts: its association is open without AARQ, and it may set the clock, the activity calendar and the special days,
   * under the global broadcast key or the keys of client 48. None unless given.
   */
  readonly broadcastClient?: number;
  /** Whether clients 48 and 80 may ask for lists (multiple references). Default false: reference meters do not support them. */
  readonly lists?: boolean;
  /** Whether clients 48 and 80 may read, write and call in one request (ACCESS). Default false: reference meters do not support it. */
  readonly access?: boolean;
  /** Seconds of silence after which an HDLC connection ends. Default 120. The HDLC setup object states the same. */
  readonly inactivityTimeout?: number;
  /**
   * Milliseconds of silence within an HDLC frame after which the part received is dropped. Default 500. The HDLC setup object states the
   * same.
   */
  readonly interOctetTimeout?: Millis;
  /**
   * Whether it answers as slowly as a real meter at 9600 baud: a reading takes about 100 ms, an association 300 ms, and blocks come at 780
   * octets a second. Default false. Serial lines have their own speed; on others the time on the wire is added.
   */
  readonly realistic?: boolean;
  /** Faults of every line and every answer: `bit-errors=1e-4`, `silence=2s@10%`. None by default. */
  readonly faults?: readonly FaultLike[] | Faults;
  /** A scenario that plays from the start; `parseScenario` of `cosem/scenario` reads one from text. */
  readonly scenario?: Scenario;
  /**
   * Called with every push; {@link deliverPush} can deliver it. Returning `false`, a promise of `false` or one that rejects says that it
   * was not delivered; it is then sent again as the push setup says.
   */
  readonly onPush?: (push: PushedNotification) => unknown;
  /**
   * Whether pushes ask for a confirm (service class confirmed). A push then only counts as delivered when `onPush` returns an APDU that
   * confirms it. Default false: the push setups of these meters (class 40, version 0) have no push operation method.
   */
  readonly confirmedPushes?: boolean;
  /**
   * Why the meter opens its relay by itself, in addition to overload (class 71) and exhausted credit. `over-current`: the current is too
   * high; reconnection attempts and lock-out are as for an overload. `cover`: the cover is opened; then only a remote command closes the
   * relay. Default `over-current`.
   */
  readonly opensOn?: readonly ('over-current' | 'cover')[];
  /**
   * Objects of your own in addition to those of its kind, with rights for `public`, `reader`, `utility`, `push`, `firmware` and `ihd`.
   * Without rights, the first three may do what the class declares for such a role, and the others do not see the object.
   */
  readonly objects?: readonly DeviceObject[];
  /** Called when the simulation itself fails; the client then gets hardware-fault. */
  readonly onFault?: (error: unknown, target: string) => void;
}

/** Every option of a meter, by name. */
export const METER_OPTIONS: OptionNames<MeterOptions> = {
  clock: true,
  lineClock: true,
  framing: true,
  seed: true,
  store: true,
  counters: true,
  lease: true,
  created: true,
  serial: true,
  secrets: true,
  installed: true,
  tariff: true,
  prepaid: true,
  specialDays: true,
  solarPeak: true,
  emergency: true,
  detection: true,
  quirks: true,
  lock: true,
  maxInfo: true,
  window: true,
  imageBlockSize: true,
  maxPduSize: true,
  mechanism: true,
  naming: true,
  broadcastClient: true,
  lists: true,
  access: true,
  inactivityTimeout: true,
  interOctetTimeout: true,
  realistic: true,
  faults: true,
  scenario: true,
  onPush: true,
  confirmedPushes: true,
  opensOn: true,
  objects: true,
  onFault: true,
};

/**
 * @throws StateError for an option that does not exist, in the options or in its secrets: otherwise a misspelt option would silently make
 * another meter.
 */
export function checkMeterOptions<T extends Pick<MeterOptions, 'secrets' | 'lock'>>(
  options: T,
  known: OptionNames<T>,
  where: string,
): void {
  checkOptions(options, known, where);
  if (options.secrets !== undefined) checkOptions(options.secrets, SECRETS, where, { within: 'secrets' });
  if (options.lock !== undefined) {
    checkOptions(options.lock, { attempts: true, duration: true }, where, { within: 'lock' });
  }
}

/** Three letters of the manufacturer (FLAG); invented. */
export const FLAG = 'CSM';

/** The names of a meter. */
export interface Identity {
  /** Serial number, 5 to 13 digits. */
  readonly serial: string;
  /** Logical device name: FLAG letters and serial number, 16 characters. */
  readonly logicalDeviceName: string;
  /** Device id: FLAG letters and serial number, 19 characters. */
  readonly deviceId: string;
  /** System title: FLAG letters and the last five digits of the serial number, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** Year of manufacture. */
  readonly year: number;
}

/** @throws StateError when it is not 5 to 13 digits. */
export function serialOf(options: Pick<MeterOptions, 'serial' | 'seed'>): string {
  const serial = options.serial ?? String(10_000_000 + (((options.seed % 90_000_000) + 90_000_000) % 90_000_000));
  if (!/^\d{5,13}$/.test(serial)) {
    throw new StateError(`'${serial}' is not a serial number`, { hint: 'give five to thirteen digits' });
  }
  return serial;
}

export function identityOf(options: MeterOptions, installed: Millis): Identity {
  const serial = serialOf(options);
  return {
    serial,
    logicalDeviceName: FLAG + serial.padStart(13, '0'),
    deviceId: FLAG + serial.padStart(16, '0'),
    systemTitle: fromLatin1(FLAG + serial.slice(-5)),
    year: new Date(installed - IST_DEVIATION * MINUTE).getUTCFullYear(),
  };
}

/** Midnight of 2025-01-01 in India. */
const EPOCH = Date.UTC(2025, 0, 1) + IST_DEVIATION * MINUTE;
/** A meter has lived for at least this many months, to show twelve billing periods. */
const MONTHS = 14;

/**
 * When the meter was installed: a fixed day, so that its registers do not depend on when it is started. An earlier day is used where the
 * fixed one is too recent.
 */
export function installedAt(options: MeterOptions): Millis {
  const local = (options.installed ?? options.created ?? options.clock.now()) - IST_DEVIATION * MINUTE;
  if (options.installed !== undefined) return midnight(local) + IST_DEVIATION * MINUTE;
  const latest = monthStart(local, -MONTHS) + IST_DEVIATION * MINUTE;
  return Math.min(EPOCH, latest) === EPOCH ? EPOCH : latest;
}

/** Checks that the meter has lived for at least a day. @throws StateError */
export function checkInstalled(installed: Millis, now: Millis): void {
  if (now - installed < DAY) {
    throw new StateError('the meter would be installed in the future', {
      hint: 'give an installation time that is at least a day ago',
    });
  }
}
