/** A meter that says another system title than the one that was expected is refused before anything secret is answered to it. */

import { expect, test } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { AssociationError } from '../../src/base/errors.js';
import { isOfIdentity } from '../../src/session/short-names.js';
import { pump, SERVER_TITLE, setup } from './harness.js';

const OTHER = fromHex('4D4D4D0000000002');

test.each([5, 0] as const)('with mechanism %i', (mechanism) => {
  const peer = (peerTitle: Uint8Array) =>
    setup({
      context: 'ln-ciphered',
      mechanism,
      policy: 'authenticated-encryption',
      clientSecurity: { serverTitle: peerTitle },
    });
  const right = peer(SERVER_TITLE);
  pump(right.client.associate(), right.wire);

  const wrong = peer(OTHER);
  let asked = 0;
  const refused = () =>
    pump(wrong.client.associate(), (request) => {
      asked++;
      return wrong.wire(request);
    });
  expect(refused).toThrow(AssociationError);
  expect(refused).toThrow('the meter says its system title is 4D4D4D0000000001, 4D4D4D0000000002 was expected');
  // The AARQ alone, each time.
  expect(asked).toBe(2);
  try {
    refused();
  } catch (error) {
    // To leave a service out, or to ask in another form, does not help.
    expect(isOfIdentity(error as AssociationError)).toBe(true);
  }
});
