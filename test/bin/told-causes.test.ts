/** Each cause of the table, as `cosem doctor` and `cosem read` tell it, on lines in virtual time. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withMeterOn } from '../../bin/connect.js';
import { failureOf } from '../../bin/failure.js';
import { columnsOf } from '../../bin/format.js';
import { Output } from '../../bin/output.js';
import { main } from '../../bin/program.js';
import { connectionSettings } from '../../bin/settings.js';
import { tell } from '../../bin/tell.js';
import { createMeter, type VirtualMeter } from '../../simulator/index.js';
import { VirtualClock } from '../../src/index.js';
import { type CauseId, causes, LANGUAGES, type Language } from '../../src/inspect.js';
import { nodeCrypto } from '../../src/node.js';
import { type Provocation, provocations, type Settings } from '../causes/provocations.js';
import { hdlc, provokedLines } from '../causes/provoked-lines.js';
import { passing } from '../support/passing.js';
import { FakeIo } from './fake-io.js';

// What these load is not to be waited for in virtual time.
import '../../bin/commands/doctor.js';
import '../../bin/commands/read.js';
import '../../bin/why.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-causes-'));
const clock = new VirtualClock(Date.UTC(2026, 5, 1, 6));
const meter: VirtualMeter = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
const all = provocations(clock, meter);

/** Causes that a command does not tell, and why. */
const NOT_TOLD: Readonly<Record<'doctor' | 'read', Partial<Record<CauseId, string>>>> = {
  doctor: {
    'no-answer': 'it looks for the cause itself',
    'no-valid-answer': 'it looks for the cause itself',
    'request-refused': 'it asks for what any meter has',
    'no-port': 'test/bin/doctor.test.ts: it takes a machine without ports',
    'change-unknown': 'it changes nothing',
  },
  read: {
    'no-port': 'it wants to be told a line',
    'wrong-ek': 'keys are not tried unasked',
    'change-unknown': 'it changes nothing',
  },
};

afterAll(() => {
  meter.stop();
  rmSync(folder, { recursive: true });
});

interface Told {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  readonly io: FakeIo;
}

function ioAt(line: Provocation['connect'], env: Record<string, string>, waits: boolean): FakeIo {
  const io = new FakeIo(env);
  const connect = line();
  Object.assign(io, { clock, lines: () => connect() });
  const terminal = { isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  if (waits) Object.assign(io.stderr, terminal);
  return io;
}

/** Secrets stand in the environment, so that nothing is said of them. */
const SECRETS = new Set(['password', 'secret', 'ek', 'ak']);
const flagsOf = (settings: Settings) =>
  Object.entries(settings).flatMap(([name, value]) =>
    value === undefined || SECRETS.has(name) ? [] : [`--${name}`, String(value)],
  );
const secretsOf = (settings: Settings) =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) =>
      value === undefined || !SECRETS.has(name) ? [] : [[`COSEM_${name.toUpperCase()}`, String(value)]],
    ),
  );

async function cosem(
  words: string[],
  { connect, settings }: Pick<Provocation, 'connect' | 'settings'>,
  env: Record<string, string> = {},
  waits = false,
): Promise<Told> {
  const io = ioAt(connect, { ...env, ...secretsOf(settings) }, waits);
  const exit = await passing(clock, main([...words, '--fresh', ...flagsOf(settings)], io));
  return { exit, out: io.stdout.text, err: stripVTControlCharacters(io.stderr.text), io };
}

/** The sentence of a cause with anything in its places. */
function saying(id: CauseId, language: Language): RegExp {
  const literal = causes[id].says[language].replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(literal.replace(/\{\w+\}/g, '[\\s\\S]+').replaceAll(' ', '\\s+'));
}

const name = ({ cause, unasked }: Provocation) => `${cause}${unasked ? ', with nobody who waits' : ''}`;

beforeAll(async () => {
  // The meter has seen counters that others do not know.
  const used = all.find(({ cause }) => cause === 'wrong-secret') as Provocation;
  const { secret } = meter.connections.find((one) => one.name === 'utility') as { secret: Uint8Array };
  const settings = { ...used.settings, secret: `hex:${Buffer.from(secret).toString('hex')}` };
  const lines = provokedLines(clock, () => meter);
  const told = await cosem(['read', 'clock'], { connect: () => lines.line(hdlc), settings });
  expect([told.exit, told.err]).toEqual([0, expect.any(String)]);
}, 60_000);

/** Counters of its own, where the meter knows better. */
const own = (one: Provocation, kept: string) =>
  one.cause === 'counter-too-low' ? { ...one, settings: { ...one.settings, counters: join(folder, kept) } } : one;

describe('cosem doctor says', () => {
  it.each(all.filter(({ cause }) => NOT_TOLD.doctor[cause] === undefined).map((one) => [name(one), one] as const))(
    '%s',
    async (_, one) => {
      const { io, exit } = await cosem(['doctor', '--json'], own(one, 'doctor'));
      const document = io.document() as { mistake?: string; error?: { mistake?: string } };
      expect(document.mistake ?? document.error?.mistake).toBe(one.cause);
      expect(exit).toBe(causes[one.cause].exit);
    },
    60_000,
  );
});

describe('cosem read says', () => {
  const told = all.filter(({ cause, untried }) => NOT_TOLD.read[untried ?? cause] === undefined);
  it.each(told.map((one) => [name(one), one] as const))(
    '%s',
    async (_, one) => {
      const cause = one.untried ?? one.cause;
      for (const language of LANGUAGES) {
        const { err, out } =
          one.thrown === undefined
            ? await cosem(
                ['read', 'nameplate'],
                own(one, `read-${language}`),
                language === 'hi' ? { LANG: 'hi_IN.UTF-8' } : {},
                one.unasked !== true,
              )
            : await thrown(one.thrown, one.settings, language);
        expect(out).toBe('');
        // In English the error of the library says more than a general cause.
        if (language === 'hi' || one.general !== true) expect(err).toMatch(saying(cause, language));
        expect(err).not.toMatch(/not known|ज्ञात नहीं|\{\w+\}/);
        expect(err).toMatch(language === 'hi' ? /उपाय: / : /hint: /);
        if (language === 'hi') expect(err).not.toContain('hint:');
        // What stands before is the progress, which replaces itself.
        const told = err.slice(err.lastIndexOf('cosem: '));
        for (const line of told.split('\n')) expect(columnsOf(line)).toBeLessThanOrEqual(one.unasked ? 1000 : 80);
        expect(err).not.toMatch(/0011223344556677|WRONG-PW/i);
      }
    },
    60_000,
  );

  /** An error in an open association, told as any command tells it. */
  async function thrown(error: Error, settings: Settings, language: Language): Promise<Pick<Told, 'out' | 'err'>> {
    const line = provokedLines(clock, () => meter).line(hdlc);
    const io = ioAt(() => line, {}, true);
    const run = { io, output: new Output(io, false), options: { fresh: true } };
    const known = connectionSettings(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
      io,
    );
    const failing = withMeterOn(line(), known, run, () => Promise.reject(error), line);
    const caught = await passing(
      clock,
      failing.catch((one: unknown) => one),
    );
    expect(caught).toBe(error);
    await passing(clock, tell(failureOf(caught), caught, ['read', '--language', language], io));
    return { out: io.stdout.text, err: stripVTControlCharacters(io.stderr.text) };
  }
});

it.each(['doctor', 'read'] as const)('cosem %s: every cause of the table is provoked', (command) => {
  const provoked = new Set(all.flatMap(({ cause, untried }) => [cause, ...(untried ? [untried] : [])]));
  const missing = (Object.keys(causes) as CauseId[]).filter(
    (id) => !provoked.has(id) && NOT_TOLD[command][id] === undefined,
  );
  expect(missing).toEqual([]);
});

describe('keys and passwords', () => {
  it('are sent once: nobody who waits brings about a second wrong one', async () => {
    const wrong = all.find(({ cause }) => cause === 'wrong-password') as Provocation;
    let asked = 0;
    const fresh = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
    const lines = provokedLines(clock, () => fresh);
    const counting = lines.serving(({ client, server, bytes }, now) => {
      // The public client may be asked for a counter: it has no password.
      if (bytes[0] === 0x60 && client === 32) asked++;
      return fresh.handle(client, server, bytes, now);
    });
    const { err } = await cosem(
      ['read', 'nameplate'],
      { connect: () => counting, settings: { ...wrong.settings, counters: join(folder, 'once') } },
      {},
      true,
    );
    expect(err).toContain('The password (LLS) is wrong.');
    expect(asked).toBe(1);
  });
});
