import { fromLatin1 } from '../../src/base/bytes.js';
import type { Clock, Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { checkOptions, type OptionNames } from '../../src/base/known-options.js';
import type { CounterStore } from '../../src/contracts/counter-store.js';
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
  /** Encryption and authentication key of the in-home display: what hangs in the house gets no key of the utility. */
  readonly displayKey: Uint8Array;
  /**
   * Encryption and authentication key of the meter reader, client 32: it reads, and opens nothing else. Where `encryptionKey` is given and
   * this is not, client 32 has the keys of client 48.
   */
  readonly readerKey?: Uint8Array;
  /** Encryption and authentication key of firmware upgrade, client 80; left out, as that of the reader. */
  readonly firmwareKey?: Uint8Array;
  /** Global unicast encryption key of utility setting, client 48, and of what is pushed. */
  readonly encryptionKey: Uint8Array;
  /** Authentication key that belongs to it; in India the same as the encryption key. */
  readonly authenticationKey: Uint8Array;
  /** Global broadcast encryption key. */
  readonly broadcastKey: Uint8Array;
  /** Master key that new keys come wrapped under. */
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

/** The bench's secrets. They are printed, so they protect nothing: give a meter that matters its own. */
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

/** The secrets of a meter: those that were given, else the bench's. Who gives the meter a key of his own leaves no client on a printed one. */
export function secretsOf(given: Partial<MeterSecrets> = {}): MeterSecrets {
  const { readerKey, firmwareKey, ...bench } = BENCH_SECRETS;
  return given.encryptionKey === undefined ? { ...BENCH_SECRETS, ...given } : { ...bench, ...given };
}

/** A push as it leaves the meter: the one who listens brings it to its destination. */
export interface PushedNotification {
  /** The APDU as it goes to the link: DataNotification, in general-glo-ciphering as the policy of the push setup demands. */
  readonly apdu: Uint8Array;
  /** The push setup that sends it. */
  readonly logicalName: string;
  /** Server and client wPort: source and destination of the wrapper. */
  readonly source: number;
  readonly destination: number;
  /** `host:port` of send_destination_and_method; undefined where it cannot be read. */
  readonly address: string | undefined;
  /** Whether it asks for a confirm: the octets that come back are what `onPush` returns. */
  readonly confirmed: boolean;
}

/** Mechanisms that meters of IS 15959 want of clients 48 and 80, by the names of `open()`. */
export const UTILITY_MECHANISMS = { hls2: 2, md5: 3, gmac: 5 } as const;
export type UtilityMechanism = keyof typeof UTILITY_MECHANISMS;

/** Another load limit for some time, for the meters of some groups. */
export interface EmergencyOptions {
  readonly id: number;
  /** Ids of the profiles that concern this meter: it holds only if its own is one of them. */
  readonly groups: readonly number[];
  /** True time. */
  readonly activation: Millis;
  /** Seconds. */
  readonly duration: number;
  /** W. */
  readonly threshold: number;
}

export interface MeterOptions {
  readonly clock: Clock;
  /** Time of its lines: time-outs, answers that come late. The same clock unless given; it matters where that runs faster than real time. */
  readonly lineClock?: Clock;
  /** Everything by chance in the meter follows from it: two meters of one seed, made at one time, are the same. */
  readonly seed: number;
  /**
   * Where it keeps what must survive a restart; nowhere unless given. Meters of one store are told apart by their serial numbers. What a
   * client was told is durable before it hears it; the time in which nobody simulated the meter is a power failure.
   */
  readonly store?: MeterStore;
  /**
   * What the invocation counters of its sending are taken from, in entries `virtual/<system title>/…`: they go on when it is started anew, so
   * that a client that keeps what it received takes no meter for a recording. Several meters, and several simulations of one, may share it.
   * Counted in memory unless given, from a number that rises with the time.
   */
  readonly counters?: CounterStore;
  /** Milliseconds of the clock that one write vouches for while the meter is read; 15 000. More where the clock runs faster. */
  readonly lease?: Millis;
  /** When it was made first, where it comes back from what was saved; else now. What was before follows from the seed. */
  readonly created?: Millis;
  /** Digits; from the seed unless given. */
  readonly serial?: string;
  readonly secrets?: Partial<MeterSecrets>;
  /** When it was installed, as true time: the local midnight before counts. */
  readonly installed?: Millis;
  /** Price of a kWh in paise, or slabs of prices; 650. */
  readonly tariff?: TariffOption;
  /** How the prepaid account is kept, where it differs from the usual. */
  readonly prepaid?: PrepaidOptions;
  /** Whether it has a table of special days, `0.0.11.0.0.255`, which IS 15959 does not list; not unless told. */
  readonly specialDays?: boolean;
  /** Peak of a solar roof in W; 0. */
  readonly solarPeak?: number;
  /** The emergency profile of the limiter, which no client of IS 15959 may write; none unless given. */
  readonly emergency?: EmergencyOptions;
  /** How tamper and quality events are detected, where it differs from the usual. */
  readonly detection?: DetectionOptions;
  /** Slips of real meters that it makes; none unless given. `quirks` of this entry lists them. */
  readonly quirks?: readonly QuirkName[];
  /** When an association is shut after failed authentications, and for how long: 5 in a row, 5 minutes. */
  readonly lock?: LockOptions;
  /** Longest HDLC information field and window; 128 (three-phase meters: 832) and 1, as meters have them. */
  readonly maxInfo?: number;
  readonly window?: number;
  /** Octets of a block of an image of firmware; 200 (three-phase meters: 256). */
  readonly imageBlockSize?: number;
  /** Longest APDU that it takes and sends; 832 and 768, as reference meters have it. */
  readonly maxPduSize?: number;
  /** How clients 48 and 80 prove themselves: HLS 2 unless told. A meter takes this one mechanism and no other. */
  readonly mechanism?: UtilityMechanism;
  /** Whether clients 48 and 80 may ask for lists (multiple references); not unless told: reference meters have none. */
  readonly lists?: boolean;
  /** Seconds of silence after which an HDLC connection ends; 120. The HDLC setup object says so too. */
  readonly inactivityTimeout?: number;
  /** Milliseconds of silence within an HDLC frame after which what came of it is dropped; 500. The HDLC setup object says so too. */
  readonly interOctetTimeout?: Millis;
  /**
   * Whether it takes its time on lines, as a real meter at 9600 baud does: a reading some 100 ms, an association 300 ms, a block of 780
   * octets a second. Not unless told. Serial lines have a speed of their own; on others the time on the wire is added.
   */
  readonly realistic?: boolean;
  /** What goes wrong on every line and in every answer: `bit-errors=1e-4`, `silence=2s@10%`. */
  readonly faults?: readonly FaultLike[] | Faults;
  /** What happens to it from the beginning on; `parseScenario` of `cosem/scenario` reads one. */
  readonly scenario?: Scenario;
  /**
   * Told of every push, as {@link deliverPush} brings it somewhere. `false`, or a promise of it or one that fails, says that it did not arrive: it is sent again as the push setup says.
   */
  readonly onPush?: (push: PushedNotification) => unknown;
  /**
   * Whether pushes ask for a confirm (service class confirmed): then only an APDU that `onPush` returns, and that confirms it, says that it
   * arrived. Not unless told: the push setups of these meters (class 40, version 0) know no push operation method.
   */
  readonly confirmedPushes?: boolean;
  /**
   * On what the meter opens its relay by itself, beside overload (class 71) and want of credit: the current is too high, which is tried
   * and locked out as an overload is; the cover is opened, after which only an order from afar closes it. `over-current` unless given.
   */
  readonly opensOn?: readonly ('over-current' | 'cover')[];
  /**
   * Objects of your own beside those of its kind, with rights for `public`, `reader`, `utility`, `push`, `firmware` and `ihd`. Without rights
   * the first three may do what the class declares for such a role, and the others do not see them.
   */
  readonly objects?: readonly DeviceObject[];
  /** Told when the simulation itself fails; the client gets hardware-fault. */
  readonly onFault?: (error: unknown, target: string) => void;
}

/** Every option of a meter, by name. */
export const METER_OPTIONS: OptionNames<MeterOptions> = {
  clock: true,
  lineClock: true,
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
  lists: true,
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

/** @throws StateError for one that there is not, in the options or in its secrets: another meter than was meant would be made. */
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

/** Three letters of the maker's flag; made up. */
export const FLAG = 'CSM';

/** Names of a meter. */
export interface Identity {
  readonly serial: string;
  /** Flag and serial number, 16 characters. */
  readonly logicalDeviceName: string;
  readonly deviceId: string;
  /** Flag and the last five digits of the serial number, 8 octets. */
  readonly systemTitle: Uint8Array;
  readonly year: number;
}

/** @throws StateError when it is not 5 to 13 digits. */
export function serialOf(options: Pick<MeterOptions, 'serial' | 'seed'>): string {
  const serial = options.serial ?? String(10_000_000 + (((options.seed % 90_000_000) + 90_000_000) % 90_000_000));
  if (!/^\d{5,13}$/.test(serial)) {
    throw new StateError(`'${serial}' is no serial number`, { hint: 'five to thirteen digits' });
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
/** So many months of life a meter has at least, to show twelve billing periods. */
const MONTHS = 14;

/** When the meter was installed: a fixed day, so that its registers do not depend on when it is started, unless that is too recent. */
export function installedAt(options: MeterOptions): Millis {
  const local = (options.installed ?? options.created ?? options.clock.now()) - IST_DEVIATION * MINUTE;
  if (options.installed !== undefined) return midnight(local) + IST_DEVIATION * MINUTE;
  const latest = monthStart(local, -MONTHS) + IST_DEVIATION * MINUTE;
  return Math.min(EPOCH, latest) === EPOCH ? EPOCH : latest;
}

/** Whether a meter can have lived: at least a day. */
export function checkInstalled(installed: Millis, now: Millis): void {
  if (now - installed < DAY) {
    throw new StateError('the meter would be installed in the future', {
      hint: 'let it be installed a day ago or more',
    });
  }
}
