import type { LogicalName } from '../base/obis.js';
import { associationOf, type Companion } from '../companion/companion.js';
import { is15959 } from '../companion/is15959/is15959.js';

/**
 * Where a meter is likely to publish the invocation counter of a client, for `readInvocationCounter` of `open`. With the companion
 * specification of the meter: the object that it names for this client. Where it names none, or is not known: several places to look at,
 * `0-0:43.1.0` and `0-0:43.1.x` for client x. While the specification is not known, that of India goes before them.
 *
 * ```ts
 * usualCounterObjects(48); // ['0.0.43.1.3.255', '0.0.43.1.0.255', '0.0.43.1.48.255']
 * usualCounterObjects(48, is15959); // '0.0.43.1.3.255'
 * ```
 * @returns one object, which must be there, or several, of which the first is used that the meter shows.
 */
export function usualCounterObjects(client: number, companion?: Companion): LogicalName | readonly LogicalName[] {
  const own = associationOf(companion ?? is15959, client)?.invocationCounter;
  if (own !== undefined && companion !== undefined) return own;
  const usual = client > 0 && client <= 0xff ? ['0.0.43.1.0.255', `0.0.43.1.${client}.255`] : ['0.0.43.1.0.255'];
  return [...new Set([...(own === undefined ? [] : [own]), ...usual])];
}
