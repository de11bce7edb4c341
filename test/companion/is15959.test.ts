import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { associationOf, type CaptureColumn, objectTitle, readingsOf } from '../../src/companion/companion.js';
import { companionOf, companions } from '../../src/companion/companions.js';
import { generic } from '../../src/companion/generic.js';
import { EVENT_LOGS, eventOf, events, statusBitMeaning } from '../../src/companion/is15959/events.js';
import { is15959, singlePhase, threePhase } from '../../src/companion/is15959/is15959.js';

const MODEL = '../shared/reference/is15959-model.json';
const EVENTS = '../shared/reference/is15959-events.json';

interface Column {
  readonly class: number;
  readonly obis: string;
  readonly attr: number;
  readonly data_index: number;
}
interface Member {
  readonly id: number;
  readonly access: Readonly<Record<string, string>>;
}
interface Model {
  readonly associations: readonly {
    client_sap: number;
    association_object: string;
    authentication_mechanism_id: number;
    conformance_on_wire_bits?: string;
    objects: number;
    security: { policy?: number; security_setup?: string | null; invocation_counter?: string };
  }[];
  readonly objects: readonly {
    class: number;
    version: number;
    obis: string;
    attributes: readonly Member[];
    methods?: readonly Member[];
  }[];
  readonly profiles: readonly {
    obis: string;
    capture_objects: readonly Column[];
    profile_entries: number;
    capture_period_s: number;
  }[];
  readonly variants: {
    single_phase_D1: { profiles: readonly { obis: string; kind: string; capture_objects: readonly Column[] }[] };
  };
}

function plain(columns: readonly CaptureColumn[]): string[] {
  return columns.map((c) => `${c.classId}:${c.logicalName}:${c.attributeIndex}`);
}

function plainModel(columns: readonly Column[]): string[] {
  return columns.map((c) => `${c.class}:${c.obis}:${c.attr}`);
}

/** Who writes the secret of an association, by the configuration of the recorded meter. */
const SECRETS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  '0.0.40.0.0.255': { 48: 'W', 80: 'W' },
  '0.0.40.0.2.255': { 48: 'W' },
  '0.0.40.0.3.255': { 48: 'W' },
  '0.0.40.0.5.255': { 48: 'W', 80: 'W' },
};

describe.skipIf(!existsSync(MODEL))('against the recorded model', () => {
  const model: Model = existsSync(MODEL) ? JSON.parse(readFileSync(MODEL, 'utf8')) : {};

  test('associations', () => {
    for (const fact of model.associations) {
      const own = associationOf(is15959, fact.client_sap)!;
      expect(own.logicalName).toBe(fact.association_object);
      expect(own.mechanism).toBe(fact.authentication_mechanism_id);
      if (fact.conformance_on_wire_bits)
        expect(own.conformance).toBe(Number.parseInt(fact.conformance_on_wire_bits, 2));
      if (fact.security.policy !== undefined) expect(own.policy).toBe(fact.security.policy);
      if (fact.security.invocation_counter) expect(own.invocationCounter).toBe(fact.security.invocation_counter);
    }
  });

  test('three-phase object list with every access right', () => {
    const recorded = threePhase.objects.filter((o) => [16, 32, 48, 64, 80].some((client) => o.access.has(client)));
    const mine = recorded.map((o) => `${o.cosem.id}v${o.cosem.version} ${o.logicalName}`).sort();
    expect(mine).toEqual(model.objects.map((o) => `${o.class}v${o.version} ${o.obis}`).sort());
    let rights = 0;
    for (const fact of model.objects) {
      const own = threePhase.objects.find((o) => o.cosem.id === fact.class && o.logicalName === fact.obis)!;
      for (const client of [16, 32, 48, 64, 80]) {
        const may = own.access.get(client);
        for (const { id, access } of fact.attributes) {
          // Secrets are readable in the recorded meter, against its own configuration.
          const wire = fact.class === 15 && id === 7 ? (SECRETS[fact.obis] ?? {}) : access;
          const right = `${may?.read.includes(id) ? 'R' : ''}${may?.write.includes(id) ? 'W' : ''}`;
          expect(`${fact.obis} ${id} ${client} ${right}`).toBe(
            `${fact.obis} ${id} ${client} ${(wire[client] ?? '').replace('-', '')}`,
          );
          rights++;
        }
        for (const { id, access: wire } of fact.methods ?? []) {
          expect(`${fact.obis} m${id} ${client} ${may?.execute.includes(id) ? 'X' : ''}`).toBe(
            `${fact.obis} m${id} ${client} ${wire[client] ?? ''}`,
          );
          rights++;
        }
      }
    }
    console.log(`${rights} of ${rights} access rights of ${model.objects.length} objects as on the wire`);
  });

  test('numbers of objects that each client sees', () => {
    for (const { client_sap: client, objects } of model.associations) {
      if (client === 96) continue;
      expect(`${client}: ${threePhase.objects.filter((o) => o.access.has(client)).length}`).toBe(
        `${client}: ${objects}`,
      );
    }
  });

  test('three-phase profiles', () => {
    for (const fact of model.profiles) {
      const own = threePhase.profiles.find((p) => p.logicalName === fact.obis)!;
      // Slips of the reference meter: R and Y swapped in one scaler profile, kVAh in the log "others".
      if (fact.obis === '1.0.94.91.4.255')
        expect(plain(own.columns).sort()).toEqual(plainModel(fact.capture_objects).sort());
      else if (fact.obis === '0.0.99.98.4.255') expect(own.columns.length).toBe(fact.capture_objects.length);
      else expect(plain(own.columns)).toEqual(plainModel(fact.capture_objects));
      expect(own.entries).toBe(fact.profile_entries);
      expect(own.capturePeriod).toBe(fact.capture_period_s);
    }
    expect(threePhase.profiles.length).toBe(model.profiles.length);
  });

  test('single-phase profiles', () => {
    for (const fact of model.variants.single_phase_D1.profiles) {
      const own = singlePhase.profiles.find((p) => p.logicalName === fact.obis)!;
      const expected = plainModel(fact.capture_objects);
      // That meter added columns at the end: neutral current to the block load, export demand to billing.
      const added = new Set(['1.0.99.1.0.255', '1.0.94.91.4.255', '1.0.98.1.0.255', '1.0.94.91.6.255']);
      expect(plain(own.columns)).toEqual(added.has(fact.obis) ? expected.slice(0, own.columns.length) : expected);
    }
    expect(singlePhase.profiles.map((p) => [p.logicalName, p.columns.length]).slice(0, 4)).toEqual([
      ['1.0.94.91.0.255', 22],
      ['1.0.99.1.0.255', 7],
      ['1.0.99.2.0.255', 5],
      ['1.0.98.1.0.255', 27],
    ]);
  });
});

describe.skipIf(!existsSync(EVENTS))('against the recorded events', () => {
  const facts = existsSync(EVENTS)
    ? (JSON.parse(readFileSync(EVENTS, 'utf8')) as {
        events: {
          code: number;
          kind: string;
          compartment: string;
          confidence: string;
          esw_bit?: number;
          pair?: number;
        }[];
        esw: { bits: { bit: number }[] };
      })
    : { events: [], esw: { bits: [] } };

  test('every code of some confidence is known, with log, kind, pair and status bit', () => {
    const sure = facts.events.filter((e) => e.confidence !== 'low');
    for (const fact of sure) {
      const own = eventOf(fact.code);
      expect(`${fact.code} ${own?.kind} ${EVENT_LOGS[own?.log ?? -1]?.name} ${own?.statusBit} ${own?.pair}`).toBe(
        `${fact.code} ${fact.kind} ${fact.compartment} ${fact.esw_bit} ${fact.pair ?? own?.pair}`,
      );
    }
    expect(events.length).toBe(sure.length);
    expect(eventOf(703)).toBeUndefined();
  });

  test('bits of the status word', () => {
    for (const { bit } of facts.esw.bits) expect(`${bit} ${statusBitMeaning(bit)}`).not.toContain('undefined');
    expect(statusBitMeaning(84)).toBe('load disconnected');
    expect(statusBitMeaning(100)).toBeUndefined();
  });
});

test('every column, push entry and reading is an object of its category', () => {
  for (const category of is15959.categories) {
    const known = new Set(category.objects.map((o) => `${o.cosem.id}:${o.logicalName}`));
    expect(known.size).toBe(category.objects.length);
    const named = [
      ...category.profiles.flatMap((p) => [...p.columns, p.sortObject]),
      ...category.pushSetups.flatMap((p) => p.objects),
    ];
    expect(named.map((c) => `${c.classId}:${c.logicalName}`).filter((key) => !known.has(key))).toEqual([]);
    for (const profile of [...category.profiles, ...category.pushSetups]) {
      expect(category.objects.some((o) => o.logicalName === profile.logicalName)).toBe(true);
    }
  }
  const both = new Set(is15959.categories.flatMap((c) => c.objects.map((o) => `${o.cosem.id}:${o.logicalName}`)));
  for (const { attribute } of readingsOf(is15959, 'all')) {
    expect([...both]).toContain(`${attribute.classId}:${attribute.logicalName}`);
  }
});

test('keys of readings are unique, topics can be asked for', () => {
  for (const companion of companions) {
    const keys = readingsOf(companion, 'all').map((reading) => reading.key);
    expect(new Set(keys).size).toBe(keys.length);
  }
  expect(readingsOf(is15959, 'balance').map((r) => r.key)).toContain('balance');
  expect(readingsOf(is15959, 'balance')[2]?.alternatives).toEqual(['0.0.94.91.24.255']);
  // @ts-expect-error: there is no such topic.
  expect(() => readingsOf(is15959, 'enrgy')).toThrow(
    expect.objectContaining({ code: 'state', hint: expect.stringContaining("did you mean 'energy'?") }),
  );
  // @ts-expect-error: the standard names no balance.
  expect(() => readingsOf(generic, 'balance')).toThrow(
    "without a companion specification has no readings of 'balance'",
  );
});

test('a value has the name of its object: asked for by topic, in a row and pushed it is called the same', () => {
  const valued = is15959.readings
    .flatMap(({ readings }) => readings)
    .filter(({ attribute }) => attribute.attributeId === 2 && [1, 3, 4].includes(attribute.classId));
  expect(valued.length).toBeGreaterThan(30);
  for (const { title, attribute } of valued) expect(objectTitle(is15959, attribute.logicalName)).toBe(title);
});

test('the companion names objects before the standard does', () => {
  expect(objectTitle(is15959, '0.0.96.3.10.255')).toBe('Load limit function status (relay)');
  expect(objectTitle(is15959, '1.0.1.8.4.255')).toBe('Active energy import, time zone 4');
  expect(objectTitle(is15959, '0.0.94.91.24.255')).toBe('Current balance');
  expect(objectTitle(is15959, '1.0.2.6.1.255')).toBe('Maximum active power export, rate 1');
  expect(objectTitle(generic, '0.0.96.3.10.255')).toBe('Disconnect control');
  expect(objectTitle(generic, '0.0.94.91.24.255')).toBeUndefined();
});

test('companions are found by id; the generic one offers the public client alone', () => {
  expect(companionOf('is15959')).toBe(is15959);
  expect(companionOf('generic')).toBe(generic);
  expect(companionOf('nowhere')).toBeUndefined();
  expect(associationOf(generic, 'public')?.clientSap).toBe(16);
  expect(associationOf(is15959, 'utility')?.clientSap).toBe(48);
  expect(associationOf(is15959, 99)).toBeUndefined();
  expect(generic.event(101)).toBeUndefined();
});
