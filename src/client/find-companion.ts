import { AccessError } from '../base/errors.js';
import type { Companion } from '../companion/companion.js';
import { generic } from '../companion/generic.js';
import { is15959 } from '../companion/is15959/is15959.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';

/** Meter type, in the range of objects that the standard leaves to India (C 94, D 91). Every client but the public one sees it. */
const INDIAN_METER_TYPE = '0.0.94.91.9.255';
/** Where Indian meters publish the counters of reader and utility, which the public client sees too. */
const INDIAN_COUNTERS = ['0.0.43.1.2.255', '0.0.43.1.3.255'] as const;

/** Specifications that can be recognised. */
const KNOWN = [is15959, generic] as const;
/** Refusals that say that the meter has no such object, so that it may follow another specification. Any other refusal may be temporary. */
const ABSENT: ReadonlySet<string> = new Set(['object-undefined', 'object-unavailable']);

/**
 * The companion specification of a meter, recognised by objects that no other one has; `generic` where there are none. It costs one or
 * three small reads, and none on later visits where a cache is given and the association names the system title of the meter. From then on the meter's
 * values have the names of that specification.
 */
export async function findCompanion(meter: Meter, options: CallOptions = {}): Promise<Companion> {
  const found = await recognised(meter, options);
  meter.follow(found);
  return found;
}

async function recognised(meter: Meter, options: CallOptions): Promise<Companion> {
  const remembered = await meter.cache?.companion(meter);
  const known = KNOWN.find(({ id }) => id === remembered);
  if (known !== undefined) return known;
  const objects = [INDIAN_METER_TYPE, ...INDIAN_COUNTERS].map((name) => meter.data(name).value);
  try {
    const outcomes = await meter.tryGetAll(objects, options);
    const [type, ...counters] = outcomes;
    const found = type?.ok === true || counters.every(({ ok }) => ok) ? is15959 : generic;
    // An object that was only denied may be visible another time.
    const sure = outcomes.every((outcome) => outcome.ok || isAbsent(outcome.error));
    if (found !== generic || sure) await meter.cache?.keepCompanion(meter, found.id);
    return found;
  } catch (error) {
    // The meter does not allow GET for this client at all.
    if (error instanceof AccessError) return generic;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof AccessError && ABSENT.has(error.result);
}
