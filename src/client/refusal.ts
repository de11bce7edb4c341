import { actionResultName, dataAccessResultName } from '../apdu/results.js';
import { AccessError, DecodeError, UncertainError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Data } from '../codec/data.js';
import { decodeTolerantly } from '../codec/tolerance.js';
import type { Type } from '../codec/type.js';
import type { AttributeRef, MethodRef } from '../cosem/class.js';
import { attributeTarget } from '../cosem/class.js';
import { describeLogicalName } from '../cosem/names.js';
import type { ClientSession } from '../session/client-session.js';

const HINTS: Readonly<Record<string, string>> = {
  'read-write-denied': 'this client may not do it: associate as one with more rights',
  'scope-of-access-violated': 'this client may not do it: associate as one with more rights',
  'object-undefined':
    'the meter has no such object or attribute, or does not show it to this client (client 16 sees little): look into the object list, or connect as another client',
  'object-class-inconsistent': 'the object is of another class: look into the object list',
  'object-unavailable': 'try again later, or look into the object list',
  'type-unmatched': 'the value has another type on the wire: read the attribute to see which',
  'temporary-failure': 'try again later',
  'hardware-fault': 'the meter says that something in it does not work: try again later, or the object by itself',
  'data-block-unavailable': 'ask for less at once',
};

/** Refusals that meters in the field also give to what they carry out. */
const DOUBTFUL: ReadonlySet<string> = new Set(['other-reason', 'temporary-failure', 'hardware-fault']);

/**
 * Whether a change may have been made though it failed: its answer was lost or cannot be read, or is a refusal that names no reason. What it
 * changes is then looked at.
 */
export function leavesDoubt(error: unknown): error is UncertainError | AccessError {
  if (error instanceof UncertainError) return true;
  if (!(error instanceof AccessError) || error.unassociated) return false;
  return DOUBTFUL.has(error.result) || error.result.startsWith('unknown');
}

/** What the meter answered in place of success to a read or a write. */
export function accessRefusal(action: 'read' | 'written', ref: AttributeRef<unknown>, result: number): AccessError {
  const name = dataAccessResultName(result);
  return refused(name, attributeTarget(ref), ref, `cannot be ${action}`);
}

/** An attribute that was not asked for: the association does not show its object. */
export function notListed(ref: AttributeRef<unknown>): AccessError {
  return refused(
    'object-undefined',
    attributeTarget(ref),
    ref,
    "is not in this client's object list and was not asked for",
  );
}

/** An attribute that was not asked for: the association may not read it. */
export function notReadable(ref: AttributeRef<unknown>, access: string): AccessError {
  const what = `may not be read by this client, says its object list (${access}), and was not asked for`;
  return refused('read-write-denied', attributeTarget(ref), ref, what);
}

/** What the meter answered in place of success to a method. */
export function actionRefusal(ref: MethodRef<unknown, unknown>, result: number): AccessError {
  return refused(actionResultName(result), methodTarget(ref), ref, 'was not executed');
}

/** The data that should come with a method's success. */
export function returnRefusal(ref: MethodRef<unknown, unknown>, result: number): AccessError {
  return refused(dataAccessResultName(result), methodTarget(ref), ref, 'was executed but returned nothing');
}

/** A method for people and messages: `70:0.0.96.3.10.255:1()`. */
export function methodTarget(ref: MethodRef<unknown, unknown>): string {
  return `${ref.classId}:${ref.logicalName}:${ref.methodId}()`;
}

function refused(
  result: string,
  target: string,
  ref: { logicalName: string; name: string },
  what: string,
): AccessError {
  const title = describeLogicalName(ref.logicalName);
  const words = title === undefined ? ref.name : `${title}, ${ref.name}`;
  const hint = HINTS[result];
  return new AccessError(result, target, `${target} (${words}) ${what}: ${result}`, given({ hint }));
}

/**
 * A value as its class declares it. Numbers of another integer type are read where the declared one holds them, unless the session is strict.
 * @throws DecodeError with the object in its path.
 */
export function decodeAs<T>({ config }: ClientSession, type: Type<T>, data: Data, target: string): T {
  try {
    if ('strict' in config && config.strict === true) return type.decode(data);
    const { value, notes } = decodeTolerantly(type, data);
    if (notes.length > 0) {
      const text = `${notes.join(', ')}: another type than its class declares; the number was read`;
      config.onRemark?.({ code: 'integer-type', text, target, weight: 'detail' });
    }
    return value;
  } catch (error) {
    if (error instanceof DecodeError) throw error.within(target);
    throw error;
  }
}
