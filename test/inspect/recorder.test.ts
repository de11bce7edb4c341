import { describe, expect, it } from 'vitest';
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

describe('a secret that the client reads', () => {
  const SECRET = '31323334353637388182838485868788';
  const DATA = `0910${SECRET}`;
  const SECRET_ASKED = 'C001C1000F0000280000FF0700';
  /** A text of the meter, which is no secret. */
  const OTHER_ASKED = 'C001C100010000600100FF0200';
  const segments = (answer: string) => {
    const information = fromHex(`E6E700${answer}`);
    return [information.subarray(0, 12), information.subarray(12)].map((piece, i) =>
      encodeFrame({
        destination: hdlcAddress(16),
        source: hdlcAddress(1),
        control: iControl(1, i, i === 1),
        segmented: i === 0,
        information: piece,
      }),
    );
  };
  const block = (number: number, last: string, raw: string) =>
    `C402C1${last}0000000${number}00${(raw.length / 2).toString(16).padStart(2, '0')}${raw}`;
  const general = (number: number, control: string, raw: string) =>
    `E0${control}000${number}0001${(raw.length / 2).toString(16).padStart(2, '0')}${raw}`;
  const whole = `C401C100${DATA}`;
  const inBlocks = [block(1, '00', DATA.slice(0, 16)), block(2, 'FF', DATA.slice(16))];
  const inGeneral = [general(1, '00', whole.slice(0, 20)), general(2, '80', whole.slice(20))];
  const answers: [string, 'hdlc' | 'wrapper', readonly Uint8Array[]][] = [
    ['whole, wrapper', 'wrapper', [wpdu(fromHex(whole))]],
    ['whole, HDLC', 'hdlc', [frame(fromHex(whole))]],
    ['in HDLC segments', 'hdlc', segments(whole)],
    ['in blocks', 'wrapper', inBlocks.map((hex) => wpdu(fromHex(hex)))],
    ['in general blocks', 'wrapper', inGeneral.map((hex) => wpdu(fromHex(hex)))],
    ['cut', 'wrapper', [wpdu(fromHex(whole.slice(0, -2)))]],
    ['with octets behind', 'wrapper', [wpdu(fromHex(`C401C1000F01${SECRET}`))]],
  ];
  const recorded = (
    framing: 'hdlc' | 'wrapper',
    asked: readonly string[],
    sent: readonly Uint8Array[],
    clear: boolean,
  ) => {
    const recorder = new CaptureRecorder({
      inspect: { framing },
      ...(clear && { deciphered: { client: 16, server: 1 } }),
    });
    const around = framing === 'hdlc' ? frame : wpdu;
    return concat(
      recorder.begin(0),
      ...asked.map((question) => recorder.feed(around(fromHex(question)), 'client', 1)),
      ...sent.map((octets) => recorder.feed(octets, 'server', 2)),
      recorder.end(3),
    );
  };
  /** Four octets of the secret in a row, anywhere. */
  const leaks = (bytes: Uint8Array) => {
    const hex = toHex(bytes);
    return [0, 8, 16, 24].filter((at) => hex.includes(SECRET.slice(at, at + 8)));
  };

  describe.each([false, true])('deciphered: %s', (clear) => {
    it.each(answers)('is not in the file, and what is no secret is: %s', (_, framing, sent) => {
      expect(leaks(recorded(framing, [SECRET_ASKED], sent, clear))).toEqual([]);
      // The secret of a question that got no answer may still come.
      const late = recorded(framing, [SECRET_ASKED, OTHER_ASKED.replace('C001C1', 'C001C2')], sent, clear);
      expect(leaks(late)).toEqual([]);
      const other = recorded(framing, [OTHER_ASKED], sent, clear);
      // What is cut away by a message that does not decode is all that may be missing.
      expect(leaks(other).length).toBeGreaterThan(0);
    });

    it.each(['C1', 'C2', 'C7'])('nor where the answer comes under another invoke id than was asked: %s', (id) => {
      const sent = [wpdu(fromHex('C401C2000A0130')), wpdu(fromHex(whole.replace('C401C1', `C401${id}`)))];
      expect(leaks(recorded('wrapper', [OTHER_ASKED.replace('C001C1', 'C001C2'), SECRET_ASKED], sent, clear))).toEqual(
        [],
      );
    });

    it('masks no pieces of what is asked next', () => {
      const bytes = recorded('wrapper', [SECRET_ASKED], [], clear);
      expect(leaks(bytes)).toEqual([]);
      const recorder = new CaptureRecorder({
        inspect: { framing: 'wrapper' },
        ...(clear && { deciphered: { client: 16, server: 1 } }),
      });
      for (const refusal of ['C401C10103', block(1, 'FF', DATA), 'D80101']) {
        recorder.feed(wpdu(fromHex(SECRET_ASKED)), 'client', 0);
        recorder.feed(wpdu(fromHex(refusal)), 'server', 0);
        recorder.feed(wpdu(fromHex(OTHER_ASKED.replace('C001C1', 'C001C2'))), 'client', 0);
        const shown = inBlocks.map((hex) => recorder.feed(wpdu(fromHex(hex.replace('C402C1', 'C402C2'))), 'server', 0));
        expect(leaks(concat(...shown)), refusal).not.toEqual([]);
      }
    });

    it('blocks that are masked keep their form', () => {
      const bytes = recorded(
        'wrapper',
        [SECRET_ASKED],
        inBlocks.map((hex) => wpdu(fromHex(hex))),
        clear,
      );
      const { messages } = inspectInput(readInput(bytes));
      expect(messages.slice(1).map(({ apdu }) => apdu?.type)).toEqual(Array(2).fill('get-response-with-datablock'));
    });
  });
});
