import { actionResultName, dataAccessResultName } from '../apdu/results.js';
import { AccessError, DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { Data } from '../codec/data.js';
import { decodeTolerantly } from '../codec/tolerance.js';
import type { Type } from '../codec/type.js';
import type { AttributeRef, MethodRef } from '../cosem/class.js';
import { attributeTarget } from '../cosem/class.js';
import { describeLogicalName } from '../cosem/names.js';
import type { ClientCore } from '../session/client-core.js';
import { methodTarget } from './orders.js';

const HINTS: Readonly<Record<string, string>> = {
  'read-write-denied': 'this client may not do it: associate as one with more rights',
  'scope-of-access-violated': 'this client may not do it: associate as one with more rights',
  'object-undefined':
    'the meter has no such object or attribute, or does not show it to this client (client 16 sees little): look into the object list, or connect as another client',
  'object-class-inconsistent': 'the object is of another class: look into the object list',
  'object-unavailable': 'try again later, or look into the object list',
  'type-unmatched': 'the value has another type on the wire: read the attribute to see which',
  'temporary-failure': 'try again later',
  'hardware-fault': 'the meter reports a fault in itself: try again later, or read the object alone',
  'data-block-unavailable': 'ask for less at once',
};

/** The error for a meter's refusal to read or write. */
export function accessRefusal(action: 'read' | 'written', ref: AttributeRef<unknown>, result: number): AccessError {
  const name = dataAccessResultName(result);
  return refused(name, attributeTarget(ref), ref, `cannot be ${action}`);
}

/** The outcome for an attribute that was not requested, because the object list does not show its object. */
export function notListed(ref: AttributeRef<unknown>): AccessError {
  return refused(
    'object-undefined',
    attributeTarget(ref),
    ref,
    "is not in this client's object list and was not asked for",
  );
}

/** The outcome for an attribute that was not requested, because the object list does not allow reading it. */
export function notReadable(ref: AttributeRef<unknown>, access: string): AccessError {
  const what = `may not be read by this client, says its object list (${access}), and was not asked for`;
  return refused('read-write-denied', attributeTarget(ref), ref, what);
}

/** The error for a meter's refusal of a method. */
export function actionRefusal(ref: MethodRef<unknown, unknown>, result: number): AccessError {
  return refused(actionResultName(result), methodTarget(ref), ref, 'was not executed');
}

/** The error for a method that was executed but did not return its data. */
export function returnRefusal(ref: MethodRef<unknown, unknown>, result: number): AccessError {
  return refused(dataAccessResultName(result), methodTarget(ref), ref, 'was executed but returned nothing');
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
 * Decodes a value as its class declares it. Numbers of another integer type are accepted where the declared type can hold them, unless the
 * session is strict.
 * @param target names the object, where there is something to say of it.
 * @throws DecodeError with the object in its path.
 */
export function decodeAs<T>({ config }: ClientCore, type: Type<T>, data: Data, target: () => string): T {
  try {
    if ('strict' in config && config.strict === true) return type.decode(data);
    const { value, notes } = decodeTolerantly(type, data);
    if (notes.length > 0) {
      const text = `${notes.join(', ')}: another type than its class declares; the number was read`;
      config.onRemark?.({ code: 'integer-type', text, target: target(), weight: 'detail' });
    }
    return value;
  } catch (error) {
    if (error instanceof DecodeError) throw error.within(target());
    throw error;
  }
}
