import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../bin/io.js';
import { main } from '../../bin/program.js';
import { FrameCounts } from '../../bin/simulate/ui/frames.js';
import { segments } from '../../bin/simulate/ui/segments.js';
import { Terminal } from '../../bin/simulate/ui/terminal.js';
import { ASCII, linesOf, plainText, UNICODE, type View } from '../../bin/simulate/ui/view.js';
import { createMeter, PROFILES } from '../../simulator/index.js';
import { fromHex, VirtualClock } from '../../src/index.js';
import { START } from '../simulator/support.js';
import { FakeIo } from './fake-io.js';

function viewOf(profile: (typeof PROFILES)[number] = 'is15959-1ph', more: Partial<View> = {}): View {
  const meter = createMeter(profile, { clock: new VirtualClock(START), seed: 7 });
  const frames = { received: 12, sent: 11, discarded: 1, reason: 'wrong FCS', lines: 1 };
  const title = meter.identity.logicalDeviceName;
  const view = { title, place: 'tcp 127.0.0.1:4059', page: 0, held: false, heater: false, notes: [], frames };
  return { ...view, face: meter.face(), ...more };
}
const text = (view: View, columns: number, rows: number, glyphs = UNICODE) =>
  linesOf(view, { columns, rows }, glyphs).map(plainText);

describe('the view', () => {
  it('fits any terminal', () => {
    const views = PROFILES.map((profile) => viewOf(profile, { notes: ['one', 'two', 'three'] }));
    const size = fc.nat(150);
    fc.assert(
      fc.property(fc.constantFrom(...views), size, fc.nat(60), fc.nat(40), (view, columns, rows, page) => {
        const lines = text({ ...view, page }, columns, rows);
        expect(lines.length).toBeLessThanOrEqual(rows);
        expect(Math.max(0, ...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
      }),
      { numRuns: 1000 },
    );
  });

  it('shows display, lamps, load, frames, events and keys at 80x24', () => {
    const view = viewOf();
    const energy = view.face.display.findIndex(({ label }) => label === 'Energy import');
    const lines = text({ ...view, page: energy }, 80, 24);
    expect(lines).toHaveLength(24);
    const digits = segments(view.face.display[energy]!.text)!;
    for (const row of digits) expect(lines.some((line) => line.includes(row))).toBe(true);
    const all = lines.join('\n');
    expect(all).toMatch(/Energy import +1\.0\.1\.8\.0 +5\/16/);
    expect(all).toMatch(/relay +● closed/);
    expect(all).toMatch(/credit +● good/);
    expect(all).toContain('12 in, 11 out; 1 line open; 1 discarded: wrong FCS');
    expect(all).toMatch(/load +[█░]{30,} \d+\.\d{3} of 6\.600 kW/);
    expect(all).toMatch(/ q {2}quit/);
  });

  it('shows the display in clear text where it is narrow, and in ASCII where it must', () => {
    const lines = text(viewOf('is15959-3ph', { page: 2, held: true }), 40, 16, ASCII);
    const all = lines.join('\n');
    expect(all).toContain('[ 23-11-26 ] Date');
    expect(all).toMatch(/power {3}\* on/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(all).not.toMatch(/[^\x00-\x7f]/);
    expect(text(viewOf('is15959-ct'), 80, 24).join('\n')).not.toMatch(/relay|credit|recharge/);
  });

  it('tells a stuck relay and a dead meter', () => {
    const { face } = viewOf();
    const stuck = viewOf(undefined, { face: { ...face, relay: { state: 'disconnected', closed: true } } });
    expect(text(stuck, 80, 24).join('\n')).toContain('stuck closed');
    const dead = text(viewOf(undefined, { face: { ...face, powered: false, display: [] } }), 80, 24);
    expect(dead.join('\n')).toMatch(/power +○ failed/);
  });
});

it('digits are those of seven segments', () => {
  expect(segments('1:2')).toEqual(['       _ ', '  | .  _|', '  | . |_ ']);
  expect(segments('COSEM')).toBeUndefined();
});

describe('frames are counted', () => {
  it.each([
    ['hdlc', '007EA0080201210310C67E7E7E', '7EA0', 1],
    ['wrapper', '0001001000010003C0010000010010000100', '00', 2],
  ] as const)('in %s, in any chunks', (framing, hex, more, expected) => {
    const octets = fromHex(hex);
    fc.assert(
      fc.property(fc.array(fc.nat(octets.length)), (cuts) => {
        const counts = new FrameCounts();
        const watch = counts.watch(framing);
        const at = [0, ...[...cuts].sort((a, b) => a - b), octets.length];
        for (let i = 1; i < at.length; i++)
          watch.trace({ direction: 'received', bytes: octets.subarray(at[i - 1], at[i]) });
        watch.trace({ direction: 'received', bytes: fromHex(more) });
        expect(counts.received).toBe(expected);
      }),
    );
  });
});

/** A terminal of 80 x 24. */
function terminalIo() {
  const io = new FakeIo({ LANG: 'en_IN.UTF-8' });
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const stdout = Object.assign(io.stdout, { isTTY: true, columns: 80, rows: 24 });
  const given: Io = { stdin, stdout, stderr: io.stderr, env: io.env, signal: io.signal };
  return { io, given, stdin, stdout, raw };
}

describe('cosem simulate --ui', () => {
  it('shows the meter, follows the keys, and leaves the terminal as it was', async () => {
    const { given, stdin, stdout, raw, io } = terminalIo();
    const ended = main('simulate --ui --tcp 127.0.0.1:0 --seed 7'.split(' '), given);
    await stdout.until(/Test of the display/);
    expect(raw).toEqual([true]);
    const press = async (key: string, pattern: RegExp) => {
      stdout.text = '';
      stdin.write(key);
      await stdout.until(pattern);
    };
    await press('n', /Serial number/);
    await press('h', /held 2\/16/);
    await press('c', /open/);
    await press('m', /take magnet away/);
    await press('r', /account recharged/);
    await press('l', /heater off/);
    await press('p', /power back/);
    await press('p', /power failure, restoration/);
    stdout.text = '';
    stdin.write('q');
    expect(await ended).toBe(0);
    expect(stdout.text).toContain('\u001b[?25h\u001b[?1049l');
    expect(raw).toEqual([true, false]);
    expect(io.stderr.text).toBe('The meter has stopped.\n');
  });

  it('ends by Ctrl-C and by a signal', async () => {
    for (const how of ['\u0003', undefined]) {
      const { given, stdin, stdout, raw, io } = terminalIo();
      const ended = main('simulate --ui --tcp 127.0.0.1:0'.split(' '), given);
      await stdout.until(/Test of the display/);
      if (how === undefined) io.interrupt();
      else stdin.write(how);
      expect(await ended).toBe(0);
      expect(raw).toEqual([true, false]);
    }
  });

  it('says that it needs a terminal, and one meter', async () => {
    const piped = new FakeIo();
    expect(await main(['simulate', '--ui'], piped)).toBe(2);
    expect(piped.stderr.text).toContain('--ui needs a terminal');
    for (const other of [['--json'], ['--fleet', '3'], ['--template', 'x.json']]) {
      const { given, io } = terminalIo();
      expect(await main(['simulate', '--ui', ...other], given)).toBe(2);
      expect(io.stderr.text).toContain(`--ui does not go with ${other[0]}`);
    }
  });

  it('restores the terminal when the process fails', () => {
    const { given, stdout, raw } = terminalIo();
    const terminal = new Terminal(given, { key: () => {}, redraw: () => {} });
    terminal.open();
    (process as NodeJS.EventEmitter).emit('uncaughtExceptionMonitor', new Error('boom'));
    expect(stdout.text).toContain('\u001b[?1049l');
    expect(raw).toEqual([true, false]);
    terminal.close();
    expect(raw).toEqual([true, false]);
  });
});
