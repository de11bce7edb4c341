import { expect, it } from 'vitest';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { readInput } from '../../src/inspect/input/input.js';
import { inspectInput } from '../../src/inspect/input/inspect-input.js';
import { CaptureRecorder } from '../../src/inspect/input/recorder.js';
import { encodeFrame, hdlcAddress, iControl } from '../../src/link/hdlc-frame.js';

const PASSWORD = 'ABCDEFGH';
// Low level security: the password is the calling-authentication-value.
const AARQ = fromHex(
  `6036A1090607608574050801018A0207808B0760857405080201AC0A8008${toHex(fromLatin1(PASSWORD))}BE10040E01000000065F1F0400001E1DFFFF`,
);
const GET = fromHex('C001C100030100010800FF0200');
const wpdu = (apdu: Uint8Array) => concat(fromHex('000100100001'), Uint8Array.of(0, apdu.length), apdu);
const frame = (apdu: Uint8Array) =>
  encodeFrame({
    destination: hdlcAddress(1),
    source: hdlcAddress(16),
    control: iControl(0, 0, true),
    segmented: false,
    information: concat(fromHex('E6E600'), apdu),
  });

it.each([
  ['wrapper', wpdu],
  ['hdlc', frame],
] as const)('a recording over %s reads back as the same tree, without the password', (framing, around) => {
  for (const deciphered of [undefined, { client: 16, server: 1 }]) {
    const recorder = new CaptureRecorder({ inspect: { framing }, ...(deciphered && { deciphered }) });
    const bytes = concat(
      recorder.begin(0),
      ...[AARQ, GET].map((apdu, i) => recorder.feed(around(apdu), 'client', 10 * i)),
      recorder.end(100),
    );
    expect(toHex(bytes)).not.toContain(toHex(fromLatin1(PASSWORD)));
    const { messages, node } = inspectInput(readInput(bytes));
    expect(messages.map(({ apdu }) => apdu?.type)).toEqual(['aarq', 'get-request-normal']);
    expect(JSON.stringify(node)).not.toContain('"error"');
    expect(toHex(messages[1]?.octets ?? new Uint8Array(0))).toBe(toHex(GET));
  }
});
