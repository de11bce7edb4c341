import type { AttributeWithSelection, GetDataResult } from '../apdu/apdu.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { AccessError, type CosemError, DecodeError, LinkError, StateError } from '../base/errors.js';
import { logicalNameToBytes, parseLogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import { data } from '../codec/types.js';
import type { Reading as ReadingSpec } from '../companion/companion.js';
import {
  type AttributeRef,
  attributeTarget,
  type ClientObject,
  type CosemClass,
  clientObject,
  type MethodRef,
  type Selection,
  type UntypedObject,
  untypedObject,
} from '../cosem/class.js';
import { AssociationLnV1 } from '../cosem/classes/access.js';
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
import { Clock, type ClockObject, type DisconnectControlObject, DisconnectControlV0 } from '../cosem/classes/time.js';
import type { AssociationView } from '../session/client-config.js';
import type { ActionItem, ClientSession } from '../session/client-session.js';
import type { Procedure } from '../session/procedure.js';
import type { ClientDriver } from '../transport/driver.js';
import { type ListedObject, readObjectList } from './object-list.js';
import type { CryptoProvider } from './options.js';
import { Profile } from './profile.js';
import { readReadings } from './read-readings.js';
import type { Reading, ScalerUnit } from './readings.js';
import { accessRefusal, actionRefusal, decodeAs, methodTarget, returnRefusal } from './refusal.js';
import { Relay } from './relay.js';
import { stoppable, unlessAborted } from './signals.js';

/** An attribute reference that asks for a part of the attribute only. */
export interface SelectedRef<T> extends AttributeRef<T> {
  readonly selection: Selection;
}

/** The part of an attribute that a selective access descriptor names: selector 1 range, 2 entries of a profile. */
export function selected<T>(ref: AttributeRef<T>, selection: Selection): SelectedRef<T> {
  return { ...ref, selection };
}

/** The values of a list of references, each with its own type. */
export type ValuesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? T : never;
};

/** What became of one item of a list: its value, or why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: AccessError | DecodeError };

/** The outcomes of a list of references. */
export type OutcomesOf<R extends readonly AttributeRef<unknown>[]> = {
  -readonly [K in keyof R]: R[K] extends AttributeRef<infer T> ? Outcome<T> : never;
};

export interface CallOptions {
  /** Ends the call with its reason; an exchange that is under way is still waited for on the line. */
  readonly signal?: AbortSignal;
}

/** What {@link Meter} is made of. */
export interface MeterParts {
  readonly driver: ClientDriver;
  readonly session: ClientSession;
  readonly release: boolean;
  readonly deviation: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/**
 * A meter with an open association. Calls may be made at any time: they queue and run one after the other. Close it when done, or
 * write `await using`: an association left open keeps others out.
 */
export class Meter implements AsyncDisposable {
  readonly #driver: ClientDriver;
  readonly #session: ClientSession;
  readonly #release: boolean;
  readonly #scalers = new Map<string, ScalerUnit>();
  readonly #deviation: number | undefined;
  #objects: Promise<readonly ListedObject[]> | undefined;
  #closing: Promise<void> | undefined;
  #closedFor: unknown;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.abort(this.#signal?.reason);

  /** Made by {@link open}; the driver is connected and the association open, or about to be. */
  constructor({ driver, session, release, deviation, signal }: MeterParts) {
    this.#driver = driver;
    this.#session = session;
    this.#release = release;
    this.#deviation = deviation;
    if (signal === undefined) return;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Whether the link and the association are up. */
  get connected(): boolean {
    return this.#closing === undefined && this.#driver.connected && this.#session.association !== undefined;
  }

  /** What was agreed with the meter; undefined when the association is gone. */
  get association(): AssociationView | undefined {
    return this.#session.association;
  }

  /** @internal The cryptography that the association uses. */
  get crypto(): CryptoProvider {
    return this.#session.config.crypto;
  }

  /** Whether a conformance bit was negotiated. */
  supports(name: ConformanceName): boolean {
    return ((this.#session.association?.conformance ?? 0) & CONFORMANCE[name]) !== 0;
  }

  // ---- attributes and methods

  /**
   * Reads one attribute, or several at once: one GET-with-list as far as the meter takes lists, else one after the other.
   * @throws AccessError when the meter refuses one of them (see {@link tryGetAll}), DecodeError when a value is not what its class
   * declares, LinkError and TimeoutError when the line breaks.
   */
  get<T>(ref: AttributeRef<T>): Promise<T>;
  get<const R extends readonly [AttributeRef<unknown>, AttributeRef<unknown>, ...AttributeRef<unknown>[]]>(
    ...refs: R
  ): Promise<ValuesOf<R>>;
  get(...refs: readonly AttributeRef<unknown>[]): Promise<unknown> {
    const [only] = refs;
    if (refs.length === 1 && only !== undefined) return this.run(this.#getOne(only));
    return this.getAll(refs);
  }

  /** As {@link get}, for a list whose length is known at run time only. */
  getAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: CallOptions): Promise<ValuesOf<R>> {
    return this.run(this.#getMany(refs), options) as Promise<ValuesOf<R>>;
  }

  /** Reads one attribute; a refusal, or a value of another type than declared, is an outcome and no throw. */
  async tryGet<T>(ref: AttributeRef<T>): Promise<Outcome<T>> {
    const [outcome] = await this.tryGetAll([ref]);
    return outcome as Outcome<T>;
  }

  /** Reads attributes; what is wrong with one of them is its outcome and keeps none of the others back. */
  tryGetAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: CallOptions): Promise<OutcomesOf<R>> {
    return this.run(this.#outcomes(refs), options) as Promise<OutcomesOf<R>>;
  }

  /**
   * Writes an attribute.
   * @throws AccessError when the meter refuses, StateError when the value does not fit the attribute's type.
   */
  set<T>(ref: AttributeRef<T>, value: T, options?: CallOptions): Promise<void> {
    return this.run(this.#set(ref, value), options);
  }

  /**
   * Calls a method and gives what it returns. One that takes no parameter is called without.
   * @throws AccessError when the meter refuses, StateError when the parameter does not fit.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a method without a parameter is one whose parameter is void
  call<P, R>(ref: MethodRef<P, R>, ...[parameter]: [P] extends [void] ? [] : [parameter: P]): Promise<R> {
    return this.run(this.#call(ref, parameter as P));
  }

  /**
   * Calls a method by the unconfirmed service class: the meter does not answer, and whether it did anything shows elsewhere.
   * @throws StateError when the parameter does not fit, or is too long for one APDU.
   */
  callUnconfirmed<P, R>(ref: MethodRef<P, R>, parameter: P): Promise<void> {
    return this.run(this.#callUnconfirmed(ref, parameter));
  }

  // ---- objects

  /** References to the attributes and methods of an object. No I/O. @throws StateError when the text is no logical name. */
  object<C extends CosemClass>(cosem: C, name: string): ClientObject<C> {
    return clientObject(cosem, parseLogicalName(name));
  }

  /** A handle for an object of any class, by numbers; values as they come. */
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
    return this.object(Clock, name);
  }

  /** Disconnect control (class 70): references. See {@link relay} for what people do with it. */
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
   * The objects that this association shows, with what it may do with each (Association LN, attribute 2). Read once, then kept.
   * @throws AccessError, DecodeError.
   */
  objects(): Promise<readonly ListedObject[]> {
    if (this.#objects === undefined) {
      const reading = this.#readObjects();
      this.#objects = reading;
      reading.catch(() => {
        this.#objects = undefined;
      });
    }
    return this.#objects;
  }

  /**
   * Reads values with their scalers, units and names, in the order asked: those of a companion specification (`readingsOf`), or any that
   * have its form. What the meter refuses is an outcome of its own; alternatives are probed.
   */
  readings(specs: readonly ReadingSpec[], options?: CallOptions): Promise<Outcome<Reading>[]> {
    return readReadings(this, specs, options);
  }

  /**
   * Scaler and unit of registers, of which each is asked for once. Undefined where the meter does not tell.
   */
  async scalerUnits(
    refs: readonly AttributeRef<ScalerUnit>[],
    options?: CallOptions,
  ): Promise<(ScalerUnit | undefined)[]> {
    const missing = new Map<string, AttributeRef<ScalerUnit>>();
    for (const ref of refs) {
      const key = attributeTarget(ref);
      if (!this.#scalers.has(key)) missing.set(key, ref);
    }
    const outcomes = await this.tryGetAll([...missing.values()], options);
    [...missing.keys()].forEach((key, i) => {
      const outcome = outcomes[i];
      if (outcome?.ok === true) this.#scalers.set(key, outcome.value);
    });
    return refs.map((ref) => this.#scalers.get(attributeTarget(ref)));
  }

  // ---- the association

  /**
   * Runs a procedure of the session in its turn.
   * @internal
   */
  run<T>(procedure: Procedure<T>, { signal }: CallOptions = {}): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    const running = this.#driver.run(signal === undefined ? procedure : stoppable(procedure, signal));
    const told = this.#signal === undefined ? running : running.catch((error) => this.#rethrow(error));
    return signal === undefined ? told : unlessAborted(told, signal);
  }

  /**
   * Lets the calls made before finish, releases the association, disconnects and closes the line. Never throws; once closed it does
   * nothing.
   */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown(this.#farewell());
    return this.#closing;
  }

  /** Disconnects at once; whatever is under way ends with `reason`. Never throws. */
  abort(reason: unknown): Promise<void> {
    this.#closedFor ??= reason;
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** What was called before finishes first, unless `farewell` is left out: then it ends at once. */
  async #shutDown(farewell?: Procedure<void>): Promise<void> {
    if (farewell !== undefined && this.#driver.connected) {
      try {
        await this.#driver.run(farewell);
      } catch {
        // The disconnection ends the association all the same.
      }
    }
    await this.#driver.close();
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #rethrow(error: unknown): never {
    throw this.#signal?.aborted === true ? this.#signal.reason : error;
  }

  #closedError(): unknown {
    return this.#closedFor ?? new LinkError('not-connected', 'the meter was closed', { hint: 'open it again' });
  }

  // ---- procedures

  *#farewell(): Procedure<void> {
    if (this.#release && this.#session.association !== undefined) yield* this.#session.release();
  }

  *#getOne<T>(ref: AttributeRef<T>): Procedure<T> {
    const [result] = yield* this.#session.get([descriptorOf(ref)]);
    return valueIn(ref, result as GetDataResult);
  }

  *#getMany(refs: readonly AttributeRef<unknown>[]): Procedure<unknown[]> {
    const results = yield* this.#session.get(refs.map(descriptorOf));
    return refs.map((ref, i) => valueIn(ref, results[i] as GetDataResult));
  }

  *#outcomes(refs: readonly AttributeRef<unknown>[]): Procedure<Outcome<unknown>[]> {
    if (refs.length === 0) return [];
    const results = yield* this.#session.get(refs.map(descriptorOf));
    return refs.map((ref, i) => outcomeOf(() => valueIn(ref, results[i] as GetDataResult)));
  }

  *#set<T>(ref: AttributeRef<T>, value: T): Procedure<void> {
    const encoded = encodeFor(attributeTarget(ref), () => ref.type.encode(value));
    const [result] = yield* this.#session.set([{ attribute: descriptorOf(ref), value: encoded }]);
    if (result !== 0) throw accessRefusal('written', ref, result as number);
  }

  *#callUnconfirmed<P, R>(ref: MethodRef<P, R>, parameter: P): Procedure<void> {
    yield* this.#session.actionUnconfirmed(actionOf(ref, parameter));
  }

  *#call<P, R>(ref: MethodRef<P, R>, parameter: P): Procedure<R> {
    const [answer] = yield* this.#session.action([actionOf(ref, parameter)]);
    if (answer === undefined || answer.result !== 0) throw actionRefusal(ref, answer?.result ?? -1);
    if (ref.returns === undefined) return undefined as R;
    const { returned } = answer;
    if (returned !== undefined && 'error' in returned) throw returnRefusal(ref, returned.error);
    // A method of an unknown class may return nothing.
    const value = returned?.data ?? (ref.returns.shape.kind === 'data' ? nullValue() : undefined);
    if (value === undefined) {
      throw new DecodeError('missing-field', `${methodTarget(ref)} was executed but returned no data`);
    }
    return decodeAs(ref.returns, value, methodTarget(ref));
  }

  async #readObjects(): Promise<readonly ListedObject[]> {
    const association = this.object(AssociationLnV1, '0.0.40.0.0.255');
    return readObjectList(await this.get({ ...association.objectList, type: data }));
  }
}

function descriptorOf(ref: AttributeRef<unknown> & { readonly selection?: Selection }): AttributeWithSelection {
  const { classId, attributeId, logicalName, selection } = ref;
  const instanceId = logicalNameToBytes(logicalName);
  return selection === undefined
    ? { classId, instanceId, attributeId }
    : { classId, instanceId, attributeId, selection };
}

function actionOf<P, R>(ref: MethodRef<P, R>, given: P): ActionItem & { readonly parameter: Data } {
  const parameter = encodeFor(methodTarget(ref), () => ref.parameter.encode(given));
  const { classId, methodId, logicalName } = ref;
  return { method: { classId, methodId, instanceId: logicalNameToBytes(logicalName) }, parameter };
}

function valueIn<T>(ref: AttributeRef<T>, result: GetDataResult): T {
  if ('error' in result) throw accessRefusal('read', ref, result.error);
  return decodeAs(ref.type, result.data, attributeTarget(ref));
}

function outcomeOf<T>(value: () => T): Outcome<T> {
  try {
    return { ok: true, value: value() };
  } catch (error) {
    if (error instanceof AccessError || error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}

function encodeFor(target: string, encode: () => Data): Data {
  try {
    return encode();
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const { message, hint } = error as CosemError;
    throw new StateError(`${target}: ${message}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}
