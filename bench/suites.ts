/** Pushes a second that a receiver opens, in each security suite, beside the raw AES-GCM of Node that they cannot do without. */
import { createDecipheriv } from 'node:crypto';
import { encodeApdu } from '../src/apdu/codec.js';
import { APDU_TAGS } from '../src/apdu/tags.js';
import { concat } from '../src/base/bytes.js';
import { octets } from '../src/codec/make.js';
import { protect, securityControl } from '../src/security/ciphering.js';
import { type SuiteId, securitySuites } from '../src/security/suites.js';
import { NotificationReceiver } from '../src/session/notification.js';
import { nodeCrypto } from '../src/transport/node-crypto.js';
import { compare, type Row } from './harness.js';

/** Pushes in one call. */
const COUNT = 50;
const BODY_LENGTH = 300;
const TAG_LENGTH = 12;
const TITLE = Uint8Array.from([...'CSM00001'], (letter) => letter.charCodeAt(0));

function suite(id: SuiteId): Row {
  const { keyLength } = securitySuites[id];
  const keys = { encryption: new Uint8Array(keyLength).fill(1), authentication: new Uint8Array(keyLength).fill(2) };
  const control = securityControl(id, 'authenticated-encryption');
  const plain = encodeApdu({
    type: 'data-notification',
    longInvokeId: 1,
    body: octets(new Uint8Array(BODY_LENGTH).fill(7)),
  });
  const contents = Array.from({ length: COUNT }, (_, i) =>
    protect(nodeCrypto, { keys, control, systemTitle: TITLE, invocationCounter: i + 1 }, plain),
  );
  const pushes = contents.map((content, i) =>
    encodeApdu({
      type: 'ciphered',
      tag: APDU_TAGS['general-glo-ciphering'],
      systemTitle: TITLE,
      securityControl: control,
      invocationCounter: i + 1,
      content,
    }),
  );
  const aad = concat(Uint8Array.of(control), keys.authentication);
  const ivs = contents.map((_, i) => concat(TITLE, Uint8Array.of(0, 0, 0, i + 1)));
  const name = keyLength === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  return compare({
    name: `pushes, suite ${id}`,
    against: `raw ${name}`,
    work: () => {
      const receiver = new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => keys });
      return pushes.map((push) => receiver.receive(push));
    },
    reference: () =>
      contents.map((content, i) => {
        const decipher = createDecipheriv(name, keys.encryption, ivs[i] as Uint8Array, { authTagLength: TAG_LENGTH });
        decipher.setAAD(aad);
        decipher.setAuthTag(content.subarray(-TAG_LENGTH));
        return Buffer.concat([decipher.update(content.subarray(0, -TAG_LENGTH)), decipher.final()]);
      }),
    // The same for every suite: what a receiver does beside deciphering costs some microseconds a push, whatever the cipher is.
    target: { atLeast: 0.08 },
    per: { count: COUNT, unit: 'pushes' },
  });
}

export function suites(): Row[] {
  return [suite(0), suite(1), suite(2)];
}
