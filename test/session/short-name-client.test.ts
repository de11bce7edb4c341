/** Our client with short names against our server with short names: every protection and mechanism, lists, blocks in both directions. */
import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { readShortNames } from '../../src/client/short-naming.js';
import { u32 } from '../../src/codec/make.js';
import { SHORT_NAME_CONFORMANCE } from '../../src/session/client-config.js';
import { attribute, pump, type Setup, setup } from './harness.js';

const ENERGY = attribute(3, '1.0.1.8.0.255', 2);
const UNIT = attribute(3, '1.0.1.8.0.255', 3);
const SERIAL = attribute(1, '0.0.96.1.0.255', 2);
const LIST = attribute(15, '0.0.40.0.0.255', 2);

function pair(options: Setup = {}, limits: Pick<Setup, 'serverMaxReceive' | 'clientMaxReceive'> = {}) {
  const ciphered = options.context === 'ln-ciphered';
  const { client, wire } = setup({
    ...options,
    ...limits,
    server: { context: ciphered ? 'sn-ciphered' : 'sn' },
    client: { shortNames: readShortNames, conformance: SHORT_NAME_CONFORMANCE },
  });
  return { client, run: <T>(procedure: Parameters<typeof pump<T>>[0]) => pump(procedure, wire) };
}

const cases: [string, Setup][] = [
  ['in clear', {}],
  ['with a password', { mechanism: 1 }],
  ['with HLS 2', { mechanism: 2 }],
  ['with HLS 4', { mechanism: 4 }],
  ['with GMAC in clear', { mechanism: 5 }],
  ['ciphered', { context: 'ln-ciphered', policy: 'authenticated-encryption' }],
  ['ciphered, with GMAC', { context: 'ln-ciphered', mechanism: 5, policy: 'authenticated-encryption' }],
  ['ciphered under a dedicated key', { context: 'ln-ciphered', mechanism: 5, policy: 'encryption', dedicated: true }],
  ['in the general form', { context: 'ln-ciphered', policy: 'authenticated-encryption', general: true }],
];

describe.each(cases)('%s', (_, options) => {
  it('reads one, reads a list, and releases', () => {
    const { client, run } = pair(options);
    run(client.associate());
    expect(run(client.get([ENERGY]))).toEqual([{ data: u32(123_456) }]);
    const [energy, unit, serial] = run(client.get([ENERGY, UNIT, SERIAL]));
    expect(energy).toEqual({ data: u32(123_456) });
    expect(unit).toMatchObject({ data: { type: 'structure' } });
    expect(serial).toEqual({ data: u32(7) });
    run(client.release());
  });

  it('gets the object list in blocks where it does not fit', () => {
    const { client, run } = pair(options, { clientMaxReceive: 96 });
    run(client.associate());
    const [list] = run(client.get([LIST]));
    expect(list).toMatchObject({ data: { type: 'array' } });
    expect((list as unknown as { data: { value: unknown[] } }).data.value.length).toBeGreaterThanOrEqual(3);
    expect(run(client.get([ENERGY]))).toEqual([{ data: u32(123_456) }]);
  });
});

it('a meter with logical names alone is not asked by short ones', () => {
  const { client, wire } = setup({ client: { shortNames: readShortNames, conformance: SHORT_NAME_CONFORMANCE } });
  expect(() => pump(client.associate(), wire)).toThrow(/refused the association/);
});

it('an information report is a notification: beside an answer, and by itself', () => {
  const { client, wire } = setup({
    server: { context: 'sn' },
    client: { shortNames: readShortNames, conformance: SHORT_NAME_CONFORMANCE },
  });
  pump(client.associate(), wire);
  const report = { type: 'information-report-request', names: [0x108], values: [u32(5)] } as const;
  const told: unknown[] = [];
  client.onNotification = ({ apdu }) => told.push(apdu);
  // The report comes before the answer.
  const asking = client.get([ENERGY]);
  let step = asking.next();
  let answer: Uint8Array | undefined;
  while (step.done !== true) {
    if (step.value.apdu.length > 0) {
      answer = wire(step.value.apdu);
      step = asking.next(encodeApdu(report));
    } else step = asking.next(answer as Uint8Array);
  }
  expect(step.value).toEqual([{ data: u32(123_456) }]);
  expect(told[0]).toEqual(report);
  expect(client.unsolicited(encodeApdu(report))?.apdu).toEqual(report);
});
