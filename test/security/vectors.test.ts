import { describe, expect, test } from 'vitest';
import { readGeneralCiphered, readServiceCiphered } from '../../src/apdu/ciphered.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { Reader } from '../../src/base/cursor.js';
import { DecodeError, SecurityError } from '../../src/base/errors.js';
import type { CryptoProvider, Curve } from '../../src/contracts/crypto-provider.js';
import { type CipherContext, checkSystemTitle, protect, unprotect } from '../../src/security/ciphering.js';
import { type HlsMechanismId, hlsAnswer, hlsHolds } from '../../src/security/hls.js';
import { checkChallenge } from '../../src/security/hls-reflection.js';
import { concatenationKdf, deriveKey, unwrapKey, wrapKey } from '../../src/security/keys.js';
import { nobleCurveCrypto } from '../../src/security/noble-curves.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { haveVectors, loadVectors, type Vector } from '../support/vectors.js';

const GENERAL_CIPHERING = 0xdd;
const GENERAL_SIGNING = 0xdf;
const GENERAL_GLO = 0xdb;

/** A ciphered APDU taken apart: what `unprotect` needs of it, and its first octets up to the content. */
interface Envelope {
  readonly title?: Uint8Array;
  readonly control: number;
  readonly counter: number;
  readonly extra: Uint8Array;
  readonly ephemeralKey?: Uint8Array;
  readonly head: Uint8Array;
  readonly content: Uint8Array;
}

function openEnvelope(bytes: Uint8Array): Envelope {
  const r = new Reader(bytes);
  const tag = r.u8();
  if (tag === GENERAL_CIPHERING) return openGeneralCiphering(r);
  const apdu = tag === GENERAL_GLO ? readGeneralCiphered(r, tag, undefined) : readServiceCiphered(r, tag, undefined);
  r.done();
  return {
    ...(apdu.systemTitle && { title: apdu.systemTitle }),
    control: apdu.securityControl,
    counter: apdu.invocationCounter,
    extra: new Uint8Array(0),
    head: bytes.subarray(0, bytes.length - apdu.content.length),
    content: apdu.content,
  };
}

/** General-Ciphering: transaction id, titles, date-time, other information, optional key information, ciphered content. */
function openGeneralCiphering(r: Reader): Envelope {
  r.take(r.length());
  const title = r.take(r.length());
  for (let field = 0; field < 3; field++) r.take(r.length());
  const extra = r.bytes.subarray(1, r.offset);
  let ephemeralKey: Uint8Array | undefined;
  if (r.u8() === 1) {
    const choice = r.u8();
    if (choice === 0)
      r.u8(); // identified-key: key-id
    else {
      expect(choice).toBe(2); // agreed-key: key-parameters, key-ciphered-data
      r.take(r.length());
      ephemeralKey = r.take(r.length()).subarray(0, 64); // followed by its signature
    }
  }
  const content = new Reader(r.take(r.length()));
  r.done();
  const control = content.u8();
  const counter = content.u32();
  const protectedPart = content.rest();
  const head = r.bytes.subarray(0, r.bytes.length - protectedPart.length);
  return { title, control, counter, extra, ...(ephemeralKey && { ephemeralKey }), head, content: protectedPart };
}

type Context = Record<string, string>;
const hex = (context: Context, field: string) => fromHex(context[field] as string);
const given = (context: Context, field: string) => (context[field] === undefined ? undefined : hex(context, field));

function cipherContext(envelope: Envelope, context: Context): CipherContext {
  const title = envelope.title?.length ? envelope.title : hex(context, 'originator-system-title');
  const authentication = given(context, 'authentication-key');
  return {
    keys: { encryption: hex(context, 'encryption-key'), ...(authentication && { authentication }) },
    control: envelope.control,
    systemTitle: title,
    invocationCounter: envelope.counter,
    extra: envelope.extra,
  };
}

function hlsPass(context: Context, challenge: Uint8Array) {
  const client = given(context, 'client-system-title');
  const server = given(context, 'server-system-title');
  const parts = {
    systemTitle: given(context, 'system-title') ?? client,
    otherSystemTitle: server,
    secret: given(context, 'secret'),
    encryptionKey: given(context, 'encryption-key'),
    authenticationKey: given(context, 'authentication-key'),
    invocationCounter: context['invocation-counter'] as number | undefined,
  };
  const present = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return { challenge, otherChallenge: given(context, 'ctos') ?? new Uint8Array(0), ...present };
}

const mechanisms: Record<string, HlsMechanismId> = {
  'hls-aes-ecb': 2,
  'hls-md5': 3,
  'hls-sha1': 4,
  'hls-gmac': 5,
  'hls-sha256': 6,
};

/** Does what a vector says; throws what the library throws. Returns what it says to expect, in hex. */
function run(crypto: CryptoProvider, vector: Vector): Record<string, unknown> {
  const context = (vector.context ?? {}) as Context;
  const input = vector.hex === null ? new Uint8Array(0) : fromHex(vector.hex);
  const curve = context.curve as Curve;
  const mechanism = mechanisms[vector.operation];
  if (mechanism !== undefined) {
    const pass = hlsPass(context, input);
    const answer = hlsAnswer(crypto, mechanism, pass);
    expect(hlsHolds(crypto, mechanism, pass, answer)).toBe(true);
    return { 'f(challenge)': toHex(answer), tag: toHex(answer.subarray(5)) };
  }
  switch (vector.operation) {
    case 'unprotect': {
      const envelope = openEnvelope(input);
      if (envelope.title?.length) checkSystemTitle(envelope.title);
      const sealed = cipherContext(envelope, context);
      const plaintext = unprotect(crypto, sealed, envelope.content);
      if (vector.roundtrip) {
        const again = concat(envelope.head, protect(crypto, sealed, plaintext));
        expect(toHex(again), 'protected again').toBe(vector.hex);
      }
      return { plaintext: toHex(plaintext), 'additional-authenticated-data': aad(sealed) };
    }
    case 'decode': {
      const { title, control, counter, content } = openEnvelope(input);
      return { title: toHex(title as Uint8Array), control, counter, content: toHex(content) };
    }
    case 'unprotect-ciphertext-only': {
      const envelope = openEnvelope(input);
      const key = deriveKey(
        crypto,
        crypto.agree('P-256', hex(context, 'server-key-agreement-private'), envelope.ephemeralKey as Uint8Array),
        {
          suite: 1,
          partyUInfo: envelope.title as Uint8Array,
          partyVInfo: fromHex('4D4D4D0000000001'),
        },
      );
      const iv = new Uint8Array(12);
      iv.set(envelope.title as Uint8Array);
      iv[11] = envelope.counter;
      return { plaintext: toHex(crypto.gcmCrypt(key, iv, envelope.content.subarray(0, -12))) };
    }
    case 'aes-gcm-ctr-decrypt':
      return { plaintext: toHex(crypto.gcmCrypt(hex(context, 'key'), hex(context, 'initialization-vector'), input)) };
    case 'aes-key-unwrap': {
      const key = unwrapKey(crypto, hex(context, 'kek'), input);
      expect(toHex(wrapKey(crypto, hex(context, 'kek'), key))).toBe(vector.hex);
      return { key: toHex(key) };
    }
    case 'ec-public-key':
      return { 'public-key': toHex(crypto.publicKey(curve, input)) };
    case 'ecdh':
      return { z: toHex(crypto.agree(curve, hex(context, 'private-key'), hex(context, 'peer-public-key'))) };
    case 'kdf-sp800-56a-sha256': {
      const parties = { partyUInfo: hex(context, 'party-u-info'), partyVInfo: hex(context, 'party-v-info') };
      return { 'aes-128-key': toHex(deriveKey(crypto, input, { suite: 1, ...parties })) };
    }
    case 'ecdh+kdf-sp800-56a-sha384': {
      const z = crypto.agree(curve, hex(context, 'private-key'), hex(context, 'peer-public-key'));
      // The vector was made with 2.16.756.5.8.3.2 as AES-GCM-256; the Green Book (table 18) has 3.1 for it, and 3.2 for AES-WRAP-128.
      const otherInfo = concat(...['algorithm-id', 'party-u-info', 'party-v-info'].map((field) => hex(context, field)));
      return { z: toHex(z), 'aes-256-key': toHex(concatenationKdf(crypto, 'sha-384', z, otherInfo, 32)) };
    }
    case 'ecdsa-verify':
      return verified(crypto.verify(curve, hex(context, 'public-key'), input, hex(context, 'signature')));
    case 'verify-general-signing': {
      const r = new Reader(input, 1);
      expect(input[0]).toBe(GENERAL_SIGNING);
      for (let field = 0; field < 6; field++) r.take(r.length());
      const signed = input.subarray(1, r.offset);
      const signature = r.take(r.length());
      r.done();
      return verified(crypto.verify(curve, hex(context, 'public-key'), signed, signature));
    }
    case 'hls-check-challenge': {
      const own = hex(context, 'ctos');
      // The challenge is the charstring of the authentication value: AA 0A 80 08.
      const at = (vector.hex as string).indexOf('AA0A8008') / 2 + 4;
      checkChallenge(3, { received: input.subarray(at, at + own.length), own });
      return {};
    }
    default:
      throw new Error(`no such operation: ${vector.operation}`);
  }
}

function verified(valid: boolean): Record<string, unknown> {
  if (!valid) throw new SecurityError('bad-signature', 'a signature does not hold');
  return { valid };
}

function aad(context: CipherContext): string {
  return toHex(
    concat(Uint8Array.of(context.control), context.keys.authentication ?? new Uint8Array(0), context.extra!),
  );
}

/** What of `expected` this layer answers for: the decoded APDU is another layer's. */
function compare(vector: Vector, actual: Record<string, unknown>): void {
  if (vector.operation === 'decode') {
    expect(actual).toEqual({
      title: '',
      control: 0x30,
      counter: 2147483857,
      content: '81EC9EC4BF53E9776EF0C453969FBDFE11BE9B791AACC0FF8C',
    });
    return;
  }
  const expected = vector.expected as Record<string, unknown>;
  let compared = 0;
  for (const [field, value] of Object.entries(expected)) {
    if (actual[field] === undefined) continue;
    expect(actual[field], field).toEqual(value);
    compared++;
  }
  expect(compared, 'compared fields').toBeGreaterThan(0);
}

/** Our error in the category of the vectors. */
function categoryOf(error: unknown): string | undefined {
  if (error instanceof DecodeError) return error.reason;
  if (error instanceof SecurityError) return error.reason === 'bad-challenge' ? 'bad-value' : error.reason;
  return undefined;
}

describe.skipIf(!haveVectors)('security vectors', () => {
  const vectors = loadVectors('security');
  const providers = { noble: nobleCurveCrypto, node: nodeCrypto };
  for (const [name, crypto] of Object.entries(providers)) {
    test(`all of them, with ${name}`, () => {
      let passed = 0;
      for (const vector of vectors) {
        if (vector.error === undefined) compare(vector, run(crypto, vector));
        else {
          let failure: unknown;
          try {
            run(crypto, vector);
          } catch (error) {
            failure = error;
          }
          const allowed = [vector.error.category, ...(vector.error.also_acceptable ?? [])];
          expect(allowed, `${vector.id}: ${failure}`).toContain(categoryOf(failure));
        }
        passed++;
      }
      console.log(`security vectors with ${name}: ${passed} of ${vectors.length}`);
      expect(passed).toBe(68);
    });
  }
});
