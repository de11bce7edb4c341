import type { AccessRights, AccessRole, AttributeMode, MethodMode, RightsByClient } from '../cosem/access.js';
import type { CosemClass } from '../cosem/class.js';
import { defaultRights } from '../cosem/rights.js';

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
  readonly cosem: CosemClass;
  /** Attribute ids, and whether the attribute can be written at all. */
  readonly attributes: ReadonlyMap<number, boolean>;
  readonly methods: ReadonlySet<number>;
}

/** Numbers of `rights`; without rights everything that the object can do is granted, except reading secrets. */
export function grantsOf(members: Members, rights: AccessRights | AccessRole | undefined): Grants {
  const given = typeof rights === 'string' ? defaultRights(members.cosem, rights) : (rights ?? allOf(members));
  const attributes = new Uint8Array(1 + Math.max(1, ...members.attributes.keys()));
  const methods = new Uint8Array(1 + Math.max(0, ...members.methods));
  for (const [id, writable] of members.attributes) {
    const mode = given.attributes?.[id] ?? 'no-access';
    // What a role might write by default is not offered where the object cannot take it.
    attributes[id] = ATTRIBUTE_MODES[typeof rights === 'string' && !writable ? withoutWriting(mode) : mode];
  }
  if (attributes[1] === 0) attributes[1] = ATTRIBUTE_MODES['read-only'];
  for (const id of members.methods) methods[id] = METHOD_MODES[given.methods?.[id] ?? 'no-access'];
  return { attributes: shared(attributes), methods: shared(methods) };
}

function allOf({ cosem, attributes, methods }: Members): AccessRights {
  const secrets = new Set(Object.values(cosem.attributes).flatMap(({ id, secret }) => (secret === true ? [id] : [])));
  return {
    attributes: Object.fromEntries([...attributes].map(([id, writable]) => [id, modeOf(!secrets.has(id), writable)])),
    methods: Object.fromEntries([...methods].map((id) => [id, 'access'])),
  };
}

/** Rights on a whole object by client, from the lists of who may read, write and execute. A client in none of them does not see the object. */
export function rightsOfObject(
  { cosem, attributes: present, methods }: Members,
  read: ReadonlySet<number>,
  write: ReadonlySet<number>,
  execute: ReadonlySet<number>,
): RightsByClient {
  const rights: Record<number, AccessRights> = {};
  for (const client of new Set([...read, ...write, ...execute])) {
    const attributes: Record<number, AttributeMode> = {};
    for (const { id, secret } of Object.values(cosem.attributes)) {
      const reads = read.has(client) && secret !== true;
      attributes[id] = modeOf(reads, write.has(client) && present.get(id) === true);
    }
    const modes = [...methods].map((id) => [id, execute.has(client) ? 'access' : 'no-access']);
    rights[client] = { attributes, methods: Object.fromEntries(modes) };
  }
  return rights;
}

function modeOf(reads: boolean, writes: boolean): AttributeMode {
  if (writes) return reads ? 'read-and-write' : 'write-only';
  return reads ? 'read-only' : 'no-access';
}

function withoutWriting(mode: AttributeMode): AttributeMode {
  if (mode === 'read-and-write') return 'read-only';
  if (mode === 'authenticated-read-and-write') return 'authenticated-read-only';
  return mode === 'write-only' || mode === 'authenticated-write-only' ? 'no-access' : mode;
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

/** Whether a mode allows reading, for a request that is authenticated or not. */
export function mayRead(mode: number, authenticated: boolean): boolean {
  return mode === 1 || mode === 3 || (authenticated && (mode === 4 || mode === 6));
}

/** Whether a mode allows writing. */
export function mayWrite(mode: number, authenticated: boolean): boolean {
  return mode === 2 || mode === 3 || (authenticated && (mode === 5 || mode === 6));
}

/** Whether a mode allows calling a method. */
export function mayCall(mode: number, authenticated: boolean): boolean {
  return mode === 1 || (authenticated && mode === 2);
}
