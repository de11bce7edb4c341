/**
 * The recordings of other implementations through `open` as it ships: their server's octets come back for ours, with nothing set but what a
 * user could give. Each frame of ours is answered by what the recorded server sent for the client's frame in its place.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { mechanismId } from '../../src/apdu/acse-names.js';
import type { Apdu, CipheredApdu } from '../../src/apdu/apdu.js';
import { decodeApdu } from '../../src/apdu/codec.js';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { logicalNameFromBytes } from '../../src/base/obis.js';
import type { Authentication, OpenOptions } from '../../src/client/options.js';
import type { AttributeWithSelection } from '../../src/contracts/services.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { type Meter, open } from '../../src/index.js';
import { decodeFrame } from '../../src/link/hdlc-frame.js';
import { decodeParameters } from '../../src/link/hdlc-parameters.js';
import { protectionOf } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { getAttributes } from '../../src/session/client-services.js';
import { Ciphering } from '../../src/session/protection.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import {
  AK,
  type Connection,
  EK,
  exchanges,
  havePeers,
  peerNames,
  type Recording,
  readRecording,
} from '../session/recordings.js';

const CLIENT_TITLE = fromHex('4D4D4D0000BC614E');
const LAYERS = ['none', 'lls', 'hls2', 'md5', 'sha1', 'gmac', 'sha256'] as const;

const counts = new Map<string, number>();
const count = (what: string, by = 1) => counts.set(what, (counts.get(what) ?? 0) + by);

afterAll(() => {
  if (!havePeers) console.log('peers through open: skipped, ../shared/transcripts/peers is not there');
  for (const [what, number] of counts) console.log(`peers through open: ${what}: ${number}`);
});

/** What a connection of a recording says of its sides. */
interface Facts {
  readonly options: OpenOptions;
  /** The requests in clear. */
  readonly requests: readonly Apdu[];
}

function plain(apdu: Uint8Array, title: Uint8Array, dedicatedKey?: Uint8Array): Apdu {
  const outer = decodeApdu(apdu, { lenient: true });
  if (outer.type !== 'ciphered') return outer;
  const ciphering = new Ciphering({
    crypto: nodeCrypto,
    systemTitle: title,
    peerTitle: title,
    keys: { encryption: EK, authentication: AK },
    counters: new MemoryCounterStore(),
    counterEntry: 'unused',
  });
  ciphering.useDedicatedKey(dedicatedKey);
  return decodeApdu(ciphering.open(outer).apdu, { lenient: true });
}

/** What the recorded client drew: its challenge, and the key for its association, of which every attempt draws one first. */
function drawing(challenge: Uint8Array | undefined, dedicatedKey: Uint8Array | undefined) {
  // The options are looked at before anything is sent.
  const draws = dedicatedKey === undefined ? [] : [dedicatedKey, dedicatedKey];
  return (length: number) => draws.shift()?.slice() ?? challenge?.slice() ?? new Uint8Array(length);
}

function factsOf(recording: Recording, connection: Connection): Facts {
  const list = exchanges(connection).map(({ request }) => request);
  const first = decodeApdu(list[0]!);
  const aarq = first.type === 'aarq' ? first : undefined;
  const title = aarq?.callingApTitle ?? CLIENT_TITLE;
  const information = aarq?.userInformation && decodeApdu(aarq.userInformation, { lenient: true });
  const inside = aarq?.userInformation && plain(aarq.userInformation, title);
  const initiate = inside?.type === 'initiate-request' ? inside : undefined;
  const dedicatedKey = initiate?.dedicatedKey;
  const requests = list.map((request) => plain(request, title, dedicatedKey));
  const outer = information ?? first;
  const protection = outer.type === 'ciphered' ? protectionOf(outer.securityControl) : undefined;
  const mechanism = aarq?.mechanismName === undefined ? 0 : (mechanismId(aarq.mechanismName) ?? 0);
  const authentication = LAYERS[mechanism as number] as Authentication;
  const sample = decodeApdu(list.at(-2) ?? list[0]!, { lenient: true });
  const challenge = aarq?.callingAuthenticationValue?.value;
  const keyed = protection !== undefined || authentication === 'gmac';
  const ids = new Set(requests.flatMap((request) => ('invokeId' in request ? [request.invokeId & 0x0f] : [])));
  const [fixedInvokeId] = ids;
  const options: OpenOptions = {
    framing: recording.framing,
    client: connection.client,
    authentication,
    clock: new VirtualClock(),
    crypto: { ...nodeCrypto, random: drawing(challenge, dedicatedKey) },
    patience: 0,
    // The recorded clients took their blocks one by one.
    blockWindow: 1,
    ...(ids.size === 1 && fixedInvokeId !== undefined ? { fixedInvokeId } : {}),
    release: requests.at(-1)?.type === 'rlrq',
    ...(recording.framing === 'hdlc' ? linkOptions(connection) : {}),
    ...(recording.secret === undefined ? {} : { [authentication === 'lls' ? 'password' : 'secret']: recording.secret }),
    ...(initiate === undefined
      ? {}
      : { conformance: initiate.proposedConformance, maxReceivePduSize: initiate.clientMaxReceivePduSize }),
    ...(aarq === undefined ? { preEstablished: { conformance: 0x00001d, serverMaxReceivePduSize: 0 } } : {}),
    ...(keyed
      ? {
          security: {
            systemTitle: title,
            encryptionKey: EK,
            authenticationKey: AK,
            policy: protection ?? 'none',
            ...(protection === undefined ? {} : { handshake: protection }),
            general: sample.type === 'ciphered' && sample.tag >= 0xdb,
            counters: recordedCounters(list, requests),
            ...(dedicatedKey === undefined ? {} : { dedicatedKey: true as const }),
            ...(aarq === undefined ? { serverTitle: recording.serverTitle } : {}),
          },
        }
      : authentication === 'sha256'
        ? { systemTitle: title }
        : {}),
  };
  return { options, requests };
}

/** What the recorded client proposed for the data link, and what its meter needs. */
function linkOptions({ lines }: Connection): OpenOptions {
  const frames = lines.map(({ fromClient, octets }) => ({ fromClient, ...decodeFrame(octets) }));
  const information = frames.find(({ control }) => control.type === 'SNRM')?.information ?? new Uint8Array(0);
  const stated = information.length === 0 ? undefined : decodeParameters(information);
  const answers = frames.filter(({ fromClient, control }) => !fromClient && control.type === 'I');
  // The jDLMS server acknowledges nothing that it answers: an option of its own, that a user gives for such a meter.
  const acknowledgeByAnswer =
    answers.length > 1 && answers.every(({ control }) => control.type === 'I' && control.nr === 0);
  return {
    ...(acknowledgeByAnswer ? { acknowledgeByAnswer } : {}),
    ...(stated === undefined ? {} : { maxInfo: Math.min(2030, stated.maxInfoReceive), window: stated.windowReceive }),
  };
}

/** A store that gives the counters as they were used, the inner one of HLS mechanism 5 before the one around it. */
function recordedCounters(list: readonly Uint8Array[], requests: readonly Apdu[]) {
  const used = list.flatMap((request, i) => [...innerOf(requests[i]!), ...outerOf(request)]);
  let at = 0;
  const peek = () => used[at] ?? (used.at(-1) ?? 0) + 1;
  return { next: () => [peek(), at++][0] as number, peek, raise: () => {} };
}

function outerOf(request: Uint8Array): number[] {
  const apdu = decodeApdu(request, { lenient: true });
  if (apdu.type === 'ciphered') return [(apdu as CipheredApdu).invocationCounter];
  const information = 'userInformation' in apdu ? apdu.userInformation : undefined;
  return information === undefined ? [] : outerOf(information);
}

function innerOf(apdu: Apdu): number[] {
  if (apdu.type !== 'action-request-normal' || apdu.parameter?.type !== 'octet-string') return [];
  const { value } = apdu.parameter;
  return value.length === 17 ? [new DataView(value.buffer, value.byteOffset).getUint32(1)] : [];
}

/** The recorded meter: whatever is sent, it says what it said next. */
class Replay implements Transport {
  readonly name = 'a recording';
  /** Frames of ours that stand where the recorded client's stood, and such as had no place. */
  alike = 0;
  sent = 0;
  beyond = 0;
  readonly #lines: Connection['lines'];
  #handler: TransportHandler | undefined;
  #next = 0;

  constructor({ lines }: Connection) {
    this.#lines = lines;
  }

  get left(): number {
    return this.#lines.slice(this.#next).filter(({ fromClient }) => fromClient).length;
  }

  async open(handler: TransportHandler): Promise<void> {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): void {
    this.sent++;
    const line = this.#lines[this.#next];
    if (line === undefined || !line.fromClient) {
      this.beyond++;
      return;
    }
    if (toHex(line.octets) === toHex(bytes)) this.alike++;
    this.#next++;
    for (let answer = this.#lines[this.#next]; answer?.fromClient === false; answer = this.#lines[++this.#next]) {
      const chunk = answer.octets.slice();
      queueMicrotask(() => this.#handler?.data(chunk));
    }
  }

  async close(): Promise<void> {}
}

/** Whether the meter's challenge is the client's. */
function echoes(connection: Connection): boolean {
  const [first] = exchanges(connection);
  const [aarq, aare] = [decodeApdu(first!.request), decodeApdu(first!.answer, { lenient: true })];
  if (aarq.type !== 'aarq' || aare.type !== 'aare') return false;
  const [ours, theirs] = [aarq.callingAuthenticationValue?.value, aare.respondingAuthenticationValue?.value];
  return ours !== undefined && theirs !== undefined && toHex(ours) === toHex(theirs);
}

/** Asks what the recorded client asked. Refusals are answers too. */
async function ask(meter: Meter, request: Apdu): Promise<void> {
  switch (request.type) {
    case 'get-request-normal':
      count('values read', (await meter.tryGet(refOf(meter, request.attribute))).ok ? 1 : 0);
      break;
    case 'get-request-with-list': {
      // `getAll` holds the first list against single answers, which are not in a recording.
      const results = await meter.run((session) => getAttributes(session, request.attributes));
      count('values read', results.filter((result) => 'data' in result).length);
      break;
    }
    case 'set-request-normal':
      await meter.set(refOf(meter, request.attribute), request.value);
      break;
    default:
  }
}

function refOf(meter: Meter, { classId, instanceId, attributeId, selection }: AttributeWithSelection) {
  const ref = meter.untyped(classId, logicalNameFromBytes(instanceId)).attribute(attributeId);
  return selection === undefined ? ref : { ...ref, selection };
}

async function follow(recording: Recording, connection: Connection, more: OpenOptions = {}): Promise<void> {
  const { options, requests } = factsOf(recording, connection);
  const transport = new Replay(connection);
  const meter = await open(transport, { ...options, ...more });
  for (const request of requests) await ask(meter, request);
  expect(transport.beyond).toBe(0);
  // Some recordings end before the disconnection.
  await meter.close();
  count('frames sent', transport.sent);
  count('frames sent alike', transport.alike);
  expect(transport.left).toBe(0);
}

describe.skipIf(!havePeers)('the recordings of other implementations through open', () => {
  const passed: string[] = [];
  it.each(peerNames.map((name) => [name.replace('.txt', ''), name] as const))('%s', async (_, name) => {
    const recording = readRecording(name);
    for (const connection of recording.connections) {
      const run = (more: OpenOptions = {}) => {
        const clock = new VirtualClock();
        return clock.run(follow(recording, connection, { ...more, clock }));
      };
      if (!echoes(connection)) {
        await run();
        continue;
      }
      // The C server sends the challenge of the client back: refused by name, unless the caller bears it.
      await expect(run()).rejects.toThrow('sent our own challenge back');
      await run({ allowEchoedChallenge: true });
      count('connections whose meter echoes the challenge: refused, opened by the option of the caller alone');
    }
    passed.push(name);
  });
  it('all of them', () => {
    console.log(`peers through open: ${passed.length} of ${peerNames.length} recordings`);
    expect([passed.length, peerNames.length, counts.get('values read')]).toEqual([66, 66, 900]);
  });
});
