import type { Clock } from '../base/clock.js';
import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { Listeners } from '../base/listeners.js';
import { type LogicalName, parseLogicalName } from '../base/obis.js';
import { attributeTarget, clientObject } from '../cosem/class.js';
import { DataClass } from '../cosem/classes/storage.js';
import { Connection, type Established } from './connection.js';
import { counterOf } from './counters.js';
import { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';

interface PublicParts {
  readonly clock: Clock;
  readonly release: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the counter in the first of these objects that the meter shows to the public client, and ends that association.
 * @throws AccessError, DecodeError when the one object is not shown or holds no counter.
 */
export async function readPublishedCounter(
  established: Established,
  objects: LogicalName | readonly LogicalName[],
  { clock, release, signal }: PublicParts,
): Promise<number | bigint | undefined> {
  const connection = withoutPatience(established, clock);
  const meter = new Meter({ connection, events: new Listeners(), release, deviation: undefined, signal });
  try {
    return (await publishedCounter(meter, objects))?.counter;
  } finally {
    await meter.close();
  }
}

/** An invocation counter that a meter publishes, and where. */
export interface PublishedCounter {
  /** The logical name of the object. */
  readonly object: LogicalName;
  /** The lowest counter that the meter takes next, as it says. */
  readonly counter: number | bigint;
}

/**
 * Reads the invocation counter that a meter publishes. The number is not proved: anybody on the line may have made it.
 *
 * ```ts
 * const found = await publishedCounter(meter, usualCounterObjects(48)); // a meter that the public client has opened
 * ```
 * @param objects one logical name, or several: then the first is read that holds a counter.
 * @returns undefined where none of several holds one.
 * @throws AccessError, DecodeError when the one object is not shown or holds no counter.
 */
export async function publishedCounter(
  meter: Meter,
  objects: LogicalName | readonly LogicalName[],
  options?: CallOptions,
): Promise<PublishedCounter | undefined> {
  const guessed = typeof objects !== 'string';
  for (const object of (guessed ? objects : [objects]).map(parseLogicalName)) {
    const { value } = clientObject(DataClass, object);
    try {
      return { object, counter: counterOf(await meter.get(value, options), attributeTarget(value)) };
    } catch (error) {
      if (!guessed || !(error instanceof AccessError || error instanceof DecodeError)) throw error;
    }
  }
  return undefined;
}

/** A connection that ends with its line. */
function withoutPatience(first: Established, clock: Clock): Connection {
  return new Connection({
    first,
    again: () => Promise.reject(new StateError('this connection is not made anew')),
    letGo: () => Promise.resolve(),
    clock,
    patience: 0,
  });
}
