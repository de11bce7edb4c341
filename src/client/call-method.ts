import type { LogicalName } from '../base/obis.js';
import type { Data } from '../codec/data.js';
import { nullValue } from '../codec/make.js';
import { DisconnectControlV0 } from '../cosem/classes/disconnect-control.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import type { RelayOrder } from './relay-status.js';

/** A method by its numbers. */
export interface MethodPlace {
  /** Id of the class. */
  readonly classId: number;
  /** Logical name of the object. */
  readonly logicalName: LogicalName;
  /** Number of the method. */
  readonly member: number;
}

const { remoteDisconnect, remoteReconnect } = DisconnectControlV0.methods;

/** The order to a relay that a method is; undefined for any other method, and where the parameter is not the standard's integer 0. */
export function relayOrderOf(
  { classId, member }: Omit<MethodPlace, 'logicalName'>,
  parameter: Data,
): RelayOrder | undefined {
  if (classId !== DisconnectControlV0.id || parameter.type !== 'integer' || parameter.value !== 0) return undefined;
  return member === remoteDisconnect.id ? 'disconnect' : member === remoteReconnect.id ? 'connect' : undefined;
}

/**
 * Calls a method by its numbers. An order to a relay is carried out as `meter.relay` does it, whatever name was used for it: it is given once, and the relay is
 * looked at, because a meter may accept an order without carrying it out.
 *
 * ```ts
 * await callMethod(meter, { classId: 70, logicalName: '0.0.96.3.10.255', member: 1 }, i8(0));
 * ```
 * @returns what the method returned; null-data for an order to a relay.
 * @throws AccessError when the meter refuses; with `not-done` when the relay did not move; UncertainError when the answer was lost.
 */
export async function callMethod(
  meter: Meter,
  place: MethodPlace,
  parameter: Data,
  options?: CallOptions,
): Promise<Data> {
  const { classId, logicalName, member } = place;
  const order = relayOrderOf(place, parameter);
  if (order === undefined) return meter.call(meter.untyped(classId, logicalName).method(member), parameter, options);
  const relay = meter.relay(logicalName);
  const outcome = await (order === 'connect' ? relay.reconnect(options) : relay.disconnect(options));
  outcome.mustBeDone();
  return nullValue();
}
