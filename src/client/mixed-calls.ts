/** Mixed lists on their way to a meter and back: {@link Meter.access}, loaded with the first of them. */

import { DATA_ACCESS_RESULT } from '../apdu/results.js';
import { AccessError } from '../base/errors.js';
import type { Procedure } from '../contracts/procedure.js';
import { type AttributeRef, attributeTarget, type MethodRef } from '../cosem/class.js';
import { type AccessAnswer, type AccessItem, type AccessOptions, accessAll } from '../session/client-access.js';
import type { ClientCore } from '../session/client-core.js';
import type { ListJudge } from '../session/client-lists.js';
import { actionOf, descriptorOf, judgeOf, ordered, outcomeOf, returnedIn, valueIn } from './calls.js';
import { changesOf, type MixedOrder, targetOf } from './mixed-orders.js';
import { encodeFor } from './orders.js';
import type { Outcome } from './outcome.js';
import { accessRefusal, actionRefusal } from './refusal.js';

/** Reads, writes and calls. @throws StateError when a value does not fit; UncertainError when the answer to a list with changes cannot be read. */
export function* mixed(
  session: ClientCore,
  orders: readonly MixedOrder[],
  options: AccessOptions,
): Procedure<Outcome<unknown>[]> {
  if (orders.length === 0) return [];
  const items = orders.map(itemOf);
  const procedure = accessAll(session, items, options, mixedJudge(orders));
  const changes = changesOf(orders);
  const answers = yield* changes === undefined ? procedure : ordered(changes, procedure);
  return orders.map((order, i) => outcome(session, order, answers[i] as AccessAnswer));
}

function itemOf(order: MixedOrder): AccessItem {
  if ('call' in order)
    return { service: 'action', ...actionOf(order.call as MethodRef<unknown, unknown>, order.parameter) };
  if (!('set' in order)) return { service: 'get', attribute: descriptorOf(order) };
  const { set, value } = order;
  const encoded = encodeFor(attributeTarget(set), () => set.type.encode(value));
  return { service: 'set', attribute: descriptorOf(set), value: encoded };
}

/** The judge of the values that are read; of the others there is nothing to judge. */
function mixedJudge(orders: readonly MixedOrder[]): ListJudge {
  return judgeOf(orders.map((order) => ('call' in order || 'set' in order ? undefined : order)));
}

function outcome(session: ClientCore, order: MixedOrder, { result, data, skipped }: AccessAnswer): Outcome<unknown> {
  if (skipped === true) return { ok: false, error: notAttempted(order) };
  return outcomeOf(() => {
    if ('call' in order) {
      const call = order.call as MethodRef<unknown, unknown>;
      if (result !== DATA_ACCESS_RESULT.success) throw actionRefusal(call, result);
      return returnedIn(session, call, { data });
    }
    if ('set' in order) {
      if (result !== DATA_ACCESS_RESULT.success) throw accessRefusal('written', order.set, result);
      return undefined;
    }
    return valueIn(
      session,
      order as AttributeRef<unknown>,
      result === DATA_ACCESS_RESULT.success ? { data } : { error: result },
    );
  });
}

function notAttempted(order: MixedOrder): AccessError {
  const target = targetOf(order);
  return new AccessError('other-reason', target, `${target} was not attempted, because what stood before it failed`, {
    hint: 'see the first failure of the list',
  });
}
