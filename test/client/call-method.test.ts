import { describe, expect, it, vi } from 'vitest';
import { i8, nullValue, u16 } from '../../src/codec/make.js';
import { AccessError, type Relay } from '../../src/index.js';
import { callMethod, relayOrderOf } from '../../src/tools.js';
import { FieldLine } from '../support/field-line.js';

const RELAY = '0.0.96.3.10.255';

describe('a method that is called by its numbers', () => {
  it('is an order to a relay where it is one, by the standard parameter alone', () => {
    expect(relayOrderOf({ classId: 70, member: 1 }, i8(0))).toBe('disconnect');
    expect(relayOrderOf({ classId: 70, member: 2 }, i8(0))).toBe('connect');
    expect(relayOrderOf({ classId: 70, member: 3 }, i8(0))).toBeUndefined();
    expect(relayOrderOf({ classId: 71, member: 1 }, i8(0))).toBeUndefined();
    expect(relayOrderOf({ classId: 70, member: 1 }, u16(0))).toBeUndefined();
  });

  it('moves a relay once and looks at it; a relay that stays is no success', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const open = { classId: 70, logicalName: RELAY, member: 1 };
        expect(await callMethod(meter, open, i8(0))).toEqual(nullValue());
        expect(field.meter.connected).toBe(false);
        expect(await callMethod(meter, { ...open, member: 2 }, i8(0))).toEqual(nullValue());
        const stuck = new AccessError('not-done', RELAY, 'the supply is still connected');
        const mustBeDone = () => {
          throw stuck;
        };
        vi.spyOn(meter, 'relay').mockReturnValue({ disconnect: async () => ({ mustBeDone }) } as unknown as Relay);
        await expect(callMethod(meter, open, i8(0))).rejects.toBe(stuck);
        await meter.close();
        // Closed it is by hand only: in its control mode the meter made it ready.
        expect(await field.switchings()).toBe(1);
      })(),
    );
  });
});
