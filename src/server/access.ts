import type { LogicalName } from '../base/obis.js';

/** Access modes of attributes (class 15, attribute_access_item). The authenticated ones want a request with an authentication tag. */
export type AttributeMode =
  | 'no-access'
  | 'read-only'
  | 'write-only'
  | 'read-and-write'
  | 'authenticated-read-only'
  | 'authenticated-write-only'
  | 'authenticated-read-and-write';

/** Access modes of methods (class 15, method_access_item). */
export type MethodMode = 'no-access' | 'access' | 'authenticated-access';

/** What one client may do with one object. What is not named is `no-access`; attribute 1 is always readable. */
export interface AccessRights {
  /** By attribute id. */
  readonly attributes?: Readonly<Record<number, AttributeMode>>;
  /** By method id. */
  readonly methods?: Readonly<Record<number, MethodMode>>;
}

/** Rights by client SAP. A client that is not named does not see the object. */
export type RightsByClient = Readonly<Record<number, AccessRights>>;

const ATTRIBUTE_MODES: Readonly<Record<AttributeMode, number>> = {
  'no-access': 0,
  'read-only': 1,
  'write-only': 2,
  'read-and-write': 3,
  'authenticated-read-only': 4,
  'authenticated-write-only': 5,
  'authenticated-read-and-write': 6,
};
const METHOD_MODES: Readonly<Record<MethodMode, number>> = { 'no-access': 0, access: 1, 'authenticated-access': 2 };

/** Rights of one client on one object, as numbers by id: what a request is checked against. */
export interface Grants {
  readonly attributes: Uint8Array;
  readonly methods: Uint8Array;
}

/** What an object is, as far as rights are concerned. */
export interface Members {
  readonly logicalName: LogicalName;
  /** Attribute ids, and whether the attribute can be written at all. */
  readonly attributes: ReadonlyMap<number, boolean>;
  readonly methods: ReadonlySet<number>;
}

/** Numbers of `rights`; without rights everything that the object can do is granted. */
export function grantsOf(members: Members, rights: AccessRights | undefined): Grants {
  const attributes = new Uint8Array(1 + Math.max(1, ...members.attributes.keys()));
  const methods = new Uint8Array(1 + Math.max(0, ...members.methods));
  for (const [id, writable] of members.attributes) {
    const mode = rights === undefined ? (writable ? 'read-and-write' : 'read-only') : rights.attributes?.[id];
    attributes[id] = ATTRIBUTE_MODES[mode ?? 'no-access'];
  }
  if (attributes[1] === 0) attributes[1] = ATTRIBUTE_MODES['read-only'];
  for (const id of members.methods) {
    const mode = rights === undefined ? 'access' : rights.methods?.[id];
    methods[id] = METHOD_MODES[mode ?? 'no-access'];
  }
  return { attributes: shared(attributes), methods: shared(methods) };
}

const sharedModes = new Map<string, Uint8Array>();

/** The same octets for the same modes: every object of every meter has some, and there are few combinations. */
function shared(modes: Uint8Array): Uint8Array {
  const key = modes.join();
  const known = sharedModes.get(key);
  if (known !== undefined) return known;
  sharedModes.set(key, modes);
  return modes;
}

/** Whether a mode lets read, the request being authenticated or not. */
export function mayRead(mode: number, authenticated: boolean): boolean {
  return mode === 1 || mode === 3 || (authenticated && (mode === 4 || mode === 6));
}

/** Whether a mode lets write. */
export function mayWrite(mode: number, authenticated: boolean): boolean {
  return mode === 2 || mode === 3 || (authenticated && (mode === 5 || mode === 6));
}

/** Whether a mode lets a method be called. */
export function mayCall(mode: number, authenticated: boolean): boolean {
  return mode === 1 || (authenticated && mode === 2);
}
