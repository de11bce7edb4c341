/**
 * A companion specification as data: what a country or a utility lays down over the standard. Clients find objects and associations by
 * name in it, the virtual meter its object list, tools the words for codes.
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
  /** What configurations call it: `public`, `reader`, `utility`. */
  readonly key: string;
  readonly title: string;
  readonly clientSap: number;
  /** The association object of the meter; `0.0.40.0.0.255` is always the current one. */
  readonly logicalName: LogicalName;
  /** Whether the application context is the one with ciphering (context id 3). */
  readonly ciphered: boolean;
  /** Authentication mechanism id: 0 none, 1 LLS, 2 HLS. */
  readonly mechanism: 0 | 1 | 2 | 3 | 4 | 5 | 6;
  /** Other mechanisms that some meters want instead. */
  readonly alternativeMechanisms?: readonly (3 | 4 | 5 | 6)[];
  /** security_policy of version 0: 0 nothing, 1 authenticated, 2 encrypted, 3 both. */
  readonly policy: 0 | 1 | 2 | 3;
  /** Conformance that the meter offers, as 24 bits with bit 0 of the standard first (0x800000). */
  readonly conformance: number;
  /** No AARQ is exchanged. */
  readonly preEstablished?: boolean;
  readonly securitySetup?: LogicalName;
  /** The object that holds the lowest invocation counter the meter takes next; the public client may read it. */
  readonly invocationCounter?: LogicalName;
  readonly purpose: string;
}

/** What one client may do with an object: ids of attributes it reads and writes, of methods it executes. */
export interface ObjectAccess {
  readonly read: readonly number[];
  readonly write: readonly number[];
  readonly execute: readonly number[];
}

/** What a role may do with an object of a class by what the class declares. */
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
  readonly cosem: CosemClass;
  readonly logicalName: LogicalName;
  readonly title: string;
  /** By client SAP; a client that is not here does not see the object. */
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

/** A profile generic object: which columns, how often, how many. */
export interface ProfileSpec {
  readonly kind: ProfileKind;
  readonly logicalName: LogicalName;
  readonly title: string;
  readonly columns: readonly CaptureColumn[];
  /** Seconds; 0 where rows are not made by time. */
  readonly capturePeriod: number;
  readonly entries: number;
  /** The column that rows are sorted by. */
  readonly sortObject: CaptureColumn;
  /** The one-row profile that holds scaler and unit of the columns. */
  readonly scalerProfile?: LogicalName;
}

/** A push setup: which objects are sent, and which script starts it. */
export interface PushSpec {
  readonly logicalName: LogicalName;
  readonly title: string;
  readonly objects: readonly CaptureColumn[];
  readonly script: number;
}

/** A kind of meter within the specification: single phase, three phase. */
export interface Category {
  /** As the name plate has it: `D1`. */
  readonly key: string;
  readonly title: string;
  readonly objects: readonly ObjectSpec[];
  readonly profiles: readonly ProfileSpec[];
  readonly pushSetups: readonly PushSpec[];
}

/** How a value is shown where its wire type does not say it. */
export type Presentation = 'text' | 'date-time' | Money | Readonly<Record<number, string>>;

/** Money in an object of class Data, whose scale the meter does not tell: the companion says it. */
export interface Money {
  /** ISO 4217: `INR`. */
  readonly currency: string;
  /** Power of ten that makes units of the currency of the meter's number: -2 for paise. */
  readonly scaler: number;
}

export function isMoney(presentation: Presentation | undefined): presentation is Money {
  return typeof presentation === 'object' && 'currency' in presentation;
}

/** control_state of a disconnect control in words. */
export const CONTROL_STATES = { 0: 'disconnected', 1: 'connected', 2: 'ready for reconnection' } as const;
/** control_mode of a disconnect control in words (Blue Book, class 70): what opens the relay, what closes it. */
export const CONTROL_MODES = {
  0: 'always connected',
  1: 'opens by order, button or itself; closes by button after an order',
  2: 'opens by order, button or itself; closes by order',
  3: 'opens by order or itself; closes by button after an order',
  4: 'opens by order or itself; closes by order',
  5: 'opens by order, button or itself; closes by button after an order, or by itself',
  6: 'opens by order or itself; closes by button after an order, or by itself',
} as const;
/** The one status of a clock about which there is nothing to say. */
export const CLOCK_STATES = { 0: 'valid' } as const;

/** One value that people ask for by name. */
export interface ReadingSpec {
  /** Stable name for programs: `activeImport`. */
  readonly key: string;
  readonly title: string;
  readonly attribute: AttributeRef<unknown>;
  /** Where scaler and unit are, for registers. */
  readonly scalerUnit?: AttributeRef<Infer<typeof scalerUnit>>;
  /** Where the meter does not tell scaler and unit, but the specification does. */
  readonly fixed?: Infer<typeof scalerUnit>;
  /** Other logical names under which older meters keep the same value: probe in this order. */
  readonly alternatives?: readonly LogicalName[];
  readonly presentation?: Presentation;
}

/** What `cosem read` calls a topic. */
export interface ReadingGroup<Topic extends string = string> {
  readonly key: Topic;
  readonly title: string;
  readonly readings: readonly ReadingSpec[];
}

/** A code that meters log. */
export interface EventSpec {
  readonly code: number;
  readonly meaning: string;
  readonly kind: 'occurrence' | 'restoration' | 'event';
  /** Index of the event log. */
  readonly log: number;
  /** The code that ends or began it. */
  readonly pair?: number;
  /** Bit of the event status word. */
  readonly statusBit?: number;
}

/** A companion specification, and the topics that its readings are grouped by. */
export interface Companion<Topic extends string = string> {
  readonly id: string;
  readonly title: string;
  /** SAP of the logical device that associations go to. */
  readonly serverSap: number;
  readonly associations: readonly AssociationSpec[];
  readonly categories: readonly Category[];
  readonly readings: readonly ReadingGroup<Topic>[];
  /** What the specification calls an object; undefined where it has no name of its own. */
  objectTitle(name: LogicalName): string | undefined;
  /** Undefined for a code that the specification does not have, such as a vendor's. */
  event(code: number): EventSpec | undefined;
  /** What a bit of the event status word means. */
  statusBit(bit: number): string | undefined;
}

/** Words for an object: the companion's name, else the standard's rules, else nothing. */
export function objectTitle(companion: Companion, name: LogicalName): string | undefined {
  return companion.objectTitle(name) ?? describeLogicalName(name);
}

/** An association by its key or its client SAP. */
export function associationOf(companion: Companion, which: string | number): AssociationSpec | undefined {
  return companion.associations.find((a) => a.key === which || a.clientSap === which);
}

/**
 * The readings of one topic, or of `all` topics, for `meter.readings`.
 *
 * ```ts
 * for (const outcome of await meter.readings(readingsOf(is15959, 'energy'))) if (outcome.ok) console.log(outcome.value.text);
 * ```
 * @throws StateError for a topic that the companion does not have; where the companion is a known one, that does not compile.
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

/** Columns in a compact notation, `class:A.B.C.D.E:attribute` with white space between; F is 255. */
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
