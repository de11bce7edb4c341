/** When a meter says that something is wrong: what is compared with what, and for how long it must last. */

/** One kind of event, with its hysteresis and persistence. */
export interface Detection {
  /** The quantity at which it begins, in the unit of the kind. */
  readonly threshold: number;
  /** The quantity at which it ends. */
  readonly release: number;
  /** Seconds that it must last before it is logged. */
  readonly occurrence: number;
  /** Seconds that it must be over before that is logged. */
  readonly restoration: number;
}

/**
 * Kinds of events that are detected, by name. Thresholds are percent of the reference voltage, of the mean of the phases (unbalance), of
 * the highest current (over current) or of the basic current (reverse, CT open, bypass); hundredths of a power factor; milliamperes by
 * earth. Those that are there or not have no thresholds.
 */
export const DETECTIONS = {
  'phase-missing': { threshold: 50, release: 60, occurrence: 60, restoration: 60 },
  'over-voltage': { threshold: 115, release: 110, occurrence: 300, restoration: 300 },
  'low-voltage': { threshold: 80, release: 85, occurrence: 300, restoration: 300 },
  'voltage-unbalance': { threshold: 10, release: 8, occurrence: 300, restoration: 300 },
  'reverse-current': { threshold: 5, release: 3, occurrence: 300, restoration: 300 },
  'ct-open': { threshold: 5, release: 3, occurrence: 300, restoration: 300 },
  'current-unbalance': { threshold: 30, release: 25, occurrence: 900, restoration: 900 },
  bypass: { threshold: 10, release: 8, occurrence: 300, restoration: 300 },
  'over-current': { threshold: 105, release: 100, occurrence: 60, restoration: 60 },
  'earth-load': { threshold: 200, release: 150, occurrence: 300, restoration: 300 },
  magnet: { threshold: 1, release: 0, occurrence: 10, restoration: 60 },
  'neutral-disturbance': { threshold: 1, release: 0, occurrence: 60, restoration: 60 },
  'low-power-factor': { threshold: 50, release: 60, occurrence: 900, restoration: 900 },
  'single-wire': { threshold: 1, release: 0, occurrence: 60, restoration: 60 },
  'module-removed': { threshold: 1, release: 0, occurrence: 0, restoration: 0 },
  cover: { threshold: 1, release: 0, occurrence: 0, restoration: 0 },
} as const satisfies Readonly<Record<string, Detection>>;

export type DetectionName = keyof typeof DETECTIONS;

/** Changes to the usual detection, by name. */
export type DetectionOptions = Readonly<Partial<Record<DetectionName, Partial<Detection>>>>;

/** Milliamperes: for which current a meter is made, and the highest that it measures. */
export interface Rating {
  readonly basic: number;
  readonly highest: number;
}

/** The whole of the detection of one meter. */
export function detectionOf(options: DetectionOptions): Readonly<Record<DetectionName, Detection>> {
  const whole: Partial<Record<DetectionName, Detection>> = {};
  for (const name of Object.keys(DETECTIONS) as DetectionName[])
    whole[name] = { ...DETECTIONS[name], ...options[name] };
  return whole as Record<DetectionName, Detection>;
}
