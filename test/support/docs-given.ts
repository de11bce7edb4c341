import { rendered, sampleCertificate, TRUSTED } from '../../packages/commissioning/test/sample-certificate.js';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { NotificationReceiver, open, systemClock, VirtualClock } from '../../src/index.js';
import { nodeCrypto } from '../../src/node.js';

/** What a program of the docs names and does not make, because the page around it does: `<!-- given: meter, clock -->`. */

const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
const another = createMeter('is15959-1ph', { clock: systemClock, seed: 8 });
const { security, framing = 'hdlc', ...rest } = openOptionsOf(another, 'utility');
const utility = { ...rest, framing };
const { secret } = utility;
if (security === undefined || secret === undefined) throw new Error('the utility has no keys');
const certificate = sampleCertificate();
const written = (_fields: object, _text: string) => undefined;
const key = (octet: number) => new Uint8Array(16).fill(octet);

export const given = {
  meter: await open(await virtual.line(), openOptionsOf(virtual, 'utility')),
  /** A line to a meter, not open yet, and what it wants to be opened with. */
  transport: await another.line(),
  utility: { ...utility, security },
  /** Another one, whose keys are elsewhere. */
  line: await another.line(),
  options: utility,
  vault: { secretsOf: async (_serial: string) => ({ secret, security }) },
  clock: new VirtualClock(Date.UTC(2026, 10, 23, 3, 30)),
  signal: new AbortController().signal,
  places: [{ host: '127.0.0.1', server: 1 }],
  store: (_meter: string, _outcome: unknown) => undefined,
  /** A push under keys that this receiver does not have. */
  receiver: new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => undefined }),
  payload: Uint8Array.of(0x0f, 0, 0, 0, 0, 0, 0),
  /** What is changed in a meter: by programs that are compiled alone. */
  image: { identification: key(0), octets: key(0) },
  onProgress: () => undefined,
  masterKey: key(0),
  fresh: { encryption: key(1), authentication: key(2) },
  old: { encryption: key(3), authentication: key(4) },
  openWith: async (_keys: { encryption: Uint8Array; authentication: Uint8Array }) =>
    open(await another.line(), openOptionsOf(another, 'utility')),
  /** As pino and prom-client have them. */
  pino: () => ({ debug: written, info: written, warn: written, error: written }),
  Histogram: class {
    constructor(readonly about: object) {}
    observe(_labels: object, _value: number): void {}
  },
  Counter: class {
    constructor(readonly about: object) {}
    inc(_labels: object, _value: number): void {}
  },
  keys: new Map<string, { encryption: Uint8Array; authentication: Uint8Array }>(),
  certificate,
  octets: (await rendered(certificate)).pdf,
  trusted: TRUSTED,
};

export async function leaveGiven(): Promise<void> {
  await given.meter.close();
  virtual.stop();
  another.stop();
}
