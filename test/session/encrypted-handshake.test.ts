import { describe, expect, it } from 'vitest';
import { decodeApdu } from '../../src/apdu/codec.js';
import { u32 } from '../../src/codec/make.js';
import { attribute, pump, setup } from './harness.js';

/** An InitiateRequest that is encrypted only (security control 20h), as some clients of an Indian reader association send it. */
describe('an InitiateRequest under 20h', () => {
  const clientSecurity = { handshake: 'encryption', request: 'encryption', response: 'encryption' } as const;
  const ask = attribute(3, '1.0.1.8.0.255', 2);

  it.each([0, 1, 2] as const)(
    'mechanism %i: taken where the policy is encryption, answered alike, released alike',
    (mechanism) => {
      const { client, wire, exchanged, state } = setup({
        context: 'ln-ciphered',
        mechanism,
        policy: 'encryption',
        clientSecurity,
      });
      pump(client.associate(), wire);
      const aare = decodeApdu(exchanged[0]!.answer!);
      if (aare.type !== 'aare') throw new Error(aare.type);
      expect(decodeApdu(aare.userInformation!)).toMatchObject({ type: 'ciphered', securityControl: 0x20 });
      expect(pump(client.get([ask]), wire)).toEqual([{ data: u32(123456) }]);
      pump(client.release(), wire);
      expect(state()).toBe('idle');
    },
  );

  it.each(['none', 'authentication', 'authenticated-encryption'] as const)(
    'refused where the policy is %s',
    (policy) => {
      const { client, wire, state } = setup({ context: 'ln-ciphered', mechanism: 1, policy, clientSecurity });
      expect(() => pump(client.associate(), wire)).toThrow('deciphering-error');
      expect(state()).toBe('idle');
    },
  );

  it('refused where the definition says how the handshake goes', () => {
    const server = { handshake: 'authenticated-encryption' } as const;
    const { client, wire } = setup({
      context: 'ln-ciphered',
      mechanism: 1,
      policy: 'encryption',
      clientSecurity,
      server,
    });
    expect(() => pump(client.associate(), wire)).toThrow('deciphering-error');
  });

  it('a client that authenticates is answered with a tag, and leaves with one', () => {
    const options = { context: 'ln-ciphered', mechanism: 1, policy: 'encryption' } as const;
    const { client, wire, exchanged } = setup(options);
    pump(client.associate(), wire);
    const aare = decodeApdu(exchanged[0]!.answer!);
    if (aare.type !== 'aare') throw new Error(aare.type);
    expect(decodeApdu(aare.userInformation!)).toMatchObject({ securityControl: 0x30 });
  });
});
