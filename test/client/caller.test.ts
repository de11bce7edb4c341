import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../../src/base/abort.js';
import { LinkError, type Meter } from '../../src/index.js';
import { FieldLine } from '../support/field-line.js';
import { ServedMeter } from '../support/served-meter.js';

const SERIAL = '0.0.96.1.0.255';
const HERE = basename(import.meta.filename);

async function thrown(call: () => Promise<unknown>): Promise<Error> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('the stack of an error', () => {
  async function readsInVain(meter: Meter, signal?: AbortSignal): Promise<unknown> {
    const value = await meter.get(meter.data(SERIAL).value, signal === undefined ? {} : { signal });
    return value;
  }

  async function readsRowsInVain(meter: Meter): Promise<unknown> {
    const rows = await meter.profile('1.0.99.2.0.255').rows();
    return rows;
  }

  it('names the function that called, whatever broke and however deep', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { patience: 0 });
        field.meter.faults.add('silence=120s');
        const { signal } = new AbortController();
        const silent = await thrown(() => readsInVain(meter, signal));
        expect(silent).toBeInstanceOf(LinkError);
        expect(silent.stack).toMatch(new RegExp(`at (async )?readsInVain .*${HERE}`));
        const gone = await thrown(() => readsInVain(meter));
        expect(gone.stack).toMatch(new RegExp(`at (async )?readsInVain .*${HERE}`));
        const rows = await thrown(() => readsRowsInVain(meter));
        expect(rows.stack).toMatch(new RegExp(`at (async )?readsRowsInVain .*${HERE}`));
        await meter.close();
        const closed = await thrown(() => readsRowsInVain(meter));
        expect(closed.stack).toMatch(new RegExp(`at (async )?readsRowsInVain .*${HERE}`));
      })(),
    );
  });

  it('names each caller of a meter that is lost, and no other', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility', { patience: 1000 });
        field.line.unplug('a');
        await thrown(() => readsRowsInVain(meter));
        const again = await thrown(() => readsInVain(meter));
        expect(again.stack).toMatch(/readsInVain/);
        expect(again.stack).not.toMatch(/readsRowsInVain/);
        await meter.close();
      })(),
    );
  });

  it('names who opened in vain', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        await field.attach();
        field.line.unplug('a');
        const opensInVain = async () => {
          const meter = await field.open('utility');
          return meter;
        };
        const error = await thrown(opensInVain);
        expect(error).toBeInstanceOf(LinkError);
        expect(error.stack).toMatch(new RegExp(`at (async )?opensInVain .*${HERE}`));
      })(),
    );
  });
});

describe('one signal', () => {
  it('ends fifty meters, and no platform warns of a leak', async () => {
    const warnings: Error[] = [];
    const heard = (warning: Error) => warnings.push(warning);
    process.on('warning', heard);
    const served = new ServedMeter();
    const stop = new AbortController();
    const meters: Meter[] = [];
    for (let n = 0; n < 50; n++) {
      meters.push(await served.clock.run(served.open({ framing: 'wrapper', signal: stop.signal })));
    }
    const value = meters[0]!.register('1.0.1.8.0.255').value;
    const reads = meters.map((meter) => meter.get(value, { signal: stop.signal }));
    await served.clock.run(Promise.all(reads));
    const closed: unknown[] = [];
    for (const meter of meters) meter.on('closed', ({ error }) => closed.push(error));
    const reason = new Error('enough');
    stop.abort(reason);
    await served.clock.run(Promise.all(meters.map((meter) => meter.close())));
    expect(closed).toEqual(Array(50).fill(reason));
    // Warnings come in a turn of their own.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', heard);
    expect(warnings).toEqual([]);
  });

  it('calls what waits once, and not what was taken back', () => {
    const stop = new AbortController();
    const called: string[] = [];
    const same = () => called.push('same');
    onAbort(stop.signal, same);
    const off = onAbort(stop.signal, same);
    onAbort(stop.signal, () => called.push('other'));
    off();
    stop.abort();
    expect(called).toEqual(['same', 'other']);
  });
});
