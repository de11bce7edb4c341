import { describe, expect, it } from 'vitest';
import * as cosem from '../../src/index.js';
import { FieldLine } from '../support/field-line.js';

const { AccessError, CosemError, RelayOutcome, RelayStatus } = cosem;

describe('what a person may see', () => {
  it('of the relay has words and JSON', async () => {
    const field = new FieldLine();
    await field.clock.run(
      (async () => {
        const meter = await field.open('utility');
        const status = await meter.relay().status();
        expect(status).toBeInstanceOf(RelayStatus);
        expect(`${status}`).toBe(`the supply is connected (control state connected, control mode ${status.mode})`);
        expect(JSON.parse(JSON.stringify(status))).toEqual({ connected: true, state: 'connected', mode: status.mode });
        const outcome = await meter.relay().disconnect();
        expect(outcome).toBeInstanceOf(RelayOutcome);
        expect(outcome.text).toMatch(/^the supply is disconnected \(control state disconnected/);
        expect(JSON.parse(JSON.stringify(outcome))).toMatchObject({ connected: false, done: true });
        await meter.close();
      })(),
    );
    const told = { connected: true, state: 'connected', mode: undefined } as const;
    const undone = new RelayOutcome(told, { done: false, order: 'disconnect', target: '70:0.0.96.3.10.255' });
    expect(undone.text).toBe('not done: the supply is connected (control state connected)');
    expect(JSON.stringify(undone)).toBe('{"connected":true,"state":"connected","mode":null,"done":false}');
  });

  it('of an error is all that it says', () => {
    const error = new AccessError('read-write-denied', '3:1.0.1.8.0.255:2', 'it may not be read', {
      hint: 'as another client',
      cause: new Error('of the caller'),
    });
    expect(error.text).toBe('it may not be read (as another client)');
    const json = JSON.parse(JSON.stringify({ error })) as { error: object };
    expect(json.error).toMatchObject({
      name: 'AccessError',
      code: 'access',
      message: 'it may not be read',
      hint: 'as another client',
      result: 'read-write-denied',
      target: '3:1.0.1.8.0.255:2',
    });
    expect(json.error).not.toHaveProperty('cause');
    expect(json.error).not.toHaveProperty('stack');
  });

  it('is never without words and JSON: every class of the entry whose instances are shown', () => {
    const handles = ['Meter', 'MeterPool', 'Profile', 'Relay', 'PushReceiver', 'NotificationReceiver'];
    const inner = ['MemoryCounterStore', 'MemoryReplayGuard', 'VirtualClock'];
    const classes = Object.entries(cosem).filter(
      ([name, value]) => /^[A-Z]/.test(name) && typeof value === 'function' && ![...handles, ...inner].includes(name),
    );
    expect(classes.map(([name]) => name)).toEqual(expect.arrayContaining(['Reading', 'ProfileRow', 'RelayStatus']));
    for (const [name, value] of classes) {
      const { prototype } = value as { prototype: object };
      expect('toJSON' in prototype, `${name}.toJSON`).toBe(true);
      // Values print themselves: their text is toString().
      const printed = 'text' in prototype || Object.hasOwn(prototype, 'toString');
      expect(printed, `${name}.text`).toBe(true);
      if (prototype instanceof CosemError) expect('text' in prototype).toBe(true);
    }
  });
});
