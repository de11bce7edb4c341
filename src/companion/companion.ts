/**
 * A companion specification as data: what a country or a utility prescribes beyond the standard. Clients find objects and associations in it by
 * name, the virtual meter its object list, and tools the words for codes.
 */

import { StateError } from '../base/errors.js';
import { suggestion } from '../base/near-miss.js';
import type { LogicalName } from '../base/obis.js';
import type { Infer } from '../codec/type.js';
import type { AccessRole } from '../cosem/access.js';
import type { AttributeRef, CosemClass } from '../cosem/class.js';
import type { captureObject, scalerUnit } from '../cosem/classes/storage.js';
import { describeLogicalName } from '../cosem/names.js';
import { defaultRights } from '../cosem/rights.js';

/** An application association that meters of this specification offer. */
export interface AssociationSpec {
  /** Its short name in configurations: `public`, `reader`, `utility`. */
  readonly key: string;
  /** A name for people: `Meter reader`. */
  readonly title: string;
  /** Client SAP. */
  readonly clientSap: number;
  /** Logical name of its association object; `0.0.40.0.0.255` is always the current association. */
  readonly logicalName: LogicalName;
  /** Whether the application context is the one with ciphering (context id 3). */
  readonly ciphered: boolean;
  /** Authentication mechanism id: 0 none, 1 LLS, 2 HLS. */
  readonly mechanism: 0 | 1 | 2 | 3 | 4 | 5 | 6;
  /** Other mechanisms that some meters use instead. */
  readonly alternativeMechanisms?: readonly (3 | 4 | 5 | 6)[];
  /** security_policy of version 0: 0 nothing, 1 authenticated, 2 encrypted, 3 both. */
  readonly policy: 0 | 1 | 2 | 3;
  /** Conformance block that the meter offers: 24 bits, where bit 0 of the standard is 0x800000. */
  readonly conformance: number;
  /** The association is always open: no AARQ is exchanged. */
  readonly preEstablished?: boolean;
  /** Logical name of its Security setup object. */
  readonly securitySetup?: LogicalName;
  /** Logical name of the object with the lowest invocation counter that the meter accepts next. The public client may read it. */
  readonly invocationCounter?: LogicalName;
  /** What the client may do, in words. */
  readonly purpose: string;
}

/** What one client may do with an object: ids of attributes it reads and writes, of methods it executes. */
export interface ObjectAccess {
  /** Ids of the attributes that it may read. */
  readonly read: readonly number[];
  /** Ids of the attributes that it may write. */
  readonly write: readonly number[];
  /** Ids of the methods that it may execute. */
  readonly execute: readonly number[];
}

/** What a role may do with an object of a class, as the declaration of the class says. */
export function accessByDefault(cosem: CosemClass, role: AccessRole): ObjectAccess {
  const { attributes, methods } = defaultRights(cosem, role);
  const ids = (modes: Readonly<Record<number, string>>, wanted: RegExp) =>
    Object.entries(modes).flatMap(([id, mode]) => (wanted.test(mode) ? [Number(id)] : []));
  return {
    read: ids(attributes, /read/),
    write: ids(attributes, /write/),
    execute: ids(methods, /^(authenticated-)?access$/),
  };
}

/** An object of a meter's object list. */
export interface ObjectSpec {
  /** Its interface class. */
  readonly cosem: CosemClass;
  /** Its logical name. */
  readonly logicalName: LogicalName;
  /** A name for people: `Active energy import`. */
  readonly title: string;
  /** Rights by client SAP. A client that is not in the map does not see the object. */
  readonly access: ReadonlyMap<number, ObjectAccess>;
}

/** A column of a profile. */
export type CaptureColumn = Infer<typeof captureObject>;

/** What a profile is for. */
export type ProfileKind =
  | 'instantaneous'
  | 'block-load'
  | 'daily-load'
  | 'billing'
  | 'nameplate'
  | 'event-log'
  | 'scaler';

/** A Profile generic object (class 7). */
export interface ProfileSpec {
  /** What the profile is for. */
  readonly kind: ProfileKind;
  /** Its logical name. */
  readonly logicalName: LogicalName;
  /** A name for people: `Block load profile`. */
  readonly title: string;
  /** capture_objects: what each row holds. */
  readonly columns: readonly CaptureColumn[];
  /** Seconds between two rows; 0 where rows are not made by time. */
  readonly capturePeriod: number;
  /** profile_entries: the most rows that it keeps. */
  readonly entries: number;
  /** The column by which rows are sorted. */
  readonly sortObject: CaptureColumn;
  /** Logical name of the profile whose one row holds scaler and unit of the columns. */
  readonly scalerProfile?: LogicalName;
}

/** A Push setup object (class 40): which values are sent, and which script starts it. */
export interface PushSpec {
  /** Its logical name. */
  readonly logicalName: LogicalName;
  /** A name for people: `Event push to the head end`. */
  readonly title: string;
  /** push_object_list: the attributes that are sent, in this order. */
  readonly objects: readonly CaptureColumn[];
  /** Id of the script in the push script table. */
  readonly script: number;
}

/** A kind of meter within the specification: single phase, three phase. */
export interface Category {
  /** Its code, as on the name plate: `D1`. */
  readonly key: string;
  /** The same in words: `single phase`. */
  readonly title: string;
  /** All objects of such a meter. */
  readonly objects: readonly ObjectSpec[];
  /** Its profiles in detail. */
  readonly profiles: readonly ProfileSpec[];
  /** Its push setups in detail. */
  readonly pushSetups: readonly PushSpec[];
}

/**
 * How a value is shown where its wire type does not tell: octets as text or as a date and time, a number as money, or as a word (by number).
 */
export type Presentation = 'text' | 'date-time' | Money | Readonly<Record<number, string>>;

/** An amount of money in an object of class Data. Such an object has no scaler, so the companion gives currency and scale. */
export interface Money {
  /** ISO 4217 code: `INR`. */
  readonly currency: string;
  /** The power of ten by which the number of the meter is multiplied to give units of the currency: -2 for paise. */
  readonly scaler: number;
}

/** Whether a value is shown as money. */
export function isMoney(presentation: Presentation | undefined): presentation is Money {
  return typeof presentation === 'object' && 'currency' in presentation;
}

/** control_state of a disconnect control in words. */
export const CONTROL_STATES = { 0: 'disconnected', 1: 'connected', 2: 'ready for reconnection' } as const;
/** control_mode of a disconnect control in words (Blue Book, class 70): what can open the relay, and what can close it. */
export const CONTROL_MODES: Readonly<Record<number, string>> = {
  0: 'always connected',
  1: 'opens by order, button or itself; closes by button after an order',
  2: 'opens by order, button or itself; closes by order',
  3: 'opens by order or itself; closes by button after an order',
  4: 'opens by order or itself; closes by order',
  5: 'opens by order, button or itself; closes by button after an order, or by itself',
  6: 'opens by order or itself; closes by button after an order, or by itself',
} as const;
/** The status of a clock that is valid in every respect; other statuses are shown bit by bit. */
export const CLOCK_STATES = { 0: 'valid' } as const;

/** One value that people ask for by name. */
export interface ReadingSpec {
  /** Stable name for programs: `activeImport`. */
  readonly key: string;
  /** A name for people: `Active energy import`. */
  readonly title: string;
  /** The attribute that holds the value. */
  readonly attribute: AttributeRef<unknown>;
  /** For registers: the attribute that holds scaler and unit. */
  readonly scalerUnit?: AttributeRef<Infer<typeof scalerUnit>>;
  /** Scaler and unit by the specification, where the meter does not have them. */
  readonly fixed?: Infer<typeof scalerUnit>;
  /** Other logical names under which older meters keep the same value. They are tried in this order. */
  readonly alternatives?: readonly LogicalName[];
  /** How the value is shown, where its wire type does not tell. */
  readonly presentation?: Presentation;
}

/** Readings that belong together: a topic of `cosem read`. */
export interface ReadingGroup<Topic extends string = string> {
  /** Name of the topic: `energy`. */
  readonly key: Topic;
  /** The same for people: `Energy`. */
  readonly title: string;
  /** The readings, in the order in which they are shown. */
  readonly readings: readonly ReadingSpec[];
}

/** An event code that meters log. */
export interface EventSpec {
  /** The code. */
  readonly code: number;
  /** What happened, in words. */
  readonly meaning: string;
  /** Whether something began, ended, or just happened. */
  readonly kind: 'occurrence' | 'restoration' | 'event';
  /** Index of the event log. */
  readonly log: number;
  /** The code of the end that belongs to this beginning, or of the beginning that belongs to this end. */
  readonly pair?: number;
  /** Bit of the event status word, from 0. */
  readonly statusBit?: number;
}

/** A companion specification, with the topics into which its readings are grouped. */
export interface Companion<Topic extends string = string> {
  /** Its short name in options and configurations: `is15959`. */
  readonly id: string;
  /** Its full name. */
  readonly title: string;
  /** SAP of the logical device with which clients associate. */
  readonly serverSap: number;
  /** The associations that its meters offer. */
  readonly associations: readonly AssociationSpec[];
  /** The kinds of meters that it describes. */
  readonly categories: readonly Category[];
  /** The values that people ask for, by topic. */
  readonly readings: readonly ReadingGroup<Topic>[];
  /** The name of an object in the specification; undefined where it has none. */
  objectTitle(name: LogicalName): string | undefined;
  /** The event of a code; undefined for a code that the specification does not have, such as a vendor's. */
  event(code: number): EventSpec | undefined;
  /** What a bit of the event status word means. */
  statusBit(bit: number): string | undefined;
}

/** Words for an object: its name in the companion, else what the standard says of its logical name, else undefined. */
export function objectTitle(companion: Companion, name: LogicalName): string | undefined {
  return companion.objectTitle(name) ?? describeLogicalName(name);
}

/**
 * The name of a value in a companion: the title of the reading that the companion has of it, else that of its object; undefined where it has neither.
 * With it a value has one name, whether it was asked for by its topic, by its logical name, came in a row or was pushed.
 */
export function valueTitle(
  companion: Companion,
  { logicalName, attributeId }: { readonly logicalName: LogicalName; readonly attributeId: number },
): string | undefined {
  const isIt = ({ attribute }: ReadingSpec) =>
    attribute.logicalName === logicalName && attribute.attributeId === attributeId;
  for (const { readings } of companion.readings) {
    const reading = readings.find(isIt);
    if (reading !== undefined) return reading.title;
  }
  return companion.objectTitle(logicalName);
}

/** An association by its key or its client SAP; undefined when there is none. */
export function associationOf(companion: Companion, which: string | number): AssociationSpec | undefined {
  return companion.associations.find((a) => a.key === which || a.clientSap === which);
}

/**
 * The readings of one topic, or of `all` topics, for `meter.readings`.
 *
 * ```ts
 * for (const outcome of await meter.readings(readingsOf(is15959, 'energy'))) if (outcome.ok) console.log(outcome.value.text);
 * ```
 * @throws StateError for a topic that the companion does not have. For the companions of this library such a call does not compile.
 */
export function readingsOf<Topic extends string>(
  companion: Companion<Topic>,
  topic: NoInfer<Topic> | 'all',
): readonly ReadingSpec[] {
  if (topic === 'all') return companion.readings.flatMap(({ readings }) => readings);
  const group = companion.readings.find(({ key }) => key === topic);
  if (group !== undefined) return group.readings;
  const topics = [...companion.readings.map(({ key }) => key), 'all'];
  throw new StateError(`${companion.title} has no readings of '${topic}'`, { hint: suggestion(topic, topics) });
}

/** Columns from a compact notation: `class:A.B.C.D.E:attribute`, separated by white space. F is 255. */
export function columns(text: string): CaptureColumn[] {
  return text
    .trim()
    .split(/\s+/)
    .map((item) => {
      const [classId = '', name = '', attribute = ''] = item.split(':');
      return {
        classId: Number(classId),
        logicalName: `${name}.255`,
        attributeIndex: Number(attribute),
        dataIndex: 0,
      };
    });
}
