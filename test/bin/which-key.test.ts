import { createConnection } from 'node:net';
import { describe, expect, it } from 'vitest';
import { APDU_TAGS } from '../../src/apdu/tags.js';
import { structureOf, u16 } from '../../src/classes.js';
import { fromHex, toHex } from '../../src/index.js';
import { nodeCrypto } from '../../src/node.js';
import { encodeApdu } from '../../src/protocol.js';
import { protect } from '../../src/security/ciphering.js';
import { wrapped } from '../push/lines.js';
import { ran, running } from './ran.js';

const EK = '000102030405060708090A0B0C0D0E0F';
const AK = 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF';
const title = fromHex('5858580000000001');
const keys = { encryption: fromHex(EK), authentication: fromHex(AK) };
const plain = encodeApdu({
  type: 'data-notification',
  longInvokeId: 1,
  body: structureOf([u16(2345), u16(2344), u16(10)]),
});

/** The push under the keys; `named` is the title in its head. */
function sealed({ control = 0x30, named = title }: { control?: number; named?: Uint8Array } = {}): Uint8Array {
  const context = { keys, control, systemTitle: title, invocationCounter: 7 };
  return encodeApdu({
    type: 'ciphered',
    tag: APDU_TAGS['general-glo-ciphering'],
    systemTitle: named,
    securityControl: control,
    invocationCounter: 7,
    content: protect(nodeCrypto, context, plain),
  });
}

function changedTag(): Uint8Array {
  const octets = sealed();
  octets[octets.length - 1] = (octets.at(-1) as number) ^ 1;
  return octets;
}

const push = toHex(sealed());

const decode = (...options: string[]) => ran(['decode', ...options, push]);

it('cosem decode --ek alone shows what is inside, marked', async () => {
  const { exit, out, err } = await decode('--ek', EK);
  expect(exit).toBe(0);
  expect(out).toMatch(/not verified[\s\S]*2345[\s\S]*2344[\s\S]*\b10\b/);
  expect(err).toContain('nothing proves who made it');
});

/** Without what is said of keys on the command line. */
function remarks(err: string): string {
  return err.replace(/^cosem: others on this computer can read --ek.*\n/m, '');
}

it('with both keys nothing is marked', async () => {
  const { exit, out, err } = await decode('--ek', EK, '--ak', AK);
  expect([exit, remarks(err)]).toEqual([0, '']);
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
    'the encryption key (EK, GUEK), the system title or the counter is wrong',
  ],
])('%s: its sentence, exit code 5 and no value', async (_, ek, ak, sentence) => {
  const { exit, out, err } = await decode('--ek', ek, '--ak', ak);
  expect(exit).toBe(5);
  expect(err).toContain(sentence);
  expect(out).not.toContain('2345');
});

describe('cosem listen', () => {
  const other = '00112233445566778899AABBCCDDEEFF';

  /** What it shows of one push: ended by it where it is taken, by Ctrl-C where it is refused. */
  async function heard(apdu: Uint8Array, ...options: string[]) {
    const words = ['listen', '--tcp', '127.0.0.1:0', '--guard', 'none', '--count', '1', ...options];
    const { io, ended } = running(words);
    const [, port] = await io.stdout.until(/(?:127\.0\.0\.1:|"port":)([1-9]\d*)/);
    const socket = createConnection(Number(port), '127.0.0.1');
    socket.end(wrapped(apdu));
    void io.stderr.until(/from .*\n/).then(() => io.interrupt());
    return { exit: await ended, out: io.stdout.text, err: io.stderr.text };
  }

  it('--ek alone: shown, marked as not verified', async () => {
    const { exit, out, err } = await heard(fromHex(push), '--ek', EK);
    expect([exit, remarks(err)]).toEqual([0, '']);
    expect(out).toMatch(/authenticated-encryption, NOT VERIFIED \(no --ak\)[\s\S]*2345[\s\S]*2344[\s\S]*\b10\b/);
    const json = await heard(fromHex(push), '--ek', EK, '--json');
    expect(JSON.parse(json.out.trim().split('\n').at(-1) as string)).toMatchObject({ authenticated: false });
  });

  it('both keys: shown without a mark; encryption alone has nothing to verify', async () => {
    expect((await heard(fromHex(push), '--ek', EK, '--ak', AK)).out).not.toContain('NOT VERIFIED');
    expect((await heard(sealed({ control: 0x20 }), '--ek', EK, '--ak', AK)).out).toContain(
      'encryption, NOT VERIFIED (it has no tag)',
    );
  });

  it.each<[string, Uint8Array, string, string, string]>([
    ['a wrong AK', fromHex(push), EK, other, 'The authentication key (AK, GAK) is wrong; the encryption key is right'],
    ['a wrong EK', fromHex(push), other, AK, 'the encryption key (EK, GUEK), the system title or the counter is wrong'],
    ['keys exchanged', fromHex(push), AK, EK, 'The two keys are exchanged'],
    ['keys exchanged, without a tag', sealed({ control: 0x20 }), AK, EK, 'The two keys are exchanged'],
    ['a wrong EK, without a tag', sealed({ control: 0x20 }), other, AK, 'the encryption key (EK, GUEK) is wrong'],
    ['a tag that was changed', changedTag(), EK, AK, 'The authentication key (AK, GAK) is wrong'],
    ['the title turned round', sealed({ named: title.slice().reverse() }), EK, AK, 'in reverse order'],
  ])('%s: the reason and no value', async (_, apdu, ek, ak, sentence) => {
    for (const more of [[], ['--json']]) {
      const { out, err } = await heard(apdu, '--ek', ek, '--ak', ak, ...more);
      expect(err).toContain(sentence);
      expect(out).not.toMatch(/2345|2344|"notification"/);
    }
  });
});
