/**
 * Meters with short names through `open` as it ships. The recorded ones answer what they were recorded to answer, variable by variable: in the
 * recordings another client asks in its own order, and ours asks in its own.
 */
import { describe, expect, it } from 'vitest';
import { VirtualLine } from '../../simulator/index.js';
import type { ReadResult, VariableAccess } from '../../src/apdu/short-name-apdus.js';
import { writeReadResults } from '../../src/apdu/short-names.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { Writer } from '../../src/base/cursor.js';
import { AssociationError } from '../../src/base/errors.js';
import { NamingChoice } from '../../src/client/naming-choice.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import {
  arrayOf,
  enumValue,
  i8,
  i16,
  nullValue,
  octets,
  structureOf,
  u8,
  u16,
  u32,
  visible,
} from '../../src/codec/make.js';
import { type Meter, type OpenOptions, open } from '../../src/index.js';
import { type Apdu, decodeApdu, encodeApdu, type Link, WrapperLink } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';
import { exchanges, readRecording, shortNamePeers } from '../session/recordings.js';

type Answer = (apdu: Apdu, octets: Uint8Array) => Apdu | Uint8Array | undefined;

/** A line with a server behind the wrapper that answers so. */
function lineTo(clock: VirtualClock, answer: Answer) {
  const virtual = new VirtualLine(clock, {});
  const link: Link = new WrapperLink('server', { devices: [1] } as never);
  void serveLink(virtual.b, link, clock, {
    payload: ({ bytes }) => {
      const given = answer(decodeApdu(bytes, { lenient: true }), bytes);
      return given === undefined || given instanceof Uint8Array ? given : encodeApdu(given);
    },
  });
  return virtual.a;
}

async function opened(
  answer: Answer,
  options: OpenOptions = {},
): Promise<{ readonly meter: Meter; readonly clock: VirtualClock; readonly run: <T>(what: Promise<T>) => Promise<T> }> {
  const clock = new VirtualClock();
  const run = <T>(what: Promise<T>) => clock.run(what);
  const meter = await run(
    open(lineTo(clock, answer), { framing: 'wrapper', clock, patience: 0, release: true, ...options }),
  );
  return { meter, clock, run };
}

// ---- a meter that is written here

const entry = (base: number, classId: number, version: number, name: string) =>
  structureOf([i16(base > 0x7fff ? base - 0x10000 : base), u16(classId), u8(version), octets(fromHex(name))]);
const ENTRIES = [
  entry(0xfa00, 12, 1, '0000280000FF'),
  entry(0x100, 3, 0, '0100010800FF'),
  entry(0x200, 1, 0, '0000600100FF'),
  entry(0x300, 70, 0, '000060030AFF'),
  entry(0x400, 7, 1, '0100630100FF'),
];
const LIST = arrayOf(ENTRIES);
const right = (id: number, mode: number) => structureOf([i8(id), enumValue(mode), nullValue()]);
const RIGHTS = arrayOf([
  structureOf([i16(0x100), arrayOf([right(1, 1), right(2, 1), right(3, 1)]), arrayOf([])]),
  structureOf([i16(0x300), arrayOf([right(1, 1), right(2, 1)]), arrayOf([structureOf([i8(1), enumValue(1)])])]),
]);
const VALUES = new Map<number, Data>([
  [0xfa08, LIST],
  [0xfa10, RIGHTS],
  [0x100, octets(fromHex('0100010800FF'))],
  [0x108, u32(123_456)],
  [0x110, structureOf([i8(0), enumValue(30)])],
  [0x208, visible('ABC00000017')],
]);

const AARE = (context: number, conformance = '1C1B20') =>
  fromHex(`6129A10906076085740508010${context}A203020100A305A103020100BE10040E0800065F1F0400${conformance}0400FA00`);
const REFUSED = (context: number, diagnostic: number) =>
  fromHex(`6117A10906076085740508010${context}A203020101A305A10302010${diagnostic}`);
const RLRE = fromHex('6303800100');

interface Written {
  readonly asked: Apdu[];
  readonly answer: Answer;
}

function written(change: (apdu: Apdu) => Apdu | Uint8Array | undefined = () => undefined): Written {
  const asked: Apdu[] = [];
  const one = (variable: VariableAccess): ReadResult => {
    if (!('name' in variable)) return { error: 250 };
    const data = VALUES.get(variable.name);
    return data === undefined ? { error: 4 } : { data };
  };
  return {
    asked,
    answer: (apdu) => {
      asked.push(apdu);
      const other = change(apdu);
      if (other !== undefined) return other;
      if (apdu.type === 'aarq') return AARE(2);
      if (apdu.type === 'rlrq') return RLRE;
      if (apdu.type === 'read-request') return { type: 'read-response', results: apdu.variables.map(one) };
      if (apdu.type === 'write-request')
        return { type: 'write-response', results: apdu.variables.map(() => ({ result: 0 })) };
      return undefined;
    },
  };
}

const reads = (asked: readonly Apdu[]) => asked.filter(({ type }) => type === 'read-request');

describe('open', () => {
  it.each([
    ['accepts in its own context', () => AARE(2)],
    ['accepts in ours, with a base name and no GET', (context: number) => (context === 1 ? AARE(1) : AARE(2))],
    ['refuses and names its own context', (context: number) => (context === 1 ? REFUSED(2, 2) : AARE(2))],
    ['refuses our context in its name', (context: number) => (context === 1 ? REFUSED(1, 2) : AARE(2))],
    ['refuses without a reason', (context: number) => (context === 1 ? REFUSED(1, 1) : AARE(2))],
    ['refuses by an error of the service', (context: number) => (context === 1 ? fromHex('0E010600') : AARE(2))],
  ])('finds out by itself that a meter speaks short names, which %s', async (_, aare) => {
    const server = written((apdu) =>
      apdu.type === 'aarq' ? aare(apdu.applicationContextName.at(-1) as number) : undefined,
    );
    const { meter, run } = await opened(server.answer);
    expect(await run(meter.get(meter.register('1.0.1.8.0.255').value))).toEqual(u32(123_456));
    await run(meter.close());
  });

  it('asks in the named way alone where one is named', async () => {
    const server = written();
    const { meter, run } = await opened(server.answer, { naming: 'sn' });
    expect(server.asked.filter(({ type }) => type === 'aarq')).toMatchObject([
      { applicationContextName: fromHex('60857405080102') },
    ]);
    await run(meter.close());
    const { answer, asked } = written();
    await expect(opened(answer, { naming: 'ln' })).rejects.toMatchObject({ diagnostic: 'short-name-referencing' });
    expect(asked).toHaveLength(1);
  });

  it('sends a password only once to a meter that refuses it', async () => {
    const server = written((apdu) => (apdu.type === 'aarq' ? REFUSED(1, 13 & 0xf) : undefined));
    // The diagnostic 13 has its own octet.
    const refusal = fromHex('6117A109060760857405080101A203020101A305A10302010D');
    const once = written((apdu) => (apdu.type === 'aarq' ? refusal : undefined));
    await expect(opened(once.answer, { client: 17, password: 'secret' })).rejects.toMatchObject({
      diagnostic: 'authentication-failure',
    });
    expect(once.asked).toHaveLength(1);
    expect(server.asked).toHaveLength(0);
  });

  it('does not try a password in the other way where a meter known by short names refuses it', async () => {
    const services = { naming: 'sn', named: () => undefined };
    const choice = new NamingChoice({ options: {}, services } as never);
    const refusal = new AssociationError('refused', { diagnostic: 'authentication-failure' });
    expect(await choice.turns(refusal, undefined)).toBe(false);
    expect(choice.short).toBe(true);
  });

  it('asks in the way that an earlier visit found out, and gives a password once where that is refused', async () => {
    const kept = new Map<string, string>();
    const cache = {
      load: (key: string) => kept.get(key),
      save: (key: string, text: string) => void kept.set(key, text),
    };
    let refuses = false;
    // Who it is: its logical device name, by which what is kept belongs to it.
    const own = new Map<number, Data>([
      [0xfa08, arrayOf([...ENTRIES, entry(0x500, 1, 0, '00002A0000FF')])],
      [0x508, octets(fromHex('545354303030303030303031'))],
    ]);
    const server = written((apdu) => {
      if (apdu.type === 'aarq') return refuses ? REFUSED(2, 1) : undefined;
      const [variable] = apdu.type === 'read-request' ? apdu.variables : [];
      const data = variable !== undefined && 'name' in variable ? own.get(variable.name) : undefined;
      return data && { type: 'read-response', results: [{ data }] };
    });
    const contexts = () =>
      server.asked.splice(0).flatMap((apdu) => (apdu.type === 'aarq' ? [apdu.applicationContextName.at(-1)] : []));
    const clock = new VirtualClock();
    const options = {
      framing: 'wrapper',
      clock,
      patience: 0,
      release: true,
      cache,
      client: 17,
      password: 'secret',
    } as const;
    const visit = () =>
      clock.run(
        (async () => {
          const meter = await open(lineTo(clock, server.answer), options);
          await meter.get(meter.register('1.0.1.8.0.255').value);
          await meter.close();
        })(),
      );
    await visit();
    expect(contexts()).toEqual([1, 2]);
    await visit();
    expect(contexts()).toEqual([2]);
    refuses = true;
    await expect(visit()).rejects.toThrow(AssociationError);
    expect(contexts()).toEqual([2]);
  });

  it('refuses a naming that does not exist', async () => {
    await expect(opened(written().answer, { naming: 'xn' as never })).rejects.toThrow("there is no naming 'xn'");
  });
});

describe('services', () => {
  it('several names go in one Read where the meter takes lists', async () => {
    const server = written();
    const { meter, run } = await opened(server.answer);
    const energy = meter.register('1.0.1.8.0.255');
    const serial = meter.data('0.0.96.1.0.255');
    const all = await run(meter.tryGetAll([energy.value, energy.scalerUnit, serial.value]));
    expect(all.map((one) => one.ok)).toEqual([true, true, true]);
    expect(reads(server.asked).some((apdu) => apdu.type === 'read-request' && apdu.variables.length === 3)).toBe(true);
  });

  it('an object that the list does not have is undefined, and is not asked for', async () => {
    const server = written();
    const { meter, run } = await opened(server.answer);
    const other = await run(meter.tryGet(meter.register('1.0.2.8.0.255').value));
    expect(other).toMatchObject({ ok: false, error: { result: 'object-undefined' } });
    expect(reads(server.asked)).toHaveLength(1);
  });

  it('errors of the service about one object are errors of that object', async () => {
    const server = written((apdu) =>
      apdu.type === 'read-request' && apdu.variables.some((one) => 'name' in one && one.name === 0x208)
        ? { type: 'confirmed-service-error', service: 5, category: 5, value: 2 }
        : undefined,
    );
    const { meter, run } = await opened(server.answer);
    const serial = await run(meter.tryGet(meter.data('0.0.96.1.0.255').value));
    expect(serial).toMatchObject({ ok: false, error: { result: 'read-write-denied' } });
    expect(await run(meter.get(meter.register('1.0.1.8.0.255').value))).toEqual(u32(123_456));
  });

  it('SET and ACTION are Writes', async () => {
    const server = written();
    const { meter, run } = await opened(server.answer);
    await run(meter.set(meter.data('0.0.96.1.0.255').value, visible('NEW')));
    await run(meter.call(meter.disconnectControl('0.0.96.3.10.255').remoteDisconnect));
    expect(server.asked.filter(({ type }) => type === 'write-request')).toEqual([
      { type: 'write-request', variables: [{ type: 'variable-name', name: 0x208 }], values: [visible('NEW')] },
      { type: 'write-request', variables: [{ type: 'variable-name', name: 0x320 }], values: [i8(0)] },
    ]);
  });

  it('the object list tells objects and rights as with logical names', async () => {
    const { meter, run } = await opened(written().answer);
    const objects = await run(meter.objects());
    expect(objects.map(({ classId, logicalName }) => `${classId}:${logicalName}`)).toEqual([
      '3:1.0.1.8.0.255',
      '1:0.0.96.1.0.255',
      '70:0.0.96.3.10.255',
      '7:1.0.99.1.0.255',
      '12:0.0.40.0.0.255',
    ]);
    expect(objects[0]?.attributes.map(({ access }) => access)).toEqual(['read-only', 'read-only', 'read-only']);
    expect(objects[2]?.methods).toMatchObject([{ id: 1, executable: true }]);
  });

  it('answers in blocks are joined, whatever their size, also with the list of results in them', async () => {
    const raw = encodeData(LIST);
    const list = new Writer();
    writeReadResults(list, [{ data: LIST }]);
    for (const whole of [raw, list.finish()]) {
      const size = 20;
      let next = 0;
      const server = written((apdu) => {
        if (apdu.type !== 'read-request') return undefined;
        const [only] = apdu.variables;
        if (only?.type === 'variable-name' && only.name === 0xfa08) next = 0;
        else if (only?.type !== 'block-number-access') return undefined;
        else if (only.blockNumber !== next) return { type: 'read-response', results: [{ error: 19 }] };
        const part = whole.subarray(next * size, (next + 1) * size);
        next++;
        const last = next * size >= whole.length;
        return { type: 'read-response', results: [{ block: { last, number: next, raw: part } }] };
      });
      const { meter, run } = await opened(server.answer);
      expect(await run(meter.objects())).toHaveLength(5);
    }
  });

  it('a long value is written in blocks, a long question asked in blocks', async () => {
    const value = octets(Uint8Array.from({ length: 300 }, (_, i) => i & 0xff));
    const parts: Uint8Array[] = [];
    const small = AARE(2).slice();
    small.set([0, 0x40], small.length - 4);
    const server = written((apdu) => {
      if (apdu.type === 'aarq') return small;
      const [only] = apdu.type === 'write-request' ? apdu.variables : [];
      if (only?.type !== 'write-data-block-access' || apdu.type !== 'write-request') return undefined;
      expect(encodeApdu(apdu).length).toBeLessThanOrEqual(0x40);
      parts.push((apdu.values[0] as { value: Uint8Array }).value);
      return { type: 'write-response', results: [only.last ? { result: 0 } : { blockNumber: only.blockNumber }] };
    });
    const { meter, run } = await opened(server.answer, { naming: 'sn' });
    await run(meter.set(meter.data('0.0.96.1.0.255').value, value));
    const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
    const joined = decodeApdu(Uint8Array.of(6, ...whole));
    expect(joined).toEqual({
      type: 'write-request',
      variables: [{ type: 'variable-name', name: 0x208 }],
      values: [value],
    });
  });
});

describe.skipIf(shortNamePeers.length === 0)('recorded meters', () => {
  /** What the server of a recording says, by what it was asked: single variables, and blocks joined. */
  function recorded(name: string) {
    const known = new Map<string, ReadResult>();
    let aare: Uint8Array | undefined;
    let rlre: Uint8Array | undefined;
    let pending: { readonly key: string; parts: Uint8Array[] } | undefined;
    for (const connection of readRecording(name, 'short-names').connections) {
      for (const { request, answer } of exchanges(connection)) {
        const asked = decodeApdu(request, { lenient: true });
        if (asked.type === 'aarq') aare = answer;
        else if (asked.type === 'rlrq') rlre = answer;
        if (asked.type !== 'read-request') continue;
        const said = decodeApdu(answer, { lenient: true });
        if (said.type !== 'read-response') continue;
        const [only] = asked.variables;
        const [result] = said.results;
        if (result !== undefined && 'block' in result) {
          if (only?.type === 'variable-name') pending = { key: `${only.name}`, parts: [] };
          pending?.parts.push(result.block.raw);
          if (result.block.last && pending !== undefined) {
            const whole = Uint8Array.from(pending.parts.flatMap((part) => [...part]));
            known.set(pending.key, { data: decodeData(whole) });
          }
          continue;
        }
        asked.variables.forEach((one, i) => {
          const part = said.results[i];
          if (one.type === 'variable-name' && part !== undefined) known.set(`${one.name}`, part);
        });
      }
    }
    return { known, aare, rlre };
  }

  const complete = shortNamePeers.filter((name) => name.includes('gxcpp'));

  it.each(complete)('%s is read by names as it was recorded', async (name) => {
    const { known, aare, rlre } = recorded(name);
    const { meter, run } = await opened(
      (apdu, octetsOf) => {
        if (apdu.type === 'aarq') return aare;
        if (apdu.type === 'rlrq') return rlre;
        // Each request of ours is one that decodes strictly.
        expect(toHex(encodeApdu(decodeApdu(octetsOf)))).toBe(toHex(octetsOf));
        if (apdu.type !== 'read-request') return undefined;
        const results = apdu.variables.map(
          (one) => ('name' in one ? known.get(`${one.name}`) : undefined) ?? { error: 4 },
        );
        return { type: 'read-response', results };
      },
      name.includes('lls') ? { client: 17, password: 'Gurux' } : {},
    );
    const objects = await run(meter.objects());
    expect(objects.length).toBeGreaterThan(20);
    let read = 0;
    const list = known.get(`${0xfa08}`);
    if (list === undefined || !('data' in list) || list.data.type !== 'array') throw new Error('no list was recorded');
    const bases = [0x10000, ...list.data.value.map((one) => Number((one.value as readonly Data[])[0]?.value) & 0xffff)];
    for (const element of list.data.value) {
      const [base, cosem, , logicalName] = (element as { value: readonly Data[] }).value;
      const instanceId = (logicalName as { value: Uint8Array }).value;
      const classId = Number(cosem?.value);
      if (classId === 12) continue;
      const begins = Number(base?.value) & 0xffff;
      const ends = Math.min(...bases.filter((other) => other > begins));
      for (let attributeId = 1; begins + 8 * (attributeId - 1) < ends; attributeId++) {
        const was = known.get(`${begins + 8 * (attributeId - 1)}`);
        if (was === undefined || !('data' in was)) continue;
        const handle = meter.untyped(classId, [...instanceId].join('.'));
        expect(await run(meter.get(handle.attribute(attributeId)))).toEqual(was.data);
        read++;
      }
    }
    console.log(`${name}: ${objects.length} objects, ${read} attributes`);
    expect(read).toBeGreaterThan(name.endsWith('_all.txt') ? 60 : 1);
    await run(meter.close());
  });

  it.each(shortNamePeers.filter((name) => name.includes('gxc-server1')))(
    '%s ends early, and says why',
    async (name) => {
      const { aare } = recorded(name);
      const error = fromHex('0E010302');
      const { meter, run } = await opened((apdu) => (apdu.type === 'aarq' ? aare : error), {
        client: 17,
        password: 'Gurux',
      });
      await expect(run(meter.objects())).rejects.toMatchObject({ code: 'access', result: 'service-unsupported' });
      await run(meter.close());
    },
  );
});
