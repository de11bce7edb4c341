/**
 * The HDLC suite of the conformance tool: what is sent when, and what comes back. The stimuli and outcomes are described in
 * shared/reference/conformance.md; the recorded run itself is there frame by frame. One source for everything that has to pass: the bare
 * link (test/link) and the virtual meter (test/simulator).
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { checkSequence, decodeFrame, FLAG, type HdlcAddress, hdlcAddress } from '../../src/link/hdlc-frame.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { decodeParameters, encodeParameters } from '../../src/link/hdlc-parameters.js';
import { sharedFolder } from '../support/vectors.js';
import { client16, nameOf, octets } from './harness.js';

export const AARQ = fromHex('601DA109060760857405080101BE10040E01000000065F1F040060FEDFFFFF');
export const AARE = fromHex('6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000001003400007');
export const MAX_INFO = 832;
/** Of the bench: physical address, and the time-outs in milliseconds. */
export const LOWER = 16;
export const INTER_OCTET_TIMEOUT = 550;
export const INACTIVITY_TIMEOUT = 25_000;

/** What is tested. */
export interface HdlcUnderTest {
  now: number;
  /** Lets time pass, sends, and gives what the server answers. Fails when something is said unasked. */
  put(bytes: Uint8Array, at: number): Uint8Array[];
  /** APDUs that were handed on. */
  readonly payloads: readonly string[];
}

const two = hdlcAddress(1, 16);

export function make(name: string, information?: Uint8Array, to: HdlcAddress = two, segmented = false): Uint8Array {
  return octets(name, { to, from: client16, segmented, ...(information && { information }) });
}

/** A frame of any octets between format and check sequence, with the length and the FCS they need. */
function raw(body: string): Uint8Array {
  const bytes = fromHex(body);
  const head = concat(Uint8Array.of(0xa0, bytes.length + 4), bytes);
  const fcs = checkSequence(head);
  return concat(Uint8Array.of(FLAG), head, Uint8Array.of(fcs, fcs >> 8, FLAG));
}

/** What is sent, after which pause in ms, and the names of what comes back. */
export type Step = readonly [after: number, send: Uint8Array, ...answers: string[]];

const SNRM = make('SNRM');
const DISC = make('DISC');
const wrongHeader = (at: number, octet: number): Uint8Array => {
  const bytes = SNRM.slice();
  bytes[at] = octet;
  return bytes;
};
const proposal = make('SNRM', encodeParameters(decodeParameters(new Uint8Array(0))));
const altered = (at: number): Uint8Array => {
  const bytes = proposal.slice();
  bytes[at]! ^= 0x02;
  return bytes;
};
const shortened = [1, 2, 3, 4, 5, 6].map((n): Step => {
  // The address goes first, then control and check sequence, octet by octet.
  const bytes = concat(SNRM.subarray(0, 3), SNRM.subarray(3 + n));
  bytes[2] = SNRM.length - 2 - n;
  return [5000, bytes];
});
const segments = Array.from({ length: 9 }, (_, i): Step => {
  const information = addLlc(AARQ, 'command').subarray(i * 4, i === 8 ? undefined : i * 4 + 4);
  return [10, make(`I${i & 7}.0`, information, two, i < 8), i < 8 ? `RR${(i + 1) & 7}` : 'I0.1'];
});

export const themes: Record<string, readonly Step[]> = {
  'FRAME_P1 connect and disconnect': [
    [0, SNRM, 'UA'],
    [10, make('RR0'), 'RR0'],
    [10, DISC, 'UA'],
    [1000, DISC, 'DM'],
  ],
  'FRAME_P2 a partial frame is dropped after the time-out': [
    [0, SNRM, 'UA'],
    [10, DISC.subarray(0, -1)],
    [605, make('RR0'), 'RR0'],
  ],
  'FRAME_P3 inactivity ends the connection': [
    [0, SNRM, 'UA'],
    [27_500, DISC, 'DM'],
  ],
  'FRAME_N1 missing flags': [
    [0, DISC, 'DM'],
    [1100, SNRM.subarray(1)],
    [5000, SNRM.subarray(0, -1)],
    [5000, SNRM.subarray(1, -1)],
    [5000, DISC, 'DM'],
  ],
  'FRAME_N2 too short': [...shortened, [5000, SNRM, 'UA']],
  'FRAME_N3 format type': [
    [0, wrongHeader(1, 0x00)],
    [5000, DISC, 'DM'],
  ],
  'FRAME_N4 length field': [
    [0, wrongHeader(2, SNRM[2]! + 1)],
    [5000, DISC, 'DM'],
  ],
  'FRAME_N5 unknown command': [
    [0, SNRM, 'UA'],
    [10, make('U-FF'), 'FRMR'],
    [10, make('RR0'), 'FRMR'],
    [10, SNRM, 'UA'],
    [10, make('RR0'), 'RR0'],
  ],
  'FRAME_N7 header check sequence': [
    [0, altered(6)],
    [5000, DISC, 'DM'],
  ],
  'FRAME_N8 frame check sequence': [
    [0, altered(proposal.length - 5)],
    [5000, DISC, 'DM'],
  ],
  'ADDRESS_P1 one, two, four octets': [hdlcAddress(1), two, hdlcAddress(1, 16, 4)].flatMap((to): Step[] => [
    [500, make('SNRM', undefined, to), 'UA'],
    [10, make('DISC', undefined, to), 'UA'],
  ]),
  'ADDRESS_N1 client address of two octets': [
    [0, octets('SNRM', { to: two, from: hdlcAddress(0, 16) })],
    [5000, DISC, 'DM'],
  ],
  'ADDRESS_N4 unknown server addresses': [
    [0, SNRM, 'UA'],
    [10, make('SNRM', undefined, hdlcAddress(2))],
    [5000, make('SNRM', undefined, hdlcAddress(2, 2))],
    [5000, make('SNRM', undefined, hdlcAddress(2, 2, 4))],
    [5000, DISC, 'UA'],
  ],
  'ADDRESS_N7 addresses of three and five octets': [
    [0, raw('0002012193')],
    [5000, DISC, 'DM'],
    [500, raw('00020020012193')],
    [5000, DISC, 'DM'],
  ],
  'NDM2NRM_P1 max info': [[0, make('SNRM', fromHex('818008050207EE060207EE')), 'UA']],
  'NDM2NRM_P2 window': [[0, make('SNRM', fromHex('81800C07040000000408 0400000004')), 'UA']],
  'INFO_P1/1 an AARQ': [
    [0, SNRM, 'UA'],
    [10, make('I0.0', addLlc(AARQ, 'command')), 'I0.1'],
  ],
  'INFO_P1/2 an AARQ in segments': [[0, SNRM, 'UA'], ...segments],
  'INFO_N1 longer than negotiated': [
    [0, make('SNRM', fromHex('818008050203400602 0340')), 'UA'],
    [10, make('I0.0', new Uint8Array(MAX_INFO + 1)), 'FRMR'],
    [10, SNRM, 'UA'],
  ],
  'INFO_N2 acknowledges what was not sent': [
    [0, SNRM, 'UA'],
    [10, make('RR1'), 'FRMR'],
    [10, SNRM, 'UA'],
  ],
  'INFO_N3 wrong N(S)': [
    [0, SNRM, 'UA'],
    [10, make('I1.0', addLlc(AARQ, 'command')), 'RR0'],
  ],
  'NDMOP_N1 I frame while disconnected': [[0, make('I0.0', addLlc(AARQ, 'command')), 'DM']],
};

/** A theme from one second on. */
export function play(server: HdlcUnderTest, steps: readonly Step[]): void {
  let at = server.now + 1000;
  for (const [index, [after, bytes, ...answers]] of steps.entries()) {
    at += after;
    const got = server.put(bytes, at);
    expect(got.map(nameOf), `step ${index + 1}`).toEqual(answers);
    for (const answer of got) {
      // Addresses are mirrored, in the form they came.
      const { destination, source, control, information } = decodeFrame(answer);
      const asked = decodeFrame(bytes);
      expect({ destination, source }).toEqual({ destination: asked.source, source: asked.destination });
      if (control.type !== 'UA' || information.length === 0) continue;
      const proposed = decodeParameters(asked.information);
      const granted = decodeParameters(information);
      expect(granted.maxInfoTransmit).toBeLessThanOrEqual(proposed.maxInfoReceive);
      expect(granted.maxInfoReceive).toBeLessThanOrEqual(proposed.maxInfoTransmit);
      expect(granted.windowTransmit).toBeLessThanOrEqual(proposed.windowReceive);
      expect(granted.windowReceive).toBeLessThanOrEqual(proposed.windowTransmit);
    }
  }
}

/** How often the APDU of these themes is executed. */
export const EXECUTIONS = [
  ['INFO_P1/1 an AARQ', 1],
  ['INFO_P1/2 an AARQ in segments', 1],
  ['INFO_N3 wrong N(S)', 0],
] as const;

/** Sends all of a theme, and counts. */
export function expectExecutions(server: HdlcUnderTest, name: string, times: number): void {
  for (const [after, bytes] of themes[name]!) server.put(bytes, server.now + after);
  expect(server.payloads, name).toEqual(Array(times).fill(toHex(AARQ)));
}

interface Recorded {
  readonly n: number;
  readonly t_ms: number;
  readonly dir: 'host' | 'meter' | 'port';
  readonly test: string | null;
  readonly hex?: string;
}

const recording = `${sharedFolder}reference/conformance-hdlc.jsonl`;
export const hasRecording = existsSync(recording);

/** Plays the recorded run: each frame is answered as the meter did. Gives the number of frames. */
export function playRecording(server: HdlcUnderTest): number {
  const lines = readFileSync(recording, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);
  const start = server.now;
  let hosts = 0;
  lines.forEach((line, index) => {
    if (line.dir !== 'host') return;
    hosts++;
    const next = lines[index + 1];
    const wanted = next?.dir === 'meter' ? [next.hex!] : [];
    const got = server.put(fromHex(line.hex!), start + line.t_ms);
    const where = `${line.test} frame ${line.n}`;
    expect(got.map(nameOf), where).toEqual(wanted.map((hex) => nameOf(fromHex(hex))));
    for (const [i, answer] of got.entries()) {
      // UA and FRMR differ by their information: the meter grants more than was proposed, and gives no reason for a rejection.
      if (/^(UA|FRMR)$/.test(nameOf(answer))) {
        const { destination, source } = decodeFrame(fromHex(wanted[i]!));
        expect(decodeFrame(answer), where).toMatchObject({ destination, source });
      } else expect(toHex(answer), where).toBe(wanted[i]);
    }
  });
  return hosts;
}
