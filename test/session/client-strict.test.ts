/** What a strict reading of the client's session found: each was wrong once. */

import { expect, it } from 'vitest';
import { StateError } from '../../src/base/errors.js';
import { octets, structureOf, u32 } from '../../src/codec/make.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import { attribute, pump, setup } from './harness.js';

const BUFFER = attribute(7, '1.0.99.1.0.255', 2);

it('sends no request to read that is longer than the meter takes: it would drop it, and nobody answers', () => {
  const { client, wire, exchanged } = setup({ serverMaxReceive: 200, conformance: 0x001818 });
  const run = <T>(procedure: Procedure<T>) => pump(procedure, wire);
  run(client.associate());
  const before = exchanged.length;
  const parameters = structureOf([octets(new Uint8Array(300)), u32(1)]);
  const long = { ...BUFFER, selection: { selector: 1, parameters } };
  expect(() => run(client.get([long]))).toThrow(StateError);
  expect(() => run(client.get([long]))).toThrow(/a request of 3\d\d octets is longer than the meter takes at once/);
  expect(exchanged.length).toBe(before);
});

it('still reads an attribute of a meter that declares hardly any room', () => {
  const { client, wire } = setup({ conformance: 0x001818 });
  const run = <T>(procedure: Procedure<T>) => pump(procedure, wire);
  run(client.associate());
  client.channel.limit = 11;
  expect(run(client.get([attribute(3, '1.0.1.8.0.255', 2)]))).toMatchObject([{ data: u32(123456) }]);
});

it('says of each attempt by itself whether the meter took its AARQ', () => {
  const { client, wire, definition } = setup({ mechanism: 1 });
  const run = <T>(procedure: Procedure<T>) => pump(procedure, wire);
  run(client.associate());
  expect(client.taken).toBe(true);
  run(client.release());
  Object.assign(definition, { secret: new Uint8Array(8) });
  expect(() => run(client.associate())).toThrow();
  expect(client.taken).toBe(false);
});
