import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMeter,
  openOptionsOf,
  PROFILES,
  type TemplateMeter,
  templateMeter,
  type VirtualMeter,
} from '../../simulator/index.js';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { type Clock, VirtualClock } from '../../src/base/clock.js';
import { AccessError, StateError } from '../../src/base/errors.js';
import { encodeData } from '../../src/codec/axdr.js';
import { octets, textOctets, u16, u32, visible } from '../../src/codec/make.js';
import { MemoryCounterStore, type OpenOptions, open } from '../../src/index.js';
import { dataToJson } from '../../src/protocol.js';
import {
  checkTemplate,
  type DumpOptions,
  MeterDump,
  parseTemplate,
  type Template,
  templateText,
} from '../../src/tools.js';
import { arbitraryData } from '../support/arbitraries.js';
import { KEYS, PASSWORD, SECRET, ServedMeter } from '../support/served-meter.js';
import { Bench, DAY, MINUTE, START } from './support.js';

type AnyMeter = Pick<VirtualMeter | TemplateMeter, 'connections' | 'line'>;

function optionsOf(meter: AnyMeter, name: string, clock: Clock): OpenOptions {
  const { security, ...options } = openOptionsOf(meter, name);
  // The display's counter is shown to the display alone, which keeps its own.
  const counters = security && security.readInvocationCounter === undefined ? new MemoryCounterStore() : undefined;
  const secured = security && { security: { ...security, ...(counters && { counters }) } };
  return { framing: 'wrapper', clock, ...options, ...secured } as OpenOptions;
}

async function dumped(meter: AnyMeter, names: readonly string[], clock: Clock, options: DumpOptions = {}) {
  const dump = new MeterDump({ clock, ...options });
  for (const name of names) {
    const opening = optionsOf(meter, name, clock);
    await using opened = await open(await meter.line({ framing: 'wrapper' }), opening);
    await dump.add(opened, name, opening);
  }
  return dump;
}

/** What the meter of a file says of itself, some time later. */
async function again(text: string, names: readonly string[], options: DumpOptions = {}, later = 3 * DAY + 4321) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30) + later);
  const faults: unknown[] = [];
  const meter = templateMeter(parseTemplate(text), { clock, onFault: (error) => faults.push(error) });
  const dump = await dumped(meter, names, clock, options);
  expect(faults).toEqual([]);
  return templateText(dump.template());
}

describe('a dump of our own meter, simulated and dumped again, is the same file', () => {
  const ALL = ['public', 'reader', 'utility'];

  test.each([
    ['over all three associations', ALL, {}],
    ['and firmware too', [...ALL, 'firmware'], {}],
    ['over one', ['utility'], {}],
    ['with ten rows of each profile', ALL, { rows: 10 }],
    ['without rows', ['public', 'reader'], { rows: 0 }],
    ['masked', ALL, { rows: 20, mask: true }],
  ] as const)('%s', async (_, names, options) => {
    const bench = new Bench({ seed: 4 });
    const first = await dumped(bench.meter, names, bench.clock, options);
    const text = templateText(first.template());
    expect(first.notes.filter((note) => !note.includes('shows a password'))).toEqual([]);
    const second = await again(text, names, options);
    expect(second === text ? 'the same' : second).toBe(second === text ? 'the same' : text);
  });

  test.each(PROFILES)('%s, over all six associations', async (profile) => {
    const SIX = ['public', 'reader', 'utility', 'firmware', 'push', 'ihd'];
    const clock = new VirtualClock(START);
    const meter = createMeter(profile, { clock, seed: 4 });
    const names = SIX.filter((name) => meter.connections.some((connection) => connection.name === name));
    expect(names.length).toBe(6);
    const text = templateText((await dumped(meter, names, clock, { rows: 48 })).template());
    const second = await again(text, names, { rows: 48 });
    expect(second === text ? 'the same' : second).toBe(second === text ? 'the same' : text);
  });

  test('has every object, right, value and row of the meter', async () => {
    const bench = new Bench({ seed: 4 });
    const [device] = (await dumped(bench.meter, ALL, bench.clock)).template().devices;
    expect(device!.associations.map(({ name, client }) => [name, client])).toEqual([
      ['public', 16],
      ['reader', 32],
      ['utility', 48],
    ]);
    const meter = await bench.open('utility');
    const listed = await meter.objects();
    expect(device!.associations[2]!.objectList.map((entry) => [entry.class, entry.logicalName])).toEqual(
      listed.map(({ classId, logicalName }) => [classId, logicalName]),
    );
    // Every attribute but the logical names, the secrets, and the list of the current association, which stands beside.
    let values = 0;
    for (const { classId, logicalName, attributes } of listed) {
      if (logicalName === '0.0.40.0.0.255') continue;
      const object = device!.objects.find((found) => found.class === classId && found.logicalName === logicalName);
      for (const { id, readable } of attributes) {
        const recorded = object?.values[id] !== undefined;
        const secret = (classId === 15 && id === 7) || (classId === 45 && id === 3);
        expect([logicalName, id, recorded]).toEqual([logicalName, id, readable && id !== 1 && !secret]);
        if (recorded) values++;
      }
    }
    expect(values).toBeGreaterThan(400);
    const block = device!.objects.find(({ logicalName }) => logicalName === '1.0.99.1.0.255')!;
    const rows = await meter.get(meter.profile('1.0.99.1.0.255').object.entriesInUse);
    expect((block.values[2] as { array: unknown[] }).array.length).toBe(rows);
    expect(rows).toBeGreaterThan(1000);
    await meter.close();
  });
});

describe('what a template must not tell', () => {
  test('keys, passwords and secrets are in no dump, not even where an object shows them', async () => {
    const served = new ServedMeter();
    const { encryption, authentication } = KEYS;
    const secrets = [fromLatin1(PASSWORD), fromLatin1(SECRET), encryption, authentication];
    // A vendor's object that shows them, as octets and as hexadecimal text.
    served.notes = `pw=${PASSWORD}`;
    const dump = new MeterDump({ clock: served.clock });
    const security = {
      encryptionKey: encryption,
      authenticationKey: authentication,
      systemTitle: fromLatin1('CLIENT01'),
    };
    for (const [name, client, extra] of [
      ['reader', 32, { password: PASSWORD, authentication: 'lls' }],
      ['utility', 48, { secret: SECRET, authentication: 'hls2' }],
    ] as const) {
      const options: OpenOptions = {
        client,
        ...extra,
        security: {
          ...security,
          policy: client === 32 ? 'encryption' : 'authenticated-encryption',
          readInvocationCounter: '0.0.43.1.3.255',
        },
      };
      await using meter = await served.open(options);
      await dump.add(meter, name, options);
    }
    const text = templateText(dump.template());
    expect(text).toContain('cosem-template');
    for (const secret of secrets) {
      expect(text).not.toContain(String.fromCharCode(...secret));
      expect(text.toUpperCase()).not.toContain(toHex(secret));
    }
    expect(dump.notes).toEqual([expect.stringContaining('1:0.0.96.13.0.255:2 shows a password, secret or key')]);
  });

  test('masked, no serial number, title or part of them is left, and the same stays the same', async () => {
    const bench = new Bench({ seed: 34_567_890 });
    const { serial, logicalDeviceName, systemTitle } = bench.meter.identity;
    const plain = templateText((await dumped(bench.meter, ['public', 'reader'], bench.clock, { rows: 2 })).template());
    const hex = (text: string) => toHex(fromLatin1(text));
    for (const known of [serial, hex(logicalDeviceName), toHex(systemTitle)]) expect(plain).toContain(known);
    const template = (await dumped(bench.meter, ['public', 'reader'], bench.clock, { rows: 2, mask: true })).template();
    const masked = templateText(template);
    expect(template.masked).toBe(true);
    for (const known of [serial, hex(serial), hex(serial.slice(-5)), toHex(systemTitle)]) {
      expect(masked).not.toContain(known);
    }
    expect(template.systemTitle).toBe(hex('CSM00001'));
    const { identity } = templateMeter(template, { clock: bench.clock });
    expect(identity.serial).toBe('10000001');
    expect(identity.logicalDeviceName).toBe('CSM0000010000001');
  });
});

describe('the recorded meter', () => {
  async function recorded(names = ['public', 'reader', 'utility'], options: DumpOptions = { rows: 50 }) {
    const bench = new Bench({ seed: 4 });
    const template = (await dumped(bench.meter, names, bench.clock, options)).template();
    const clock = new VirtualClock(bench.clock.now() + DAY);
    const meter = templateMeter(template, { clock });
    const opened = async (name: string, more: Partial<OpenOptions> = {}) => {
      const opening = { ...optionsOf(meter, name, clock), ...more };
      return open(await meter.line({ framing: opening.framing! }), opening);
    };
    return { bench, template, clock, meter, opened };
  }

  test('answers as the original did, octet for octet, object list included', async () => {
    const { bench, opened } = await recorded(['reader'], {});
    const [original, copy] = [await bench.open('reader'), await opened('reader')];
    const objects = await original.objects();
    expect(await copy.objects()).toEqual(objects);
    let compared = 0;
    for (const { classId, version, logicalName, attributes } of objects) {
      // The clock goes on, and so do counters and what depends on when it is asked.
      if (classId === 8 || logicalName.startsWith('0.0.43.1.')) continue;
      for (const { id, readable } of attributes) {
        if (!readable || (classId === 15 && id === 7) || (classId === 45 && id === 3)) continue;
        const ref = original.untyped(classId, logicalName, version).attribute(id);
        const [left, right] = [await original.get(ref), await copy.get(ref)];
        if (toHex(encodeData(left)) !== toHex(encodeData(right))) expect([ref, right]).toEqual([ref, left]);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(400);
    await Promise.all([original.close(), copy.close()]);
  });

  test('its clock goes on, takes a new time and keeps its deviation', async () => {
    const { clock, opened } = await recorded();
    const meter = await opened('utility');
    const { time } = meter.clock();
    expect((await meter.get(time)).toText()).toBe('2026-11-24 09:00:00 +05:30');
    clock.advance(90 * MINUTE);
    const later = await meter.get(time);
    expect(later.toText()).toBe('2026-11-24 10:30:00 +05:30');
    await meter.set(time, later.with({ hour: 20, minute: 15 }));
    clock.advance(MINUTE);
    expect((await meter.get(time)).toText()).toBe('2026-11-24 20:16:00 +05:30');
    await meter.close();
  });

  test('keeps what is written, within the rights and in its type, for every client', async () => {
    const { opened } = await recorded();
    const utility = await opened('utility');
    const message = utility.data('0.0.96.13.0.255').value;
    await utility.set(message, textOctets('pay by Monday'));
    await expect(utility.set(message, u16(5))).rejects.toMatchObject({ result: 'type-unmatched' });
    await expect(utility.set(utility.data('0.0.96.1.0.255').value, visible('1'))).rejects.toThrow(AccessError);
    const limiter = utility.untyped(71, '0.0.17.0.0.255');
    await expect(utility.set(limiter.attribute(6), octets(Uint8Array.of(1)))).rejects.toMatchObject({
      result: 'type-unmatched',
    });
    await utility.set(limiter.attribute(6), u32(77));
    await utility.close();
    const reader = await opened('reader');
    expect(await reader.get(reader.data('0.0.96.13.0.255').value)).toEqual(textOctets('pay by Monday'));
    expect(await reader.get(reader.untyped(71, '0.0.17.0.0.255').attribute(6))).toEqual(u32(77));
    await expect(reader.set(reader.data('0.0.96.13.0.255').value, textOctets('no'))).rejects.toThrow(AccessError);
    await reader.close();
  });

  test('its line is opened again when it was lost, and the client continues', async () => {
    const { clock, meter: virtual, opened } = await recorded();
    const meter = await opened('utility');
    const before = await meter.reading('1.0.1.8.0.255');
    const lost: string[] = [];
    meter.on('lost', ({ error }) => lost.push(error.message));
    virtual.faults.add('hang-up');
    const after = await clock.run(meter.reading('1.0.1.8.0.255'));
    expect(String(after)).toBe(String(before));
    expect(lost).toHaveLength(1);
    await meter.close();
  });

  test('its relay opens and closes as its control mode wants', async () => {
    const { opened } = await recorded();
    const meter = await opened('utility');
    const relay = meter.disconnectControl();
    await meter.set(relay.controlMode, 4);
    await meter.call(relay.remoteDisconnect);
    expect(await meter.get(relay.outputState, relay.controlState)).toEqual([false, 'disconnected']);
    await meter.call(relay.remoteReconnect);
    expect(await meter.get(relay.outputState, relay.controlState)).toEqual([true, 'connected']);
    await meter.set(relay.controlMode, 1);
    await meter.call(relay.remoteDisconnect);
    await meter.call(relay.remoteReconnect);
    expect(await meter.get(relay.controlState)).toBe('ready-for-reconnection');
    await expect(meter.set(relay.controlMode, 99)).rejects.toMatchObject({ result: 'type-unmatched' });
    await meter.close();
  });

  test('selects rows by entry and by time, and forgets them at a reset', async () => {
    const { opened, template } = await recorded(['public', 'reader', 'utility'], { rows: 50 });
    const reader = await opened('reader', { framing: 'hdlc' });
    const profile = reader.profile('1.0.99.1.0.255');
    const all = await profile.rows();
    expect(all.length).toBe(50);
    expect((await profile.state()).entriesInUse).toBe(50);
    const texts = (rows: typeof all) => rows.map(({ time }) => time!.toText());
    expect(texts(await profile.rows({ last: 3 }))).toEqual(texts(all).slice(-3));
    expect(texts(await profile.rows({ fromEntry: 10, toEntry: 12 }))).toEqual(texts(all).slice(9, 12));
    const [from, to] = [all[20]!.time!, all[24]!.time!];
    expect(texts(await profile.rows({ from, to }))).toEqual(texts(all).slice(20, 25));
    await reader.close();
    const utility = await opened('utility');
    const canReset = template.devices[0]!.associations[2]!.objectList.find((o) => o.logicalName === '1.0.99.1.0.255')!;
    expect(canReset.methods[0]).toEqual([1, 'access']);
    await utility.call(utility.profile('1.0.99.1.0.255').object.reset);
    expect(await utility.profile('1.0.99.1.0.255').rows()).toEqual([]);
    await utility.close();
  });

  test('takes a new password, shows no secret, and keeps invocation counters', async () => {
    const { meter, opened } = await recorded();
    const utility = await opened('utility');
    const association = utility.untyped(15, '0.0.40.0.2.255', 1);
    await utility.set(association.attribute(7), octets(fromLatin1('NEW-PASS')));
    await expect(utility.get(association.attribute(7))).rejects.toThrow(AccessError);
    await utility.close();
    await expect(opened('reader')).rejects.toMatchObject({ diagnostic: 'authentication-failure' });
    const reader = await opened('reader', { password: 'NEW-PASS' });
    expect(reader.connected).toBe(true);
    await reader.close();
    const open16 = await opened('public');
    const counter = await open16.get(open16.data('0.0.43.1.3.255').value);
    expect(counter).toMatchObject({ type: 'double-long-unsigned' });
    expect(counter.value).toBeGreaterThan(5);
    expect(meter.identity.serial).toBe('10000004');
    await open16.close();
  });

  test('a method that a recording cannot do is refused, one that nobody may call too', async () => {
    const { opened } = await recorded();
    const utility = await opened('utility');
    await expect(utility.call(utility.untyped(18, '0.0.44.0.0.255').method(3), u16(0))).rejects.toThrow(AccessError);
    await expect(utility.call(utility.untyped(3, '1.0.1.8.0.255').method(1), u16(0))).rejects.toMatchObject({
      result: 'scope-of-access-violated',
    });
    await utility.close();
  });
});

describe('meters that are not as ours', () => {
  const base: Template = {
    format: 'cosem-template',
    version: 1,
    masked: false,
    devices: [
      {
        server: 1,
        associations: [
          {
            name: 'public',
            client: 16,
            ciphered: false,
            authentication: 'none',
            policy: 'none',
            preEstablished: false,
            conformance: 0x101d,
            maxReceivePduSize: 512,
            maxSendPduSize: 512,
            current: { 3: { structure: [{ integer: 16 }, { 'long-unsigned': 1 }] }, 8: { enum: 2 } },
            objectList: [
              {
                class: 15,
                version: 0,
                logicalName: '0.0.40.0.0.255',
                attributes: [
                  [1, 'read-only'],
                  [2, 'read-only'],
                  [3, 'read-only'],
                  [8, 'read-only'],
                ],
                methods: [[1, true]],
              },
              // A class that nobody knows, an attribute below 0, a mode of bits, a name that two classes share.
              {
                class: 8192,
                version: 3,
                logicalName: '0.0.200.0.0.255',
                attributes: [
                  [-1, 'read-only', []],
                  [1, 'read-only'],
                  [2, 9, [1, 2]],
                ],
                methods: [],
              },
              { class: 1, version: 0, logicalName: '1.0.1.8.0.255', attributes: [[2, 'read-only']], methods: [] },
              { class: 3, version: 0, logicalName: '1.0.1.8.0.255', attributes: [[2, 'read-only']], methods: [] },
              {
                class: 7,
                version: 1,
                logicalName: '1.0.99.1.0.255',
                attributes: [
                  [2, 'read-only'],
                  [3, 'read-only'],
                  [4, 'read-only'],
                  [5, 'read-only'],
                  [7, 'read-only'],
                  [8, 'read-only'],
                ],
                methods: [],
              },
            ],
          },
        ],
        objects: [
          {
            class: 8192,
            version: 3,
            logicalName: '0.0.200.0.0.255',
            values: { '-1': { bcd: 7 }, 2: { float64: 'NaN' } },
          },
          { class: 1, version: 0, logicalName: '1.0.1.8.0.255', values: { 2: { 'visible-string': 'one' } } },
          { class: 3, version: 0, logicalName: '1.0.1.8.0.255', values: { 2: { refused: 'temporary-failure' } } },
          {
            class: 7,
            version: 1,
            logicalName: '1.0.99.1.0.255',
            values: {
              // Rows whose repeated values are left out.
              2: {
                array: [
                  { structure: [{ unsigned: 5 }, { unsigned: 1 }] },
                  { structure: [{ unsigned: 6 }, { 'null-data': null }] },
                  { structure: [{ unsigned: 7 }, { 'null-data': null }] },
                ],
              },
              3: {
                array: [1, 2].map((name) => ({
                  structure: [
                    { 'long-unsigned': 1 },
                    { 'octet-string': `0000600100${name === 1 ? 'FE' : 'FF'}` },
                    { integer: 2 },
                    { 'long-unsigned': 0 },
                  ],
                })),
              },
              4: { 'double-long-unsigned': 0 },
              5: { enum: 1 },
              7: { 'double-long-unsigned': 3 },
              8: { 'double-long-unsigned': 10 },
            },
          },
        ],
      },
    ],
  };

  test('unknown classes, odd ids and modes, doubled names, refusals and left-out values survive', async () => {
    const text = templateText(base);
    expect(parseTemplate(text)).toEqual(base);
    expect(await again(text, ['public'])).toBe(text);
    const clock = new VirtualClock(0);
    const meter = await open(await templateMeter(base, { clock }).line(), { clock });
    expect(await meter.get(meter.untyped(1, '1.0.1.8.0.255').attribute(2))).toEqual(visible('one'));
    await expect(meter.get(meter.register('1.0.1.8.0.255').value)).rejects.toMatchObject({
      result: 'temporary-failure',
    });
    const rows = await meter.profile('1.0.99.1.0.255').rows({ last: 1 });
    expect(rows[0]!.values.map(({ data }) => data.value)).toEqual([7, 1]);
    await meter.close();
  });

  test('any value of any type is read back octet for octet, and dumped again as it was', async () => {
    const [device] = base.devices;
    const [association] = device!.associations;
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryData, { minLength: 1, maxLength: 5 }), async (values) => {
        const name = (i: number) => `0.0.96.50.${i}.255`;
        const entries = values.map((_, i) => ({
          class: 1,
          version: 0,
          logicalName: name(i),
          attributes: [[2, 'read-only'] as const],
          methods: [],
        }));
        const template: Template = {
          ...base,
          devices: [
            {
              server: 1,
              associations: [{ ...association!, objectList: [association!.objectList[0]!, ...entries] }],
              objects: values.map((value, i) => ({
                class: 1,
                version: 0,
                logicalName: name(i),
                values: { 2: dataToJson(value) },
              })),
            },
          ],
        };
        const text = templateText(template);
        const clock = new VirtualClock(0);
        const served = templateMeter(parseTemplate(text), { clock });
        const options = { framing: 'wrapper', client: 16, clock } as const;
        await using meter = await open(await served.line({ framing: 'wrapper' }), options);
        for (const [i, value] of values.entries()) {
          const read = await meter.get(meter.untyped(1, name(i)).attribute(2));
          expect(dataToJson(read)).toEqual(dataToJson(value));
        }
        const dump = new MeterDump({ clock });
        await dump.add(meter, 'public', options);
        expect(templateText(dump.template())).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test('whatever JSON comes as a template, it is one or is refused in words', () => {
    const wrong = fc.oneof(
      fc.jsonValue(),
      // A right one with one member changed.
      fc.tuple(fc.nat(), fc.jsonValue()).map(([place, value]) => {
        let met = 0;
        const total = JSON.stringify(base).match(/[:,[]/g)!.length;
        return JSON.parse(JSON.stringify(base), (_, old) => (met++ === place % total ? value : old)) as unknown;
      }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(wrong, (json) => {
        try {
          templateText(checkTemplate(json));
          accepted++;
        } catch (error) {
          expect(error).toBeInstanceOf(StateError);
        }
      }),
      { numRuns: 3000 },
    );
    expect(accepted).toBeLessThan(3000);
  });

  test.each([
    ['{', 'the template is not JSON'],
    ['{"format":"x"}', 'its format is "x", not \'cosem-template\''],
    [JSON.stringify({ ...base, version: 9 }), 'the template has version 9; 1 is known here'],
    [JSON.stringify({ ...base, devices: [] }), 'template: devices is []'],
    [JSON.stringify(base).replace('"bcd":7', '"bcd":700'), 'devices[0].objects[0].values.-1'],
    [JSON.stringify(base).replace('"temporary-failure"', '5'), 'devices[0].objects[2].values.2.refused is 5'],
    [JSON.stringify(base).replace('"read-only"', '"read"'), 'associations[0].objectList[0].attributes[0][1] is "read"'],
    [JSON.stringify(base).replace('1.0.1.8.0.255', '1.8.0'), 'objectList[2].logicalName is "1.8.0"'],
    [JSON.stringify(base).replace('"client":16', '"client":"x"'), 'associations[0].client is "x"'],
  ])('a file that is none is refused with the place: %#', (text, message) => {
    expect(() => parseTemplate(text)).toThrow(message);
  });
});
