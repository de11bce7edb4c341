import { fromLatin1, toHex } from '../base/bytes.js';
import { type Clock, systemClock } from '../base/clock.js';
import { AccessError, DecodeError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { LogicalName } from '../base/obis.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { dataToJson } from '../codec/json.js';
import { data } from '../codec/types.js';
import { type AttributeRef, attributeTarget, untypedObject } from '../cosem/class.js';
import { AssociationLnV1 } from '../cosem/classes/access.js';
import { ProfileGenericV1 } from '../cosem/classes/storage.js';
import { meaningOf } from '../cosem/members.js';
import { isSecretAttribute } from '../cosem/secrets.js';
import {
  TEMPLATE_ATTRIBUTE_MODES,
  TEMPLATE_FORMAT,
  TEMPLATE_VERSION,
  type Template,
  type TemplateAssociation,
  type TemplateAttributeAccess,
  type TemplateEntry,
  type TemplateValue,
  type TemplateValues,
  templateModeNumber,
} from '../cosem/template.js';
import { templateEntries } from '../cosem/template-list.js';
import { outcomesOf } from './calls.js';
import { readBuffer } from './dump-buffer.js';
import { holdsSecret, Mask, namesTheMeter } from './dump-mask.js';
import { type Recorded, recorded, refusalName } from './dump-value.js';
import type { Meter } from './meter.js';
import type { CallOptions } from './meter-calls.js';
import { oddText, readObjectList } from './object-list.js';
import { isCiphered, type OpenOptions } from './options.js';
import type { Outcome } from './outcome.js';

const CURRENT_ASSOCIATION: LogicalName = '0.0.40.0.0.255';
const OBJECT_LIST = AssociationLnV1.attributes.objectList.id;
const CONTEXT_INFO = AssociationLnV1.attributes.xDlmsContextInfo.id;
const BUFFER = ProfileGenericV1.attributes.buffer.id;
const ENTRIES_IN_USE = ProfileGenericV1.attributes.entriesInUse.id;

/** How the meter was opened, as far as a template records it. Secrets are only used to make sure that no value contains them. */
export type DumpedConnection = Pick<
  OpenOptions,
  'client' | 'server' | 'authentication' | 'password' | 'secret' | 'security' | 'preEstablished'
>;

/** Progress of a dump. */
export interface DumpProgress {
  /** Name of the connection. */
  readonly connection: string;
  /** Number of the object that is being read, from 1. */
  readonly object: number;
  /** How many objects the connection shows. */
  readonly objects: number;
  /** Class of the object. */
  readonly classId: number;
  /** Logical name of the object. */
  readonly logicalName: LogicalName;
}

/** Options of {@link MeterDump}. */
export interface DumpOptions {
  /** How many of the newest rows of each profile are recorded. Default `all`. */
  readonly rows?: number | 'all';
  /** Whether to replace serial numbers, system titles and hardware addresses. Default false. */
  readonly mask?: boolean;
  /** The true time, which clocks are compared with. Default the system's. */
  readonly clock?: Clock;
  /** Called before each object. It must not throw. */
  readonly onProgress?: (progress: DumpProgress) => void;
}

const DUMP_OPTIONS: OptionNames<DumpOptions> = {
  rows: true,
  mask: true,
  clock: true,
  onProgress: true,
};

interface DumpedObject {
  readonly entry: TemplateEntry;
  readonly values: Map<number, Recorded>;
}

interface DumpedAssociation {
  readonly facts: Omit<TemplateAssociation, 'current' | 'objectList' | 'maxSendPduSize'>;
  readonly list: Data;
  readonly entries: readonly TemplateEntry[];
  readonly current: Map<number, Recorded>;
}

interface DumpedDevice {
  readonly associations: DumpedAssociation[];
  readonly objects: Map<string, DumpedObject>;
}

/**
 * Records a meter as a {@link Template}: object list and access rights of each association that is added, the value of every attribute that
 * one of them may read, and the rows of profiles.
 *
 * ```ts
 * const dump = new MeterDump({ rows: 100, mask: true });
 * for (const [name, options] of connections) {
 *   await using meter = await open(tcp(host), options);
 *   await dump.add(meter, name, options);
 * }
 * const file = templateText(dump.template());
 * ```
 */
export class MeterDump {
  readonly #options: DumpOptions;
  readonly #devices = new Map<number, DumpedDevice>();
  /** The secrets of all connections, because one of them may be able to read the secret of another. */
  readonly #secrets: Uint8Array[] = [];
  #systemTitle: Uint8Array | undefined;
  /** What could not be read although the rights allow it, as sentences for people. */
  readonly notes: string[] = [];

  /** @throws StateError when `rows` is not a valid number. */
  constructor(options: DumpOptions = {}) {
    checkOptions(options, DUMP_OPTIONS, 'MeterDump');
    const { rows = 'all' } = options;
    if (rows !== 'all' && !(Number.isSafeInteger(rows) && rows >= 0))
      throw new StateError(`${counted(rows, 'row')} of a profile`);
    this.#options = options;
  }

  /** Whether this client of this logical device was recorded already. */
  has(client: number, server: number): boolean {
    return this.#devices.get(server)?.associations.some(({ facts }) => facts.client === client) === true;
  }

  /**
   * Records what an open association shows. A value that an earlier association could read is not read again. What the meter refuses is
   * recorded as refused.
   * @throws AccessError, DecodeError when the object list cannot be read; LinkError, TimeoutError when the line breaks; StateError when
   * this client was recorded already.
   */
  async add(meter: Meter, name: string, connection: DumpedConnection, call: CallOptions = {}): Promise<void> {
    const { client = 16, server = 1 } = connection;
    if (this.has(client, server)) throw new StateError(`client ${client} of device ${server} was recorded already`);
    const device: DumpedDevice = this.#devices.get(server) ?? { associations: [], objects: new Map() };
    const listRef = untypedObject(AssociationLnV1.id, 1, CURRENT_ASSOCIATION).attribute(OBJECT_LIST);
    const [list] = await meter.getAll([listRef], call);
    const entries = templateEntries(list);
    const odd = oddText(readObjectList(list));
    if (odd !== undefined) {
      meter.remark({ code: 'object-list-odd', text: odd, target: attributeTarget(listRef), weight: 'note' });
    }
    this.#secrets.push(...secretsOf(connection));
    const current = new Map<number, Recorded>();
    for (const [i, entry] of entries.entries()) {
      const { class: classId, logicalName } = entry;
      this.#options.onProgress?.({ connection: name, object: i + 1, objects: entries.length, classId, logicalName });
      const values = isCurrent(entry) ? current : valuesOf(device, entry);
      await this.#addObject(meter, entry, values, call);
    }
    const { association } = meter;
    this.#systemTitle ??= association?.serverTitle?.slice();
    device.associations.push({ facts: factsOf(meter, name, connection), list, entries, current });
    this.#devices.set(server, device);
  }

  /**
   * The template of everything recorded so far. A value that contains a password, secret or key of one of the connections appears as
   * refused.
   */
  template(): Template {
    this.#hideSecrets();
    const devices = [...this.#devices].sort(([a], [b]) => a - b);
    const mask = this.#options.mask === true ? this.#mask() : undefined;
    const title = this.#systemTitle;
    return {
      format: TEMPLATE_FORMAT,
      version: TEMPLATE_VERSION,
      masked: mask !== undefined,
      ...(title === undefined ? {} : { systemTitle: toHex(mask?.octets(title) ?? title) }),
      devices: devices.map(([server, { associations, objects }]) => {
        const lists = new Map(associations.map(({ facts, list }) => [facts.client, JSON.stringify(dataToJson(list))]));
        const json = (values: Map<number, Recorded>) => valuesJson(values, lists, mask);
        return {
          server,
          associations: associations.map(({ facts, current, entries }) => ({
            ...facts,
            maxSendPduSize: maxSendPduSize(current.get(CONTEXT_INFO)) ?? facts.maxReceivePduSize,
            current: json(current),
            objectList: entries,
          })),
          objects: [...objects.values()]
            .filter(({ values }) => values.size > 0)
            .map(({ entry: { class: classId, version, logicalName }, values }) => ({
              class: classId,
              version,
              logicalName,
              values: json(values),
            })),
        };
      }),
    };
  }

  // ---- reading

  async #addObject(
    meter: Meter,
    entry: TemplateEntry,
    values: Map<number, Recorded>,
    call: CallOptions,
  ): Promise<void> {
    const { class: classId, version, logicalName } = entry;
    const object = untypedObject(classId, version, logicalName);
    const wanted = entry.attributes.filter((access) => isWanted(entry, access, values)).map(([id]) => id);
    const plain = wanted.filter((id) => !isBuffer(classId, id));
    const outcomes = await this.#outcomes(meter, plain.map(object.attribute), call);
    plain.forEach((id, i) => {
      const outcome = outcomes[i] as Outcome<Data>;
      values.set(id, this.#recorded(object.attribute(id), outcome));
    });
    if (wanted.length > plain.length) await this.#addBuffer(meter, entry, values, call);
  }

  /** A profile that is recorded in part appears as one with that many rows. */
  async #addBuffer(
    meter: Meter,
    { class: classId, version, logicalName }: TemplateEntry,
    values: Map<number, Recorded>,
    call: CallOptions,
  ): Promise<void> {
    const ref = untypedObject(classId, version, logicalName).attribute(BUFFER);
    const { rows = 'all' } = this.#options;
    const outcome = await attempt(meter, async () => {
      const { value, kept } = await readBuffer(meter, logicalName, rows, values, call);
      const inUse = values.get(ENTRIES_IN_USE);
      if (kept !== undefined && inUse !== undefined && 'data' in inUse) {
        values.set(ENTRIES_IN_USE, { data: { ...inUse.data, value: kept } as Data });
      }
      return value;
    });
    values.set(BUFFER, this.#recorded(ref, outcome));
  }

  /**
   * Reads as many attributes at once as the meter accepts, with proof that each value is in its place; when that fails as a whole, one by
   * one.
   */
  async #outcomes(meter: Meter, refs: readonly AttributeRef<Data>[], call: CallOptions): Promise<Outcome<Data>[]> {
    if (refs.length > 1) {
      const all = await attempt(meter, () => meter.run((session) => outcomesOf(session, refs, true), call));
      if (all.ok) return all.value as Outcome<Data>[];
    }
    const outcomes: Outcome<Data>[] = [];
    for (const ref of refs) {
      const one = await attempt(meter, async () => (await meter.getAll([{ ...ref, type: data }], call))[0]);
      outcomes.push(one);
    }
    return outcomes;
  }

  #recorded(ref: AttributeRef<Data>, outcome: Outcome<Data>): Recorded {
    if (!outcome.ok) {
      if (outcome.error instanceof DecodeError) this.#note(`${attributeTarget(ref)}: ${outcome.error.message}`);
      return { refused: refusalName(outcome.error) };
    }
    return recorded(ref, outcome.value, (this.#options.clock ?? systemClock).now());
  }

  #hideSecrets(): void {
    for (const { associations, objects } of this.#devices.values()) {
      for (const { current } of associations) this.#hideSecretsIn(`15:${CURRENT_ASSOCIATION}`, current);
      for (const [name, { values }] of objects) this.#hideSecretsIn(name, values);
    }
  }

  #hideSecretsIn(name: string, values: Map<number, Recorded>): void {
    for (const [id, value] of values) {
      if (!('data' in value) || !holdsSecret(value.data, this.#secrets)) continue;
      this.#note(`${name}:${id} shows a password, secret or key: it is not recorded`);
      values.set(id, { refused: 'read-write-denied' });
    }
  }

  #note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  #mask(): Mask {
    const mask = new Mask();
    for (const { objects } of this.#devices.values()) {
      for (const { entry, values } of objects.values()) {
        for (const [id, value] of values) {
          if (!('data' in value)) continue;
          if (id === 2 && namesTheMeter(entry.class, entry.logicalName)) mask.addName(value.data);
          const means = meaningOf({ classId: entry.class, attributeId: id });
          if (means === 'hardware-address') mask.addMac(value.data);
          if (means === 'system-title' && value.data.type === 'octet-string') mask.addTitle(value.data.value);
        }
      }
    }
    if (this.#systemTitle !== undefined) mask.addTitle(this.#systemTitle);
    return mask;
  }
}

/** An error of this request alone is an outcome. @throws when the line or the association is gone. */
async function attempt<T>(meter: Meter, read: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await read() };
  } catch (error) {
    if ((error instanceof AccessError || error instanceof DecodeError) && meter.connected) return { ok: false, error };
    throw error;
  }
}

function isCurrent({ class: classId, logicalName }: TemplateEntry): boolean {
  return classId === AssociationLnV1.id && logicalName === CURRENT_ASSOCIATION;
}

function isBuffer(classId: number, id: number): boolean {
  return classId === ProfileGenericV1.id && id === BUFFER;
}

function isWanted(entry: TemplateEntry, [id, mode]: TemplateAttributeAccess, values: Map<number, Recorded>): boolean {
  const number = templateModeNumber(mode, TEMPLATE_ATTRIBUTE_MODES) ?? 0;
  const named = TEMPLATE_ATTRIBUTE_MODES[number];
  // Later versions of Association LN use bits instead of names: the first allows reading.
  const readable = named === undefined ? (number & 1) !== 0 : named.includes('read');
  if (!readable || id === 1 || isSecretAttribute(entry.class, id)) return false;
  if (id === OBJECT_LIST && isCurrent(entry)) return false;
  const known = values.get(id);
  return known === undefined || 'refused' in known;
}

function valuesOf({ objects }: DumpedDevice, entry: TemplateEntry): Map<number, Recorded> {
  const key = `${entry.class}:${entry.logicalName}`;
  const object = objects.get(key) ?? { entry, values: new Map() };
  objects.set(key, object);
  return object.values;
}

function factsOf(meter: Meter, name: string, connection: DumpedConnection): DumpedAssociation['facts'] {
  const { client = 16, security, preEstablished } = connection;
  const ciphered = isCiphered(connection);
  return {
    name,
    client,
    ciphered,
    authentication: authenticationOf(connection),
    policy: ciphered ? (security?.policy ?? 'authenticated-encryption') : 'none',
    preEstablished: preEstablished !== undefined,
    conformance: meter.association?.conformance ?? 0,
    maxReceivePduSize: meter.association?.serverMaxReceivePduSize ?? 0,
  };
}

function authenticationOf({
  authentication,
  secret,
  password,
}: DumpedConnection): DumpedAssociation['facts']['authentication'] {
  // A meter that is made of it has keys and no key pairs.
  if (authentication === 'ecdsa') return 'gmac';
  return authentication ?? (secret !== undefined ? 'hls2' : password !== undefined ? 'lls' : 'none');
}

function secretsOf({ password, secret, security }: DumpedConnection): Uint8Array[] {
  const { encryptionKey, authenticationKey, broadcastKey, dedicatedKey } = security ?? {};
  return [password, secret, encryptionKey, authenticationKey, broadcastKey, dedicatedKey]
    .filter((known) => typeof known === 'string' || known instanceof Uint8Array)
    .map((known) => (typeof known === 'string' ? fromLatin1(known) : known));
}

function maxSendPduSize(info: Recorded | undefined): number | undefined {
  if (info === undefined || !('data' in info) || info.data.type !== 'structure') return undefined;
  const size = info.data.value[2];
  return size?.type === 'long-unsigned' ? size.value : undefined;
}

function valuesJson(
  values: ReadonlyMap<number, Recorded>,
  lists: ReadonlyMap<number, string>,
  mask: Mask | undefined,
): TemplateValues {
  const sorted = [...values].sort(([a], [b]) => a - b);
  return Object.fromEntries(sorted.map(([id, value]) => [id, valueJson(value, lists, mask)]));
}

function valueJson(value: Recorded, lists: ReadonlyMap<number, string>, mask: Mask | undefined): TemplateValue {
  if (!('data' in value)) return value;
  const json = dataToJson(mask?.data(value.data) ?? value.data);
  if (value.data.type !== 'array' || lists.size === 0) return json;
  const text = JSON.stringify(json);
  for (const [client, list] of lists) if (list === text) return { 'object-list-of': client };
  return json;
}
