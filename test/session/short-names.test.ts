import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { fromHex, toHex } from '../../src/base/bytes.js';
import { AssociationError } from '../../src/base/errors.js';
import { pump, setup } from './harness.js';

const FOLDER = new URL('../../../shared/transcripts/short-names/', import.meta.url);
const recorded = existsSync(FOLDER)
  ? readdirSync(FOLDER).flatMap((file) => {
      const text = readFileSync(new URL(file, FOLDER), 'latin1').toLowerCase();
      // An AARE of 48 octets at most, behind the header of its frame.
      const found = /^< .*?(61[0-9a-f]{2}a1090607608574050801(?:02|04)[0-9a-f]*)/m.exec(text)?.[1];
      const octets = found === undefined ? undefined : fromHex(found);
      return octets === undefined ? [] : [[file, octets.slice(0, (octets[1] as number) + 2)] as const];
    })
  : [];
if (recorded.length === 0)
  console.warn('SKIPPED: no recordings of short-name meters at ../shared/transcripts/short-names');

function refusal(answer: Uint8Array, context: 'ln' | 'ln-ciphered' = 'ln'): AssociationError {
  const { client } = setup({ context, mechanism: 1, policy: context === 'ln' ? 'none' : 'authenticated-encryption' });
  try {
    pump(client.associate(), () => answer);
  } catch (error) {
    if (error instanceof AssociationError) return error;
    throw error;
  }
  throw new Error('it opened');
}

function aare(
  context: number,
  result: 0 | 1 | 2,
  diagnostic: number,
  vaa = 'FA00',
  conformance = '1C0320',
): Uint8Array {
  return fromHex(
    `6129A10906076085740508010${context}A20302010${result}A305A10302010${diagnostic}BE10040E0800065F1F0400${conformance}0200${vaa}`,
  );
}

describe('a server with short names is named as such', () => {
  it.skipIf(recorded.length === 0)('in every recording', () => {
    expect(recorded.length).toBeGreaterThanOrEqual(4);
    for (const [file, octets] of recorded) {
      const error = refusal(octets);
      expect(`${file}: ${error.message}`).toContain('speaks short names');
    }
  });

  it.each([
    ['accepted in context 2', aare(2, 0, 0)],
    ['accepted in context 4', aare(4, 0, 0)],
    ['refused for the context, naming its own', aare(2, 1, 2)],
    ['refused for the context, naming its own with ciphering', aare(4, 1, 2)],
    ['refused for another reason', aare(2, 1, 1)],
    ['accepted under our own context, with the base name FA00 and no GET', aare(1, 0, 0)],
  ])('%s', (_, octets) => {
    for (const context of ['ln', 'ln-ciphered'] as const) {
      if (context === 'ln-ciphered' && toHex(octets).includes('60857405080101')) continue;
      const error = refusal(octets, context);
      expect(error.diagnostic).toBe('short-name-referencing');
      expect(error.message).toContain('this meter speaks short names');
      expect(`${error.message} ${error.hint}`).not.toMatch(/cipher/);
    }
  });

  it('and no other one is', () => {
    expect(refusal(aare(1, 1, 2)).diagnostic).toBe('application-context-name-not-supported');
    expect(refusal(aare(3, 1, 2)).diagnostic).toBe('application-context-name-not-supported');
    // A meter with logical names that tells the base name of the others.
    const { client, wire } = setup({ mechanism: 1 });
    const view = pump(client.associate(), (request) => {
      const answer = wire(request) as Uint8Array;
      return fromHex(toHex(answer).replace(/0007$/, 'FA00'));
    });
    expect(view.dlmsVersion).toBe(6);
  });
});
