import { judgeMoment } from '../apdu/received.js';
import { ACTION_RESULT, DATA_ACCESS_RESULT } from '../apdu/results.js';
import { equalBytes } from '../base/bytes.js';
import { AccessError, DecodeError, SecurityError, UncertainError } from '../base/errors.js';
import { logicalNameToBytes } from '../base/obis.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import { oddMoment } from '../codec/odd-moments.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AccessSelection, AttributeWithSelection, GetDataResult } from '../contracts/services.js';
import { type AttributeRef, attributeTarget, type MethodRef } from '../cosem/class.js';
import { canBe, type ValueKind } from '../cosem/plausible.js';
import type { ClientCore } from '../session/client-core.js';
import { formOf, type ListJudge } from '../session/client-lists.js';
import {
  type ActionItem,
  callMethods,
  callWithoutAnswer,
  getAttribute,
  getAttributes,
  setAttributes,
} from '../session/client-services.js';
import { encodeFor, methodTarget } from './orders.js';
import type { Outcome } from './outcome.js';
import { accessRefusal, actionRefusal, decodeAs, returnRefusal } from './refusal.js';
import { type Course, supervised } from './signals.js';

/** Reads one attribute. @throws AccessError, DecodeError. */
export function* getOne<T>(
  session: ClientCore,
  ref: AttributeRef<T>,
  onBlock?: (octets: Uint8Array) => void,
): Procedure<T> {
  return valueIn(session, ref, yield* getAttribute(session, descriptorOf(ref), onBlock));
}

/** Reads attributes. @throws AccessError, DecodeError for the first that fails. */
export function* getMany(session: ClientCore, refs: readonly AttributeRef<unknown>[]): Procedure<unknown[]> {
  const results = yield* getAttributes(session, refs.map(descriptorOf), undefined, judgeOf(refs));
  return refs.map((ref, i) => valueIn(session, ref, results[i] as GetDataResult));
}

/**
 * Reads attributes. A failure of one of them is its outcome.
 * @param witness whether the order of the values in a list must be proved: for values that look alike.
 */
export function* outcomesOf(
  session: ClientCore,
  refs: readonly KnownRef<unknown>[],
  witness = false,
): Procedure<Outcome<unknown>[]> {
  if (refs.length === 0) return [];
  const results = yield* getAttributes(session, refs.map(descriptorOf), undefined, judgeOf(refs, witness));
  return refs.map((ref, i) => outcomeOf(() => valueIn(session, ref, results[i] as GetDataResult)));
}

/** Writes an attribute. @throws AccessError; UncertainError when the answer cannot be read. */
export function* setOne(session: ClientCore, ref: AttributeRef<unknown>, value: Data): Procedure<void> {
  const order = setAttributes(session, [{ attribute: descriptorOf(ref), value }]);
  const [result] = yield* ordered(attributeTarget(ref), order);
  if (result !== DATA_ACCESS_RESULT.success) throw accessRefusal('written', ref, result as number);
}

/**
 * Calls a method.
 * @throws AccessError, StateError when the parameter does not fit; UncertainError when the answer cannot be read; DecodeError when it was
 * executed and the returned value is not what its class declares.
 */
export function* callOne<P, R>(session: ClientCore, ref: MethodRef<P, R>, parameter: P): Procedure<R> {
  const [answer] = yield* ordered(methodTarget(ref), callMethods(session, [actionOf(ref, parameter)]));
  if (answer === undefined || answer.result !== ACTION_RESULT.success) throw actionRefusal(ref, answer?.result ?? -1);
  return returnedIn(session, ref, answer.returned);
}

/** What a method returned that was executed. @throws AccessError, DecodeError. */
export function returnedIn<P, R>(session: ClientCore, ref: MethodRef<P, R>, returned: GetDataResult | undefined): R {
  if (ref.returns === undefined) return undefined as R;
  if (returned !== undefined && 'error' in returned) throw returnRefusal(ref, returned.error);
  // A method of an unknown class need not return anything.
  const value = returned?.data ?? (ref.returns.shape.kind === 'data' ? nullValue() : undefined);
  if (value === undefined) {
    throw new DecodeError('missing-field', `${methodTarget(ref)} was executed but returned no data`);
  }
  return decodeAs(session, ref.returns, value, () => methodTarget(ref));
}

/**
 * Runs a request that changes the meter. Once it was sent, an answer that cannot be read, or whose protection is wrong, does not show what
 * the meter did.
 */
export function* ordered<T>(target: string, order: Procedure<T>): Procedure<T> {
  const course: Course = { sent: false };
  try {
    return yield* supervised(order, course);
  } catch (error) {
    if (!course.sent || !(error instanceof DecodeError || error instanceof SecurityError)) throw error;
    throw new UncertainError(
      target,
      `${target}: an answer came and cannot be read (${error.message}): it is not known whether the meter did it`,
      { hint: 'do not simply repeat it: read what it changes first, then decide', cause: error },
    );
  }
}

/** Calls a method without answer. @throws StateError when the parameter does not fit. */
export function* callUnconfirmed<P, R>(
  session: ClientCore,
  ref: MethodRef<P, R>,
  parameter: P,
  more: boolean,
): Procedure<void> {
  yield* callWithoutAnswer(session, actionOf(ref, parameter), more);
}

/** A method with its parameter encoded. @throws StateError when it does not fit. */
export function actionOf<P, R>(ref: MethodRef<P, R>, given: P): ActionItem & { readonly parameter: Data } {
  const parameter = encodeFor(methodTarget(ref), () => ref.parameter.encode(given));
  const { classId, methodId, logicalName } = ref;
  return { method: { classId, methodId, instanceId: logicalNameToBytes(logicalName) }, parameter };
}

/** The descriptor of an attribute in a request, with the selection of the reference. */
export function descriptorOf(
  ref: AttributeRef<unknown> & { readonly selection?: AccessSelection },
): AttributeWithSelection {
  const { classId, attributeId, logicalName, selection } = ref;
  const instanceId = logicalNameToBytes(logicalName);
  return selection === undefined
    ? { classId, instanceId, attributeId }
    : { classId, instanceId, attributeId, selection };
}

/** A reference whose value is known more exactly than by its class. */
export interface KnownRef<T> extends AttributeRef<T> {
  readonly kind?: ValueKind | undefined;
}

/** Compares the values of a list with what was asked for; at some places perhaps no attribute was. */
export function judgeOf(refs: readonly (KnownRef<unknown> | undefined)[], witness = false): ListJudge {
  const at = (i: number) => refs[i] as KnownRef<unknown>;
  return {
    fits: (i, value) => canBe(at(i), value, at(i).kind),
    agrees: (i, listed, single) =>
      at(i).static ? equalBytes(encodeData(listed), encodeData(single)) : formOf(listed) === formOf(single),
    witness,
  };
}

/** The value of an attribute. @throws AccessError, DecodeError. */
export function valueIn<T>(session: ClientCore, ref: AttributeRef<T>, result: GetDataResult): T {
  if ('error' in result) throw accessRefusal('read', ref, result.error);
  const value = decodeAs(session, ref.type, result.data, () => attributeTarget(ref));
  const odd = oddMoment(value);
  if (odd !== undefined) judgeMoment(session.config, odd, attributeTarget(ref));
  return value;
}

/** A refusal, or a value that cannot be read, as an outcome. */
export function outcomeOf<T>(value: () => T): Outcome<T> {
  try {
    return { ok: true, value: value() };
  } catch (error) {
    if (error instanceof AccessError || error instanceof DecodeError) return { ok: false, error };
    throw error;
  }
}
