import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { lazily } from '../base/clock.js';
import { parseLogicalName } from '../base/obis.js';
import type { OnRemark, Remark } from '../base/remark.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { Companion, ReadingSpec } from '../companion/companion.js';
import type { Procedure } from '../contracts/procedure.js';
import {
  type AttributeRef,
  attributeTarget,
  type ClientObject,
  type CosemClass,
  clientObject,
  type MethodRef,
  type UntypedObject,
  untypedObject,
} from '../cosem/class.js';
import { ClockClass, type ClockObject } from '../cosem/classes/clock.js';
import { type DisconnectControlObject, DisconnectControlV0 } from '../cosem/classes/disconnect-control.js';
import {
  DataClass,
  type DataObject,
  DemandRegister,
  type DemandRegisterObject,
  ExtendedRegister,
  type ExtendedRegisterObject,
  ProfileGenericV1,
  Register,
  type RegisterObject,
} from '../cosem/classes/storage.js';
import { type Arriving, arriving } from './arriving.js';
import { awaited } from './caller.js';
import type { RunOptions } from './connection.js';
import { LiveMeter, type LiveParts } from './live-meter.js';
import type { MeterCache } from './meter-cache.js';
import type { CallOptions, GetOptions } from './meter-calls.js';
import type { MeterServices } from './meter-services.js';
import { type AccessCallOptions, sendMixed } from './mixed-list.js';
import type { MixedOrder, MixedOutcomes } from './mixed-orders.js';
import type { ListedObject, ObjectListing } from './object-list.js';
import { encodeFor, leavesDoubt, methodTarget } from './orders.js';
import type { Outcome, OutcomesOf, ValuesOf } from './outcome.js';
import { Profile } from './profile.js';
import { asSent, understood } from './quirks/deviation.js';
import { effectsOf } from './quirks/match.js';
import type { QuirkSheet } from './quirks/sheet.js';
import type { Reading, ScalerUnit } from './readings.js';
import { Relay } from './relay.js';
import { requestCode } from './request-code.js';
import type { ScalerUnits } from './scaler-units.js';
import { unlessAborted } from './signals.js';

// What a call needs is loaded with the first such call: an association that is only opened does without.
const requests = requestCode(async () => await import('./calls.js'));
const loadObjectList = lazily(async () => await import('./object-list.js'));
const loadReadings = lazily(async () => (await import('./read-readings.js')).readReadings);
const loadRegister = lazily(async () => await import('./read-register.js'));
const loadReadBack = lazily(async () => (await import('./read-back.js')).settled);
const loadScalers = lazily(async () => (await import('./scaler-units.js')).ScalerUnits);

/** How many readings come at a time in a loop. */
const AT_ONCE = 8;

/** The parts of a {@link Meter}. */
export interface MeterParts extends LiveParts {
  /** Whether closing releases the association by RLRQ. */
  readonly release: boolean;
  /** The deviation for dates given to the meter, in minutes; undefined for the meter's own. */
  readonly deviation: number | undefined;
  /** The cache of what it told on earlier visits. */
  readonly cache?: MeterCache | undefined;
  /** The companion specification that it is known to follow. */
  readonly companion?: Companion | undefined;
  /** Called for each remark about the meter. */
  readonly onRemark?: OnRemark | undefined;
  /** The services that it grants but does not carry out. */
  readonly services?: MeterServices;
}

/**
 * A meter with an open association; {@link open} gives one. Calls may be made at any time: they queue and run one after the other. Close it
 * when done, or use `await using`: an association that stays open keeps others out.
 * ```ts
 * await using meter = await open(tcp('192.0.2.7', 4059), { framing: 'wrapper', client: 16 });
 * const energy = await meter.reading('1.0.1.8.0.255');
 * ```
 */
export class Meter extends LiveMeter {
  readonly #release: boolean;
  #scalers: ScalerUnits | undefined;
  readonly #deviation: number | undefined;
  #quirks: readonly QuirkSheet[] = [];
  #companion: Companion | undefined;
  readonly #cache: MeterCache | undefined;
  readonly #onRemark: OnRemark | undefined;
  readonly #services: MeterServices | undefined;
  #objects: Promise<ObjectListing> | undefined;

  /** Made by {@link open}; the association is open. */
  constructor(parts: MeterParts) {
    super(parts);
    this.#services = parts.services;
    this.#onRemark = parts.onRemark;
    this.#release = parts.release;
    this.#deviation = parts.deviation;
    this.#cache = parts.cache;
    this.#companion = parts.companion;
  }

  /** The quirk sheets that apply to this meter, recognised by what it says about itself. */
  get quirks(): readonly QuirkSheet[] {
    return this.#quirks;
  }

  /**
   * The companion specification that it follows, from which its values have their names: the option `companion` of {@link open}, or what `findCompanion` of
   * `cosem/tools` found. Undefined where neither said anything.
   */
  get companion(): Companion | undefined {
    return this.#companion;
  }

  /** @internal */
  follow(companion: Companion): void {
    this.#companion = companion;
  }

  /** @internal */
  adapt(quirks: readonly QuirkSheet[]): void {
    this.#quirks = quirks;
  }

  /** @internal Reports a remark: see `OpenOptions.onRemark`. */
  remark(remark: Remark): void {
    this.#onRemark?.(remark);
  }

  /** A time that this meter sent, with its deviation corrected where it is known to be wrong. */
  understood(time: CosemDateTime): CosemDateTime {
    return understood(this.#quirks, time);
  }

  /**
   * An instant as this meter writes it.
   * @param like a time that it sent, with the deviation that it uses, right or wrong.
   * @param otherwise the deviation to use where that time has none: minutes, UTC = local + deviation.
   */
  timeLike(instant: Date, like: CosemDateTime, otherwise: number): CosemDateTime {
    return asSent(this.#quirks, instant, like, otherwise);
  }

  /** Whether a conformance bit was negotiated. */
  supports(name: ConformanceName): boolean {
    return ((this.association?.conformance ?? 0) & CONFORMANCE[name]) !== 0;
  }

  // ---- attributes and methods

  /**
   * Reads one attribute, or several at once: with one GET-with-list as far as the meter accepts lists, else one after the other.
   * ```ts
   * const clock = meter.clock();
   * const [time, status] = await meter.get(clock.time, clock.status);
   * ```
   * @throws AccessError when the meter refuses one of them (see {@link tryGetAll}), DecodeError when a value does not fit its class,
   * LinkError and TimeoutError when the line breaks.
   */
  get<T>(ref: AttributeRef<T>, options?: GetOptions): Promise<T>;
  get<const R extends readonly [AttributeRef<unknown>, AttributeRef<unknown>, ...AttributeRef<unknown>[]]>(
    ...refs: R
  ): Promise<ValuesOf<R>>;
  get(
    first: AttributeRef<unknown>,
    ...more: readonly (AttributeRef<unknown> | GetOptions | undefined)[]
  ): Promise<unknown> {
    const [second] = more;
    if (second === undefined || !('classId' in second))
      return this.run((session) => requests(({ getOne }) => getOne(session, first)), second);
    return this.getAll([first, ...(more as readonly AttributeRef<unknown>[])]);
  }

  /** As {@link get}, for a list whose length is known at run time only. */
  getAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: GetOptions): Promise<ValuesOf<R>> {
    return this.run((session) => requests(({ getMany }) => getMany(session, refs)), options) as Promise<ValuesOf<R>>;
  }

  /** Reads one attribute. A refusal, or a value of another type than declared, is an outcome and is not thrown. */
  async tryGet<T>(ref: AttributeRef<T>, options?: GetOptions): Promise<Outcome<T>> {
    const [outcome] = await this.tryGetAll([ref], options);
    return outcome as Outcome<T>;
  }

  /** Reads several attributes. The failure of one is its outcome and does not affect the others. */
  tryGetAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: GetOptions): Promise<OutcomesOf<R>> {
    return this.run((session) => requests(({ outcomesOf }) => outcomesOf(session, refs)), options) as Promise<
      OutcomesOf<R>
    >;
  }

  /**
   * Writes an attribute. When the line breaks before the answer, the answer cannot be read, or it is a refusal without a reason, the
   * attribute is read back: the write succeeded if it has the value.
   * @throws AccessError when the meter refuses, StateError when the value does not fit the attribute's type, UncertainError when it is
   * unknown whether it was written.
   */
  async set<T>(ref: AttributeRef<T>, value: T, options: CallOptions = {}): Promise<void> {
    const target = attributeTarget(ref);
    const encoded = encodeFor(target, () => ref.type.encode(value));
    const since = this.timer.now();
    try {
      await this.run((session) => requests(({ setOne }) => setOne(session, ref, encoded)), {
        ...options,
        changes: target,
      });
    } catch (error) {
      if (!leavesDoubt(error) || !this.connected) throw error;
      const settled = await loadReadBack();
      await settled(this, ref, encoded, error, since);
    }
  }

  /**
   * Calls a method and returns its result. A method without parameter is called without one.
   * @throws AccessError when the meter refuses, StateError when the parameter does not fit, UncertainError when the line broke before the
   * answer came, or the answer cannot be read: it is never called twice.
   */
  call<P, R>(
    ref: MethodRef<P, R>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a method without a parameter is one whose parameter is void
    ...[parameter, options]: [P] extends [void]
      ? [parameter?: undefined, options?: CallOptions]
      : [parameter: P, options?: CallOptions]
  ): Promise<R> {
    return this.#call(ref, parameter as P, { ...options, changes: methodTarget(ref) });
  }

  /**
   * As {@link call}, for a method that may be called twice without harm, such as a block of an image by its number. When the line broke
   * before the answer, it is called again.
   */
  callAgain<P, R>(ref: MethodRef<P, R>, parameter: P, options: CallOptions = {}): Promise<R> {
    return this.#call(ref, parameter, options);
  }

  #call<P, R>(ref: MethodRef<P, R>, parameter: P, options: RunOptions): Promise<R> {
    return this.run((session) => requests(({ callOne }) => callOne(session, ref, parameter)), options);
  }

  /**
   * Calls a method by the unconfirmed service class: the meter does not answer, so the effect must be checked in another way.
   * @param more whether another call follows at once: over HDLC both are sent in one turn.
   * @throws StateError when the parameter does not fit, or is too long for one APDU.
   */
  callUnconfirmed<P, R>(ref: MethodRef<P, R>, parameter: P, more = false, options?: CallOptions): Promise<void> {
    const changes = methodTarget(ref);
    return this.run((session) => requests(({ callUnconfirmed }) => callUnconfirmed(session, ref, parameter, more)), {
      ...options,
      changes,
    });
  }

  /**
   * Reads, writes and calls, in the given order: in one request where the meter has ACCESS (`supports('access')`) and it fits, else in as few
   * as it takes. A refusal is the outcome of its item, and the others are done all the same, unless `breakOnError` says otherwise.
   * `await meter.access([clock.time, toSet(clock.timeZone, -330), toCall(relay.remoteReconnect)])`.
   * @throws AccessError when the meter refuses the service itself, StateError when a value does not fit, UncertainError when it is unknown
   * whether a list with changes was carried out, for the line broke or the answer cannot be read: it is never sent twice.
   */
  access<const L extends readonly MixedOrder[]>(orders: L, options: AccessCallOptions = {}): Promise<MixedOutcomes<L>> {
    return sendMixed(this, orders, options) as Promise<MixedOutcomes<L>>;
  }

  // ---- objects

  /** References to the attributes and methods of an object. Nothing is sent. @throws StateError when the text is not a logical name. */
  object<C extends CosemClass>(cosem: C, name: string): ClientObject<C> {
    return clientObject(cosem, parseLogicalName(name));
  }

  /** References for an object of any class, by number; values are plain Data. */
  untyped(classId: number, name: string, version = 0): UntypedObject {
    return untypedObject(classId, version, parseLogicalName(name));
  }

  /** Data (class 1). */
  data(name: string): DataObject {
    return this.object(DataClass, name);
  }

  /** Register (class 3). */
  register(name: string): RegisterObject {
    return this.object(Register, name);
  }

  /** Extended register (class 4). */
  extendedRegister(name: string): ExtendedRegisterObject {
    return this.object(ExtendedRegister, name);
  }

  /** Demand register (class 5). */
  demandRegister(name: string): DemandRegisterObject {
    return this.object(DemandRegister, name);
  }

  /** Clock (class 8). */
  clock(name = '0.0.1.0.0.255'): ClockObject {
    return this.object(ClockClass, name);
  }

  /** Disconnect control (class 70). See {@link relay} for whole operations. */
  disconnectControl(name = '0.0.96.3.10.255'): DisconnectControlObject {
    return this.object(DisconnectControlV0, name);
  }

  // ---- whole jobs

  /** The supply's disconnection relay. */
  relay(name = '0.0.96.3.10.255'): Relay {
    return new Relay(this, this.disconnectControl(name));
  }

  /** A profile (class 7): its columns with their units, and its rows. */
  profile(name: string): Profile {
    return new Profile(this, this.object(ProfileGenericV1, name), this.#deviation);
  }

  /**
   * The objects in the object list of this association, with what it may do with each (Association LN, attribute 2). They are read once and
   * then kept. A deviating entry is marked (`odd`); entries without an object are only in {@link objectListing}.
   * @throws AccessError, DecodeError.
   */
  async objects(options?: CallOptions): Promise<readonly ListedObject[]> {
    return (await this.objectListing(options)).objects;
  }

  /** As {@link objects}, with the entries from which no object can be read. */
  objectListing({ signal }: CallOptions = {}): Promise<ObjectListing> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#objects === undefined) {
      const reading = this.#readObjects();
      this.#objects = reading;
      reading.catch(() => {
        this.#objects = undefined;
      });
    }
    // Other callers may wait for it too, so it continues.
    return awaited(signal === undefined ? this.#objects : unlessAborted(this.#objects, signal));
  }

  /**
   * Reads values with their scalers, units and names, in the given order: those of a companion specification (`readingsOf`), or others in
   * that form. A refusal is the outcome of its value; alternatives are tried. In a loop (`for await`) directly on the call they come a few
   * at a time; leaving the loop ends the reading.
   */
  readings(specs: readonly ReadingSpec[], options: CallOptions = {}): Arriving<Outcome<Reading>> {
    const each = async (tell: (outcome: Outcome<Reading>) => void, signal: AbortSignal) => {
      const readReadings = await loadReadings();
      for (let at = 0; at < specs.length; at += AT_ONCE) {
        for (const outcome of await readReadings(this, specs.slice(at, at + AT_ONCE), { ...options, signal }))
          tell(outcome);
      }
    };
    return arriving(async () => (await loadReadings())(this, specs, options), each, options.signal);
  }

  /**
   * Reads one register by its logical name, whatever its class (register, extended register, demand register): the exact value with its
   * unit, its capture time where the register has one, and text for people.
   *
   * ```ts
   * const energy = await meter.reading('1.0.1.8.0.255');
   * console.log(energy.text, energy.value); // 12345.6 Wh, a Decimal
   * ```
   * @param name its logical name, `1.0.1.8.0.255` or `1-0:1.8.0`. Of a demand register the average of the last period is read, unless value
   * group D names the current one.
   * @throws AccessError when the meter has no such register, or does not show it to this client; DecodeError when its value cannot be that
   * of a register; StateError when the text is not a logical name, or the object list has an object of another class there.
   */
  async reading(name: string, options: CallOptions = {}): Promise<Reading> {
    const { readRegister } = await loadRegister();
    return readRegister(this, name, options);
  }

  /**
   * Reads the balance of the prepaid account: the amount with its currency, and its time.
   * @param companion the specification that defines the balance. Default IS 15959 (India).
   * @throws AccessError when the meter has none, or does not show it to this client; DecodeError; StateError when the companion
   * specification does not define a balance.
   */
  async balance(companion?: Companion, options: CallOptions = {}): Promise<Reading> {
    const { readBalance } = await loadRegister();
    return readBalance(this, companion, options);
  }

  /** Scalers and units of registers. Each is read once. Undefined where the meter does not give it. */
  async scalerUnits(
    refs: readonly AttributeRef<ScalerUnit>[],
    options?: CallOptions,
  ): Promise<(ScalerUnit | undefined)[]> {
    const Scalers = await loadScalers();
    this.#scalers ??= new Scalers(this.#cache);
    return this.#scalers.of(this, refs, options);
  }

  /** @internal */
  get cache(): MeterCache | undefined {
    return this.#cache;
  }

  /** @internal The object list, where it is already known and every entry of it is valid. */
  async knownObjects(): Promise<readonly ListedObject[] | undefined> {
    const known = this.#objects ?? this.#cachedObjects();
    const listing = await known?.catch(() => undefined);
    return listing?.odd.length === 0 ? listing.objects : undefined;
  }

  async #cachedObjects(): Promise<ObjectListing | undefined> {
    const list = await this.#cache?.objects(this);
    return list && (await loadObjectList()).readObjectList(list);
  }

  // ---- the association

  /** @internal */
  protected kept(): Promise<void> | undefined {
    return this.#services?.news === true ? this.#services.keep(this) : undefined;
  }

  /** @internal */
  protected *farewell(): Procedure<void> {
    const { session } = this.connection;
    const release = effectsOf(this.#quirks).release ?? this.#release;
    if (release && session.association !== undefined) yield* session.release();
  }

  async #readObjects(): Promise<ObjectListing> {
    const { OBJECT_LIST, oddText, readObjectList } = await loadObjectList();
    const known = await this.#cache?.objects(this);
    const list = known ?? (await this.get(OBJECT_LIST));
    const listing = readObjectList(list);
    const text = oddText(listing);
    const target = attributeTarget(OBJECT_LIST);
    if (text !== undefined) this.remark({ code: 'object-list-odd', text, target, weight: 'note' });
    if (known === undefined) await this.#cache?.keepObjects(this, list);
    return listing;
  }
}
