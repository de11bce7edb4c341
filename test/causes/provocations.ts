/**
 * How each cause of the table is provoked. The one list for `cosem doctor`, `cosem read` and `cosem commission`: a cause without an entry fails the
 * tests of all three.
 */

import { connectionsAt } from '../../bin/simulate/connections.js';
import { createMeter, VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import type { SecurityReason } from '../../src/base/errors.js';
import { protectionCauses } from '../../src/causes/protection.js';
import { protectionError } from '../../src/causes/protection-error.js';
import type { VirtualClock } from '../../src/index.js';
import type { CauseId } from '../../src/inspect.js';
import { nodeCrypto } from '../../src/node.js';
import { WrapperLink } from '../../src/protocol.js';
import {
  BAUD,
  type Connect,
  dmTo,
  EVEN_TEXT,
  failing,
  GARBAGE,
  hdlc,
  NOT_NOW_AARE,
  provokedLines,
  REFUSING_AARE,
  rejecting,
  SHORT_NAMES_AARE,
  signingOn,
  TEXT,
} from './provoked-lines.js';

/** Settings of a connection; undefined takes one away. */
export type Settings = Readonly<Record<string, string | number | undefined>>;

/** One way to a cause. */
export interface Provocation {
  readonly cause: CauseId;
  readonly connect: () => Connect;
  /** The settings of a connection that are wrong, or belong to the line. */
  readonly settings: Settings;
  /** What is told where no key may be tried: by all but `cosem doctor`. */
  readonly untried?: CauseId;
  /** Told where nothing more is asked. `cosem doctor` always asks. */
  readonly unasked?: true;
  /** Says only what kind of failure it is: in English the error of the library stands in its place. */
  readonly general?: true;
  /** Thrown by the work of a command in an open association, where no peer of these tests can bring it about. */
  readonly thrown?: Error;
}

/** Where each line of the provocations is. */
const PORT = '/dev/ttyUSB0';
const HOST = 'meter.test:4059';

const WRONG = '00112233445566778899AABBCCDDEEFF';
const SERIAL = { serial: PORT, baud: BAUD, framing: 'hdlc' };
const NETWORK = { tcp: HOST };

/** All provocations, with a meter in virtual time. */
export function provocations(clock: VirtualClock, meter: VirtualMeter): readonly Provocation[] {
  const lines = provokedLines(clock, () => meter);
  const { connections } = connectionsAt(meter, {});
  const as = (name: string, changes: Settings = {}): Settings => ({
    ...SERIAL,
    ...connections[name],
    ...SERIAL,
    ...changes,
  });
  const overNetwork = (framing: string) => ({ ...connections.public, ...NETWORK, framing });
  const good = () => lines.line(hdlc);
  /** A meter that nobody has tried to open: after some wrong passwords it refuses for a while. */
  const unlocked = () => {
    const other = createMeter('is15959-1ph', { clock, seed: 7, crypto: nodeCrypto });
    return provokedLines(clock, () => other).line(hdlc);
  };
  const lying = () => {
    // Of another title, so that its counters are its own.
    const other = createMeter('is15959-1ph', { clock, seed: 8, crypto: nodeCrypto });
    other.faults.add('wrong-title');
    const virtual = new VirtualLine(clock, {});
    void other.attach(virtual.b, { framing: 'hdlc' });
    return () => virtual.a;
  };
  const at = (cause: CauseId, connect: () => Connect, settings: Settings = as('public'), more = {}): Provocation => ({
    cause,
    connect,
    settings,
    ...more,
  });
  const refusal = (result: number) => (invokeId: number) => Uint8Array.of(0xc4, 0x01, invokeId, 0x01, result);
  return [
    // ---- the port
    at('port-missing', () => failing('Error: No such file or directory, cannot open /dev/ttyUSB0')),
    at('port-not-permitted', () => failing('Error: Permission denied, cannot open /dev/ttyUSB0')),
    at('port-busy', () => failing('Error Resource temporarily unavailable Cannot lock port')),
    at('not-a-port', () => failing('Error: Inappropriate ioctl for device')),
    at('port-gone', () => failing('Error: Input/output error')),
    at('port-fails', () => failing('Error: nobody has seen these words'), as('public'), { general: true }),
    at('host-refused', () => failing('ECONNREFUSED', 'ECONNREFUSED'), overNetwork('wrapper')),
    at('host-unknown', () => failing('ENOTFOUND', 'ENOTFOUND'), overNetwork('wrapper')),
    at('host-silent', () => failing('ETIMEDOUT', 'ETIMEDOUT'), overNetwork('wrapper')),
    // ---- the line
    at('no-answer', () => lines.answering(undefined), as('public'), { unasked: true, general: true }),
    at('no-valid-answer', () => lines.answering(GARBAGE), as('public'), { unasked: true, general: true }),
    at('no-light', () => lines.answering(undefined)),
    at('echo-only', () => lines.answering(undefined, true)),
    at('garbled', () => lines.answering(GARBAGE)),
    at('parity', () => lines.answering(EVEN_TEXT)),
    // ---- the data link
    at('wrong-baud', () => lines.line(hdlc, 19_200)),
    at('wants-sign-on', () => lines.line(signingOn, 300, true)),
    at('no-sign-on', () => lines.line(hdlc, 19_200), as('public', { framing: 'mode-e' })),
    at('no-hdlc', () => lines.saying(['/ABC5OLD\r\n'])),
    at('signed-on-silent', () => lines.saying(['/ABC5\\2OLD\r\n'])),
    at('wrong-address', () => lines.line(() => hdlc({ lower: 17, accepts: [2] }))),
    at('wrong-framing', () => lines.network(() => new WrapperLink('server', { devices: [1] })), overNetwork('hdlc')),
    at('nobody-behind', () => lines.network(() => hdlc({ lower: 99, accepts: [4] })), overNetwork('hdlc')),
    at('text-answer', () => lines.speaking(TEXT), overNetwork('wrapper')),
    at('answers-otherwise', () => lines.hearingOnly(16), as('public', { client: 77 })),
    at('link-refused', () => lines.answeringFrames(dmTo), as('public', { patience: 0 })),
    at('slow-meter', () => lines.line(hdlc, BAUD, false, 250), as('public', { timeout: 0.3 })),
    // ---- the association
    at('association-silent', () => lines.serving(() => undefined)),
    at('client-unknown', good, as('public', { client: 77 })),
    at('not-now', () => lines.serving(() => NOT_NOW_AARE)),
    at('wrong-context', good, as('public', { client: 32 })),
    at('short-names', () => lines.serving(() => SHORT_NAMES_AARE), as('public', { naming: 'ln' })),
    at('wrong-mechanism', good, as('reader', { auth: 'hls2', password: undefined, secret: WRONG })),
    at('needs-authentication', good, as('reader', { auth: 'none', password: undefined })),
    at('wrong-password', unlocked, as('reader', { password: 'WRONG-PW' })),
    at('wrong-secret', good, as('utility', { secret: `hex:${WRONG}` })),
    at('wrong-ek', good, as('utility', { ek: WRONG }), { untried: 'wrong-key' }),
    at('wrong-ak', good, as('utility', { ak: WRONG }), { untried: 'wrong-key' }),
    at('wrong-key', good, as('utility', { ek: WRONG, ak: WRONG })),
    at('counter-too-low', good, as('utility', { 'counter-step': 1 })),
    at('bad-proof', lying, as('utility')),
    at('association-refused', () => lines.serving(() => REFUSING_AARE), as('public'), { general: true }),
    // ---- the reading
    at('read-refused', () => lines.reading(refusal(3))),
    at('request-refused', () => lines.reading(refusal(4)), as('public'), { unasked: true, general: true }),
    at('line-drops', () => lines.reading(() => undefined), as('public', { patience: 0 }), { general: true }),
    // ---- messages whose protection does not hold: how each comes about, test/security and test/session show
    ...(Object.keys(protectionCauses) as SecurityReason[]).map((reason) => {
      const error = protectionError({ reason, facts: PLACES });
      return at(reason, () => rejecting(error), as('public'), { thrown: error });
    }),
  ];
}

/** Something for every place in the sentences. */
const PLACES = {
  ...{ which: 'EK', digits: 16, suite: 1, wanted: 16, given: 8, said: 'global', found: '4D4D4D0000BC614E' },
  ...{ title: '4D4D4D0000BC614F', counter: 5, control: '30', octets: 11 },
};
