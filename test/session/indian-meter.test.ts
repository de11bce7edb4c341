/**
 * A real three-phase meter of the Indian profile (shared/transcripts/indian-3ph-meter): our client session and our HDLC link go through
 * the recorded conversations. Each frame and each APDU that we would send is compared with the one that was sent, each value with the
 * one noted there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { decodeData, encodeData } from '../../src/codec/axdr.js';
import type { Data } from '../../src/codec/data.js';
import { bitStringToText } from '../../src/codec/wire-value.js';
import type { Exchange } from '../../src/contracts/procedure.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import type { ClientSessionConfig } from '../../src/session/client-config.js';
import { ClientSession } from '../../src/session/client-session.js';
import { Ciphering } from '../../src/session/protection.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { sharedFolder } from '../support/vectors.js';

const folder = `${sharedFolder}transcripts/indian-3ph-meter/`;
const have = existsSync(folder);

interface Recorded {
  readonly hex: string;
  readonly hdlc: string;
  readonly apdu?: string;
  readonly sec?: { readonly control: string; readonly ic: number };
  readonly plain_hex?: string;
  readonly decoded?: {
    readonly type?: string;
    readonly data?: Value;
    readonly data_access_result?: number;
    readonly raw_hex?: string;
  };
  readonly reassembled_data?: Value;
}

interface Value {
  readonly t: Data['type'];
  readonly v: unknown;
}

interface Step {
  readonly i?: number;
  readonly request?: Recorded;
  readonly responses?: readonly Recorded[];
}

/** A value in the form in which the recording notes it. */
function noted(data: Data): unknown {
  switch (data.type) {
    case 'array':
    case 'structure':
      return { t: data.type, v: data.value.map(noted) };
    case 'octet-string':
      return { t: data.type, v: toHex(data.value).toLowerCase() };
    case 'bit-string':
      return { t: data.type, v: bitStringToText(data.value) };
    default:
      return { t: data.type, v: data.value };
  }
}

const key = fromLatin1('RES_UnicastAssc0');

function configOf(client: number, counters: MemoryCounterStore): ClientSessionConfig {
  const common = { crypto: nodeCrypto, conformance: 0x40b81f, fixedInvokeId: 1, systemTitle: fromLatin1('REN00000') };
  if (client === 16) return common;
  return {
    ...common,
    context: 'ln-ciphered',
    mechanism: client === 32 ? 1 : 2,
    secret: fromLatin1(client === 32 ? 'ABCDEFGH' : 'RENESAS_P6wRJ21F'),
    challenge: fromLatin1('TEST1234TEST1234'),
    security: {
      keys: { encryption: key, authentication: key },
      counters,
      counterEntry: 'client',
      request: client === 32 ? 'encryption' : 'authenticated-encryption',
    },
  };
}

/** Opens what one side sent, apart from the session. */
function opener(title: string): Ciphering {
  return new Ciphering({
    crypto: nodeCrypto,
    systemTitle: fromLatin1(title),
    peerTitle: fromLatin1(title),
    keys: { encryption: key, authentication: key },
    counters: new MemoryCounterStore(),
    counterEntry: 'unused',
    received: new ReceiveCounter(),
  });
}

describe.skipIf(!have)('a real Indian meter', () => {
  let total = 0;
  let passed = 0;
  let frames = 0;
  let values = 0;

  it.each(['pc-16', 'mr-32', 'us-48'])('%s: every exchange', (name) => {
    const steps = readFileSync(`${folder}${name}.jsonl`, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Step);
    const client = Number(name.slice(3));
    const counters = new MemoryCounterStore();
    const session = new ClientSession(configOf(client, counters));
    const link = new HdlcLink('client', { client, server: 1 });
    const byClient = opener('REN00000');
    const byMeter = opener('REI00045');
    let procedure: Generator<Exchange, unknown, Uint8Array> | undefined;
    let sent: Uint8Array | undefined;
    counters.raise('client', steps.find((step) => step.request?.sec)?.request?.sec?.ic ?? 0);

    for (const [at, { request, responses }] of steps.entries()) {
      if (request === undefined || responses === undefined) continue;
      total++;
      const response = responses[0] as Recorded;
      if (request.hdlc === 'SNRM') link.connect(0);
      else if (request.hdlc === 'DISC') link.disconnect(0);
      else {
        if (procedure === undefined) {
          procedure = request.apdu === 'AARQ' ? session.associate() : session.get([wanted(request)]);
          const step = procedure.next(new Uint8Array(0));
          if (step.done === true) throw new Error('a request was expected');
          sent = step.value.apdu;
        }
        link.send(sent as Uint8Array, 0);
      }
      // The same octets, APDU and frame.
      const frame = link.pollTransmit() as Uint8Array;
      expect(toHex(frame)).toBe(request.hex);
      if (request.plain_hex !== undefined) {
        expect(inside(byClient, sent as Uint8Array)).toBe(request.plain_hex);
        expect(toHex(encodeApdu(decodeApdu(fromHex(request.plain_hex))))).toBe(request.plain_hex);
      }
      frames++;

      link.receive(fromHex(response.hex), 0);
      const event = link.pollEvent();
      expect([link.pollEvent(), link.pollTransmit()]).toEqual([undefined, undefined]);
      if (request.hdlc === 'SNRM') expect(event?.type).toBe('connected');
      else if (request.hdlc === 'DISC') expect(event?.type).toBe('closed');
      else {
        if (event?.type !== 'payload') throw new Error(`${request.hex}: ${event?.type}`);
        expect(inside(byMeter, event.bytes)).toBe(response.plain_hex);
        expect(toHex(encodeApdu(decodeApdu(fromHex(response.plain_hex as string))))).toBe(response.plain_hex);
        // The recorded client skipped a counter now and then.
        counters.raise('client', steps[at + 1]?.request?.sec?.ic ?? 0);
        const step = procedure?.next(event.bytes);
        if (step?.done === true) {
          procedure = undefined;
          checkResult(step.value, response);
        } else sent = step?.value.apdu;
      }
      passed++;
    }
    expect(procedure).toBeUndefined();
  });

  function checkResult(result: unknown, response: Recorded): void {
    if (!Array.isArray(result)) return;
    const { data, error } = result[0] as { data?: Data; error?: number };
    values++;
    expect(error).toBe(response.decoded?.data_access_result);
    if (data === undefined) return;
    expect(noted(data)).toEqual(response.reassembled_data ?? response.decoded?.data);
    expect(decodeData(encodeData(data))).toEqual(data);
  }

  afterAll(() => {
    console.log(
      `Indian meter: ${passed} of ${total} exchanges, ${frames} frames sent alike, ${values} values as noted`,
    );
    expect(passed).toBe(total);
    expect(total).toBe(1132);
  });
});

/** The attribute of a recorded GET. */
function wanted(request: Recorded) {
  const apdu = decodeApdu(fromHex(request.plain_hex as string));
  if (apdu.type !== 'get-request-normal') throw new Error(`${apdu.type} where a GET begins`);
  return apdu.attribute;
}

/** The clear APDU of an APDU as it crossed the link; of an AARQ or AARE the user-information. */
function inside(ciphering: Ciphering, apdu: Uint8Array): string {
  const outer = decodeApdu(apdu);
  if (outer.type === 'aarq' || outer.type === 'aare') return inside(ciphering, outer.userInformation as Uint8Array);
  return toHex(outer.type === 'ciphered' ? ciphering.open(outer).apdu : apdu);
}
