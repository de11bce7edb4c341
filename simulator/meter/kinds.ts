/** Kinds of meters. */
export const PROFILES = ['is15959-1ph', 'is15959-3ph', 'is15959-ct'] as const;

/** One of them. */
export type MeterProfile = (typeof PROFILES)[number];
