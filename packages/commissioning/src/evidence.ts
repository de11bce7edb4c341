/** The evidence that each step leaves. Nothing in it is secret; personal data is marked as such. */

import type { Millis } from 'cosem';
import type { DataJson } from 'cosem/protocol';
import type { Photo } from './photo/photo.js';
import type { Tamper } from './policy.js';
import type { PositionOrigin } from './position/origin.js';
import type { SurveyedMeter } from './survey/meter.js';
import type { VerificationMethod } from './verification.js';
import type { Network, Position } from './work-order.js';

/** A value of a meter as it is kept: exact, with everything that is needed to understand it. */
export interface RecordedValue {
  readonly classId: number;
  readonly logicalName: string;
  readonly attributeId: number;
  readonly name: string;
  /** The scaled number as decimal text; for other values their words. */
  readonly value: string;
  /** Empty for a count or words. */
  readonly unit: string;
  /** Null where the meter did not give it, or there is none. */
  readonly scaler: number | null;
  /** The value as it was sent, with its type. */
  readonly raw: DataJson;
  /** Status of an extended register. */
  readonly status?: DataJson | undefined;
  /** When it was captured, where the meter gives that time. */
  readonly time?: string | undefined;
}

export interface InstallerEvidence {
  readonly id: string;
  readonly name: string;
  readonly letter: string;
  /** `2026-12-31`, the last day. */
  readonly letterValidUntil: string;
  readonly identityCardShown: true;
}

export interface ConsumerEvidence {
  readonly method: VerificationMethod;
  readonly reference: string;
  readonly verifiedAt: Millis;
  /** The survey that verified the consumer, in an installation that takes it up. */
  readonly survey?: TakenSurvey | undefined;
}

/** A document of the consumer. Its number is not kept. Personal. */
export interface DocumentEvidence {
  readonly type: string;
  readonly last4: string;
  /** HMAC-SHA-256 of type and number under a key of the utility, hexadecimal: the same document always gives the same digest. */
  readonly digest: string;
  /** Whether another consumer gave it before. */
  readonly seen: boolean;
}

export interface DocumentsEvidence {
  readonly documents: readonly DocumentEvidence[];
}

export interface OldMeterEvidence {
  /** Null for a new connection. */
  readonly meter: {
    /** Null where it cannot be read. */
    readonly serial: string | null;
    /** kWh, decimal text; null where it cannot be read. */
    readonly finalReading: string | null;
    readonly condition: string;
    /** The explanation where the serial number differs from that of the order, or something cannot be read. */
    readonly explanation?: string | undefined;
  } | null;
  readonly photos?: readonly Photo[] | undefined;
}

/** The name plate of a meter; undefined fields are those that it does not give. */
export interface NamePlate {
  readonly serial?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly firmware?: string | undefined;
  readonly meterType?: string | undefined;
  readonly category?: string | undefined;
  readonly currentRating?: string | undefined;
  readonly year?: string | undefined;
  readonly logicalDeviceName?: string | undefined;
}

export interface NewMeterEvidence {
  readonly namePlate: NamePlate & { readonly serial: string };
  readonly seals: readonly string[];
  /** Of the meter and its seals. */
  readonly photos?: readonly Photo[] | undefined;
}

export interface ClockEvidence {
  /** What the meter showed: `2026-11-23 14:05:00 +05:30`. */
  readonly before: string;
  /** How many seconds the meter was ahead of local time; negative when it was behind. */
  readonly difference: number;
  readonly set: boolean;
  readonly after?: string | undefined;
  readonly differenceAfter?: number | undefined;
  /** The deviation that the meter sends, in minutes: UTC = local + deviation. In India it is often wrong, and it is not changed. */
  readonly deviation: number;
}

/** Voltage and current: V and A of each phase that the meter has, as decimal text. */
export interface LoadEvidence {
  readonly volts: readonly string[];
  readonly amperes: readonly string[];
}

/** When the relay switched. */
export type SwitchTime =
  /** From the meter's own log: its time, as it gave it. */
  | { readonly by: 'meter'; readonly time: string }
  /** The log does not have it: by the clock of this machine it was not before `after` and not behind `before`. */
  | { readonly by: 'looks'; readonly after: Millis; readonly before: Millis };

/** A time without supply. */
export interface Outage {
  readonly opened: SwitchTime;
  readonly closed: SwitchTime;
}

export interface RelayEvidence {
  readonly mode: number;
  /**
   * Each time that the supply was off, oldest first: one, or more where somebody else switched it too while the test was interrupted. Left
   * out by earlier versions, which have `openedAt` and `closedAt`.
   */
  readonly off?: readonly Outage[] | undefined;
  /** Earlier versions: when this machine saw the relay open and closed, which may have been long after it switched. */
  readonly openedAt?: Millis | undefined;
  readonly closedAt?: Millis | undefined;
  readonly before: LoadEvidence;
  readonly open: LoadEvidence;
  readonly after: LoadEvidence;
  /** Whether a current flowed before the test and was measured while the relay was open, so that its absence proved that it opened. */
  readonly underLoad: boolean;
  /** Whether the test was interrupted and taken up again. */
  readonly resumed: boolean;
}

export interface ReadingsEvidence {
  /** The meter's clock when they were read, and its status bits. */
  readonly time: string;
  readonly clockStatus: number;
  readonly energies: readonly RecordedValue[];
  readonly payment: readonly RecordedValue[];
}

/** A tamper event that was found on a meter. */
export interface TamperFinding {
  readonly tamper: Tamper;
  /** The meter's times of it, newest last; empty where only the status word shows it. */
  readonly times: readonly string[];
  /** Whether the status word says that it is still present. */
  readonly standing: boolean;
  readonly explanation: string;
}

export interface EventsEvidence {
  /** The status word, 128 bits, hexadecimal; null where the meter does not give it. */
  readonly statusWord: string | null;
  readonly findings: readonly TamperFinding[];
  /** Logs that the meter did not allow to be read. */
  readonly unread: readonly string[];
}

export interface IndexEvidence {
  readonly row: number;
  /** Where the position came from; left out where there is none. */
  readonly position?: PositionOrigin | undefined;
  /** Of the site. */
  readonly photos?: readonly Photo[] | undefined;
}

export interface CertificateEvidence {
  readonly sequence: number;
  /** SHA-256 of the record, hexadecimal. */
  readonly hash: string;
}

/** The evidence of each step. */
export interface Evidence {
  readonly installer: InstallerEvidence;
  readonly consumer: ConsumerEvidence;
  readonly documents: DocumentsEvidence;
  readonly 'old-meter': OldMeterEvidence;
  readonly 'new-meter': NewMeterEvidence;
  readonly clock: ClockEvidence;
  readonly relay: RelayEvidence;
  readonly readings: ReadingsEvidence;
  readonly events: EventsEvidence;
  readonly index: IndexEvidence;
  readonly certificate: CertificateEvidence;
}

/** What an installation takes over from a survey. It stands in the journal, so that it stays the same however often the work is taken up. */
export interface TakenSurvey {
  /** Of the survey. */
  readonly workOrder: string;
  /** ISO 8601: when it was signed. */
  readonly at: string;
  /** Name of the installer who made it. */
  readonly by: string;
  /** SHA-256 of its record, hexadecimal. */
  readonly hash: string;
  readonly verification: Pick<ConsumerEvidence, 'method' | 'reference'>;
  /** Personal. */
  readonly documents: readonly DocumentEvidence[];
  readonly network: Network;
  /** Personal. */
  readonly position?: Position | undefined;
  readonly oldMeter: SurveyedMeter | null;
  /** Kinds of the photos that it took. */
  readonly photos: readonly string[];
}
