/** An AARQ that proves nothing, from the address of an associated client: the association goes on, until somebody proves itself. */

import { describe, expect, it, test } from 'vitest';
import { contextOid } from '../../src/apdu/acse-names.js';
import type { Aarq, CipheredApdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { CosemError } from '../../src/base/errors.js';
import { u32 } from '../../src/codec/make.js';
import { ClientSession } from '../../src/session/client-session.js';
import { attribute, CLIENT, pump, type Setup, setup, type Wire } from '../session/harness.js';
import { firstApdu } from '../support/first-apdu.js';

const register = attribute(3, '1.0.1.8.0.255', 2);
const WRONG = new TextEncoder().encode('AnotherSecretYet');
const AARQ = 0x60;

/** A client that has its association on a line, and another program that shares all it knows. */
function associated(options: Setup) {
  const { client, server } = setup(options);
  const line = server.line();
  const wire: Wire = (apdu) => line.handle(CLIENT, 1, apdu, 0);
  const sent: Uint8Array[] = [];
  pump(client.associate(), (apdu) => {
    sent.push(apdu);
    return wire(apdu);
  });
  const reads = (who = client) => expect(pump(who.get([register]), wire)).toEqual([{ data: u32(123456) }]);
  reads();
  return { client, line, wire, sent, reads, other: () => new ClientSession(client.config) };
}

const CIPHERED: Setup = { context: 'ln-ciphered', policy: 'authenticated-encryption' };

describe.each([
  ['a password, in clear', { mechanism: 1 }],
  ['a password, ciphered', { ...CIPHERED, mechanism: 1 }],
  ['HLS 2, in clear', { mechanism: 2 }],
  ['HLS 2, ciphered', { ...CIPHERED, mechanism: 2 }],
  ['HLS 5, ciphered', { ...CIPHERED, mechanism: 5 }],
  ['HLS 5, ciphered, with a dedicated key', { ...CIPHERED, mechanism: 5, dedicated: true }],
] as readonly (readonly [string, Setup])[])('%s', (_, options) => {
  it('an AARQ that is refused ends nothing', () => {
    const { wire, sent, reads, line } = associated(options);
    const aarq = decodeApdu(sent[0] as Uint8Array) as Aarq;
    const forged: Aarq[] = [
      { ...aarq, applicationContextName: contextOid(options.context === 'ln-ciphered' ? 1 : 3) },
      { ...aarq, userInformation: Uint8Array.of(1, 2, 3) },
      { ...aarq, callingAuthenticationValue: { type: 'charstring', value: WRONG.subarray(0, 7) } },
    ];
    if (options.context === 'ln-ciphered') {
      // Recorded, and with octets of the forger's own.
      forged.push(aarq);
      const information = decodeApdu(aarq.userInformation as Uint8Array) as CipheredApdu;
      const content = new Uint8Array(information.content.length).fill(7);
      forged.push({ ...aarq, userInformation: encodeApdu({ ...information, invocationCounter: 99, content }) });
    }
    for (const each of forged) {
      wire(encodeApdu(each));
      reads();
      expect(line.proved).toBe(true);
    }
  });

  it('who proves itself has it from then on', () => {
    const { wire, reads, other } = associated(options);
    const next = other();
    pump(next.associate(), wire);
    reads(next);
  });
});

describe.each([
  ['HLS 2, in clear', { mechanism: 2 }],
  ['HLS 3, in clear', { mechanism: 3 }],
  ['HLS 5, in clear', { mechanism: 5 }],
  ['HLS 2, ciphered', { ...CIPHERED, mechanism: 2 }],
  ['HLS 5, ciphered', { ...CIPHERED, mechanism: 5 }],
] as readonly (readonly [string, Setup])[])('%s: an AARQ without proof', (_, options) => {
  it('ends nothing, and neither does a wrong proof behind it', () => {
    const { client, wire, reads, line, other } = associated(options);
    wire(firstApdu(other()));
    reads();
    // All but its secret is right; with HLS 5 in clear that are the keys, and who has not those of a ciphered association gets no further.
    const keyed = options.mechanism === 5 ? { ...client.config, security: wrongKeys(client) } : client.config;
    const rogue = new ClientSession({ ...keyed, secret: WRONG });
    const asked: number[] = [];
    const noting: Wire = (apdu) => {
      asked.push(apdu[0] as number);
      return wire(apdu);
    };
    expect(() => pump(rogue.associate(), noting)).toThrow(CosemError);
    expect(asked.length).toBe(options.mechanism === 5 && options.context === 'ln-ciphered' ? 1 : 2);
    reads();
    expect(line.proved).toBe(true);
  });

  it('lets the association ask on, until the proof behind it holds', () => {
    const { wire, reads, other } = associated(options);
    const next = other();
    pump(next.associate(), (apdu) => {
      const answer = wire(apdu);
      if (apdu[0] === AARQ) reads();
      return answer;
    });
    reads(next);
  });
});

test('an association that is open for ever proves nothing by what comes in clear', () => {
  const { server } = setup({
    ...CIPHERED,
    mechanism: 0,
    policy: 'none',
    server: { preEstablished: true },
  });
  const line = server.line();
  const request = encodeApdu({ type: 'get-request-normal', invokeId: 0xc1, attribute: register });
  expect(decodeApdu(line.handle(CLIENT, 1, request, 0) as Uint8Array).type).toBe('get-response-normal');
  expect([line.associated, line.proved]).toEqual([true, false]);
  const { client } = setup({
    ...CIPHERED,
    mechanism: 0,
    general: true,
    client: { preEstablished: { conformance: 0x10, serverMaxReceivePduSize: 0 } },
  });
  const forged = setup({
    ...CIPHERED,
    mechanism: 0,
    general: true,
    client: { ...client.config, security: wrongKeys(client) },
  });
  pumpOnce(forged.client, (apdu) => line.handle(CLIENT, 1, apdu, 0));
  expect(line.proved).toBe(false);
  pump(client.get([register]), (apdu) => line.handle(CLIENT, 1, apdu, 0));
  expect(line.proved).toBe(true);
});

function wrongKeys({ config }: ClientSession) {
  const { security } = config;
  if (security === undefined) throw new Error('no keys');
  return { ...security, keys: { ...security.keys, encryption: new Uint8Array(16).fill(9) } };
}

function pumpOnce(client: ClientSession, wire: Wire): void {
  const step = client.get([register]).next(new Uint8Array(0));
  if (step.done !== true) wire(step.value.apdu);
}
