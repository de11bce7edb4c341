import { expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { APDU_TAGS } from '../../src/apdu/tags.js';
import { encodeApdu, fromHex, structureOf, toHex, u16 } from '../../src/index.js';
import { nodeCrypto } from '../../src/node.js';
import { protect } from '../../src/security/ciphering.js';
import { FakeIo } from './fake-io.js';

const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';
const title = fromHex('5858580000000001');
const keys = { encryption: fromHex(EK), authentication: fromHex(AK) };
const plain = encodeApdu({
  type: 'data-notification',
  longInvokeId: 1,
  body: structureOf([u16(2345), u16(2344), u16(10)]),
});
const context = { keys, control: 0x30, systemTitle: title, invocationCounter: 7 };
const push = toHex(
  encodeApdu({
    type: 'ciphered',
    tag: APDU_TAGS['general-glo-ciphering'],
    systemTitle: title,
    securityControl: 0x30,
    invocationCounter: 7,
    content: protect(nodeCrypto, context, plain),
  }),
);

async function decode(...options: string[]) {
  const io = new FakeIo();
  return { exit: await main(['decode', ...options, push], io), out: io.stdout.text, err: io.stderr.text };
}

it('cosem decode --ek alone shows what is inside, marked', async () => {
  const { exit, out, err } = await decode('--ek', EK);
  expect(exit).toBe(0);
  expect(out).toMatch(/not verified[\s\S]*2345[\s\S]*2344[\s\S]*\b10\b/);
  expect(err).toContain('nothing proves who made it');
});

it('with both keys nothing is marked', async () => {
  const { exit, out, err } = await decode('--ek', EK, '--ak', AK);
  expect([exit, err]).toEqual([0, '']);
  expect(out).not.toContain('not verified');
});

it.each([
  ['keys exchanged', AK, EK, 'The two keys are exchanged'],
  [
    'a wrong AK',
    EK,
    '00112233445566778899AABBCCDDEEFF',
    'The authentication key (AK, GAK) is wrong; the encryption key is right',
  ],
  [
    'a wrong EK',
    '00112233445566778899AABBCCDDEEFF',
    AK,
    'the encryption key (EK, GUEK) is wrong, or the system title or the counter',
  ],
])('%s: its sentence, exit code 5 and no value', async (_, ek, ak, sentence) => {
  const { exit, out, err } = await decode('--ek', ek, '--ak', ak);
  expect(exit).toBe(5);
  expect(err).toContain(sentence);
  expect(out).not.toContain('2345');
});
