/** Two meters on the same supply over the same hours: do they agree as their accuracy classes promise? Exact in integers. */

/** Accuracy classes of active energy (IS 13779, IS 14697, IEC 62053): the greatest error in percent at usual load. */
export const ACCURACY_CLASSES = ['0.2S', '0.5S', '1', '2'] as const;
export type AccuracyClass = (typeof ACCURACY_CLASSES)[number];

/** The limit of a class, in thousandths of the energy. */
const LIMIT: Readonly<Record<AccuracyClass, bigint>> = { '0.2S': 2n, '0.5S': 5n, '1': 10n, '2': 20n };
const WHOLE = 1000n;
/** One count of the register may be missing: it must be at most a tenth of the limit. */
const COUNTS_A_LIMIT = 10n;
const MILLION = 1_000_000n;

/** What one meter counted between the same two moments. */
export interface ComparedMeter {
  /** Counts of its register: the later reading less the earlier one. */
  readonly counts: bigint;
  /** The worth of a count: 10^scaler Wh. */
  readonly scaler: number;
  readonly accuracy: AccuracyClass;
}

/** What came of the comparison. */
export interface MeterComparison {
  /** By how much the meter under test counted more than the check meter, in millionths of the check meter's energy, rounded; null where that is zero. */
  readonly difference: bigint | null;
  /** `too-little`: a count more or less would weigh too much against the classes. */
  readonly verdict: 'within' | 'outside' | 'too-little';
  /** Which meters counted too little, with what they need. */
  readonly tooLittle: readonly {
    readonly meter: 'tested' | 'check';
    readonly counts: bigint;
    readonly least: bigint;
  }[];
}

/** How many counts a meter of a class must make for a verdict: 5000 of 0.2S, 2000 of 0.5S, 1000 of 1, 500 of 2. */
export function leastCounts(accuracy: AccuracyClass): bigint {
  return (WHOLE * COUNTS_A_LIMIT) / LIMIT[accuracy];
}

/**
 * Compares the energies of two meters. Both are right within their classes where there is one true energy that both may have shown:
 * `tested` times (1 - limit of check) is at most `check` times (1 + limit of tested), and the other way round. Nothing is rounded for that.
 * @throws RangeError when a count is negative or a scaler no whole number between -9 and 9.
 */
export function compareMeters(tested: ComparedMeter, check: ComparedMeter): MeterComparison {
  for (const { counts, scaler } of [tested, check]) {
    if (counts < 0n) throw new RangeError('a meter cannot count backwards');
    if (!Number.isInteger(scaler) || Math.abs(scaler) > 9)
      throw new RangeError('a scaler is a whole number from -9 to 9');
  }
  const least = Math.min(tested.scaler, check.scaler);
  const [t, c] = [tested, check].map(({ counts, scaler }) => counts * 10n ** BigInt(scaler - least)) as [
    bigint,
    bigint,
  ];
  const sides = [
    { meter: 'tested', counts: tested.counts, least: leastCounts(tested.accuracy) },
    { meter: 'check', counts: check.counts, least: leastCounts(check.accuracy) },
  ] as const;
  const tooLittle = sides.filter((side) => side.counts < side.least);
  const [limitT, limitC] = [LIMIT[tested.accuracy], LIMIT[check.accuracy]];
  const agree = t * (WHOLE - limitC) <= c * (WHOLE + limitT) && c * (WHOLE - limitT) <= t * (WHOLE + limitC);
  return {
    difference: c === 0n ? null : divided((t - c) * MILLION, c),
    verdict: tooLittle.length > 0 ? 'too-little' : agree ? 'within' : 'outside',
    tooLittle,
  };
}

/** Rounded to the nearest, halves away from zero. */
function divided(value: bigint, by: bigint): bigint {
  const half = by / 2n;
  return value < 0n ? -((-value + half) / by) : (value + half) / by;
}

/** Millionths as percent: `-12345` is `-1.2345`. */
export function percentText(millionths: bigint): string {
  const digits = String(millionths < 0n ? -millionths : millionths).padStart(5, '0');
  return `${millionths < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
}
