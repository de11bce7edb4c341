/** Read, Write and UnconfirmedWrite of a server with short names: what each request gets, in clear. */
import { describe, expect, it } from 'vitest';
import { contextOid } from '../../src/apdu/acse-names.js';
import type { Aare, Apdu, InitiateResponse } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits, conformanceNames } from '../../src/apdu/conformance.js';
import type { ReadResult, VariableAccess } from '../../src/apdu/short-name-apdus.js';
import { readReadResults, writeAssignments, writeVariables } from '../../src/apdu/short-names.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { Reader, Writer } from '../../src/base/cursor.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { readGeneralizedTime } from '../../src/codec/generalized-time.js';
import { octets, u32 } from '../../src/codec/make.js';
import { data } from '../../src/codec/types.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import { Register } from '../../src/cosem/classes/storage.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { attribute, CLIENT, ECHO, setup } from './harness.js';

const ALL = conformanceBits([
  'read',
  'write',
  'unconfirmed-write',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'multiple-references',
  'parameterized-access',
]);
/** Objects in the order in which the harness adds them: the numbered association, then Echo, a register, a data. */
const ASSOCIATION = 0x0100;
const ECHO_NAME = 0x0160;
const REGISTER = ECHO_NAME + 0x20;

interface Options {
  readonly proposed?: number;
  readonly server?: Partial<AssociationDefinition>;
  readonly context?: 1 | 2 | 3 | 4;
  readonly maxReceive?: number;
}

function open({ proposed = ALL, server = {}, context = 2, maxReceive = 0xffff }: Options = {}) {
  const all = setup({ server: { context: 'sn', ...server } });
  const send = (apdu: Apdu | Uint8Array) => {
    const answer = all.server.handle(CLIENT, 1, apdu instanceof Uint8Array ? apdu : encodeApdu(apdu), 0);
    return answer === undefined ? undefined : decodeApdu(answer);
  };
  const aare = send({
    type: 'aarq',
    applicationContextName: contextOid(context),
    userInformation: encodeApdu({
      type: 'initiate-request',
      responseAllowed: true,
      proposedDlmsVersionNumber: 6,
      proposedConformance: proposed,
      clientMaxReceivePduSize: maxReceive,
    }),
  }) as Aare;
  const read = (...variables: VariableAccess[]) => send({ type: 'read-request', variables });
  const write = (variables: VariableAccess[], values: Data[]) => send({ type: 'write-request', variables, values });
  return { ...all, send, aare, read, write };
}

const named = (name: number): VariableAccess => ({ type: 'variable-name', name });
const called = (name: number, parameter: Data, selector = 0): VariableAccess => ({
  type: 'parameterized-access',
  name,
  selector,
  parameter,
});

function results(answer: Apdu | undefined): readonly ReadResult[] {
  if (answer?.type !== 'read-response') throw new Error(`a ${answer?.type} came`);
  return answer.results;
}

function items(value: Data | undefined): readonly Data[] {
  return value?.type === 'array' || value?.type === 'structure' ? value.value : [];
}

function terms({ userInformation }: Aare): InitiateResponse {
  return decodeApdu(userInformation as Uint8Array) as InitiateResponse;
}

describe('the association', () => {
  it('opens in context 2 with the base name FA00 and the services that both have', () => {
    const { aare, state } = open({ proposed: ALL | conformanceBits(['get', 'data-notification']) });
    expect(aare.result).toBe(0);
    expect(toHex(aare.applicationContextName)).toBe('60857405080102');
    expect(terms(aare).vaaName).toBe(0xfa00);
    expect(terms(aare).negotiatedConformance).toBe(ALL | conformanceBits(['data-notification']));
    expect(state()).toBe('associated');
  });

  it.each([1, 3, 4] as const)('refuses context %i, naming its own', (context) => {
    const { aare, state } = open({ context });
    expect([aare.result, aare.resultSourceDiagnostic.diagnostic]).toEqual([1, 2]);
    expect(toHex(aare.applicationContextName)).toBe('60857405080102');
    expect(state()).toBe('idle');
  });

  it('takes either naming where both are offered, and answers in the one that was asked for', () => {
    const server = { context: 'ln', bothNamings: true } as const;
    const short = open({ server });
    expect(terms(short.aare).vaaName).toBe(0xfa00);
    expect(results(short.read(named(REGISTER + 8)))).toEqual([{ data: u32(123456) }]);
    const logical = open({ server, context: 1, proposed: conformanceBits(['get']) });
    expect(terms(logical.aare).vaaName).toBe(7);
    expect(
      logical.send({ type: 'get-request-normal', invokeId: 0xc1, attribute: attribute(3, '1.0.1.8.0.255', 2) }),
    ).toEqual({ type: 'get-response-normal', invokeId: 0xc1, result: { data: u32(123456) } });
  });

  it('answers a Read in an association by logical names, and a GET in one by short names, with D8 02 03', () => {
    const unknown = { type: 'exception-response', stateError: 2, serviceError: 3 };
    const get: Apdu = { type: 'get-request-normal', invokeId: 0xc1, attribute: attribute(3, '1.0.1.8.0.255', 2) };
    expect(open().send(get)).toEqual(unknown);
    const logical = open({ server: { context: 'ln' }, context: 1, proposed: conformanceBits(['get']) });
    expect(logical.read(named(REGISTER + 8))).toEqual(unknown);
    expect(logical.send(fromHex('0501'))).toEqual(unknown);
  });

  it('serves a client that proposes services of logical names alone, and grants it nothing else', () => {
    const { aare, read } = open({ proposed: 0x401e1d });
    expect(conformanceNames(terms(aare).negotiatedConformance & ALL)).toEqual([
      'block-transfer-with-get-or-read',
      'block-transfer-with-set-or-write',
      'multiple-references',
    ]);
    expect(terms(aare).negotiatedConformance & ~0x401e1d).toBe(0);
    expect(results(read(named(REGISTER + 8)))).toEqual([{ data: u32(123456) }]);
  });

  it('ends by an RLRQ, after which nothing is read', () => {
    const { send, read, state } = open();
    expect(send({ type: 'rlrq', reason: 0 })).toMatchObject({ type: 'rlre', reason: 0 });
    expect(state()).toBe('idle');
    expect(read(named(REGISTER))).toMatchObject({ type: 'exception-response' });
  });
});

describe('Read', () => {
  it('reads attributes, each with its own result', () => {
    const { read } = open();
    const name = octets(logicalNameToBytes('1.0.1.8.0.255'));
    expect(results(read(named(REGISTER), named(REGISTER + 8), named(0x9000), named(REGISTER + 4)))).toEqual([
      { data: name },
      { data: u32(123456) },
      { error: 4 },
      { error: 4 },
    ]);
  });

  it('calls a method that answers, with its parameter', () => {
    const { read } = open();
    // Echo has two attributes and methods from the third place on.
    expect(results(read(called(ECHO_NAME + 0x10, u32(77))))).toEqual([{ data: u32(77) }]);
    expect(results(read(called(ECHO_NAME + 0x18, u32(77))))).toEqual([{ data: { type: 'null-data', value: null } }]);
  });

  it('refuses parts of attributes that cannot be selected, and parameterized access that was not negotiated', () => {
    expect(results(open().read(called(REGISTER + 8, u32(1), 1)))).toEqual([{ error: 12 }]);
    const without = open({ proposed: ALL & ~conformanceBits(['parameterized-access']) });
    expect(results(without.read(called(ECHO_NAME + 0x10, u32(1))))).toEqual([{ error: 13 }]);
  });

  it.each([
    ['a list without multiple references', 'multiple-references', [named(REGISTER), named(REGISTER + 8)], [5, 3, 2]],
    ['a Read where only Write was agreed', 'read', [named(REGISTER)], [5, 3, 2]],
  ] as const)('refuses %s by a confirmed-service-error', (_, missing, variables, [service, category, value]) => {
    const { read } = open({ proposed: ALL & ~conformanceBits([missing]) });
    expect(read(...variables)).toEqual({ type: 'confirmed-service-error', service, category, value });
  });

  it.each(['05', '0501', '050109', '05010208', '0506FFFF', '05020205080501'])('refuses the malformed %s', (hex) => {
    const { send, read } = open();
    expect(send(fromHex(hex))).toMatchObject({ type: 'confirmed-service-error', service: 5 });
    expect(results(read(named(REGISTER + 8)))).toEqual([{ data: u32(123456) }]);
  });

  it('sends long answers in blocks, and each answer as long as was agreed', () => {
    const value = octets(new Uint8Array(500).map((_, i) => i));
    const { read, write, server } = open({ maxReceive: 64 });
    write([named(ECHO_NAME + 8)], [value]);
    let answer = results(read(named(REGISTER + 8), named(ECHO_NAME + 8), named(0x9000)))[0];
    const raw: Uint8Array[] = [];
    let number = 0;
    while (answer !== undefined && 'block' in answer) {
      expect(answer.block.number).toBe(++number);
      raw.push(answer.block.raw);
      if (answer.block.last) break;
      expect(server.session(CLIENT, 1)?.transferring).toBe(true);
      const next = server.handle(
        CLIENT,
        1,
        encodeApdu({ type: 'read-request', variables: [{ type: 'block-number-access', blockNumber: number }] }),
        0,
      ) as Uint8Array;
      expect(next.length).toBeLessThanOrEqual(64);
      answer = results(decodeApdu(next))[0];
    }
    expect(number).toBeGreaterThan(8);
    expect(readReadResults(new Reader(concat(...raw)), undefined)).toEqual([
      { data: u32(123456) },
      { data: value },
      { error: 4 },
    ]);
    expect(server.session(CLIENT, 1)?.transferring).toBe(false);
  });

  it.each([
    ['of no transfer', 'none', 1, 16],
    ['that was not the last', 'other', 7, 19],
  ])('refuses the block after one %s, and ends the transfer', (_, kind, blockNumber, error) => {
    const { read, write, server } = open({ maxReceive: 64 });
    write([named(ECHO_NAME + 8)], [octets(new Uint8Array(500))]);
    if (kind !== 'none') read(named(ECHO_NAME + 8));
    expect(results(read({ type: 'block-number-access', blockNumber }))).toEqual([{ error }]);
    expect(server.session(CLIENT, 1)?.transferring).toBe(false);
  });

  it('refuses an answer that is too long where blocks were not agreed', () => {
    const { read, write } = open({
      maxReceive: 64,
      proposed: ALL & ~conformanceBits(['block-transfer-with-get-or-read']),
    });
    write([named(ECHO_NAME + 8)], [octets(new Uint8Array(100))]);
    expect(read(named(ECHO_NAME + 8))).toEqual({
      type: 'confirmed-service-error',
      service: 5,
      category: 3,
      value: 1,
    });
  });
});

function block(last: boolean, number: number, raw: Uint8Array): VariableAccess {
  return { type: 'read-data-block-access', block: { last, number, raw } };
}

describe('requests in blocks', () => {
  const w = new Writer(64);
  writeVariables(w, [called(ECHO_NAME + 0x10, octets(new Uint8Array(40).fill(7))), named(REGISTER + 8)]);
  const long = w.finish();

  it('of Read are acknowledged and answered when they are whole', () => {
    const { read } = open();
    expect(results(read(block(false, 1, long.subarray(0, 20))))).toEqual([{ blockNumber: 1 }]);
    expect(results(read(block(false, 2, long.subarray(20, 21))))).toEqual([{ blockNumber: 2 }]);
    expect(results(read(block(true, 3, long.subarray(21))))).toEqual([
      { data: octets(new Uint8Array(40).fill(7)) },
      { data: u32(123456) },
    ]);
  });

  it('of Write are acknowledged and carried out when they are whole, and not before', () => {
    const { write, stored } = open();
    const lists = new Writer(64);
    writeAssignments(lists, [named(ECHO_NAME + 8), named(REGISTER + 8)], [octets(new Uint8Array(99).fill(5)), u32(1)]);
    const raw = lists.finish();
    const send = (last: boolean, blockNumber: number, part: Uint8Array) =>
      write([{ type: 'write-data-block-access', last, blockNumber }], [octets(part)]);
    expect(send(false, 1, raw.subarray(0, 60))).toEqual({ type: 'write-response', results: [{ blockNumber: 1 }] });
    expect(stored()).toEqual(u32(0));
    expect(send(true, 2, raw.subarray(60))).toEqual({
      type: 'write-response',
      results: [{ result: 0 }, { result: 3 }],
    });
    expect(stored()).toEqual(octets(new Uint8Array(99).fill(5)));
  });

  it.each([
    ['one that is missing', [1, 3], 19],
    ['one that begins in the middle', [2], 18],
  ])('of Write end by %s', (_, numbers, result) => {
    const { write, server, stored } = open();
    const send = (blockNumber: number) =>
      write([{ type: 'write-data-block-access', last: false, blockNumber }], [octets(new Uint8Array(4))]);
    expect(numbers.map(send).at(-1)).toEqual({ type: 'write-response', results: [{ result }] });
    expect(server.session(CLIENT, 1)?.transferring).toBe(false);
    expect(stored()).toEqual(u32(0));
  });

  it('are refused where blocks were not agreed, or are blocks again', () => {
    const without = open({ proposed: ALL & ~conformanceBits(['block-transfer-with-get-or-read']) });
    expect(results(without.read(block(true, 1, long)))).toEqual([{ error: 15 }]);
    const nested = new Writer(64);
    writeVariables(nested, [block(true, 1, long)]);
    expect(open().read(block(true, 1, nested.finish()))).toMatchObject({ type: 'confirmed-service-error', service: 5 });
    expect(open().read(block(true, 1, long.subarray(0, 9)))).toMatchObject({ type: 'confirmed-service-error' });
  });
});

describe('Write', () => {
  it('writes attributes and calls methods, each with its own result', () => {
    const { write, stored } = open();
    expect(
      write(
        [named(ECHO_NAME + 8), named(ECHO_NAME + 0x18), named(REGISTER + 8), named(0x9000)],
        [u32(5), u32(6), u32(7), u32(8)],
      ),
    ).toEqual({ type: 'write-response', results: [{ result: 0 }, { result: 0 }, { result: 3 }, { result: 4 }] });
    expect(stored()).toEqual(u32(5));
  });

  it('is carried out by UnconfirmedWrite as well, which is never answered', () => {
    const { send, stored } = open();
    const unconfirmed = (name: number, value: number): Apdu => ({
      type: 'unconfirmed-write-request',
      variables: [named(name)],
      values: [u32(value)],
    });
    expect(send(unconfirmed(ECHO_NAME + 8, 9))).toBeUndefined();
    expect(stored()).toEqual(u32(9));
    expect(send(unconfirmed(0x9000, 10))).toBeUndefined();
    expect(send(fromHex('160102'))).toBeUndefined();
    const without = open({ proposed: ALL & ~conformanceBits(['unconfirmed-write']) });
    expect(without.send(unconfirmed(ECHO_NAME + 8, 9))).toBeUndefined();
    expect(without.stored()).toEqual(u32(0));
  });

  it('is refused before anything is written where its answer would be too long', () => {
    const { write, stored } = open({ maxReceive: 32 });
    const names = Array.from({ length: 20 }, () => named(ECHO_NAME + 8));
    expect(
      write(
        names,
        names.map(() => u32(3)),
      ),
    ).toMatchObject({ type: 'confirmed-service-error', service: 6, value: 1 });
    expect(stored()).toEqual(u32(0));
  });
});

describe('the Association SN', () => {
  it('lists the objects with their base names and the rights to them', () => {
    const { read } = open();
    const [list, rights] = results(read(named(0xfa08), named(0xfa10))) as { data: Data }[];
    const entries = items(list?.data).map((entry) => items(entry).map((one) => one.value));
    expect(entries.map(([base, classId]) => [(base as number) & 0xffff, classId])).toEqual([
      [0xfa00, 12],
      [ASSOCIATION, 12],
      [ECHO_NAME, 9000],
      [REGISTER, 3],
      [REGISTER + 0x30, 1],
    ]);
    expect(items(rights?.data).length).toBe(entries.length);
  });

  it('reads by logical names', () => {
    const { read } = open();
    const id = (name: string, classId: number, index: number): Data => ({
      type: 'structure',
      value: [
        { type: 'long-unsigned', value: classId },
        octets(logicalNameToBytes(name)),
        { type: 'integer', value: index },
      ],
    });
    const by = (...ids: Data[]) => results(read(called(0xfa30, { type: 'array', value: ids })));
    expect(by(id('1.0.1.8.0.255', 3, 2))).toEqual([{ data: u32(123456) }]);
    expect(by(id('1.0.1.8.0.255', 3, 2), id(ECHO, 9000, 2))).toEqual([
      { data: { type: 'structure', value: [u32(123456), u32(0)] } },
    ]);
    expect(data.decode((by(id('0.0.96.1.0.255', 1, 0))[0] as { data: Data }).data)).toMatchObject({
      value: [octets(logicalNameToBytes('0.0.96.1.0.255')), u32(7)],
    });
    expect(by(id('1.0.1.8.0.255', 1, 2))).toEqual([{ error: 4 }]);
    expect(by(u32(1))).toEqual([{ error: 12 }]);
  });
});

describe('what the server reports by itself', () => {
  const energy = attribute(3, '1.0.1.8.0.255', 2);
  const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 23, 4, 30)), -330);

  it('is an InformationReport with the name of the attribute', () => {
    const { server } = open();
    const report = decodeApdu(server.eventNotification(CLIENT, 1, energy, 0, time) as Uint8Array);
    if (report.type !== 'information-report-request') throw new Error(report.type);
    expect([report.names, report.values]).toEqual([[REGISTER + 8], [u32(123456)]]);
    expect(readGeneralizedTime(report.currentTime as Uint8Array)?.toMillis()).toBe(time.toMillis());
  });

  it('is nothing of an object that the client does not see', () => {
    const { server } = open();
    expect(server.eventNotification(CLIENT, 1, attribute(3, '1.0.9.9.9.255', 2), 0, time)).toBeUndefined();
  });
});

describe('base names', () => {
  const sn = (options: ConstructorParameters<typeof LogicalDevice>[0]) => {
    const device = new LogicalDevice(options);
    device.associate({ ...setup().definition, context: 'sn' });
    return device;
  };
  const register = (name: string) =>
    object(Register, name, { value: () => u32(1), scalerUnit: { scaler: 0, unit: 'Wh' } });
  const at = (device: LogicalDevice, name: string) =>
    device.shortNameOf({ classId: 3, instanceId: logicalNameToBytes(name), attributeId: 1 }, CLIENT);

  it('are those that are given, and for the others the next free ones', () => {
    const device = sn({ baseNames: { '1.0.2.8.0.255': 0x0180, '1.0.4.8.0.255': 0x4000 } });
    for (const c of [1, 2, 3, 4]) device.add(register(`1.0.${c}.8.0.255`));
    // The numbered association takes 0100 to 015F; a register of 30 does not fit before 0180.
    expect([1, 2, 3, 4].map((c) => at(device, `1.0.${c}.8.0.255`))).toEqual([0x01b0, 0x0180, 0x01e0, 0x4000]);
    expect(device.named(0x01b8, { client: CLIENT })).toMatchObject({ classId: 3, attributeId: 2 });
    expect(device.named(0x01b0 + 0x28, { client: CLIENT })).toMatchObject({ classId: 3, methodId: 1 });
  });

  it.each([
    ['overlap', { '1.0.1.8.0.255': 0x0200, '1.0.2.8.0.255': 0x0228 }, 'reach into those of'],
    ['reach into the association', { '1.0.1.8.0.255': 0xf9e0 }, 'reach into those of'],
    ['reach beyond the last one', { '1.0.1.8.0.255': 0xfff8 }, 'reach into the end'],
  ])('may not %s', (_, baseNames, message) => {
    const device = sn({ baseNames });
    expect(() => [1, 2].forEach((c) => void device.add(register(`1.0.${c}.8.0.255`)))).toThrow(message);
  });

  it('are multiples of 8', () => {
    expect(() => new LogicalDevice({ baseNames: { '1.0.1.8.0.255': 0x0104 } })).toThrow('base name');
  });
});
