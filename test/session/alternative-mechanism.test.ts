import { describe, expect, it } from 'vitest';
import { u32 } from '../../src/codec/make.js';
import { attribute, pump, secretOf, setup } from './harness.js';

const server = { mechanism: 2, alternativeMechanisms: [5, 6], secret: secretOf(2) as Uint8Array } as const;
const both = 'authenticated-encryption';

describe('an association that takes several mechanisms', () => {
  it.each([
    [2, 'ln-ciphered'],
    [5, 'ln-ciphered'],
    [6, 'ln-ciphered'],
    [5, 'ln'],
  ] as const)('lets the client choose mechanism %i in context %s', (mechanism, context) => {
    const { client, wire, state } = setup({ context, mechanism, policy: context === 'ln' ? 'none' : both, server });
    pump(client.associate(), wire);
    expect(state()).toBe('associated');
    expect(pump(client.get([attribute(3, '1.0.1.8.0.255', 2)]), wire)).toEqual([{ data: u32(123456) }]);
  });

  it.each([0, 1, 3, 4] as const)('refuses mechanism %i, which it does not name', (mechanism) => {
    const { client, wire, state } = setup({ context: 'ln-ciphered', mechanism, policy: both, server });
    expect(() => pump(client.associate(), wire)).toThrow('authentication-mechanism');
    expect(state()).toBe('idle');
  });

  it('refuses a wrong secret under the alternative too', () => {
    const wrong = { client: { secret: new Uint8Array(16) } };
    const { client, wire, state } = setup({ context: 'ln-ciphered', mechanism: 6, policy: both, server, ...wrong });
    expect(() => pump(client.associate(), wire)).toThrow();
    expect(state()).toBe('idle');
  });
});
