/**
 * Every slip that a virtual meter can be told to make: it is made when it is named, and not otherwise. The table has a probe for each
 * name, or it does not compile.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createMeter, PROFILES, type QuirkName, quirks } from '../../simulator/index.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import type { Meter } from '../../src/index.js';
import { decodeFrame } from '../../src/link/hdlc-frame.js';
import { dataToJson } from '../../src/protocol.js';
import { make } from '../link/hdlc-themes.js';
import { Bench as Tester, UTILITY } from '../server/bench.js';
import { MeterOnLine, MeterUnderTest } from './conformance-side.js';
import { Bench, START } from './support.js';

/** What shows the slip, as text: with it and without it they differ, and `slip` is in the one. */
type Probe = readonly [slip: RegExp, show: (names: readonly QuirkName[]) => Promise<string> | string];

const json = (data: Data) => JSON.stringify(dataToJson(data));

/** Reads attributes through a client. */
function read(
  name: string,
  ...targets: readonly (readonly [classId: number, logicalName: string, attribute: number])[]
) {
  return async (names: readonly QuirkName[]) => {
    const bench = new Bench({ profile: 'is15959-3ph', quirks: names });
    const meter = await bench.open(name);
    const texts: string[] = [];
    for (const [classId, logicalName, attribute] of targets) {
      const outcome = await meter.tryGet(meter.untyped(classId, logicalName).attribute(attribute));
      texts.push(outcome.ok ? json(outcome.value) : outcome.error.message);
    }
    await meter.close();
    return texts.join(' ');
  };
}

/** The information field of the answer to the last of some frames. */
function answered(...frames: readonly Uint8Array[]) {
  return (names: readonly QuirkName[]) => {
    const meter = new MeterOnLine({ quirks: names });
    const answers = frames.flatMap((frame) => meter.put(frame, meter.now + 100));
    return `${toHex(decodeFrame(answers.at(-1) as Uint8Array).information)}.`;
  };
}

const WINDOWS_ALONE = fromHex('81800C070400000004080400000004');
const SHORT_PROPOSAL = fromHex('818006050140060140');

const PROBES: Readonly<Record<QuirkName, Probe>> = {
  'bare-ua': [/^\.$/, answered(make('SNRM', WINDOWS_ALONE))],
  'billing-script-107': [/00000A006BFF/, read('reader', [22, '0.0.15.0.0.255', 2])],
  'date-zero': [
    /07D00000/,
    async (names) => {
      // A zone in which nothing was drawn yet.
      const bench = new Bench({ profile: 'is15959-3ph', quirks: names });
      const meter = await bench.open('reader');
      const times = await Promise.all(['7', '8'].map((zone) => demandTime(meter, zone)));
      await meter.close();
      return times.join(' ');
    },
  ],
  // 832 octets although 64 were proposed.
  'deaf-negotiation': [/0340/, answered(make('SNRM', SHORT_PROPOSAL))],
  'deviation-630': [/630/, read('reader', [8, '0.0.1.0.0.255', 3])],
  'deviation-plus-330': [/"long":330/, read('reader', [8, '0.0.1.0.0.255', 3])],
  'dummy-tariff-scripts': [/000000000000/, read('reader', [9, '0.0.10.0.100.255', 2])],
  'event-code-enum': [/"enum"/, read('reader', [1, '0.0.96.11.0.255', 2])],
  'fixed-challenge': [/^(.+) \1$/, (names) => challenges(names)],
  'frmr-bare': [/^\.$/, answered(make('SNRM'), make('RR1'))],
  'get-blocks': [
    /^C4/,
    (names) => {
      const tester = new Tester(new MeterUnderTest({ quirks: names }));
      tester.open(UTILITY);
      return tester.ask(UTILITY, fromHex('C001C1000F0000280000FF0200')).slice(0, 2);
    },
  ],
  'kvah-in-others': [/0100090800FF/, read('reader', [7, '0.0.99.98.4.255', 3])],
  'limiter-script-107': [/00000A006BFF/, read('reader', [71, '0.0.17.0.0.255', 11])],
  'message-to-nowhere': [/0000600D02FF/, read('reader', [40, '0.2.25.9.0.255', 2])],
  'milliseconds-for-seconds': [/20000/, read('reader', [23, '0.0.22.0.0.255', 8])],
  'needs-pause': [
    /^0$/,
    (names) => {
      const meter = new MeterOnLine({ quirks: names });
      meter.put(make('SNRM'), meter.now + 1000);
      return String(meter.put(make('RR0'), meter.now + 50).length);
    },
  ],
  'no-lists': [
    /^silence$/,
    (names) => {
      const tested = new MeterUnderTest({ quirks: names, lists: true });
      const tester = new Tester(tested);
      tester.open(UTILITY);
      return tested.handle(48, tester.seal(fromHex('C003C10100010000600100FF0200'))) ? 'an answer' : 'silence';
    },
  ],
  'no-release': [
    /^silence$/,
    (names) => {
      const tested = new MeterUnderTest({ quirks: names });
      new Tester(tested).open(UTILITY);
      return tested.handle(48, fromHex('6203800100')) ? 'an answer' : 'silence';
    },
  ],
  'no-selectors': [
    /^none$/,
    async (names) => {
      const meter = await new Bench({ profile: 'is15959-3ph', quirks: names }).open('reader');
      const load = (await meter.objects()).find(({ logicalName }) => logicalName === '1.0.99.1.0.255')!;
      await meter.close();
      return load.attributes.flatMap(({ selectors }) => selectors).join() || 'none';
    },
  ],
  'push-script-2': [/00000A006CFF"\},\{"long-unsigned":2/, read('reader', [22, '0.0.15.0.4.255', 2])],
  'readable-secrets': [/octet-string/, read('reader', [15, '0.0.40.0.2.255', 7])],
  'script-parameter': [/00000200/, read('reader', [9, '0.0.10.0.107.255', 2])],
  'single-phase-push-list': [/01000C0700FF/, read('reader', [40, '0.0.25.9.0.255', 2])],
  'swapped-scalers': [/0100331B00FF.*01001F1B00FF/, read('reader', [7, '1.0.94.91.4.255', 3])],
  'ua-to-disc': [/^8180/, answered(make('SNRM'), make('DISC'))],
  'unset-garbage': [/0815BF.*843841536/, read('reader', [40, '0.1.25.9.0.255', 4], [1, '1.0.96.128.30.255', 2])],
  'unsigned-amounts': [/double-long-unsigned/, read('reader', [1, '0.0.94.96.24.255', 2])],
  'wrong-category': [/4431/, read('reader', [1, '0.0.94.91.11.255', 2])],
};

async function demandTime(meter: Meter, zone: string): Promise<string> {
  const value = await meter.get(meter.untyped(4, `1.0.1.6.${zone}.255`).attribute(5));
  return json(value);
}

/** StoC of two associations. */
function challenges(names: readonly QuirkName[]): string {
  const tester = new Tester(new MeterUnderTest({ quirks: names }));
  return [1, 2].map(() => toHex(tester.associate(UTILITY).respondingAuthenticationValue!.value)).join(' ');
}

describe.each(quirks)('$name', ({ name }) => {
  const [slip, show] = PROBES[name];

  test('is made when it is named', async () => {
    expect(await show([name])).toMatch(slip);
  });

  test('is not made otherwise', async () => {
    expect(await show([])).not.toMatch(slip);
  });
});

test('the challenges of a meter that does it right differ', () => {
  const [one, other] = challenges([]).split(' ');
  expect(one).not.toBe(other);
  expect(one).toHaveLength(32);
});

test('a quirk that the meter cannot have, or that there is not, is refused', () => {
  const make = (names: readonly string[], profile = PROFILES[0]) =>
    createMeter(profile, { clock: new VirtualClock(START), seed: 1, quirks: names as QuirkName[] });
  expect(() => make(['swapped-scalers'])).toThrow(StateError);
  expect(() => make(['no-such'])).toThrow(/there is no quirk 'no-such'/);
  expect(() => make(['deviation-630', 'deviation-plus-330'])).toThrow(/one deviation/);
});

test('docs/virtual-meter-quirks.md describes every one, in the words of the program', () => {
  const page = readFileSync('docs/virtual-meter-quirks.md', 'utf8');
  for (const { name, sentence, seen } of quirks) expect(page).toContain(`| \`${name}\` | ${sentence} | ${seen} |`);
});
