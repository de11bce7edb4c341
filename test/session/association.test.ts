import { describe, expect, it } from 'vitest';
import { octets, structureOf, textOctets, u16, u32 } from '../../src/codec/make.js';
import type { MechanismId } from '../../src/contracts/association.js';
import type { Protection } from '../../src/contracts/protection.js';
import { attribute, echoAttribute, echoMethod, pump, type Setup, setup } from './harness.js';

const mechanisms: Exclude<MechanismId, 7>[] = [0, 1, 2, 3, 4, 5, 6];
const policies: Protection[] = ['none', 'authentication', 'encryption', 'authenticated-encryption'];

function cases(): [string, Setup][] {
  const all: [string, Setup][] = [];
  for (const mechanism of mechanisms) {
    all.push([`mechanism ${mechanism}, clear`, { mechanism }]);
    for (const policy of policies) {
      for (const dedicated of [false, true]) {
        for (const general of [false, true]) {
          const name = `mechanism ${mechanism}, policy ${policy}${dedicated ? ', dedicated key' : ''}${general ? ', general' : ''}`;
          all.push([name, { context: 'ln-ciphered', mechanism, policy, dedicated, general }]);
        }
      }
    }
  }
  return all;
}

const TAGS = { glo: 0xc8, ded: 0xd0, 'general-glo': 0xdb, 'general-ded': 0xdc };

describe('client against server', () => {
  it.each(cases())('%s', (_, options) => {
    const { client, wire, state, exchanged, stored, faults } = setup(options);
    const view = pump(client.associate(), wire);
    expect(state()).toBe('associated');
    expect(view.dlmsVersion).toBe(6);

    expect(pump(client.get([attribute(3, '1.0.1.8.0.255', 2)]), wire)).toEqual([{ data: u32(123456) }]);
    if (options.context === 'ln-ciphered') {
      const kind = `${options.general ? 'general-' : ''}${options.dedicated ? 'ded' : 'glo'}` as keyof typeof TAGS;
      expect(exchanged.at(-1)?.request[0]).toBe(TAGS[kind]);
      // Answered in the kind that was asked.
      expect(exchanged.at(-1)?.answer?.[0]).toBe(options.general ? TAGS[kind] : TAGS[kind] + 4);
    } else expect(exchanged.at(-1)?.request[0]).toBe(0xc0);

    const value = structureOf([u16(1), octets(Uint8Array.of(1, 2, 3)), textOctets('x')]);
    expect(pump(client.set([{ attribute: echoAttribute, value }]), wire)).toEqual([0]);
    expect(stored()).toEqual(value);
    expect(pump(client.action([{ method: echoMethod, parameter: value }]), wire)).toEqual([
      { result: 0, returned: { data: value } },
    ]);
    const list = [echoAttribute, attribute(3, '1.0.1.8.0.255', 2), attribute(3, '1.0.1.8.9.255', 2)];
    const before = exchanged.length;
    expect(pump(client.get(list), wire)).toEqual([{ data: value }, { data: u32(123456) }, { error: 4 }]);
    expect(exchanged.length).toBe(before + 1);

    pump(client.release(), wire);
    expect(state()).toBe('idle');
    expect(client.association).toBeUndefined();
    expect(wire(Uint8Array.from([0xc0, 1, 0xc1, 0, 3, 1, 0, 1, 8, 0, 255, 2, 0]))).toEqual(Uint8Array.of(0xd8, 2, 3));

    // And once more: counters run on.
    pump(client.associate(), wire);
    expect(pump(client.get([echoAttribute]), wire)).toEqual([{ data: value }]);
    expect(faults).toEqual([]);
  });
});
