/**
 * What some peers send against the standard and a lenient decoder tolerates: faults of form, each with a name. What protects a message (tag,
 * security control, counter, system title, envelope) is never among them, nor is a field that occurs twice.
 */
export type DeviationCode =
  /** Octets after an APDU, or after a value joined from blocks, that is complete. */
  | 'surplus-octets'
  /** The value of a GET: an array of structures with a wrong count, or whose last element is cut off. */
  | 'wrong-count'
  /** AARQ, AARE, RLRQ, RLRE: fields in another order than that of the ASN.1. */
  | 'field-order'
  /** The same: a field that the standard does not have. It is skipped. */
  | 'unknown-field'
  /** The same: wrong lengths around elements. */
  | 'wrong-lengths'
  /** An encrypted APDU whose length counts an authentication tag that is not there. */
  | 'counted-tag'
  /** DataNotification: the tag of an octet-string before its date-time. */
  | 'tagged-date-time'
  /** An invocation-counter-error without the counter. */
  | 'missing-counter'
  /** ACTION: return parameters without the octet of their CHOICE, or without the flag that says whether there are any. */
  | 'missing-choice';

/** A deviation from the standard that was tolerated in an APDU. */
export interface Deviation {
  /** Which kind it is. */
  readonly code: DeviationCode;
  /** The same for people: one sentence without a full stop. */
  readonly text: string;
}

/** `surplus-octets: 2 octets after the APDU` */
export function deviationText({ code, text }: Deviation): string {
  return `${code}: ${text}`;
}

/** Is called for each deviation that was tolerated. Must not throw. */
export type OnDeviation = (deviation: Deviation) => void;
