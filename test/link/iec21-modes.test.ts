import { describe, expect, it } from 'vitest';
import { VirtualLine } from '../../simulator/line.js';
import { type Readout, type ReadoutOptions, readout, VirtualClock } from '../../src/index.js';
import { baudRateOf, decodeIec21 } from '../../src/link/iec21.js';
import {
  encodeCommand,
  encodeReadout,
  fromLatin1,
  type LinkEvent,
  ModeCLink,
  ModeELink,
  toLatin1,
} from '../../src/protocol.js';

const SEVEN = { dataBits: 7, parity: 'even' } as const;
const DATA = encodeReadout([{ address: '1.8.0', values: [{ value: '000123.4', unit: 'kWh' }] }]);

const DATA_R1 = fromLatin1('\x02(7*kWh)\x03\x02');
DATA_R1[DATA_R1.length - 1] = DATA_R1.subarray(1, -1).reduce((check, octet) => check ^ octet, 0);

/** Text of seven bits, the parity stripped. */
const textOf = (octets: Uint8Array = new Uint8Array(0)) => toLatin1(octets.map((octet) => octet & 0x7f));

/** A meter played by hand: what it says to what it hears, at which speed. */
async function play(
  options: ReadoutOptions & { readonly opening?: number },
  meter: (said: string, say: (octets: Uint8Array | string) => void, go: (baud: number) => void) => void,
): Promise<{ result: Readout; heard: { text: string; at: number }[]; events: LinkEvent[] }> {
  const clock = new VirtualClock(0);
  const line = new VirtualLine(clock, { baudRate: 300, fifo: 1 });
  const { opening = 300, ...rest } = options;
  for (const end of [line.a, line.b]) await end.configure?.({ baudRate: opening, ...SEVEN });
  const heard: { text: string; at: number }[] = [];
  let last = 0;
  await line.b.open({
    data: (chunk) => {
      const now = clock.now();
      if (heard.length === 0 || now - last > 100) heard.push({ text: '', at: now });
      const entry = heard.at(-1) as { text: string };
      entry.text += String.fromCharCode(...chunk);
      last = now;
      const say = (octets: Uint8Array | string) =>
        line.b.write(typeof octets === 'string' ? fromLatin1(octets) : octets);
      const go = (baudRate: number) => void line.b.configure?.({ baudRate, ...SEVEN });
      // What is silent for two octets has ended.
      clock.at(now + 80, () => {
        if (last === now) meter(entry.text, say, go);
      });
    },
    closed: () => {},
  });
  if (options.listen !== undefined)
    clock.at(5000, () =>
      meter(
        '',
        (text) => line.b.write(text as Uint8Array),
        () => {},
      ),
    );
  const events: LinkEvent[] = [];
  const trace: ReadoutOptions['trace'] = (event) => {
    if (event.type === 'link') events.push(event.event);
  };
  const result = await clock.run(readout(line.a, { clock, trace, ...rest }));
  return { result, heard, events };
}

describe('IEC 62056-21, mode by mode', () => {
  it('A: data follow the identification at 300 baud, unasked', async () => {
    const { result, heard } = await play({}, (said, say) => {
      if (said !== '/?!\r\n') return;
      say('/ABC\x20OLD\r\n');
      say(DATA);
    });
    expect(result.meter).toMatchObject({ mode: 'A', baudRate: 300 });
    expect(result.values).toMatchObject([{ logicalName: '1.0.1.8.0.255', value: '000123.4' }]);
    expect(heard[0]?.text).toBe('/?!\r\n');
  });

  it('B: the meter changes its speed unasked', async () => {
    const { result, events } = await play({}, (said, say, go) => {
      if (said !== '/?!\r\n') return;
      say('/ABCDOLD\r\n');
      go(4800);
      say(DATA);
    });
    expect(result.meter).toMatchObject({ mode: 'B', baudRate: 4800 });
    expect(events).toContainEqual({ type: 'reconfigure', baud: 4800, format: '7E1' });
    expect(result.values[0]?.value).toBe('000123.4');
  });

  it('C: keeps the reaction time, and one speed where the meter has one', async () => {
    const { result, heard, events } = await play({ opening: 2400, fixedBaud: 2400 }, (said, say) => {
      if (said === '/?!\r\n') say('/ABC5OLD\r\n');
      else if (said === '\x06050\r\n') say(DATA);
    });
    expect(result.values).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'reconfigure')).toEqual([
      { type: 'reconfigure', baud: 2400, format: '7E1' },
    ]);
    // Ten octets of identification at 2400 baud, then at least 200 ms.
    const [request, option] = heard;
    expect((option?.at ?? 0) - (request?.at ?? 0)).toBeGreaterThanOrEqual(200 + 10 * 4);
  });

  it('C: joins the partial blocks of a register', async () => {
    const parts = ['(11*kWh)\r\n', '(22*kWh)\r\n', '(33*kWh)'];
    let next = 0;
    const block = () => {
      const end = next === parts.length - 1 ? '\x03' : '\x04';
      const octets = fromLatin1(`\x02${parts[next++]}${end}\x00`);
      octets[octets.length - 1] = octets.subarray(1, -1).reduce((check, octet) => check ^ octet, 0);
      return octets;
    };
    const { result } = await play({ registers: ['P.01'] }, (said, say, go) => {
      if (said === '/?!\r\n') say('/ABC0OLD\r\n');
      else if (said === '\x06001\r\n') {
        go(300);
        say(fromLatin1('\x01P0\x02()\x03\x60'));
      } else if (said.startsWith('\x01R1') || said === '\x06') say(block());
    });
    expect(result.values.map(({ address, value }) => [address, value])).toEqual([
      ['P.01', '11'],
      ['P.01', '22'],
      ['P.01', '33'],
    ]);
  });

  it('D: a telegram that comes by itself', async () => {
    const telegram = fromLatin1('/ABC3OLD\r\n\r\n1.8.0(000123.4*kWh)\r\n!\r\n');
    const { result, heard } = await play({ listen: 60_000 }, (_, say) => say(telegram));
    expect(heard).toEqual([]);
    expect(result.meter).toMatchObject({ manufacturer: 'ABC', mode: 'D' });
    expect(result.values).toMatchObject([{ logicalName: '1.0.1.8.0.255', value: '000123.4', unit: 'kWh' }]);
    await expect(play({ listen: 4000 }, () => {})).rejects.toThrow('no telegram came');
  });

  it('D: however its line names the speed, and after line ends', async () => {
    const telegram = fromLatin1('\r\n/ABC9OLD\r\n\r\n1.8.0(000123.4*kWh)\r\n!\r\n');
    const { result } = await play({ listen: 60_000 }, (_, say) => say(telegram));
    expect(result.meter).toEqual({ manufacturer: 'ABC', identification: 'OLD', mode: 'D', baudRate: undefined });
    expect(result.values).toHaveLength(1);
  });

  it('D: telegrams that are refused are told, at once and at the end', async () => {
    const remarks: string[] = [];
    const broken = fromLatin1('/ABC3OLD\r\n\r\n1.8.0(000123.4*kWh)\r\n!0000\r\n');
    const listening = play({ listen: 60_000, onRemark: ({ text }) => remarks.push(text) }, (_, say) => {
      for (let i = 0; i < 3; i++) say(broken);
    });
    await expect(listening).rejects.toThrow(
      /no telegram could be read, 3 were refused; \d+ octets came: a telegram was refused: the CRC-16/,
    );
    expect(remarks).toEqual([expect.stringMatching(/^2 telegrams came and were refused: the CRC-16/)]);
  });

  it('C: a NAK to a command says that the meter refuses it', async () => {
    const refusing = play({ registers: ['1.8.0'] }, (said, say, go) => {
      if (said === '/?!\r\n') say('/ABC0OLD\r\n');
      else if (said === '\x06001\r\n') {
        go(300);
        say(encodeCommand('P0', '(BE00B600)'));
      } else if (said.startsWith('\x01R1')) say(fromLatin1('\x15'));
    });
    await expect(refusing).rejects.toThrow('the meter refused the command R1 for 1.8.0 (NAK), each time it was asked');
    await expect(refusing).rejects.toMatchObject({
      code: 'access',
      result: 'NAK',
      hint: expect.stringMatching(/--password.*--command R5/),
    });
  });

  it.each([
    ['the password', { registers: ['1.8.0'], password: '1' }, 'the password (P1)'],
    ['the option', {}, 'the data readout'],
  ] as const)('C: a NAK to %s', async (_, options, what) => {
    const refusing = play(options, (said, say) => {
      if (said === '/?!\r\n') say('/ABC0OLD\r\n');
      else if (said === '\x06001\r\n') say(encodeCommand('P0', '(BE00B600)'));
      else if (said.startsWith('\x01P1') || said === '\x06000\r\n' || said === '\x15') say(fromLatin1('\x15'));
    });
    await expect(refusing).rejects.toThrow(`the meter refused ${what} (NAK), each time it was asked`);
  });

  it('C: a NAK once is a question not understood, and asked again', async () => {
    let refused = false;
    const { result } = await play({ registers: ['1.8.0'] }, (said, say) => {
      if (said === '/?!\r\n') say('/ABC0OLD\r\n');
      else if (said === '\x06001\r\n') say(encodeCommand('P0', '(BE00B600)'));
      else if (said.startsWith('\x01R1')) {
        say(refused ? DATA_R1 : fromLatin1('\x15'));
        refused = true;
      }
    });
    expect(result.values).toMatchObject([{ value: '7' }]);
  });

  it('C: B0 in place of an answer says that the meter ended it', async () => {
    const ended = play({ registers: ['1.8.0'] }, (said, say) => {
      if (said === '/?!\r\n') say('/ABC0OLD\r\n');
      else if (said === '\x06001\r\n') say(fromLatin1('\x01B0\x03\x71'));
    });
    await expect(ended).rejects.toThrow('the meter ended the connection (B0) in answer to the programming mode');
  });

  it('C: data that stay at the opening speed are read by a second opening that asks for no other', async () => {
    const { result, heard } = await play({}, (said, say) => {
      if (said === '/?!\r\n') say('/ABC5OLD\r\n');
      // Whatever it is told it sends at 300 baud, and at once.
      else if (said === '\x06050\r\n' || said === '\x06000\r\n') say(DATA);
    });
    expect(result.values).toMatchObject([{ value: '000123.4' }]);
    expect(heard.map(({ text }) => text).filter((text) => text.startsWith('\x06'))).toEqual([
      '\x06050\r\n',
      '\x06000\r\n',
    ]);
  });

  it('C: behind a line of one speed the meter is asked to stay, then to do as it proposes', async () => {
    for (const [wanted, options] of [
      ['\x06000\r\n', ['\x06000\r\n']],
      ['\x06050\r\n', ['\x06000\r\n', '\x06050\r\n']],
    ] as const) {
      const { result, heard, events } = await play({ fixedLine: true }, (said, say) => {
        if (said === '/?!\r\n') say('/ABC5OLD\r\n');
        else if (said === wanted) say(DATA);
      });
      expect(result.values).toMatchObject([{ value: '000123.4' }]);
      const acknowledged = heard.map(({ text }) => text).filter((text) => text.startsWith('\x06'));
      expect([...new Set(acknowledged)]).toEqual(options);
      expect(events.some((event) => event.type === 'reconfigure' && event.baud !== 300)).toBe(false);
    }
  });

  it('E and C: a wake-up sequence, the pause after it, the request', () => {
    for (const link of [
      new ModeELink({ role: 'client', wakeUp: 65 }, new ModeCLink({ role: 'client' })),
      new ModeCLink({ role: 'client', wakeUp: 65 }),
    ]) {
      link.connect(0);
      while (link.pollEvent() !== undefined);
      expect(link.pollTransmit()).toEqual(new Uint8Array(65));
      expect(link.pollTransmit()).toBeUndefined();
      // 65 octets of 10 bits take 2167 ms; 1.5 s to 1.7 s later the meter listens (6.3.1).
      const due = link.pollTimeout() ?? 0;
      expect(due).toBeGreaterThan(2167 + 1500);
      expect(due).toBeLessThan(2167 + 1700);
      link.receive(new Uint8Array(65), due - 100);
      link.handleTimeout(due);
      expect(textOf(link.pollTransmit())).toBe('/?!\r\n');
    }
  });

  it.each([
    ...[300, 600, 1200, 2400, 4800, 9600, 19200].map((baud, i) => [String(i), baud, 'C'] as const),
    ...[600, 1200, 2400, 4800, 9600, 19200].map((baud, i) => ['ABCDEF'[i] as string, baud, 'B'] as const),
    ...[' ', 'J', 'Z', 'a', '+'].map((character) => [character, 300, 'A'] as const),
  ])('the baud rate character %j is %i baud, mode %s', (character, baudRate, mode) => {
    expect(baudRateOf(character)).toEqual({ baudRate, mode });
    expect(decodeIec21(fromLatin1(`/XYZ${character}METER\r\n`))).toMatchObject({ baudRate, mode });
    const offered = decodeIec21(fromLatin1(`/XYz${character}\\2METER\r\n`));
    expect(offered).toMatchObject({ mode: mode === 'C' ? 'E' : mode, reactionTimeMs: 20 });
  });

  it.each(['7', '8', '9', 'G', 'H', 'I'])('the baud rate character %s is reserved', (character) => {
    expect(baudRateOf(character)).toBeUndefined();
    expect(() => decodeIec21(fromLatin1(`/XYZ${character}METER\r\n`))).toThrow('unknown baud rate character');
  });
});
