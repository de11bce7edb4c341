import { describe, expect, it } from 'vitest';
import { attr, cosemClass, method, octetString, uint8, zero } from '../../src/classes.js';
import { mayCall, mayRead, mayWrite, rightsOfObject } from '../../src/server/access.js';

const Lock = cosemClass({
  name: 'Lock',
  id: 9000,
  version: 0,
  clause: '-',
  attributes: { position: attr(2, uint8), code: attr(3, octetString, { secret: true }), serial: attr(4, uint8) },
  methods: { turn: method(1, zero) },
});

describe('rights of a whole object', () => {
  const members = {
    cosem: Lock,
    // Of position and code there is a setter, of the serial number none.
    attributes: new Map([
      [1, false],
      [2, true],
      [3, true],
      [4, false],
    ]),
    methods: new Set([1]),
  };

  it('show no secret to who reads, offer nothing for writing that cannot be written, and let call who may', () => {
    const [reads, writes, both] = [new Set([16, 48]), new Set([32, 48]), new Set([48])];
    const rights = rightsOfObject(members, reads, writes, both);
    const modes = { 2: 'read-only', 3: 'no-access', 4: 'read-only' };
    expect(rights[16]).toMatchObject({ attributes: modes, methods: { 1: 'no-access' } });
    expect(rights[32]).toMatchObject({
      attributes: { 2: 'write-only', 3: 'write-only', 4: 'no-access' },
      methods: { 1: 'no-access' },
    });
    expect(rights[48]).toMatchObject({
      attributes: { 2: 'read-and-write', 3: 'write-only', 4: 'read-only' },
      methods: { 1: 'access' },
    });
    expect(rights[1]).toBeUndefined();
  });

  it('by modes that ask for authentication hold for requests that have it alone', () => {
    const modes = [0, 1, 2, 3, 4, 5, 6];
    const allowed = (may: (mode: number, authenticated: boolean) => boolean, authenticated: boolean) =>
      modes.filter((mode) => may(mode, authenticated));
    expect([allowed(mayRead, false), allowed(mayRead, true)]).toEqual([
      [1, 3],
      [1, 3, 4, 6],
    ]);
    expect([allowed(mayWrite, false), allowed(mayWrite, true)]).toEqual([
      [2, 3],
      [2, 3, 5, 6],
    ]);
    expect([allowed(mayCall, false), allowed(mayCall, true)]).toEqual([[1], [1, 2]]);
  });
});
