import type { Clock } from '../base/clock.js';
import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { Listeners } from '../base/listeners.js';
import type { LogicalName } from '../base/obis.js';
import { clientObject } from '../cosem/class.js';
import { DataClass } from '../cosem/classes/storage.js';
import { Connection, type Established } from './connection.js';
import { counterOf } from './counters.js';
import { Meter } from './meter.js';

interface PublicParts {
  readonly clock: Clock;
  readonly release: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads the counter in the first of these objects that the meter shows to the public client, and ends that association.
 * @throws AccessError, DecodeError when the only object was named by the caller.
 */
export async function readPublishedCounter(
  established: Established,
  names: readonly LogicalName[],
  guessed: boolean,
  { clock, release, signal }: PublicParts,
): Promise<number | bigint | undefined> {
  const connection = withoutPatience(established, clock);
  const meter = new Meter({ connection, events: new Listeners(), release, deviation: undefined, signal });
  try {
    return await readFirstCounter(meter, names, guessed);
  } finally {
    await meter.close();
  }
}

async function readFirstCounter(
  meter: Meter,
  names: readonly LogicalName[],
  guessed: boolean,
): Promise<number | bigint | undefined> {
  for (const name of names) {
    const object = clientObject(DataClass, name);
    try {
      return counterOf(await meter.get(object.value), `1:${name}:2`);
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
