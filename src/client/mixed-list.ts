import type { AccessOptions } from '../session/client-access.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import { changesOf, type MixedOrder } from './mixed-orders.js';
import type { Outcome } from './outcome.js';
import { requestCode } from './request-code.js';

/** How {@link Meter.access} asks, and what ends it. */
export interface AccessCallOptions extends CallOptions, AccessOptions {}

const mixedLists = requestCode(async () => await import('./mixed-calls.js'));

/** Sends a list in its turn. One with changes is never sent twice. */
export function sendMixed(
  meter: MeterCalls,
  orders: readonly MixedOrder[],
  { signal, ...how }: AccessCallOptions,
): Promise<Outcome<unknown>[]> {
  const run = { signal, changes: changesOf(orders) };
  return meter.run((session) => mixedLists(({ mixed }) => mixed(session, orders, how)), run);
}
