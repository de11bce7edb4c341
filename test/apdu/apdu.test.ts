import { describe, expect, test } from 'vitest';
import {
  contextId,
  contextName,
  contextOid,
  mechanismId,
  mechanismName,
  mechanismOid,
} from '../../src/apdu/acse-names.js';
import type { Apdu } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits, conformanceNames } from '../../src/apdu/conformance.js';
import {
  actionResultName,
  actionResultNumber,
  dataAccessResultName,
  dataAccessResultNumber,
  serviceErrorName,
} from '../../src/apdu/results.js';
import { APDU_TAGS, apduTagName, isServiceCiphered } from '../../src/apdu/tags.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError, StateError } from '../../src/base/errors.js';
import { u8 } from '../../src/codec/make.js';

function failure(hex: string): DecodeError {
  try {
    decodeApdu(fromHex(hex));
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
  throw new Error(`${hex} decodes`);
}

describe('errors name the place', () => {
  const attribute = '000100002B0100FF02';
  test.each([
    ['C401C1000204060000000106000000020600000003', 'get-response.result.data.3'],
    ['C401C100020406000000010600000002060000000306', 'get-response.result.data.3'],
    ['C403C102001101000201', 'get-response.result.1.data'],
    [`C003C102${attribute}00${attribute}`, 'get-request.attributes.1.access-selection'],
    ['C003C101000100002B01', 'get-request.attributes.0.attribute.instance-id'],
    ['C402C10100000001000A01', 'get-response.block.raw-data'],
    [`C101C1${attribute}0009054142`, 'set-request.value'],
    [`C301C1${attribute}01020111`, 'action-request.parameters.0'],
    ['C703C102000000', 'action-response.responses.1.return-parameters'],
    ['0F000000010B07E70101', 'data-notification.date-time'],
    ['C83001', 'glo-get-request.ciphered-content'],
    ['DB08010203', 'general-glo-ciphering.system-title'],
    ['601DA1090607608574050801', 'aarq'],
    ['600BA109060760857405080181', 'aarq.application-context-name'],
    ['6200FF', 'rlrq'],
    ['0000', '0'],
  ])('%s: %s', (hex, path) => {
    expect(failure(hex).path.join('.')).toBe(path);
  });

  test('a missing field, one out of place, an alternative that does not exist', () => {
    expect(failure('6000')).toMatchObject({ reason: 'missing-field', path: ['aarq'] });
    // result and result-source-diagnostic in the wrong order
    expect(failure('6117A109060760857405080101A305A103020100A203020100')).toMatchObject({ reason: 'missing-field' });
    // reason given twice
    expect(failure('6206800100800100')).toMatchObject({ reason: 'bad-value' });
    expect(failure('6016A109060760857405080101AC09850731323334353637')).toMatchObject({
      reason: 'unknown-choice',
      path: ['aarq', 'calling-authentication-value'],
    });
    expect(failure('0E010B00')).toMatchObject({
      reason: 'unknown-choice',
      path: ['confirmed-service-error', 'service-error'],
    });
    expect(failure('7F')).toMatchObject({ reason: 'unknown-tag', offset: 0 });
  });

  test('lists whose lengths differ', () => {
    const attributeWithout = `${attribute}00`;
    expect(failure(`C104C102${attributeWithout}${attributeWithout}0100`).reason).toBe('bad-value');
    expect(failure(`C303C101${attribute}020000`).reason).toBe('bad-value');
  });

  test('a claimed count costs no memory', () => {
    expect(failure('C403C184FFFFFFFF0011').reason).toBe('truncated');
    expect(failure('C003C184FFFFFFFF').reason).toBe('truncated');
  });
});

describe('tags', () => {
  test('every tag of the standard is spoken, and named where its APDU is cut short', () => {
    for (const [name, tag] of Object.entries(APDU_TAGS)) {
      expect(apduTagName(tag)).toBe(name);
      expect(failure(toHex(Uint8Array.of(tag)))).toMatchObject({
        code: 'decode',
        path: expect.arrayContaining([name]),
      });
    }
  });

  test('what was kept whole goes out as it came', () => {
    const bytes = fromHex('C001C100010000600100FF0200');
    const tag = APDU_TAGS['get-request'];
    expect(encodeApdu({ type: 'unsupported', tag, name: 'get-request', bytes })).toEqual(bytes);
  });

  test('glo and ded tags stand 8 and 16 above their LN service', () => {
    for (const tag of [0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc7]) {
      expect(apduTagName(tag + 8)).toBe(`glo-${apduTagName(tag)}`);
      expect(apduTagName(tag + 16)).toBe(`ded-${apduTagName(tag)}`);
      expect(isServiceCiphered(tag + 8) && isServiceCiphered(tag + 16) && !isServiceCiphered(tag)).toBe(true);
    }
    for (const tag of [1, 5, 6, 8, 12, 13, 14, 22, 24]) {
      expect(apduTagName(tag + 0x20)).toBe(`glo-${apduTagName(tag)}`);
      expect(apduTagName(tag + 0x40)).toBe(`ded-${apduTagName(tag)}`);
    }
    expect(isServiceCiphered(APDU_TAGS['general-glo-ciphering'])).toBe(false);
  });
});

describe('what cannot be sent', () => {
  const attribute = { classId: 1, instanceId: fromHex('0000600100FF'), attributeId: 2 };
  const get = (change: object): Apdu => ({
    type: 'get-request-normal',
    invokeId: 0xc1,
    attribute: { ...attribute, ...change },
  });
  test.each<[string, Apdu]>([
    ['class-id', get({ classId: 0x10000 })],
    ['logical name', get({ instanceId: new Uint8Array(5) })],
    ['attribute-id', get({ attributeId: 128 })],
    ['access-selector', get({ selection: { selector: 256, parameters: u8(1) } })],
    ['invoke-id', { type: 'get-request-next', invokeId: -1, blockNumber: 1 }],
    ['block-number', { type: 'get-request-next', invokeId: 1, blockNumber: 2 ** 32 }],
    ['attribute with 0 values', { type: 'set-request-with-list', invokeId: 1, attributes: [attribute], values: [] }],
    ['methods', { type: 'action-request-with-list', invokeId: 1, methods: [], parameters: [u8(1)] }],
    ['counter', { type: 'exception-response', stateError: 1, serviceError: 6 }],
    ['counter', { type: 'exception-response', stateError: 1, serviceError: 2, invocationCounter: 1 }],
    ['ciphered', { type: 'ciphered', tag: 0xc0, securityControl: 0, invocationCounter: 1, content: new Uint8Array(0) }],
    ['title', { type: 'ciphered', tag: 0xdb, securityControl: 0, invocationCounter: 1, content: new Uint8Array(0) }],
  ])('%s', (word, apdu) => {
    expect(() => encodeApdu(apdu)).toThrow(StateError);
    expect(() => encodeApdu(apdu)).toThrow(word);
  });
});

describe('names', () => {
  test('results both ways, and unknown ones kept', () => {
    expect(dataAccessResultName(13)).toBe('scope-of-access-violated');
    expect(dataAccessResultNumber('scope-of-access-violated')).toBe(13);
    expect(dataAccessResultName(77)).toBe('unknown (77)');
    expect(dataAccessResultNumber('nonsense')).toBeUndefined();
    expect(actionResultName(15)).toBe('long-action-aborted');
    expect(actionResultNumber('other-reason')).toBe(250);
    expect(serviceErrorName(6, 1)).toBe('dlms-version-too-low');
    expect(serviceErrorName(99, 1)).toBe('unknown (1)');
  });

  test('conformance bits both ways', () => {
    expect(conformanceNames(0x00101d)).toEqual([
      'block-transfer-with-get-or-read',
      'get',
      'set',
      'selective-access',
      'action',
    ]);
    expect(conformanceBits(['get', 'set', 'action'])).toBe(0x000019);
    expect(conformanceNames(0xffffff)).toHaveLength(24);
    expect(() => conformanceBits(['fly' as never])).toThrow(StateError);
  });

  test('object identifiers both ways', () => {
    expect(toHex(contextOid(3))).toBe('60857405080103');
    expect(contextId(contextOid(3))).toBe(3);
    expect(contextName(contextOid(1))).toBe('logical-name-referencing-no-ciphering');
    expect(mechanismId(mechanismOid(5))).toBe(5);
    expect(mechanismName(mechanismOid(5))).toBe('high-level-security-gmac');
    expect(contextId(mechanismOid(1))).toBeUndefined();
    expect(mechanismId(fromHex('60857405080209'))).toBeUndefined();
  });
});
