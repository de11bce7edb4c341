import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { AssociationError } from '../../src/base/errors.js';
import { FailureLock } from '../../src/server/authentication-lock.js';
import { ClientSession } from '../../src/session/client-session.js';
import { pump, setup } from '../session/harness.js';

const MINUTE = 60_000;

/** A meter with a lock, its clock in hand, and clients that know the secret or do not. */
function locked(mechanism: 1 | 2) {
  const lock = new FailureLock({ attempts: 3, duration: MINUTE });
  const { client, server } = setup({ mechanism, server: { lock } });
  let now = 0;
  const wire = (request: Uint8Array) => server.handle(48, 1, request, now);
  const attempt = (right: boolean) => {
    const session = right
      ? client
      : new ClientSession({ ...client.config, secret: new TextEncoder().encode('WrongSecretOfIt!') });
    session.disconnected();
    try {
      pump(session.associate(), wire);
      server.released(48);
      return 'in';
    } catch (error) {
      expect(error).toBeInstanceOf(AssociationError);
      return (error as AssociationError).result === 2 ? 'locked' : 'refused';
    }
  };
  return { lock, attempt, wire, pass: (ms: number) => (now += ms) };
}

describe.each([1, 2] as const)('mechanism %i', (mechanism) => {
  it('shuts the door after three failures in a row, for a minute, to everybody', () => {
    const { attempt, pass } = locked(mechanism);
    expect([1, 2, 3].map(() => attempt(false))).toEqual(['refused', 'refused', 'refused']);
    expect([attempt(false), attempt(true)]).toEqual(['locked', 'locked']);
    pass(MINUTE - 1);
    expect(attempt(true)).toBe('locked');
    pass(1);
    expect(attempt(true)).toBe('in');
    expect([1, 2, 3].map(() => attempt(false))).toEqual(['refused', 'refused', 'refused']);
    expect(attempt(true)).toBe('locked');
  });

  it('forgets failures with the first success, not with time', () => {
    const { attempt, pass } = locked(mechanism);
    expect([attempt(false), attempt(false), attempt(true)]).toEqual(['refused', 'refused', 'in']);
    expect([attempt(false), attempt(false), attempt(true)]).toEqual(['refused', 'refused', 'in']);
    expect([1, 2, 3].map(() => attempt(false))).toEqual(['refused', 'refused', 'refused']);
    pass(MINUTE);
    expect([attempt(false), attempt(false)]).toEqual(['refused', 'locked']);
  });

  it('does not count what never got as far as the secret', () => {
    const { attempt, wire, lock } = locked(mechanism);
    for (let i = 0; i < 5; i++) wire(Uint8Array.of(0x60, 0));
    for (let i = 0; i < 5; i++) wire(encodeApdu({ type: 'rlrq' }));
    expect(lock.state).toEqual({ failures: 0, until: undefined });
    expect(attempt(true)).toBe('in');
  });
});

it('goes on where it was after a restart, and tells what to keep', () => {
  const kept: unknown[] = [];
  const before = new FailureLock({ attempts: 2, duration: 1000 });
  before.onChange = (state) => kept.push(state);
  before.attempted(true, 0);
  before.attempted(false, 1);
  before.attempted(false, 2);
  expect(kept).toEqual([
    { failures: 1, until: undefined },
    { failures: 2, until: 1002 },
  ]);
  const after = new FailureLock({ attempts: 2, duration: 1000 });
  after.state = before.state;
  expect([after.locked(1001), after.locked(1002)]).toEqual([true, false]);
});
