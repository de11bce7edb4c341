import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Faults } from '../../simulator/faults/faults.js';
import { type MeterControls, playScenario, type ScenarioMoment, VERB_NAMES, verbTable } from '../../simulator/index.js';
import { VERBS } from '../../simulator/scenario/verbs.js';
import { parseScenario } from '../../simulator/scenario.js';
import { VirtualClock } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import type { Meter } from '../../src/index.js';
import { Bench, DAY, HOUR, MINUTE, START } from './support.js';

const scenario = (...steps: string[]) => steps.map((step) => `- ${step}\n`).join('');

/** Controls that write down what they are told. */
function recorder() {
  const calls: string[] = [];
  const controls = new Proxy({ phases: 1 } as unknown as MeterControls, {
    get: (target, name) => {
      if (name in target) return Reflect.get(target, name);
      return (...args: unknown[]) =>
        calls.push(
          `${String(name)} ${args
            .filter((arg) => arg !== undefined)
            .map((arg) => JSON.stringify(arg))
            .join(' ')}`.trim(),
        );
    },
  });
  return { calls, controls };
}

/** What happens in a scenario up to some time, as `DD HH:MM:SS call`. */
function played(text: string, length: number, start = START) {
  const clock = new VirtualClock(start);
  const { calls, controls } = recorder();
  const faults = new Faults();
  const log: string[] = [];
  const playing = playScenario(parseScenario(text), {
    clock,
    controls,
    faults,
    onMoment: ({ at, error }) => {
      const time = new Date(at + 330 * MINUTE).toISOString().slice(8, 19).replace('T', ' ');
      for (const call of calls.splice(0)) log.push(`${time} ${call}`);
      if (error) log.push(String(error));
    },
  });
  clock.advance(length);
  return { log, faults, playing, clock };
}

describe('writing a scenario', () => {
  test.each(VERB_NAMES)('the example of %s is one', (name) => {
    const { example } = VERBS[name]!;
    expect(parseScenario(scenario(example)).steps).toMatchObject([{ text: example, place: 'scenario:1:3' }]);
    expect(verbTable()).toContain(`\`${example}\``);
  });

  test('a list, or a map with a name; comments and quotes as YAML has them', () => {
    const text = '# a night\nname: night\nsteps:\n  - at 18:00 magnet on   # quick\n  - "at 19:00 magnet off"\n';
    expect(parseScenario(text, 'night.yaml')).toMatchObject({
      name: 'night',
      steps: [
        { text: 'at 18:00 magnet on', place: 'night.yaml:4:5' },
        { text: 'at 19:00 magnet off', place: 'night.yaml:5:5' },
      ],
    });
  });

  test.each([
    ['- at 18:00 magnett on', "1:12: there is no verb 'magnett'", 'known are magnet, cover, module, neutral,'],
    ['- at 18:00 magnet up', "1:19: magnet: 'up' is not known here", 'one of on, off'],
    ['- at 18:00 magnet', '1:18: magnet: the line ends where on or off should follow', 'on or off'],
    ['- at 18:00 magnet on now', "1:22: nothing may follow here, but 'now' does", 'write magnet on|off, such as'],
    ['- at 18:00 magnet on for', '1:25: the line ends where a duration should follow', ''],
    ['- at 18:00 magnet on for ever', "1:26: 'ever' is not a duration", 'such as 500ms'],
    ['- at 18:00 recharge 500 for 1h', '1:25: recharge: it is not for a time', 'write recharge RUPEES'],
    ['- at 18:00 recharge 5.005', "1:21: recharge: '5.005' is not an amount", 'rupees, such as 500'],
    ['- at 18:00 balance -1.005', "1:20: balance: '-1.005' is not an amount", 'rupees, such as 500 or -12.50'],
    ['- at 18:00 relay mode 7', "1:23: relay: '7' is not a control mode", '0 to 6'],
    ['- at 25:00 magnet on', "1:6: '25:00' is not a time of day", 'such as 18:00'],
    ['- at 2026-02-30 10:00 magnet on', "1:6: '2026-02-30' is not a time of day", ''],
    ['- on 18:00 magnet on', "1:3: 'on' is no time", 'at 18:00, at 2026-12-01 18:00, after 2h'],
    ['- every moon at 18:00 magnet on', "1:9: 'moon' is not a day or a duration", 'day, sunday, monday'],
    ['- at 18:00 voltage Q over', "1:20: voltage: 'Q' is not a voltage", 'over, under, missing'],
    ['- at 18:00 load add geyser hot', "1:28: load: 'hot' is not a power", 'watts'],
    ['- at 18:00 fault silence', '1:18: fault: fault silence: for how long?', 'write silence=TIME[@RATE]'],
    ['- at 18:00 fault sillence=2s', "1:18: fault: there is no fault 'sillence'", 'known are bit-errors'],
    ['- at 18:00 clock jump far', "1:23: clock: 'far' is not a time to jump by", 'such as +2h'],
    ['# nothing\n- "at 18:00 magnet up"', "2:20: magnet: 'up'", ''],
    ['- at 18:00: magnet on', '1:3: a step is one line of text', 'WHEN VERB'],
    ['- [1]', '1:3: a step is one line of text', ''],
    ['step:\n  - at 18:00 magnet on', "1:1: 'step' is not known here", 'known are name and steps'],
    ['name: x\n', 'there are no steps', '- at 18:00 magnet on'],
    ['', 'there are no steps', ''],
    ['- "at 18:00', '1:', ''],
  ])('%j is refused: %s', (text, message, hint) => {
    let error: StateError | undefined;
    try {
      parseScenario(text, 'trouble.yaml');
    } catch (caught) {
      error = caught as StateError;
    }
    expect(error).toBeInstanceOf(StateError);
    expect(error!.message).toContain(message.startsWith('there') ? message : `trouble.yaml:${message}`);
    expect(error!.hint).toContain(hint);
  });
});

test('any text is a scenario or is refused with its place', () => {
  const words = fc.constantFrom(
    ...VERB_NAMES,
    ...[
      'at',
      'after',
      'every',
      'day',
      'monday',
      'for',
      'on',
      'off',
      '18:00',
      '2026-12-01',
      '2h',
      '500',
      'R',
      'over',
      'add',
    ],
    ...['\n- ', ': ', '"', "'", '[', '#', '\t', '&', '*', '|'],
  );
  // Lines that are right, and such lines with one word changed: both sides of the border are reached.
  const line = fc.constantFrom(...VERB_NAMES).map((verb) => `- ${VERBS[verb]!.example}`);
  const spoilt = fc.tuple(line, fc.nat(), words).map(([right, at, word]) => {
    const parts = right.split(' ');
    parts[at % parts.length] = word;
    return parts.join(' ');
  });
  const text = fc.oneof(
    fc.string(),
    fc.array(words, { maxLength: 12 }).map((parts) => `- ${parts.join(' ')}`),
    fc.array(fc.oneof({ weight: 9, arbitrary: line }, spoilt), { minLength: 1, maxLength: 4 }).map((l) => l.join('\n')),
  );
  let accepted = 0;
  let refused = 0;
  fc.assert(
    fc.property(text, (written) => {
      try {
        const { steps } = parseScenario(written, 'any.yaml');
        accepted++;
        for (const step of steps) expect(step.place).toMatch(/^any\.yaml:\d+:\d+$/);
      } catch (error) {
        refused++;
        expect(error).toBeInstanceOf(StateError);
        expect((error as StateError).message).toMatch(/^any\.yaml:\d+:\d+: /);
      }
    }),
    { numRuns: 3000 },
  );
  expect(accepted).toBeGreaterThan(300);
  expect(refused).toBeGreaterThan(300);
});

describe('when things happen', () => {
  test('at a time, at a moment, after a while, in the order of time and then of the lines', () => {
    // It begins at 09:00.
    const text = scenario(
      'at 10:00 magnet on',
      'at 08:00 magnet off',
      'after 90m power off for 10m',
      'at 2026-11-24 08:00 cover open',
      'at 2026-11-22 08:00 cover close',
      'after 0s recharge 499.50',
    );
    expect(played(text, 2 * DAY).log).toEqual([
      '23 09:00:00 recharge 49950',
      '23 10:00:00 magnet true',
      '23 10:30:00 power false',
      '23 10:40:00 power true',
      '24 08:00:00 magnet false',
      '24 08:00:00 cover true',
    ]);
  });

  test('again and again', () => {
    const text = scenario(
      'every day at 07:00 recharge 1',
      'every tuesday at 09:00:30 magnet on for 30s',
      'every 20h cover open',
    );
    expect(played(text, 3 * DAY).log).toEqual([
      '24 05:00:00 cover true',
      '24 07:00:00 recharge 100',
      '24 09:00:30 magnet true',
      '24 09:01:00 magnet false',
      '25 01:00:00 cover true',
      '25 07:00:00 recharge 100',
      '25 21:00:00 cover true',
      '26 07:00:00 recharge 100',
    ]);
  });

  test('what lasts until it begins again lasts on, what ends as something begins ends first', () => {
    expect(played(scenario('every 1h magnet on for 90m'), 3.2 * HOUR).log).toEqual([
      '23 10:00:00 magnet true',
      '23 11:00:00 magnet true',
      '23 12:00:00 magnet true',
    ]);
    expect(played(scenario('after 2h voltage 265', 'after 1h voltage under for 1h'), 3 * HOUR).log).toEqual([
      '23 10:00:00 voltage 1700',
      '23 11:00:00 voltage',
      '23 11:00:00 voltage 2650',
    ]);
  });

  test('every verb calls its control, and takes back what was only for a time', () => {
    const steps = [
      'magnet on',
      'cover open',
      'module out',
      'neutral missing',
      'neutral-disturbance on',
      'earth-load on',
      'reverse-current on',
      'current-bypass B on',
      'voltage Y over',
      'power off',
      'load add geyser 2000',
      'load set 750',
      'relay stuck',
      'clock jump -90m',
      'relay open',
    ];
    const { log } = played(scenario(...steps.map((step, i) => `after ${i}m ${step} for 1h`)), DAY);
    const calls = log.map((line) => line.slice(12));
    expect(calls.slice(0, 16)).toEqual([
      'magnet true',
      'cover true',
      'module true',
      'neutral "missing"',
      'neutral "disturbed"',
      'earthLoad 4000',
      'current -100',
      'current 40 2',
      'voltage 2900 1',
      'power false',
      'appliance "geyser" 2000',
      'household false',
      'appliance "load set" 750',
      'relayStuck true',
      'clock {"by":-5400000}',
      'relayOrder "open"',
    ]);
    expect(calls.slice(16)).toEqual([
      'magnet false',
      'cover false',
      'module false',
      'neutral "sound"',
      'neutral "sound"',
      'earthLoad 0',
      'current 100',
      'current 100 2',
      'voltage 1',
      'power true',
      'appliance "geyser" 0',
      'household true',
      'appliance "load set" 0',
      'relayStuck false',
      'clock {"by":5400000}',
      'relayOrder "close"',
    ]);
  });

  test('faults come and go', () => {
    const text = scenario('after 1h fault drop-frames@50% for 1h', 'after 90m fault echo', 'after 3h fault off all');
    const names = (hours: number) => played(text, hours * HOUR).faults.list.map((fault) => fault.text);
    expect([0.5, 1, 1.5, 2, 3].map(names)).toEqual([
      [],
      ['drop-frames@50%'],
      ['drop-frames@50%', 'echo'],
      ['echo'],
      [],
    ]);
  });

  test('stops when told, and knows when it is over', () => {
    const text = scenario('after 1h magnet on', 'after 2h magnet off');
    const { playing, log, clock } = played(text, 1.5 * HOUR);
    expect(playing.next).toBe(START + 2 * HOUR);
    playing.stop();
    clock.advance(DAY);
    expect(log.length).toBe(1);
    expect(played(text, DAY).playing.next).toBeUndefined();
  });

  test('a step that fails is told and does not end the others', () => {
    const clock = new VirtualClock(START);
    const moments: ScenarioMoment[] = [];
    const controls = {
      recharge: () => {
        throw new Error('no money');
      },
    } as unknown as MeterControls;
    playScenario(parseScenario(scenario('after 1m recharge 5', 'after 2m fault echo')), {
      clock,
      controls,
      faults: new Faults(),
      onMoment: (moment) => moments.push(moment),
    });
    clock.advance(HOUR);
    expect(moments.map(({ error }) => String(error))).toEqual(['Error: no money', 'undefined']);
  });
});

/** Codes and times of an event log, the oldest first, from `since` on. */
async function eventsOf(meter: Meter, log: number, since: number): Promise<string[]> {
  const rows = await meter.profile(`0.0.99.98.${log}.255`).rows();
  return rows
    .filter(({ time }) => (time?.toMillis() ?? 0) >= since)
    .map(({ time, values }) => `${time!.toText().slice(11, 16)} ${values[1]!.text}`);
}

describe('a day of a meter', () => {
  const text = scenario(
    'at 10:00 magnet on for 20m',
    'at 11:00 cover open for 2m',
    'at 12:00 voltage over for 20m',
    'at 13:00 voltage under for 20m',
    'at 14:00 power off for 30m',
    'at 15:00 neutral-disturbance on for 10m',
    'at 16:00 load set 1200',
    'at 16:30 earth-load on for 30m',
    'at 18:00 reverse-current on for 30m',
    'at 20:00 recharge 500.50',
  );

  test('is in the event logs, as the client reads them', async () => {
    const bench = new Bench({ scenario: parseScenario(text) });
    bench.clock.advance(15 * HOUR);
    const meter = await bench.open('reader');
    expect(await eventsOf(meter, 0, START)).toEqual(['12:05 7', '12:25 8', '13:05 9', '13:25 10']);
    expect(await eventsOf(meter, 1, START)).toEqual(['16:35 69', '17:05 70', '18:05 51', '18:35 52']);
    expect(await eventsOf(meter, 2, START)).toEqual(['14:00 101', '14:30 102']);
    expect(await eventsOf(meter, 4, START)).toEqual(['10:00 201', '10:21 202', '15:01 203', '15:11 204']);
    expect(await eventsOf(meter, 5, START)).toEqual(['11:00 251']);
    expect(await meter.get(meter.data('0.0.94.96.21.255').value)).toMatchObject({ value: 50_050 });
    bench.meter.stop();
    await meter.close();
  });

  test('the same day is the same day', async () => {
    const read = async () => {
      const bench = new Bench({ scenario: parseScenario(text), seed: 3 });
      bench.clock.advance(15 * HOUR);
      const meter = await bench.open('reader');
      const rows = await meter.profile('1.0.99.1.0.255').rows({ last: 30 });
      const logs = await Promise.all([0, 1, 2, 4, 5].map((log) => eventsOf(meter, log, START)));
      bench.meter.stop();
      await meter.close();
      return JSON.stringify([rows.map(({ values }) => values.map(({ data }) => data)), logs]);
    };
    expect(await read()).toBe(await read());
  });

  test('load set is what flows; an appliance comes on top; both end', async () => {
    const bench = new Bench();
    const watts = async () => {
      const meter = await bench.open('reader');
      const value = await meter.get(meter.register('1.0.1.7.0.255').value);
      await meter.close();
      return Math.round(Number(value.value) * 1000);
    };
    bench.meter.play(
      parseScenario(scenario('after 10m load set 1200 for 1h', 'after 20m load add kettle 1800 for 5m')),
    );
    bench.clock.advance(12 * MINUTE);
    expect(await watts()).toBe(1200);
    bench.clock.advance(10 * MINUTE);
    expect(await watts()).toBe(3000);
    bench.clock.advance(10 * MINUTE);
    expect(await watts()).toBe(1200);
    bench.clock.advance(HOUR);
    expect(await watts()).not.toBe(1200);
    bench.meter.stop();
  });

  test('a relay that is stuck goes on feeding the household', async () => {
    const bench = new Bench();
    bench.meter.play(parseScenario(scenario('after 1m relay stuck for 2h', 'after 1m load set 1000')));
    bench.clock.advance(5 * MINUTE);
    const meter = await bench.open('utility');
    await meter.call(meter.disconnectControl().remoteDisconnect);
    const energy = async () => Number((await meter.get(meter.register('1.0.1.8.0.255').value)).value);
    const before = await energy();
    bench.clock.advance(HOUR);
    expect(await meter.get(meter.disconnectControl().controlState)).toBe('disconnected');
    expect((await energy()) - before).toBeCloseTo(1, 2);
    bench.clock.advance(HOUR);
    const freed = await energy();
    bench.clock.advance(HOUR);
    expect((await energy()) - freed).toBeLessThan(0.001);
    bench.meter.stop();
    await meter.close();
  });

  test('the clock of the meter jumps, its scenario does not', async () => {
    const bench = new Bench();
    bench.meter.play(parseScenario(scenario('at 10:00 clock jump +2h', 'at 11:00 recharge 7')));
    bench.clock.advance(90 * MINUTE);
    const meter = await bench.open('reader');
    expect((await meter.get(meter.clock().time)).toText()).toMatch(/^2026-11-23 12:30:00/);
    bench.clock.advance(HOUR);
    expect(await meter.get(meter.data('0.0.94.96.21.255').value)).toMatchObject({ value: 700 });
    bench.meter.stop();
    await meter.close();
  });

  test('stop ends it', () => {
    const bench = new Bench({ scenario: parseScenario('steps: [every 1h recharge 1]') });
    bench.clock.advance(2 * HOUR);
    bench.meter.stop();
    expect(bench.clock.next()).toBeUndefined();
  });
});
