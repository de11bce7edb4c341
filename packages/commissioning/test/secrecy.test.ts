import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { VirtualClock } from '../../../src/base/clock.js';
import { sentence } from '../src/messages.js';
import { HttpVerifier } from '../src/service/http-verifier.js';
import { OneTimeCode } from '../src/verification.js';
import { Bench, START } from './bench.js';

const benches: Bench[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const bench of benches.splice(0)) bench.dispose();
});

const digits = fc.integer({ min: 0, max: 999_999 }).map((value) => String(value).padStart(6, '0'));

/** Everything that a run writes, shows or throws, as one text. */
async function everythingOf(right: string, wrong: readonly string[], work: 'verify' | 'all'): Promise<string> {
  const shown: unknown[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      shown.push(text);
      return true;
    });
  }
  const b = new Bench({ code: right });
  benches.push(b);
  await b.openIndex();
  const session = b.session();
  await b.do(session, 'installer');
  for (const code of wrong) {
    b.clock.advance(5000);
    const result = await session.consumer(OneTimeCode.parse(code));
    shown.push(result, result.ok ? '' : sentence(result.refusal, 'en') + sentence(result.refusal, 'hi'));
  }
  b.clock.advance(5000);
  shown.push(await session.consumer(OneTimeCode.parse(right)));
  if (work === 'all') await b.upTo(session, undefined);
  vi.restoreAllMocks();
  const files = readdirSync(b.folder).map((name) => readFileSync(join(b.folder, name), 'latin1'));
  return [
    ...shown.map((value) => inspect(value, { depth: 20 })),
    inspect(session, { depth: 20, showHidden: true }),
    b.disk.text(),
    JSON.stringify(b.certificates),
    ...files,
  ].join('\n');
}

describe('a one-time code', { timeout: 180_000 }, () => {
  test('leaves no trace: what a run writes and shows does not depend on it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(digits, { minLength: 4, maxLength: 4 }),
        async ([right, first, second, third]) => {
          // The same run with other wrong codes: if one of them were anywhere, the texts would differ.
          const one = await everythingOf(right!, [first!, second!], 'verify');
          const other = await everythingOf(right!, [third!, first!], 'verify');
          expect(one).toBe(other);
          // Nor the right one: only its hash is in the work order, which is not part of this.
          expect(await everythingOf(second!, [first!, third!], 'verify')).toBe(one);
          for (const bench of benches.splice(0)) bench.dispose();
        },
      ),
      { numRuns: 60 },
    );
  });

  test('nor through a whole commissioning', async () => {
    const one = await everythingOf('274913', ['900001'], 'all');
    const other = await everythingOf('618205', ['900002'], 'all');
    expect(one).toBe(other);
    expect(one).not.toContain('274913');
  });

  test('is in no error of the network, whatever goes wrong', async () => {
    await fc.assert(
      fc.asyncProperty(digits, fc.constantFrom('throw', 'echo', 'reject'), async (code, how) => {
        const clock = new VirtualClock(START);
        const http = new HttpVerifier({
          url: 'https://meters.example.in',
          clock,
          retries: 1,
          fetch: async (url, init) => {
            expect(url).not.toContain(code);
            if (how === 'throw') throw new Error(`cannot send ${String(init.body)}`);
            const said = { verified: true, reference: `${code} is right`, reason: code, triesLeft: 1 };
            return new Response(JSON.stringify(said), { status: how === 'echo' ? 200 : 403 });
          },
        });
        const consumer = { workOrder: 'WO-1', consumerNumber: '1', mobileLast4: '4321' };
        const outcome = await clock.run(http.verify(consumer, OneTimeCode.parse(code), 'k'));
        // The time of it may have any digits.
        const { at: _, ...said } = { at: 0, ...outcome };
        expect(inspect(said) + inspect(http, { depth: 9, showHidden: true })).not.toContain(code);
      }),
      { numRuns: 1000 },
    );
  });
});
