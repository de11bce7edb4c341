/** New firmware for a meter: transferred, gone on with, verified, compared, activated. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeImage } from '../../simulator/index.js';
import { fromLatin1 } from '../../src/base/bytes.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { ImageTransfer } from '../../src/cosem/classes/image-transfer.js';
import { AccessError, type Meter, StateError } from '../../src/index.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { type Image, ImageError, type ImageProgress, ImageUpdate } from '../../src/tools.js';
import { Bench, HOUR } from '../simulator/support.js';
import { FieldLine } from '../support/field-line.js';

const FIRMWARE = 'COSEM-D1-2.0';
const BLOCK = 64;
const content = makeImage(nobleCrypto, {
  profile: 'is15959-1ph',
  firmware: FIRMWARE,
  payload: Uint8Array.from({ length: 700 }, (_, i) => i * 7),
});
const COUNT = Math.ceil(content.length / BLOCK);
const image: Image = { identification: fromLatin1(FIRMWARE), octets: content };

function bench() {
  return new Bench({ imageBlockSize: BLOCK });
}

async function firmware(meter: Meter): Promise<unknown> {
  return (await meter.get(meter.data('1.0.0.2.0.255').value)).value;
}

describe('an image', () => {
  test('is transferred, verified, compared and activated; progress ends whole', async () => {
    const meter = await bench().open('firmware');
    const update = new ImageUpdate(meter);
    expect(await update.state()).toEqual({ enabled: true, blockSize: BLOCK, status: 'image-transfer-not-initiated' });
    const told: ImageProgress[] = [];
    expect(await update.transfer(image, { onProgress: (progress) => told.push(progress) })).toEqual({
      blocks: COUNT,
      sent: COUNT,
    });
    expect(told.length).toBe(COUNT + 1);
    expect(told[0]).toMatchObject({ blocks: 0, octets: 0, sent: 0 });
    expect(told.at(-1)).toEqual({
      blocks: COUNT,
      ofBlocks: COUNT,
      octets: content.length,
      ofOctets: content.length,
      sent: content.length,
    });
    await update.verify();
    expect(await update.check(image)).toMatchObject({ imageSize: content.length });
    expect(await firmware(meter)).toBe('COSEM-D1-1.0');
    expect(await update.activate()).toBe('active');
    expect(await firmware(meter)).toBe(FIRMWARE);
    await meter.close();
  });

  test('goes on from the bitmap in another association: no block is sent twice', async () => {
    const at = bench();
    const broken = new AbortController();
    const first = await at.open('firmware');
    await expect(
      new ImageUpdate(first).transfer(image, {
        signal: broken.signal,
        onProgress: ({ blocks }) => blocks === 5 && broken.abort(new Error('enough')),
      }),
    ).rejects.toThrow('enough');
    await first.close();
    const meter = await at.open('firmware');
    const update = new ImageUpdate(meter);
    expect(await update.transfer(image, { resume: true })).toEqual({ blocks: COUNT, sent: COUNT - 5 });
    await update.verify();
    await update.check(image);
    // What is whole and not verified is not sent again either; what is not resumed begins anew.
    await expect(update.transfer(image, { resume: true })).resolves.toMatchObject({ sent: COUNT });
    await expect(update.transfer(image, { resume: true })).resolves.toMatchObject({ sent: 0 });
    await expect(update.transfer(image)).resolves.toMatchObject({ sent: COUNT });
    await meter.close();
  });

  test('of another length is no continuation: the transfer begins anew', async () => {
    const meter = await bench().open('firmware');
    const update = new ImageUpdate(meter);
    await update.transfer({ ...image, octets: new Uint8Array(3000) });
    await expect(update.transfer(image, { resume: true })).resolves.toEqual({ blocks: COUNT, sent: COUNT });
    await update.verify();
    await meter.close();
  });

  test('broken off anywhere, any number of times, is whole in the end and each block crossed once', async () => {
    const meter = await bench().open('firmware');
    const update = new ImageUpdate(meter);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }), async (stops) => {
        await meter.call(update.object.imageTransferInitiate, {
          imageIdentifier: image.identification,
          imageSize: content.length,
        });
        let sent = 0;
        let whole = false;
        for (const stop of [...stops, COUNT + 1]) {
          const broken = new AbortController();
          let now = 0;
          const onProgress = (progress: ImageProgress) => {
            now = progress.sent;
            if (progress.sent >= stop * BLOCK) broken.abort(new Error('enough'));
          };
          const run = update.transfer(image, { resume: true, signal: broken.signal, onProgress });
          whole = await run.then(
            () => true,
            (error) => error.message !== 'enough',
          );
          sent += now;
          if (whole) break;
        }
        expect(whole).toBe(true);
        expect(sent).toBe(content.length);
        await update.verify();
        await update.check(image);
      }),
      { numRuns: 100 },
    );
    await meter.close();
  }, 180_000);

  test('damaged on its way out of the factory is not verified', async () => {
    const meter = await bench().open('firmware');
    const update = new ImageUpdate(meter);
    const damaged = { ...image, octets: content.map((octet, i) => (i === 300 ? octet ^ 1 : octet)) };
    await update.transfer(damaged);
    const error = await update.verify().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ImageError);
    expect(error).toMatchObject({ fault: 'verification-failed', code: 'access' });
    await expect(update.check(damaged)).rejects.toMatchObject({ fault: 'mismatch' });
    await expect(update.activate()).rejects.toThrow(AccessError);
    expect(await firmware(meter)).toBe('COSEM-D1-1.0');
    await meter.close();
  });

  test('under another identification, or of another size, does not pass the comparison', async () => {
    const meter = await bench().open('firmware');
    const update = new ImageUpdate(meter);
    await update.transfer(image);
    await update.verify();
    for (const other of [
      { ...image, identification: fromLatin1('COSEM-D1-9.9') },
      { ...image, octets: content.subarray(1) },
    ]) {
      const error = await update.check(other).catch((thrown) => thrown);
      expect(error).toMatchObject({ fault: 'mismatch' });
      expect((error as Error).message).toContain(`${FIRMWARE} of ${content.length} octets`);
    }
    await meter.close();
  });

  test('is activated by the meter itself at a time of its clock', async () => {
    const at = bench();
    const meter = await at.open('firmware');
    const update = new ImageUpdate(meter, { clock: at.clock });
    await update.transfer(image);
    await update.verify();
    const time = new CosemDateTime({ year: 2026, month: 11, dayOfMonth: 23, hour: 11, minute: 0, second: 0 });
    await update.schedule(time);
    await meter.close();
    at.clock.advance(1.9 * HOUR);
    const before = await at.open('firmware');
    expect(await firmware(before)).toBe('COSEM-D1-1.0');
    await before.close();
    at.clock.advance(0.2 * HOUR);
    const after = await at.open('firmware');
    expect(await firmware(after)).toBe(FIRMWARE);
    await after.close();
  });

  test('of nothing is refused here; a client that may not is refused there', async () => {
    const at = bench();
    const meter = await at.open('firmware');
    await expect(new ImageUpdate(meter).transfer({ ...image, octets: new Uint8Array(0) })).rejects.toThrow(StateError);
    await meter.close();
    const reader = await at.open('reader');
    await expect(new ImageUpdate(reader).transfer(image)).rejects.toThrow(AccessError);
    await reader.close();
  });

  test('in blocks without answers arrives too; what got lost is sent again', async () => {
    const at = bench();
    let drop = false;
    let dropped = 0;
    const line = await at.meter.line({ framing: 'wrapper' });
    const lossy: typeof line = {
      name: line.name,
      open: (handler) => line.open(handler),
      close: () => line.close(),
      write: (bytes) => {
        if (drop) dropped++;
        else line.write(bytes);
        drop = false;
      },
    };
    const meter = await at.openOn(lossy, 'firmware');
    const update = new ImageUpdate(meter);
    const onProgress = ({ blocks }: ImageProgress) => {
      // The next one is the fourth in a row without an answer.
      if (blocks === 3) drop = true;
    };
    await expect(update.transfer(image, { unconfirmed: true, onProgress })).resolves.toEqual({
      blocks: COUNT,
      sent: COUNT + 1,
    });
    expect(dropped).toBe(1);
    await update.verify();
    await update.check(image);
    await meter.close();
  });

  test('goes through bit errors, and a meter that forgets the association, by itself', async () => {
    const field = new FieldLine({
      faults: ['drop-association@5%'],
      line: { noise: { bitErrorRate: 1e-4 } },
    });
    const long = makeImage(nobleCrypto, {
      profile: 'is15959-1ph',
      firmware: FIRMWARE,
      payload: Uint8Array.from({ length: 12_000 }, (_, i) => i * 5),
    });
    await field.clock.run(
      (async () => {
        const meter = await field.open('firmware');
        const update = new ImageUpdate(meter, { clock: field.clock });
        const whole = { ...image, octets: long };
        await update.transfer(whole);
        await update.verify();
        await update.check(whole);
        await meter.close();
      })(),
    );
    expect(field.resumptions.length).toBeGreaterThan(0);
  });

  test('may be all there while the meter says it is not: that ends', async () => {
    const meter = await bench().open('firmware');
    const object = meter.object(ImageTransfer, '0.0.44.0.0.255');
    const tryGet = meter.tryGet.bind(meter) as (ref: unknown) => Promise<unknown>;
    const untrue: Readonly<Record<number, unknown>> = {
      3: { bytes: Uint8Array.of(0xdf, 0xff, 0xff), length: COUNT },
      4: 2,
    };
    meter.tryGet = ((ref: { attributeId: number }) =>
      ref.attributeId in untrue
        ? Promise.resolve({ ok: true, value: untrue[ref.attributeId] })
        : tryGet(ref)) as typeof meter.tryGet;
    await expect(new ImageUpdate(meter).transfer(image)).rejects.toMatchObject({ fault: 'incomplete' });
    expect(await meter.get(object.imageTransferStatus)).toBe('image-transfer-initiated');
    await meter.close();
  });
});
