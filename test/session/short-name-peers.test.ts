/** Conversations of other implementations by short names: their client's octets drive our server, which has the objects of theirs. */
import { afterAll, describe, expect, it } from 'vitest';
import { mechanismId } from '../../src/apdu/acse-names.js';
import type { Aare, Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { readReadResults } from '../../src/apdu/short-names.js';
import { concat, toHex } from '../../src/base/bytes.js';
import { Reader } from '../../src/base/cursor.js';
import { logicalNameFromBytes } from '../../src/base/obis.js';
import { decodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { data } from '../../src/codec/types.js';
import type { MechanismId } from '../../src/contracts/association.js';
import { attr, type CosemClass, cosemClass, method } from '../../src/cosem/class.js';
import type { Implementation } from '../../src/cosem/implementation.js';
import { methodOffset } from '../../src/cosem/short-names.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { MeterServer } from '../../src/server/server.js';
import { type Connection, exchanges, readRecording, shortNamePeers } from './recordings.js';

const OBJECT_LIST = 0xfa08;
const RIGHTS = 0xfa10;
/** Longest APDU of the recorded C++ server. */
const MAX_SEND = 1024;
const NO_ANSWER: Apdu = { type: 'rlre' };
const NULL_DATA: Data = { type: 'null-data', value: null };

const counts = { alike: 0, answered: 0 };
afterAll(() =>
  console.log(`short names: ${counts.answered} requests answered in form, ${counts.alike} octet by octet`),
);

/** What each name gave, with the answers that came in blocks joined. */
function valuesIn(connection: Connection): Map<number, Data> {
  const values = new Map<number, Data>();
  let asked: readonly number[] = [];
  let blocks: Uint8Array[] = [];
  for (const { request, answer } of exchanges(connection)) {
    const read = decodeApdu(request, { lenient: true });
    const reply = readAnswer(answer);
    if (read.type !== 'read-request' || reply.type !== 'read-response') continue;
    const names = read.variables.flatMap((one) => (one.type === 'variable-name' ? [one.name] : []));
    if (names.length > 0) [asked, blocks] = [names, []];
    reply.results.forEach((result, i) => {
      if ('data' in result && names.length > 0) values.set(asked[i] as number, result.data);
      if (!('block' in result)) return;
      blocks.push(result.block.raw);
      // That server leaves out the list and the choice around a single value.
      if (result.block.last) values.set(asked[0] as number, joined(concat(...blocks)));
    });
  }
  return values;
}

/** The AARE of the Java server lacks a length: a refusal in any case. */
function readAnswer(answer: Uint8Array): Apdu {
  return answer[0] === 0x61 ? NO_ANSWER : decodeApdu(answer, { lenient: true });
}

function joined(octets: Uint8Array): Data {
  try {
    return decodeData(octets);
  } catch {
    const [result] = readReadResults(new Reader(octets), undefined);
    return result !== undefined && 'data' in result ? result.data : NULL_DATA;
  }
}

function fields(value: Data | undefined): readonly Data[] {
  return value?.type === 'structure' || value?.type === 'array' ? value.value : [];
}

const number = (value: Data | undefined) => Number((value as { value: number }).value);

/** A device with the objects of the recorded one, under its base names, with the values that were read. */
function deviceOf(connection: Connection): LogicalDevice {
  const values = valuesIn(connection);
  const listed = fields(values.get(OBJECT_LIST)).map((entry) => {
    const [base, classId, version, name] = fields(entry);
    const bytes = (name as { value: Uint8Array }).value;
    return {
      base: number(base) & 0xffff,
      classId: number(classId),
      version: number(version),
      name: logicalNameFromBytes(bytes),
    };
  });
  const rights = new Map(
    fields(values.get(RIGHTS)).map((entry) => {
      const [base, attributes, methods] = fields(entry);
      const ids = (list: Data | undefined) => fields(list).map((item) => number(fields(item)[0]));
      return [number(base) & 0xffff, { attributes: ids(attributes), methods: ids(methods) }] as const;
    }),
  );
  const others = listed.filter(({ base }) => base !== 0xfa00).sort((a, b) => a.base - b.base);
  const device = new LogicalDevice({ baseNames: Object.fromEntries(others.map(({ name, base }) => [name, base])) });
  const first = decodeApdu(exchanges(connection)[0]?.request as Uint8Array);
  const mechanism = (first.type === 'aarq' && first.mechanismName && mechanismId(first.mechanismName)) || 0;
  device.associate({
    client: connection.client,
    name: 'recorded',
    logicalName: '0.0.40.0.1.255',
    context: 'sn',
    mechanism: mechanism as Exclude<MechanismId, 7>,
    ...(mechanism === 0 ? {} : { secret: new TextEncoder().encode('Gurux') }),
    conformance: 0x401e1d,
    maxReceivePduSize: MAX_SEND,
    maxSendPduSize: MAX_SEND,
  });
  others.forEach(({ base, classId, version, name }, i) => {
    const room = ((others[i + 1]?.base ?? base + 0x40) - base) / 8;
    const { attributes, methods: called } = rights.get(base) ?? {
      attributes: Array.from({ length: room }, (_, at) => at + 1),
      methods: [],
    };
    // That server gives the methods of class 29 names of the object behind.
    const methods = called.filter(() => classId !== 29);
    const cosem = cosemClass({
      name: `class ${classId}`,
      id: classId,
      version,
      attributes: Object.fromEntries(attributes.slice(1).map((id) => [`attribute${id}`, attr(id, data)])),
      methods: Object.fromEntries(methods.map((id) => [`method${id}`, method(id, data, data)])),
    }) as unknown as CosemClass;
    const implementation = {
      ...Object.fromEntries(
        attributes.slice(1).map((id) => {
          let value = values.get(base + (id - 1) * 8) ?? NULL_DATA;
          const set = (changed: Data) => {
            value = changed;
          };
          return [`attribute${id}`, { get: () => value, set }];
        }),
      ),
      ...Object.fromEntries(methods.map((id) => [`method${id}`, () => values.get(base + methodOffset(cosem, id))])),
    };
    device.add(object(cosem, name, implementation as unknown as Implementation<CosemClass>));
  });
  return device;
}

/** What makes an answer one of another server than ours: the object list and what follows it in blocks. */
function comparable(request: Apdu, answer: Apdu): boolean {
  if (request.type !== 'read-request' || answer.type !== 'read-response') return false;
  const named = request.variables.every((one) => one.type === 'variable-name' && one.name < 0xf000);
  return named && answer.results.every((result) => 'data' in result);
}

describe.skipIf(shortNamePeers.length === 0)("their client's octets drive our server", () => {
  it.each(shortNamePeers)('%s', (name) => {
    const recording = readRecording(name, 'short-names');
    expect(recording.connections.length).toBeGreaterThan(0);
    for (const connection of recording.connections) {
      const server = new MeterServer({
        crypto: nobleCrypto,
        systemTitle: new Uint8Array(8),
        devices: [deviceOf(connection)],
      });
      const session = () => server.session(connection.client, 1)?.state;
      for (const { request, answer } of exchanges(connection)) {
        const ours = server.handle(connection.client, 1, request, 0) as Uint8Array;
        const asked = decodeApdu(request, { lenient: true });
        const theirs = readAnswer(answer);
        // What our own server sends reads strictly.
        const reply = decodeApdu(ours);
        counts.answered += 1;
        if (asked.type === 'aarq') {
          expect((reply as Aare).result).toBe(0);
          expect(session()).toBe('associated');
        } else if (asked.type === 'rlrq') {
          expect(reply.type).toBe('rlre');
        } else {
          expect(session()).toBe('associated');
          expect(reply.type).toBe(`${asked.type.replace('request', 'response')}`);
          if (!comparable(asked, theirs)) continue;
          expect(toHex(ours)).toBe(toHex(encodeApdu(theirs)));
          counts.alike += 1;
        }
      }
    }
  });
});
