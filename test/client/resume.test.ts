import { describe, expect, it } from 'vitest';
import { LinkError, TimeoutError, UncertainError } from '../../src/base/errors.js';
import type { MeterLost } from '../../src/tools.js';
import { FieldLine } from '../support/field-line.js';

const SERIAL = '0.0.96.1.0.255';

describe('a session whose line breaks', () => {
  it('goes on when the adapter is plugged in again, and says so once', async () => {
    const field = new FieldLine();
    const { clock, line } = field;
    const losses: MeterLost[] = [];
    await clock.run(
      (async () => {
        const meter = await field.open('reader');
        meter.on('lost', (loss) => losses.push(loss));
        const before = await meter.objects();
        const reading = meter.profile('1.0.99.2.0.255').rows();
        field.at(1000, () => line.unplug('a'));
        field.at(4000, () => line.plug('a'));
        const rows = await reading;
        expect(rows.length).toBeGreaterThan(30);
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        expect(before.length).toBeGreaterThan(50);
        await meter.close();
      })(),
    );
    expect(losses).toMatchObject([{ patience: 60_000, error: { reason: 'transport' } }]);
    expect(field.resumptions).toMatchObject([{ error: { message: 'virtual line a was unplugged' } }]);
    expect(field.resumptions[0]?.lost).toBeGreaterThan(3000);
    expect(field.resumptions[0]?.lost).toBeLessThan(12_000);
  });

  it('resumes once for all calls that were under way, in their order', async () => {
    const field = new FieldLine();
    const order: number[] = [];
    await field.clock.run(
      (async () => {
        const meter = await field.open('public');
        const calls = [1, 2, 3, 4].map((n) => meter.get(meter.data(SERIAL).value).then(() => order.push(n)));
        field.at(10, () => field.line.unplug('a'));
        field.at(2000, () => field.line.plug('a'));
        await Promise.all(calls);
        await meter.close();
      })(),
    );
    expect(order).toEqual([1, 2, 3, 4]);
    expect(field.resumptions.length).toBe(1);
  });

  it('does an order once that the meter, timed out in NRM, refused by DM', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        await new Promise<void>((resolve) => field.at(300_000, resolve));
        expect(await meter.relay().disconnect()).toMatchObject({ connected: false });
        await meter.close();
        expect(field.meter.connected).toBe(false);
        expect(await field.switchings()).toBe(1);
      })(),
    );
    expect(field.resumptions).toMatchObject([{ attempts: 1, error: { reason: 'peer-closed', unheard: true } }]);
  });

  it('associates anew when the meter has dropped the association, and reads what it refused then', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        field.meter.faults.add('drop-association');
        field.at(500, () => field.meter.faults.remove('all'));
        expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
        await meter.close();
      })(),
    );
    expect(field.resumptions).toMatchObject([{ error: { unassociated: true } }]);
  });

  it('gives a ciphered order no second time because an answer in clear says that there is no association', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        field.meter.faults.add('drop-association');
        field.at(500, () => field.meter.faults.remove('all'));
        const error = await meter
          .relay()
          .disconnect()
          .catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(UncertainError);
        expect((error as Error).message).toMatch(/not known whether .* the relay is connected now/);
        await meter.close();
        expect(await field.switchings()).toBe(0);
      })(),
    );
    expect(field.resumptions).toMatchObject([{ error: { unassociated: true } }]);
  });

  it('looks at the relay when the answer to an order was lost, and orders no second time', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        field.meter.faults.add('silence=25s');
        expect(await meter.relay().disconnect()).toMatchObject({ connected: false, state: 'disconnected' });
        await meter.close();
        expect(await field.switchings()).toBe(1);
      })(),
    );
    expect(field.resumptions.length).toBe(1);
  });

  it('does not give an order again that got lost on its way, but says how the relay is', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        field.line.unplug('b');
        // The meter's end hears nothing and, back again, knows nothing.
        const ordering = meter.relay().disconnect();
        field.at(5000, () => {
          field.line.plug('b');
          void field.meter.attach(field.line.b, { framing: 'hdlc' });
        });
        const error = await ordering.catch((thrown: unknown) => thrown);
        if (error instanceof UncertainError) {
          expect(error.message).toMatch(/the relay is connected now/);
          expect(error.hint).toMatch(/not given twice/);
        } else expect(error).toMatchObject({ connected: false });
        await meter.close();
        expect(await field.switchings()).toBeLessThanOrEqual(1);
      })(),
    );
  });

  it('reads back what it wrote when the answer was lost', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        // Demand integration period.
        const period = meter.data('1.0.0.8.0.255').value;
        const old = await meter.get(period);
        const next = { ...old, value: 900 } as typeof old;
        field.meter.faults.add('silence=25s');
        await meter.set(period, next);
        expect(await meter.get(period)).toEqual(next);
        await meter.close();
      })(),
    );
    expect(field.resumptions.length).toBe(1);
  });

  it('ends clearly when its patience does', async () => {
    for (const [patience, least, most] of [
      [0, 0, 100],
      [20_000, 14_000, 21_000],
    ] as const) {
      const field = new FieldLine();
      const { clock } = field;
      await clock.run(
        (async () => {
          const meter = await field.open('reader', { patience });
          const start = clock.now();
          field.line.unplug('a');
          const error = await meter.objects().catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(LinkError);
          if (patience > 0) {
            expect((error as Error).message).toMatch(/unplugged; the meter could not be reached again within 20 s/);
            expect((error as LinkError).hint).toMatch(/plugged in/);
          }
          expect(clock.now() - start).toBeGreaterThanOrEqual(least);
          expect(clock.now() - start).toBeLessThanOrEqual(most);
          // And later calls do not wait again.
          const again = clock.now();
          await expect(meter.objects()).rejects.toThrow(LinkError);
          expect(clock.now() - again).toBeLessThan(100);
          expect(meter.connected).toBe(false);
          await meter.close();
        })(),
      );
    }
  });

  it('stops trying when it is closed or aborted', async () => {
    for (const how of ['close', 'abort'] as const) {
      const field = new FieldLine();
      const { clock } = field;
      const stop = new AbortController();
      await clock.run(
        (async () => {
          const meter = await field.open('reader', { signal: stop.signal });
          field.line.unplug('a');
          const reading = meter.objects().catch((thrown: unknown) => thrown);
          await new Promise<void>((resolve) => field.at(3000, resolve));
          const start = clock.now();
          if (how === 'close') await meter.close();
          else stop.abort(new Error('enough'));
          const error = await reading;
          if (how === 'abort') expect(error).toMatchObject({ message: 'enough' });
          else expect(error).toBeInstanceOf(LinkError);
          expect(clock.now() - start).toBeLessThan(100);
        })(),
      );
    }
  });

  it('goes through silence, whatever the framing', { timeout: 180_000 }, async () => {
    for (const framing of ['hdlc', 'mode-e'] as const) {
      const field = new FieldLine({ framing });
      await field.clock.run(
        (async () => {
          const meter = await field.open('public');
          field.meter.faults.add('silence=30s');
          expect(await meter.get(meter.data(SERIAL).value)).toBeDefined();
          await meter.close();
        })(),
      );
      expect(field.resumptions.length, framing).toBe(1);
      expect(
        field.resumptions[0]?.error instanceof LinkError || field.resumptions[0]?.error instanceof TimeoutError,
      ).toBe(true);
    }
  });
});
