import { describe, expect, it } from 'vitest';
import { is15959, type ProfileRow, readingsOf } from '../../src/index.js';
import type { RowSelection } from '../../src/tools.js';
import { FieldLine } from '../support/field-line.js';

const PROFILE = '1.0.99.2.0.255';

describe('rows in a loop', () => {
  it('are those that come by await, each as soon as it is whole', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        // Its answers come in blocks of GET.
        const meter = await field.open('reader');
        const profile = meter.profile(PROFILE);
        const selections: readonly RowSelection[] = [{}, { last: 5 }, { fromEntry: 3, toEntry: 9 }];
        for (const selection of selections) {
          const whole = await profile.rows(selection);
          const seen: ProfileRow[] = [];
          const times: number[] = [];
          for await (const row of profile.rows(selection)) {
            seen.push(row);
            times.push(field.clock.now());
          }
          expect(seen).toEqual(whole);
          if ('fromEntry' in selection || 'last' in selection) continue;
          expect(times.at(-1)).toBeGreaterThan(times[0] as number);
        }
        await meter.close();
      })(),
    );
  });

  it('end the transfer when the loop is left, and the meter goes on', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        // Its answers come in blocks of GET.
        const meter = await field.open('reader');
        const profile = meter.profile('1.0.99.1.0.255');
        await profile.columns();
        const days = { from: new Date('2026-11-20T00:00:00Z'), to: new Date('2026-11-22T00:00:00Z') };
        const begin = field.clock.now();
        await profile.rows(days);
        const whole = field.clock.now() - begin;
        const again = field.clock.now();
        for await (const row of profile.rows(days)) {
          expect(row.values.length).toBeGreaterThan(1);
          break;
        }
        expect(field.clock.now() - again).toBeLessThan(whole / 2);
        expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
        expect(await profile.rows({ last: 2 })).toHaveLength(2);
        await meter.close();
      })(),
    );
    expect(field.resumptions).toEqual([]);
  });

  it('end with the signal, and with what went wrong', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { patience: 0 });
        const loop = async (signal?: AbortSignal) => {
          let count = 0;
          for await (const _ of meter.profile(PROFILE).rows({}, signal === undefined ? {} : { signal })) count++;
          return count;
        };
        await expect(loop(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
        const stop = new AbortController();
        field.at(1000, () => stop.abort(new Error('meanwhile')));
        await expect(loop(stop.signal)).rejects.toThrow('meanwhile');
        field.at(1000, () => field.line.unplug('a'));
        const error = await loop().catch((thrown: unknown) => thrown);
        expect((error as Error).stack).toMatch(/at (async )?loop .*arriving\.test/);
        await meter.close();
      })(),
    );
  });

  it('may be asked for late, and by two', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const rows = meter.profile(PROFILE).rows({ last: 3 });
        const whole = await rows;
        const late: ProfileRow[] = [];
        for await (const row of rows) late.push(row);
        expect(late).toEqual(whole);
        await meter.close();
      })(),
    );
  });
});

describe('readings in a loop', () => {
  it('are those that come by await', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const specs = readingsOf(is15959, 'energy');
        const texts: (string | undefined)[] = [];
        for await (const outcome of meter.readings(specs)) texts.push(outcome.ok ? outcome.value.text : undefined);
        const whole = await meter.readings(specs);
        expect(texts).toHaveLength(specs.length);
        expect(texts.length).toBe(whole.length);
        for await (const _ of meter.readings(specs)) break;
        await meter.close();
      })(),
    );
  });
});
