/**
 * The virtual meters beside the recorded reference meter (../shared/reference/is15959-model.json): each is dumped through the client over
 * all six associations; what differs is explained in reference-differences.ts, and nothing is explained that does not differ.
 */
import { describe, expect, test } from 'vitest';
import { type MeterProfile, PROFILES, quirks } from '../../simulator/index.js';
import type { Template } from '../../src/cosem/template.js';
import { compare, dumpOf, hasModel, readModel } from './reference.js';
import { EXPLANATIONS } from './reference-differences.js';

/** Patterns of the explanations: `*` is anything, `?` one character. */
function matches(pattern: string, line: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(line);
}

const explanationsOf = (profile: MeterProfile) =>
  EXPLANATIONS.filter(({ meters }) => meters === undefined || meters.includes(profile));

function namesOfAll(profile: MeterProfile) {
  const possible = quirks.filter(({ profiles }) => profiles === undefined || profiles.includes(profile));
  return possible.filter(({ seen }) => seen === 'reference meter').map(({ name }) => name);
}

const dumps = new Map<string, Promise<Template>>();
function dumped(profile: MeterProfile, slipping: boolean): Promise<Template> {
  const key = `${profile} ${slipping}`;
  const known = dumps.get(key) ?? dumpOf(profile, slipping ? namesOfAll(profile) : []);
  dumps.set(key, known);
  return known;
}

if (!hasModel) console.log('reference.test: ../shared/reference is not there; nothing is compared');

describe.skipIf(!hasModel).each(PROFILES)('%s beside the recorded meter', (profile) => {
  test('what differs is explained, and what is explained differs', async () => {
    const differences = compare(readModel(), await dumped(profile, false), profile);
    const patterns = explanationsOf(profile).flatMap(({ what }) => what);
    expect(differences.filter((line) => !patterns.some((pattern) => matches(pattern, line)))).toEqual([]);
    // What a slip hides, or is hidden by, shows in the other one.
    const slipping = compare(readModel(), await dumped(profile, true), profile);
    const all = [...differences, ...slipping];
    expect(patterns.filter((pattern) => !all.some((line) => matches(pattern, line)))).toEqual([]);
  });

  test('with its slips on, the meter does what the recorded one does', async () => {
    const differences = compare(readModel(), await dumped(profile, true), profile);
    const others = explanationsOf(profile).filter(({ quirk }) => quirk === undefined);
    const patterns = others.flatMap(({ what }) => what);
    expect(differences.filter((line) => !patterns.some((pattern) => matches(pattern, line)))).toEqual([]);
  });
});

test.skipIf(!hasModel)(
  'the three-phase meter has the 161 objects of the recorded one, and three for the display',
  async () => {
    const [device] = (await dumped('is15959-3ph', false)).devices;
    const lists = device!.associations.map(({ objectList }) => objectList.map((o) => `${o.class} ${o.logicalName}`));
    const shown = new Set(lists.flat());
    const recorded = new Set(readModel().objects.map((o) => `${o.class} ${o.obis}`));
    expect(recorded.size).toBe(161);
    expect([...shown].filter((name) => !recorded.has(name)).length).toBe(3);
    expect(shown.size).toBe(164);
  },
);

test('every explanation says why, and names quirks that there are', () => {
  for (const { why, quirk, what } of EXPLANATIONS) {
    expect(why.length, what[0]).toBeGreaterThan(5);
    if (quirk !== undefined) expect(quirks.map(({ name }) => name)).toContain(quirk);
  }
});
