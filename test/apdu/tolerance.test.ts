/** What is borne in the form of an APDU, by name, and what never is. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { Aare } from '../../src/apdu/apdu.js';
import { decodeApdu } from '../../src/apdu/codec.js';
import { readReceived } from '../../src/apdu/received.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';

/** Reads as a client does, with what it remarks. */
function received(hex: string) {
  const codes: string[] = [];
  const apdu = readReceived(fromHex(hex), { onRemark: ({ code, weight }) => codes.push(`${code} ${weight}`) });
  return { apdu, codes };
}

function refusal(run: () => unknown): DecodeError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return error as DecodeError;
  }
  throw new Error('a refusal was expected');
}

const INFORMATION = 'BE10040E0800065F1F0400001E1D02300007';
/** The fields of an AARE with title and mechanism, in the order of the ASN.1. */
const AARE_FIELDS = [
  'A109060760857405080101',
  'A203020100',
  'A305A103020100',
  'A40A04085858580000000001',
  '88020780',
  '890760857405080201',
  INFORMATION,
];
const AARQ_FIELDS = [
  'A109060760857405080101',
  'A60A04084D4D4D0000BC614E',
  '8A020780',
  '8B0760857405080201',
  'AC0A80083132333435363738',
  'BE10040E01000000065F1F0400001E1DFFFF',
];

function element(tag: string, ...fields: string[]): string {
  const contents = fields.join('');
  return tag + (contents.length / 2).toString(16).padStart(2, '0') + contents;
}

describe('fields of ACSE in another order', () => {
  it('an Indian maker puts the title behind the mechanism (case 2)', () => {
    const { apdu, codes } = received(
      '6142A109060760857405080101A203020100A305A10302010088020780890760857405080201A40A04085858580000000001BE10040E0800065F1F0400001E1D02300007',
    );
    const { respondingApTitle, userInformation } = apdu as Aare;
    expect(toHex(respondingApTitle as Uint8Array)).toBe('5858580000000001');
    expect(decodeApdu(userInformation as Uint8Array)).toMatchObject({
      negotiatedConformance: 0x001e1d,
      serverMaxReceivePduSize: 560,
    });
    expect(codes).toEqual(['field-order detail']);
  });

  test.each([
    ['61', AARE_FIELDS],
    ['60', AARQ_FIELDS],
    ['63', ['800100', 'BE10040E0800065F1F0400001E1D02300007']],
  ])('any order of %s reads as the right one does, and strictly only that', (tag, fields) => {
    const right = decodeApdu(fromHex(element(tag, ...fields)));
    fc.assert(
      fc.property(fc.shuffledSubarray(fields, { minLength: fields.length }), (shuffled) => {
        const hex = element(tag, ...shuffled);
        expect(decodeApdu(fromHex(hex), { lenient: true })).toEqual(right);
        if (shuffled.join() === fields.join()) return;
        const error = refusal(() => readReceived(fromHex(hex), { strict: true }));
        expect(error.message).toContain('field-order');
        expect(error.hint).toContain('--strict');
        refusal(() => decodeApdu(fromHex(hex)));
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ['61', AARE_FIELDS],
    ['60', AARQ_FIELDS],
    ['63', ['800100', INFORMATION]],
    ['62', ['800100', INFORMATION]],
  ])('a field of %s that is there twice is refused, wherever it stands, whatever the lengths say', (tag, fields) => {
    for (const twice of fields) {
      for (let at = 0; at <= fields.length; at++) {
        const all = [...fields.slice(0, at), twice, ...fields.slice(at)];
        const outside = element(tag, ...fields) + twice;
        for (const hex of [element(tag, ...all), outside]) {
          expect(refusal(() => decodeApdu(fromHex(hex), { lenient: true })).message).toContain('twice');
          refusal(() => decodeApdu(fromHex(hex)));
        }
      }
    }
  });

  it('a field that nobody knows is passed over and named', () => {
    const { apdu, codes } = received(element('61', ...AARE_FIELDS.slice(0, 3), 'B103020105', ...AARE_FIELDS.slice(3)));
    expect(apdu).toEqual(decodeApdu(fromHex(element('61', ...AARE_FIELDS))));
    expect(codes).toEqual(['unknown-field detail']);
    const hex = element('61', ...AARE_FIELDS, 'B103020105');
    expect(received(hex).codes).toEqual(['unknown-field detail']);
    expect(refusal(() => readReceived(fromHex(hex), { strict: true })).message).toContain('unknown-field');
  });

  it("reads the malformed RLRQ of a peer's client", () => {
    expect(received('62010203800100').apdu.type).toBe('rlrq');
    expect(received('62010203800100').codes).toContain('wrong-lengths detail');
    const error = refusal(() => readReceived(fromHex('62010203800100'), { strict: true }));
    expect(error.message).toContain('wrong-lengths');
  });
});

describe('octets behind what is whole', () => {
  test.each([
    ['C401C1001105', 'C401C10011050000'],
    ['C401C1000100', 'C401C10001000100'],
    ['C501C100', 'C501C100AB'],
    ['C701C10000', 'C701C10000FF'],
    ['D80102', 'D8010200'],
    ['0F00000001000600000005', '0F0000000100060000000511'],
  ])('%s', (whole, longer) => {
    const { apdu, codes } = received(longer);
    expect(apdu).toEqual(decodeApdu(fromHex(whole)));
    expect(codes).toEqual(['surplus-octets detail']);
    const error = refusal(() => readReceived(fromHex(longer), { strict: true }));
    expect(error.message).toContain('surplus-octets');
    expect(refusal(() => decodeApdu(fromHex(longer))).reason).toBe('trailing-bytes');
  });

  it('behind an AARE they come out behind the InitiateResponse, whose end its own octets tell', () => {
    const hex = element('61', ...AARE_FIELDS);
    const { apdu, codes } = received(`${hex}0000`);
    expect(toHex((apdu as Aare).userInformation as Uint8Array)).toBe('0800065F1F0400001E1D023000070000');
    expect(codes).toEqual(['surplus-octets detail']);
  });

  it('behind a protected message they belong to nobody', () => {
    // Security control, counter, ciphertext, tag.
    const content = `3000000001AABBCCDDEE${'11'.repeat(12)}`;
    const { apdu, codes } = received(`${element('CC', content)}C401C1001105`);
    expect(apdu).toMatchObject({ type: 'ciphered', invocationCounter: 1 });
    expect(codes).toEqual(['surplus-octets detail']);
  });
});

describe('return parameters without the octet of their choice (case 32)', () => {
  const PROOF = '091000112233445566778899AABBCCDDEEFF';
  test.each([
    ['no choice', `C701C10001${PROOF}`, ['missing-choice detail']],
    ['neither flag nor choice', `C701C100${PROOF}`, ['missing-choice detail']],
    ['as it should be', `C701C1000100${PROOF}`, []],
  ])('%s', (_, hex, codes) => {
    const read = received(hex);
    expect(read.codes).toEqual(codes);
    expect(read.apdu).toMatchObject({ response: { result: 0, returned: { data: { type: 'octet-string' } } } });
  });

  it('nothing at all behind the result is a result without parameters', () => {
    expect(received('C701C100').apdu).toMatchObject({ response: { result: 0 } });
    expect(received('C701C10B').apdu).toMatchObject({ response: { result: 11 } });
    refusal(() => decodeApdu(fromHex('C701C100')));
  });

  it('what goes on behind such a value is no value', () => {
    refusal(() => received(`C701C10001${PROOF}00`));
    refusal(() => received('C701C1000109'));
  });
});

test('whatever is borne is named: without a remark the octets read strictly too', () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(
        fc.constantFrom(element('61', ...AARE_FIELDS), 'C701C10000', 'C401C1001105'),
        fc.uint8Array({ maxLength: 4 }),
      )
      .map(([hex, more]) => concat(fromHex(hex), more)),
  );
  fc.assert(
    fc.property(octets, (bytes) => {
      let remarks = 0;
      let apdu: unknown;
      try {
        apdu = readReceived(bytes, { onRemark: () => remarks++ });
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError);
        return;
      }
      if (remarks === 0) expect(decodeApdu(bytes)).toEqual(apdu);
      else refusal(() => readReceived(bytes, { strict: true }));
    }),
    { numRuns: 1000 },
  );
});
