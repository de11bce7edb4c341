/** The old meter as a survey finds it. */

/** How an old meter is found. */
export const METER_STATES = ['working', 'stopped', 'burnt', 'unreadable'] as const;
export type MeterState = (typeof METER_STATES)[number];
/** How its seals are found. */
export const SEAL_STATES = ['intact', 'broken', 'none'] as const;
export type SealState = (typeof SEAL_STATES)[number];

/** The old meter as a survey finds it. */
export interface SurveyedMeter {
  /** Null where it cannot be read. */
  readonly serial: string | null;
  readonly make?: string | undefined;
  /** kWh, decimal text; null where it cannot be read. */
  readonly reading: string | null;
  readonly state: MeterState;
  readonly seals: SealState;
  readonly remark?: string | undefined;
  /** Why it is another meter than the order expects. */
  readonly explanation?: string | undefined;
}
