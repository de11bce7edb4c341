/** Deviations of real meters from the standards, by name. A virtual meter follows the standards unless it is told to deviate. */

import { StateError } from '../../src/base/errors.js';
import type { MeterProfile } from './kinds.js';

/** Where a deviation was seen: in the reference three-phase meter, in meters in the field, or in reports to other tools. */
export type QuirkOrigin = 'reference meter' | 'field meters' | 'issue trackers of other tools';

interface QuirkSpec {
  /** What the meter does, in one sentence. */
  readonly sentence: string;
  /** Where it was seen. */
  readonly seen: QuirkOrigin;
  /** The kinds of meters that can have it; all by default. */
  readonly profiles?: readonly MeterProfile[];
}

const REFERENCE: Pick<QuirkSpec, 'seen'> = { seen: 'reference meter' };
const FIELD: Pick<QuirkSpec, 'seen'> = { seen: 'field meters' };
const TRACKERS: Pick<QuirkSpec, 'seen'> = { seen: 'issue trackers of other tools' };
const THREE_PHASE: Pick<QuirkSpec, 'profiles'> = { profiles: ['is15959-3ph', 'is15959-ct'] };
const WITH_RELAY: Pick<QuirkSpec, 'profiles'> = { profiles: ['is15959-1ph', 'is15959-3ph'] };

/** Every quirk with a sentence. The help of the command and the page in the documentation are made from it. */
export const QUIRKS = {
  'bare-ua': {
    ...REFERENCE,
    sentence: 'An SNRM that proposes nothing but window sizes is answered by a UA without parameters.',
  },
  'billing-script-107': {
    ...REFERENCE,
    sentence:
      'The schedule of billing dates names the image activation script table 107 and not the MD reset script table.',
  },
  'date-zero': {
    ...REFERENCE,
    sentence:
      'The time of a maximum demand that never was is 2000-00-00, with month and day 0, and not an unspecified date-time.',
  },
  'deaf-negotiation': {
    ...REFERENCE,
    sentence:
      'The UA to an SNRM announces the longest information fields of the meter even where the client proposed shorter ones.',
  },
  'deviation-630': {
    ...REFERENCE,
    sentence: 'Date-times and the time zone of the clock carry a deviation of 630 minutes where -330 is right.',
  },
  'deviation-plus-330': {
    ...FIELD,
    sentence: 'Date-times and the time zone of the clock carry a deviation of 330 minutes: the sign is wrong.',
  },
  'dummy-tariff-scripts': {
    ...REFERENCE,
    sentence:
      'The tariffication table has six scripts for eight zones, and each names an action on class 0 and logical name 0.0.0.0.0.0.',
  },
  'event-code-enum': {
    ...FIELD,
    sentence: 'Event codes are sent as an enum of one octet, so codes above 255 lose their high octet.',
  },
  'fixed-challenge': {
    ...REFERENCE,
    sentence: 'The challenge of the meter (StoC) is the same sixteen octets in every association.',
  },
  'frmr-bare': {
    ...REFERENCE,
    sentence: 'An FRMR has no information field, so that it does not tell what was rejected.',
  },
  'get-blocks': {
    ...REFERENCE,
    sentence: 'Long answers go in the blocks of GET although general-block-transfer was negotiated.',
  },
  'kvah-in-others': {
    ...REFERENCE,
    ...THREE_PHASE,
    sentence: 'The event log "others" captures the cumulative kVAh where the other logs capture kWh.',
  },
  'limiter-script-107': {
    ...REFERENCE,
    ...WITH_RELAY,
    sentence: 'Both actions of the limiter name the image activation script table 107.',
  },
  'message-to-nowhere': {
    ...REFERENCE,
    sentence:
      'The push of consumer messages lists 0.0.96.13.2, an object that the meter does not have, and sends null-data for it.',
  },
  'milliseconds-for-seconds': {
    ...REFERENCE,
    sentence: 'The inactivity time-outs of the HDLC and TCP setups are given in milliseconds.',
  },
  'needs-pause': {
    ...TRACKERS,
    sentence: 'For 100 ms after a frame of its own it hears nothing.',
  },
  'no-lists': {
    ...TRACKERS,
    sentence: 'It negotiates multiple-references and answers no request with a list.',
  },
  'no-release': { ...TRACKERS, sentence: 'It does not answer RLRQ.' },
  'no-selectors': {
    ...REFERENCE,
    sentence: 'The object list names no selectors of selective access, though ranges and entries are understood.',
  },
  'push-script-2': {
    ...REFERENCE,
    sentence: 'Both push schedules name script 2 of the push script table: the utility message to the display.',
  },
  'readable-secrets': {
    ...REFERENCE,
    sentence: 'Meter reader, utility setting and firmware upgrade can read the secret of their own association.',
  },
  'script-parameter': {
    ...REFERENCE,
    sentence:
      'Every action of a script carries an octet-string of four octets as parameter, though its method wants none.',
  },
  'single-phase-push-list': {
    ...REFERENCE,
    ...THREE_PHASE,
    sentence:
      'The periodic push lists the single-phase voltage and currents, which the meter does not have, and leaves them out.',
  },
  'swapped-scalers': {
    ...REFERENCE,
    ...THREE_PHASE,
    sentence: 'The scaler profile of the block load has the columns of phases R and Y in each other’s place.',
  },
  'ua-to-disc': { ...REFERENCE, sentence: 'The UA that answers a DISC repeats the parameters of the negotiation.' },
  'unset-garbage': {
    ...REFERENCE,
    sentence:
      'A push window and the passive relay times that nobody set read as what was in memory: month 191, a lock-out of 26 years.',
  },
  'unsigned-amounts': {
    ...REFERENCE,
    ...WITH_RELAY,
    sentence: 'Amounts of money are double-long-unsigned: a balance below zero reads as 0.',
  },
  'wrong-category': {
    ...REFERENCE,
    ...THREE_PHASE,
    sentence: 'The name plate says meter type 6 and category D1, a single-phase meter.',
  },
} as const satisfies Readonly<Record<string, QuirkSpec>>;

/** The name of a quirk, such as `bare-ua`. */
export type QuirkName = keyof typeof QUIRKS;
/** The names of all quirks, in the order of the table. */
export const QUIRK_NAMES = Object.keys(QUIRKS) as readonly QuirkName[];

/** A deviation that a virtual meter can be told to make: `createMeter(profile, { quirks: ['bare-ua'], … })`. */
export interface Quirk extends QuirkSpec {
  /** The name by which options select it. */
  readonly name: QuirkName;
}

/** All quirks that a virtual meter can have, in the order of the table. */
export const quirks: readonly Quirk[] = QUIRK_NAMES.map((name) => ({ name, ...QUIRKS[name] }));

/**
 * The quirks of a meter as a set. @throws StateError for a quirk that does not exist, that this kind of meter cannot have, or that
 * contradicts another.
 */
export function checkQuirks(profile: MeterProfile, names: readonly string[]): ReadonlySet<QuirkName> {
  for (const name of names) {
    const quirk = quirks.find((candidate) => candidate.name === name);
    if (quirk === undefined) {
      throw new StateError(`there is no quirk '${name}'`, { hint: `known are ${QUIRK_NAMES.join(', ')}` });
    }
    if (quirk.profiles !== undefined && !quirk.profiles.includes(profile)) {
      throw new StateError(`a meter '${profile}' cannot have the quirk '${name}'`, {
        hint: `it is one of ${quirk.profiles.join(', ')}`,
      });
    }
  }
  if (names.includes('deviation-630') && names.includes('deviation-plus-330')) {
    throw new StateError("a clock has one deviation: 'deviation-630' or 'deviation-plus-330'", {
      hint: 'give one of them',
    });
  }
  return new Set(names as readonly QuirkName[]);
}
