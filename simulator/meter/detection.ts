/** When a meter reports a tamper or quality event: what is compared with what, and how long it must last. */

/** The limits of one kind of event: hysteresis and persistence. */
export interface Detection {
  /** The value at which it begins, in the unit of its kind. */
  readonly threshold: number;
  /** The value at which it ends. */
  readonly release: number;
  /** How many seconds it must last before it is logged. */
  readonly occurrence: number;
  /** How many seconds it must be over before its end is logged. */
  readonly restoration: number;
}

/**
 * The events that are detected, by name. Thresholds are percent of the reference voltage, of the mean of the phases (unbalance), of the
 * highest current (over current) or of the basic current (reverse, CT open, bypass); hundredths of a power factor; milliamperes through
 * earth. Events that are simply present or absent have no thresholds.
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

/** Changes to the default detection, by name of the event. */
export type DetectionOptions = Readonly<Partial<Record<DetectionName, Partial<Detection>>>>;

/** Basic current and highest measured current of a meter, in milliamperes. */
export interface Rating {
  readonly basic: number;
  readonly highest: number;
}

/** The complete limits of one meter: the given changes over the defaults. */
export function detectionOf(options: DetectionOptions): Readonly<Record<DetectionName, Detection>> {
  const whole: Partial<Record<DetectionName, Detection>> = {};
  for (const name of Object.keys(DETECTIONS) as DetectionName[])
    whole[name] = { ...DETECTIONS[name], ...options[name] };
  return whole as Record<DetectionName, Detection>;
}
