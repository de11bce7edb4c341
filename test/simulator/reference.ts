/**
 * A virtual meter beside the recorded one of `../shared/reference/is15959-model.json`: our dump, made through the client over all six
 * associations, is compared object by object, attribute by attribute, right by right. What differs comes out as lines of text.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type MeterProfile, openOptionsOf, type QuirkName } from '../../simulator/index.js';
import type { Template } from '../../src/cosem/template.js';
import { dataFromJson, dataToJson } from '../../src/protocol.js';
import { MeterDump } from '../../src/tools.js';
import { Bench } from './support.js';

const MODEL = '../shared/reference/is15959-model.json';
export const hasModel = existsSync(MODEL);

/** A value as the model writes it: one key is the type, others are for people. */
type Example = Readonly<Record<string, unknown>>;

interface Member {
  readonly id: number;
  readonly type?: string;
  readonly example?: Example;
  readonly access: Readonly<Record<string, string>>;
}

interface Columns {
  readonly obis: string;
  readonly capture_objects: readonly { class: number; obis: string; attr: number; data_index: number }[];
}

export interface Model {
  readonly associations: readonly {
    client_sap: number;
    association_object: string;
    authentication_mechanism_id: number;
    application_context: string;
    conformance_on_wire_bits?: string;
    objects?: number;
    pdu?: { max_receive: number; max_send: number };
    security: { policy?: number };
    pre_established?: boolean;
  }[];
  readonly objects: readonly {
    class: number;
    version: number;
    obis: string;
    attributes: readonly Member[];
    methods?: readonly Member[];
  }[];
  readonly profiles: readonly (Columns & { column_types?: readonly string[] })[];
  readonly variants: {
    single_phase_D1: {
      profiles: readonly Columns[];
      push_setups: readonly { obis: string; object_list: Columns['capture_objects'] }[];
    };
  };
}

export function readModel(): Model {
  return JSON.parse(readFileSync(MODEL, 'utf8')) as Model;
}

const CONNECTIONS = ['public', 'reader', 'utility', 'push', 'firmware', 'ihd'] as const;
const AUTHENTICATIONS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'];
const POLICIES = ['none', 'authentication', 'encryption', 'authenticated-encryption'];
/** Clients of the recorded meter. */
const CLIENTS = [16, 32, 48, 64, 80];
const TYPES = new Set(
  'null-data array structure boolean bit-string double-long double-long-unsigned octet-string visible-string utf8-string bcd integer long unsigned long-unsigned compact-array long64 long64-unsigned enum float32 float64 date-time date time error'.split(
    ' ',
  ),
);
const CURRENT = '0.0.40.0.0.255';

/** Everything that a meter shows to all its clients. */
export async function dumpOf(profile: MeterProfile, quirks: readonly QuirkName[] = []) {
  const bench = new Bench({ profile, quirks });
  const dump = new MeterDump({ clock: bench.clock, rows: 1 });
  for (const name of CONNECTIONS) {
    const meter = await bench.open(name);
    await dump.add(meter, name, openOptionsOf(bench.meter, name));
    await meter.close();
  }
  return dump.template();
}

/** The value alone. */
function plain(example: Example): Example {
  const type = Object.keys(example).find((key) => TYPES.has(key)) as string;
  const value = example[type];
  if (type.endsWith('octet-string')) return { [type]: String(value).toLowerCase() };
  return { [type]: Array.isArray(value) ? value.map((element) => plain(element as Example)) : value };
}

/** Types without values: elements of an array count once. */
function shape(example: Example): string {
  const [type, value] = Object.entries(example)[0] as [string, unknown];
  if (type === 'structure') return `structure(${(value as Example[]).map(shape).join(' ')})`;
  if (type !== 'array') return type;
  const elements = [...new Set((value as Example[]).map(shape))];
  return elements.length === 0 ? 'array' : `array(${elements.join(' | ')})`;
}

/** An empty array may be one of anything. */
function sameShape(a: string, b: string): boolean {
  const pattern = (text: string) =>
    new RegExp(`^${text.replace(/[()|]/g, '\\$&').replace(/\barray\b(?!\\\()/g, 'array(?:\\(.*\\))?')}$`);
  return a === b || pattern(a).test(b) || pattern(b).test(a);
}

/** What a dump holds of an attribute, as a value; things that go on by themselves by their type. */
function recorded(value: unknown): { readonly example?: Example; readonly type: string } | undefined {
  if (value === undefined) return undefined;
  const live = value as Record<string, unknown>;
  if ('clock' in live) return { type: (live.clock as { type: string }).type };
  if ('invocation-counter' in live) return { type: String(live['invocation-counter']) };
  if ('object-list-of' in live) return { type: 'array' };
  if ('refused' in live) return { type: `refused: ${String(live.refused)}` };
  const example = dataToJson(dataFromJson(live as Parameters<typeof dataFromJson>[0])) as Example;
  return { example, type: Object.keys(example)[0] as string };
}

const right = (mode: unknown): string => {
  const text = String(mode);
  return `${text.includes('read') ? 'R' : ''}${text.includes('write') ? 'W' : ''}` || '-';
};

/** What differs, a line each: `value 8 0.0.1.0.0.255:3: {"long":630} there, {"long":-330} here`. */
export function compare(model: Model, template: Template, profile: MeterProfile): string[] {
  const device = template.devices[0]!;
  const lines: string[] = [];
  const differ = (what: string, there: unknown, here: unknown) => {
    const [a, b] = [there, here].map((side) => (typeof side === 'string' ? side : JSON.stringify(side)));
    if (a !== b) lines.push(`${what}: ${a} there, ${b} here`);
  };
  const values = new Map(device.objects.map((object) => [`${object.class} ${object.logicalName}`, object.values]));

  for (const fact of model.associations) {
    const own = device.associations.find(({ client }) => client === fact.client_sap)!;
    const what = `association ${fact.client_sap}`;
    differ(`${what} mechanism`, AUTHENTICATIONS[fact.authentication_mechanism_id], own.authentication);
    differ(`${what} ciphered`, fact.client_sap !== 16, own.ciphered);
    if (fact.security.policy !== undefined) differ(`${what} policy`, POLICIES[fact.security.policy], own.policy);
    if (fact.conformance_on_wire_bits)
      differ(`${what} conformance`, Number.parseInt(fact.conformance_on_wire_bits, 2), own.conformance);
    if (fact.objects !== undefined) differ(`${what} objects`, fact.objects, own.objectList.length);
    if (fact.pdu)
      differ(`${what} pdu`, [fact.pdu.max_receive, fact.pdu.max_send], [own.maxReceivePduSize, own.maxSendPduSize]);
    if (CLIENTS.includes(fact.client_sap))
      differ(`${what} pre-established`, fact.pre_established === true, own.preEstablished);
  }

  const known = new Set<string>();
  const single = profile === 'is15959-1ph';
  for (const fact of model.objects) {
    const name = `${fact.class} ${fact.obis}`;
    known.add(name);
    const listed = device.associations.flatMap(({ client, objectList }) =>
      objectList
        .filter((entry) => entry.class === fact.class && entry.logicalName === fact.obis)
        .map((entry) => ({ client, entry })),
    );
    if (listed.length === 0) {
      lines.push(`object ${name}: there alone`);
      continue;
    }
    differ(`version ${name}`, fact.version, listed[0]!.entry.version);
    for (const client of CLIENTS) {
      const entry = listed.find((one) => one.client === client)?.entry;
      for (const { id, access } of fact.attributes) {
        const mode = entry?.attributes.find(([attribute]) => attribute === id)?.[1];
        differ(
          `right ${name}:${id} client ${client}`,
          access[client] ?? 'none',
          mode === undefined ? 'none' : right(mode),
        );
      }
      for (const { id, access } of fact.methods ?? []) {
        const mode = entry?.methods.find(([method]) => method === id)?.[1];
        const mine = mode !== undefined && mode !== 'no-access' && mode !== false;
        differ(`right ${name}:${id}() client ${client}`, access[client] === 'X', mine);
      }
    }
    const own =
      fact.obis === CURRENT ? device.associations.find(({ client }) => client === 48)!.current : values.get(name);
    for (const { id, type, example } of fact.attributes) {
      // The names are in the list, and so is the list.
      if (id === 1 || (fact.class === 15 && id === 2)) continue;
      const mine = recorded(own?.[id]);
      if (mine === undefined) {
        if (type !== undefined) lines.push(`value ${name}:${id}: ${type} there, none here`);
        continue;
      }
      if (type === undefined) {
        lines.push(`value ${name}:${id}: none there, ${mine.type} here`);
        continue;
      }
      if (example === undefined || mine.example === undefined)
        differ(`type ${name}:${id}`, type.replace(/\[.*/, ''), mine.type);
      else {
        const [there, here] = [plain(example), plain(mine.example)];
        const [a, b] = [shape(there), shape(here)];
        if (!sameShape(a, b)) differ(`type ${name}:${id}`, a, b);
        else if (isSetting(fact.class, id) && !(single && fact.class === 40 && id === 2))
          differ(`value ${name}:${id}`, there, here);
      }
    }
  }
  for (const { client, objectList } of device.associations) {
    for (const entry of objectList) {
      const name = `${entry.class} ${entry.logicalName}`;
      if (!known.has(name)) lines.push(`object ${name} client ${client}: here alone`);
    }
  }
  // Of single-phase meters a recorded one in the field tells the columns and what is pushed.
  const { profiles, push_setups: pushes } = model.variants.single_phase_D1;
  for (const fact of single ? profiles : model.profiles) {
    lines.push(...compareColumns(`columns ${fact.obis}`, fact, values.get(`7 ${fact.obis}`), 3));
  }
  if (single) {
    for (const { obis, object_list: list } of pushes) {
      lines.push(...compareColumns(`push ${obis}`, { obis, capture_objects: list }, values.get(`40 ${obis}`), 2));
    }
  }
  return lines;
}

/** Columns of a profile, or what a push lists; and the types of their values in a row. */
function compareColumns(
  what: string,
  fact: Columns & { column_types?: readonly string[] },
  own: Readonly<Record<string, unknown>> | undefined,
  attribute: number,
): string[] {
  if (own === undefined) return [`${what}: there alone`];
  const wanted = fact.capture_objects.map(({ class: id, obis, attr, data_index: i }) => [id, obis, attr, i].join(':'));
  const mine = columnsOf(own[attribute]);
  if (mine.join() !== wanted.join()) return [`${what}: ${changed(wanted, mine)}`];
  const row = attribute === 3 ? (recorded(own[2])?.example?.array as Example[] | undefined)?.[0] : undefined;
  return ((row?.structure ?? []) as Example[]).flatMap((cell, i) => {
    const there = fact.column_types?.[i];
    const here = Object.keys(cell)[0];
    return there === undefined || there === here ? [] : [`${what} ${mine[i]}: ${there} there, ${here} here`];
  });
}

function columnsOf(value: unknown): string[] {
  return ((recorded(value)?.example?.array ?? []) as { structure: Example[] }[]).map(
    ({ structure: [classId, obis, attr, index] }) => {
      const name = String(obis!['octet-string'])
        .match(/../g)!
        .map((octet) => Number.parseInt(octet, 16))
        .join('.');
      return [classId!['long-unsigned'], name, attr!.integer, index!['long-unsigned']].join(':');
    },
  );
}

function changed(wanted: readonly string[], mine: readonly string[]): string {
  const gone = wanted.filter((column) => !mine.includes(column));
  const added = mine.filter((column) => !wanted.includes(column));
  return gone.length + added.length === 0
    ? 'another order'
    : `${gone.map((c) => `-${c}`).join(' ')} ${added.map((c) => `+${c}`).join(' ')}`.trim();
}

/** Whether an attribute is configuration, whose value can be compared, and not what a meter measured or counted. */
function isSetting(classId: number, id: number): boolean {
  switch (classId) {
    case 1:
      return true;
    case 3:
      return id === 3;
    case 4:
      return id === 3 || id === 4;
    case 7:
      return id !== 7 && id !== 2;
    case 8:
      return id !== 2;
    default:
      return true;
  }
}
