import { createPrivateKey, type KeyObject } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { SecurityError, StateError } from 'cosem';
import { nodeCrypto, synced, systemErrorCode, systemErrorText, writeAll } from 'cosem/node';
import type { Curve } from 'cosem/protocol';
import type { KeyPair } from '../issue.js';

const CURVES: Readonly<Record<string, Curve>> = { prime256v1: 'P-256', secp384r1: 'P-384' };
const SHORTEST = 8;

/**
 * Writes a private key: PKCS #8 in PEM, for its owner alone (0600), encrypted where there is a passphrase (PBES2 with AES-256, as OpenSSL writes it).
 * Never over a file that is there: an old key may be in use.
 * @throws StateError.
 */
export function writeKeyFile(file: string, { curve, privateKey }: KeyPair, passphrase?: string): void {
  if (passphrase !== undefined && [...passphrase].length < SHORTEST) {
    throw new StateError(`the passphrase has fewer than ${SHORTEST} characters`, { hint: 'take three or four words' });
  }
  const point = nodeCrypto.publicKey(curve, privateKey);
  const half = point.length / 2;
  const text = (octets: Uint8Array) => Buffer.from(octets).toString('base64url');
  const key = createPrivateKey({
    format: 'jwk',
    key: {
      ...{ kty: 'EC', crv: curve, d: text(privateKey) },
      ...{ x: text(point.subarray(0, half)), y: text(point.subarray(half)) },
    },
  });
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const content = key.export(passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase });
  if (fs.existsSync(file)) throw there(file);
  try {
    fs.mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    synced(file, 'wx', (opened) => writeAll(opened, String(content), fs), fs);
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') throw there(file);
    throw new StateError(`${file} cannot be written: ${systemErrorText(error)}`, { hint: 'give another folder' });
  }
}

function there(file: string): StateError {
  return new StateError(`${file} is there already`, {
    hint: 'a key that is in use is not replaced: give another folder, or move it away yourself',
  });
}

/**
 * Reads a private key: PEM of PKCS #8, of SEC 1 (`EC PRIVATE KEY`), or encrypted.
 * @throws StateError where there is no such file or no such key in it; SecurityError `bad-key` for a wrong passphrase. No error contains the key.
 */
export function readKeyFile(file: string, passphrase?: string): KeyPair {
  let text: string;
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new StateError(`the key file ${file} cannot be read: ${systemErrorText(error)}`, {
      hint: 'is it the folder that cosem pki made?',
    });
  }
  return { ...parsePrivateKey(text, file, passphrase) };
}

/** As {@link readKeyFile}, of the text of a file. */
export function parsePrivateKey(text: string, file: string, passphrase?: string): KeyPair {
  const sealed = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text);
  if (sealed && passphrase === undefined) {
    throw new SecurityError('missing-key', `${file} is under a passphrase`, {
      hint: 'give it: --passphrase-file FILE',
    });
  }
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // What the library says may quote the file.
    if (sealed) {
      throw new SecurityError('bad-key', `the passphrase does not open ${file}`, { hint: 'type it again' });
    }
    throw new StateError(`${file} holds no private key`, { hint: 'it begins with -----BEGIN PRIVATE KEY-----' });
  }
  const curve = CURVES[key.asymmetricKeyDetails?.namedCurve ?? ''];
  const { d } = key.export({ format: 'jwk' });
  if (curve === undefined || d === undefined) {
    throw new StateError(`the key in ${file} is not on P-256 or P-384`, {
      hint: 'suites 1 and 2 have no other curves',
    });
  }
  return { curve, privateKey: new Uint8Array(Buffer.from(d, 'base64url')) };
}
