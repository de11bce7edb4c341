/**
 * What peers send against the standard and a lenient reader bears: faults of form, each with a name. What a message proves (tag, security
 * control, counter, system title, envelope) is never among them, nor is a field that is there twice.
 */
export type DeviationCode =
  /** Octets behind an APDU, or behind a value joined of blocks, that is whole. */
  | 'surplus-octets'
  /** The value of a GET: an array of structures whose counts do not hold, or whose last element is cut. */
  | 'wrong-count'
  /** AARQ, AARE, RLRQ, RLRE: fields in another order than that of the ASN.1. */
  | 'field-order'
  /** The same: a field that the standard does not know. It is passed over. */
  | 'unknown-field'
  /** The same: lengths around elements that do not fit. */
  | 'wrong-lengths'
  /** An encrypted APDU whose length counts an authentication tag that is not there. */
  | 'counted-tag'
  /** DataNotification: the tag of an octet-string before its date-time. */
  | 'tagged-date-time'
  /** An invocation-counter-error that names no counter. */
  | 'missing-counter'
  /** ACTION: return parameters without the octet of their CHOICE, or no word of whether there are any. */
  | 'missing-choice';

/** One of them, where it was met. */
export interface Deviation {
  readonly code: DeviationCode;
  /** For people, one sentence without a full stop. */
  readonly text: string;
}

/** `surplus-octets: 2 octets behind the APDU` */
export function deviationText({ code, text }: Deviation): string {
  return `${code}: ${text}`;
}

/** Hears what was borne. Must not throw. */
export type OnDeviation = (deviation: Deviation) => void;
