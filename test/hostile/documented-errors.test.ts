/** Whatever octets, text, JSON and numbers come from outside: a value comes out, or an error of the documented classes. */
import { describe, expect, test } from 'vitest';
import * as commissioning from '../../packages/commissioning/src/index.js';
import * as pki from '../../packages/pki/src/index.js';
import * as simulator from '../../simulator/index.js';
import { parseScenario } from '../../simulator/scenario.js';
import { fromLatin1, toLatin1 } from '../../src/base/bytes.js';
import { CosemError, SecurityError, StateError } from '../../src/base/errors.js';
import * as classes from '../../src/classes.js';
import * as reading from '../../src/index.js';
import * as inspecting from '../../src/inspect.js';
import * as protocol from '../../src/protocol.js';
import { type CipherContext, protect } from '../../src/security/ciphering.js';
import { nobleCurveCrypto } from '../../src/security/noble-curves.js';
import * as tools from '../../src/tools.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';

const DEEP = 100_000;

const TEXTS: Readonly<Record<string, string>> = {
  nothing: '',
  blanks: ' \n\t',
  'a list, deep': '['.repeat(DEEP) + ']'.repeat(DEEP),
  'objects, deep': `${'{"structure":['.repeat(DEEP)}${']}'.repeat(DEEP)}`,
  'objects, deep, of one name': `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  'brackets that never end': '['.repeat(DEEP),
  'braces that never end': '{'.repeat(DEEP),
  null: 'null',
  'a number': '1e400',
  'half a surrogate pair': '"\\ud800"',
  'raw half of a pair': '\ud800',
  __proto__: '{"__proto__":{"a":1},"constructor":1}',
  'a list of null': '[null]',
  NUL: '\0'.repeat(100),
  commas: ','.repeat(1000),
  'a long line': 'A'.repeat(100_000),
  '2^53': '9007199254740993',
  minus: '-1',
};

const VALUES: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    Object.entries(TEXTS).flatMap(([name, text]) => {
      try {
        return [[name, JSON.parse(text) as unknown]];
      } catch {
        return [];
      }
    }),
  ),
  text: 'x',
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  undefined: undefined,
  'a deep value': { structure: deepList() },
  'a deep description': { 'compact-array': { 'contents-description': deepDescription(), 'array-contents': '' } },
};

function deepList(): unknown {
  let value: unknown = [];
  for (let i = 0; i < DEEP; i++) value = [{ array: value }];
  return value;
}

function deepDescription(): unknown {
  let value: unknown = 'unsigned';
  for (let i = 0; i < DEEP; i++) value = { structure: [value] };
  return value;
}

const OCTETS: Readonly<Record<string, Uint8Array>> = {
  none: new Uint8Array(0),
  zeros: new Uint8Array(5000),
  ones: new Uint8Array(5000).fill(0xff),
  'structures, deep': new Uint8Array(DEEP).fill(2).map((two, i) => (i % 2 === 0 ? two : 1)),
  'arrays, deep': new Uint8Array(DEEP).fill(1),
  'compact arrays': new Uint8Array(5000).fill(0x13),
  'lengths of 2^32': Uint8Array.of(9, 0x84, 0xff, 0xff, 0xff, 0xff),
  'text, deep': fromLatin1('['.repeat(DEEP)),
  XML: fromLatin1(`<a>${'<b>'.repeat(DEEP)}`),
  SNRM: Uint8Array.of(0x7e, 0xa0, 0x07, 0x03, 0x21, 0x93, 0x0f, 0x01, 0x7e),
};

const NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-1': -1,
  '0.5': 0.5,
  '2^32': 2 ** 32,
  '2^53': 2 ** 53,
  '-0': -0,
};

/** A value, or a documented error; and what is told is no essay. */
async function bears(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CosemError)) throw error;
    expect(error.message.length).toBeLessThan(2000);
  }
}

const OF_TEXT: Readonly<Record<string, (text: string) => unknown>> = {
  fromHex: reading.fromHex,
  fromLatin1: protocol.fromLatin1,
  parseLogicalName: protocol.parseLogicalName,
  logicalNameToBytes: protocol.logicalNameToBytes,
  visibleText: inspecting.visibleText,
  visibleLines: inspecting.visibleLines,
  suggestion: (text) => inspecting.suggestion(text, ['read', 'get']),
  bits: classes.bits,
  utf8: classes.utf8,
  visible: classes.visible,
  textOctets: classes.textOctets,
  describeLogicalName: classes.describeLogicalName,
  parseTemplate: tools.parseTemplate,
  parseQuirks: (text) => tools.parseQuirks(text, 'a file'),
  parsePushSheets: (text) => tools.parsePushSheets(text, 'a file'),
  readInputText: (text) => inspecting.inspectInput(inspecting.readInputText(text)),
  looksLikeIec21: inspecting.looksLikeIec21,
  encodeReadout: (text) => protocol.encodeCommand('R1', text),
  parseScenario: (text) => parseScenario(text, 'a file'),
  parseFault: (text) => simulator.parseFault(text),
  parseAnswers: (text) => commissioning.parseAnswers(text, 'a file'),
  parsePreferences: (text) => commissioning.parsePreferences(text),
  parsePolicy: (text) => commissioning.parsePolicy(text, 'a file'),
  parseWorkOrder: (text) => commissioning.parseWorkOrder(text, 'a file'),
  parseTrustedSigners: (text) => commissioning.parseTrustedSigners(text, 'a file'),
  readCsv: (text) => commissioning.readCsv(text, 'a file'),
  readJson: (text) => commissioning.readJson(text, 'a file'),
  openKeyFile: (text) => commissioning.openKeyFile(text, 'phrase', 'a file'),
  publicPartOf: (text) => commissioning.publicPartOf(text, 'a file'),
  verifyCompact: (text) => commissioning.verifyCompact(text, []),
  parsePrivateKey: (text) => pki.parsePrivateKey(text, 'a file', 'phrase'),
};

describe.each(Object.keys(OF_TEXT))('%s', (name) => {
  test.each(Object.keys(TEXTS))('%s', async (kind) => {
    await bears(() => (OF_TEXT[name] as (text: string) => unknown)(TEXTS[kind] as string));
  });
});

const OF_VALUE: Readonly<Record<string, (value: unknown) => unknown>> = {
  dataFromJson: protocol.dataFromJson,
  checkTemplate: tools.checkTemplate,
  verifyRecord: (value) => commissioning.verifyRecord(value as never, []),
  verifyChain: (value) => commissioning.verifyChain([value] as never, []),
};

describe.each(Object.keys(OF_VALUE))('%s', (name) => {
  test.each(Object.keys(VALUES))('%s', async (kind) => {
    await bears(() => (OF_VALUE[name] as (value: unknown) => unknown)(VALUES[kind]));
  });
});

const OF_OCTETS: Readonly<Record<string, (octets: Uint8Array) => unknown>> = {
  decodeData: protocol.decodeData,
  decodeApdu: (octets) => protocol.decodeApdu(octets),
  'decodeApdu, lenient': (octets) => protocol.decodeApdu(octets, { lenient: true }),
  decodeIec21: protocol.decodeIec21,
  decodeTelegram: protocol.decodeTelegram,
  logicalNameFromBytes: protocol.logicalNameFromBytes,
  utf8: (octets) => inspecting.shownOctets(octets) + toLatin1(octets.subarray(0, 9)),
  readCertificate: pki.readCertificate,
  readPem: (octets) => pki.readPem(octets, 'certificate'),
  certificateProvider: (octets) => pki.certificateProvider([octets]),
  readInput: (octets) => inspecting.inspectInput(inspecting.readInput(octets)),
};

describe.each(Object.keys(OF_OCTETS))('%s', (name) => {
  test.each(Object.keys(OCTETS))('%s', async (kind) => {
    await bears(() => (OF_OCTETS[name] as (octets: Uint8Array) => unknown)(OCTETS[kind] as Uint8Array));
  });
});

test.each(Object.keys(OCTETS))('inspect never throws: %s', (kind) => {
  for (const mask of [true, false])
    inspecting.renderText(inspecting.inspect(OCTETS[kind] as Uint8Array, { mask }).node);
});

const OF_NUMBER: Readonly<Record<string, (number: number) => unknown>> = {
  u8: classes.u8,
  u16: classes.u16,
  u32: classes.u32,
  i8: classes.i8,
  i16: classes.i16,
  i32: classes.i32,
  enumValue: classes.enumValue,
  bcdValue: classes.bcdValue,
  f32: classes.f32,
  f64: classes.f64,
  unitOf: classes.unitOf,
  className: classes.className,
  conformanceNames: protocol.conformanceNames,
  actionResultName: protocol.actionResultName,
  dataAccessResultName: protocol.dataAccessResultName,
  protectionOf: protocol.protectionOf,
  selected: (number) =>
    classes.selected(classes.clientObject(classes.ProfileGenericV1, '1.0.99.1.0.255').buffer, 'entry', {
      fromEntry: number,
      toEntry: number,
      fromSelectedValue: 1,
      toSelectedValue: 0,
    } as never),
  'an object of that class': (number) => classes.untypedObject(number, number, '0.0.1.0.0.255'),
  'dataFromJson, unsigned': (number) => protocol.dataFromJson({ unsigned: number }),
  'dataFromJson, long64': (number) => protocol.dataFromJson({ long64: number }),
  'random, noble': (number) => nobleCurveCrypto.random(number),
  'random, Node': (number) => nodeCrypto.random(number),
};

describe.each(Object.keys(OF_NUMBER))('%s', (name) => {
  test.each(Object.keys(NUMBERS))('%s', async (kind) => {
    await bears(() => (OF_NUMBER[name] as (number: number) => unknown)(NUMBERS[kind] as number));
  });
});

const CONTEXT: CipherContext = {
  keys: { encryption: new Uint8Array(16), authentication: new Uint8Array(16) },
  control: 0x30,
  systemTitle: new Uint8Array(8),
  invocationCounter: 1,
};

test.each(Object.entries(NUMBERS).filter(([name]) => name !== '-0'))(
  'protect with the counter %s is refused',
  (_, invocationCounter) => {
    expect(() => protect(nodeCrypto, { ...CONTEXT, invocationCounter }, new Uint8Array(3))).toThrow(StateError);
  },
);

describe.each([
  ['noble', nobleCurveCrypto],
  ['Node', nodeCrypto],
] as const)('keys that no suite has, with %s', (_, crypto) => {
  test.each([0, 1, 15, 17, 24, 31, 33])('%d octets', (length) => {
    const key = new Uint8Array(length);
    const iv = new Uint8Array(12);
    const text = new Uint8Array(16);
    expect(() => crypto.gcmSeal(key, iv, text, text)).toThrow(SecurityError);
    expect(() => crypto.gcmOpen(key, iv, text, text)).toThrow(SecurityError);
    expect(() => crypto.gcmCrypt(key, iv, text)).toThrow(SecurityError);
    expect(() => crypto.ecbEncrypt(key, text)).toThrow(SecurityError);
    expect(() => crypto.ecbDecrypt(key, text)).toThrow(SecurityError);
    expect(() => protocol.wrapKey(crypto, key, text)).toThrow(SecurityError);
    expect(() => crypto.sign('P-256', key, text)).toThrow(SecurityError);
    expect(() => crypto.agree('P-256', key, text)).toThrow(SecurityError);
    expect(() => crypto.publicKey('P-384', key)).toThrow(SecurityError);
  });
});
