import { type AttributeRef, attributeTarget } from '../cosem/class.js';
import { outcomesOf } from './calls.js';
import type { MeterCache } from './meter-cache.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import type { Outcome } from './outcome.js';
import type { ScalerUnit } from './readings.js';

/** Scalers and units of one meter's registers. Each is read once, or was read on an earlier visit. */
export class ScalerUnits {
  readonly #known = new Map<string, ScalerUnit>();
  readonly #cache: MeterCache | undefined;

  constructor(cache: MeterCache | undefined) {
    this.#cache = cache;
  }

  /** Undefined where the meter does not give them. @throws LinkError, TimeoutError. */
  async of(
    meter: MeterCalls,
    refs: readonly AttributeRef<ScalerUnit>[],
    options?: CallOptions,
  ): Promise<(ScalerUnit | undefined)[]> {
    const missing = new Map<string, AttributeRef<ScalerUnit>>();
    for (const ref of refs) {
      const key = attributeTarget(ref);
      if (!this.#known.has(key)) missing.set(key, ref);
    }
    // Asking who the meter is costs as much as one of them.
    const cache = missing.size > 1 ? this.#cache : undefined;
    for (const [key, value] of (await cache?.scalers(meter, [...missing.keys()])) ?? []) {
      this.#known.set(key, value);
      missing.delete(key);
    }
    const asked = [...missing.values()];
    const outcomes = await meter.run((session) => outcomesOf(session, asked, true), options);
    const fresh = new Map<string, ScalerUnit>();
    [...missing.keys()].forEach((key, i) => {
      const outcome = outcomes[i] as Outcome<ScalerUnit> | undefined;
      if (outcome?.ok === true) fresh.set(key, outcome.value);
    });
    for (const [key, value] of fresh) this.#known.set(key, value);
    await cache?.keepScalers(meter, fresh);
    return refs.map((ref) => this.#known.get(attributeTarget(ref)));
  }
}
