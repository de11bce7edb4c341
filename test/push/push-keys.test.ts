import { describe, expect, it } from 'vitest';
import { fromHex, StateError, toHex } from '../../src/index.js';
import { keyOctets, parsePushKeys, secretOctets, titleOctets } from '../../src/tools.js';

const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';

describe('keys of meters that push', () => {
  it('are those of the system title, and else those for all', () => {
    const keysOf = parsePushKeys(
      JSON.stringify({ '4B464D1020000001': { ek: EK, ak: AK, gbek: 'text:SIXTEEN-OCTETS-X' }, '*': { ek: AK } }),
      'meters.json',
    );
    expect(keysOf(fromHex('4B464D1020000001'))).toEqual({
      encryption: fromHex(EK),
      authentication: fromHex(AK),
      broadcast: new TextEncoder().encode('SIXTEEN-OCTETS-X'),
    });
    expect(keysOf(fromHex('4B464D1020000002'))).toEqual({ encryption: fromHex(AK) });
    expect(parsePushKeys('{}', 'x')(fromHex('4B464D1020000001'))).toBeUndefined();
  });

  it.each([
    ['{', 'f is not JSON'],
    ['[]', 'f holds no keys'],
    ['{"4B464D1020000001": 7}', "f: '4B464D1020000001' holds no keys"],
    ['{"4B464D1020000001": {"ak": "SECRET-SECRET-1X"}}', "has no 'ek'"],
    ['{"4B464D1020000001": {"ek": "SECRET-SECRET-1X", "key": 1}}', "holds 'key', which means nothing"],
    ['{"4B464D1020000001": {"ek": 7}}', "'ek' of '4B464D1020000001' is not text"],
    ['{"4B464D1020000001": {"ek": "SECRET"}}', 'has 6 octets instead of 16'],
    ['{"4B46": {"ek": "SECRET-SECRET-1X"}}', 'has 4 octets instead of 8'],
  ])('%s is refused by name, without a value', (text, words) => {
    let error: unknown;
    try {
      parsePushKeys(text, 'f');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(StateError);
    expect(String(error)).toContain(words);
    expect(`${error} ${(error as StateError).hint}`).not.toContain('SECRET');
  });
});

describe('what people write as keys and secrets', () => {
  it('is hexadecimal by its digits or by its prefix, and else text', () => {
    expect(toHex(keyOctets(EK, 'the key'))).toBe(EK);
    expect(toHex(keyOctets('00 01-02:03 0405060708090A0B0C0D0E0F', 'the key'))).toBe(EK);
    expect(toHex(secretOctets('1234', 'the secret'))).toBe('31323334');
    expect(toHex(secretOctets('hex:1234', 'the secret'))).toBe('1234');
    expect(toHex(titleOctets('CSMHES01', 'the title'))).toBe('43534D4845533031');
  });

  it('is never repeated by an error', () => {
    for (const wrong of ['hex:12zz', 'hex:123', 'text:\u20ac-key', '\u0939']) {
      expect(() => secretOctets(wrong, 'the secret')).toThrow(StateError);
      expect(() => secretOctets(wrong, 'the secret')).toThrow(/^the secret (is|has)/);
    }
  });
});
