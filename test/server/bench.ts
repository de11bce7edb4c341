/** The tester of the conformance test's APPL suite, who speaks octets, and a server with three associations as it saw them in the reference meter. */

import { contextOid, mechanismOid } from '../../src/apdu/acse-names.js';
import type { Aare, Aarq, Apdu, InitiateRequest } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { octets, textOctets } from '../../src/codec/make.js';
import type { MechanismId } from '../../src/contracts/association.js';
import type { GlobalKeys, Protection } from '../../src/contracts/protection.js';
import { DataClass } from '../../src/cosem/classes/storage.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { MeterServer } from '../../src/server/server.js';
import type { CipherKind } from '../../src/session/cipher-kind.js';
import { Ciphering } from '../../src/session/protection.js';

export const KEY = fromLatin1('RES_UnicastAssc0');
export const KEYS: GlobalKeys = { encryption: KEY, authentication: KEY };
export const DEDICATED_KEY = fromHex('00112233445566778899AABBCCDDEEFF');
const SERVER_TITLE = fromLatin1('REI00045');
export const CLIENT_TITLE = fromLatin1('REN00045');
export const PROPOSED = 0x60fedf;
export const PROBE = encodeApdu({
  type: 'get-request-normal',
  invokeId: 0xc1,
  attribute: { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), attributeId: 1 },
});
export const NOT_ASSOCIATED = 'D80203';

/** What was declared for each association, and how data in it is protected. */
export interface Declared {
  readonly client: 16 | 32 | 48;
  readonly mechanism: Extract<MechanismId, 0 | 1 | 3>;
  readonly secret: Uint8Array | undefined;
  readonly policy: Protection;
  readonly conformance: number;
}

export const PUBLIC: Declared = { client: 16, mechanism: 0, secret: undefined, policy: 'none', conformance: 0x000010 };
export const READER: Declared = {
  client: 32,
  mechanism: 1,
  secret: fromLatin1('ABCDEFGH'),
  policy: 'encryption',
  conformance: 0x001014,
};
export const UTILITY: Declared = {
  client: 48,
  mechanism: 3,
  secret: fromLatin1('RENESAS_P6wRJ21F'),
  policy: 'authenticated-encryption',
  conformance: 0x20189d,
};
export const ALL = [PUBLIC, READER, UTILITY];
export const CIPHERED = [READER, UTILITY];

/** What is tested: whatever takes APDUs of clients. */
export interface UnderTest {
  readonly serverTitle: Uint8Array;
  /** How answers go that are longer than an APDU may be. */
  readonly longAnswers: 'service-blocks' | 'general-blocks';
  /** Whether the object list of the public client fits into one APDU. */
  readonly publicListFits: boolean;
  handle(client: number, apdu: Uint8Array): Uint8Array | undefined;
  /** Ends the data link of a client. */
  disconnect(client: number): void;
  /** The lowest counter that is acceptable under the global key. */
  lowestCounter(): number;
}

/** A bare server with the three associations. */
export class BareServer implements UnderTest {
  readonly serverTitle = SERVER_TITLE;
  readonly longAnswers = 'service-blocks';
  readonly publicListFits = false;
  readonly #received = new ReceiveCounter();
  readonly #server: MeterServer;

  constructor() {
    const security = {
      keys: KEYS,
      counters: new MemoryCounterStore({ meter: 5000 }),
      counterEntry: 'meter',
      received: this.#received,
    };
    const device = new LogicalDevice();
    for (const { client, mechanism, secret, policy, conformance } of ALL) {
      device.associate({
        client,
        name: `client ${client}`,
        logicalName: `0.0.40.0.${client / 16}.255`,
        context: client === 16 ? 'ln' : 'ln-ciphered',
        mechanism,
        policy,
        conformance,
        maxReceivePduSize: 832,
        maxSendPduSize: 768,
        longAnswers: 'service-blocks',
        bareRelease: true,
        ...(secret === undefined ? {} : { secret }),
        ...(client === 16 ? {} : { security, securitySetup: `0.0.43.0.${client / 16}.255` }),
      });
    }
    device.add(object(DataClass, '0.0.42.0.0.255', { value: textOctets('REI00045') }));
    for (let i = 0; i < 60; i++)
      device.add(object(DataClass, `0.1.96.1.${i}.255`, { value: octets(new Uint8Array(4)) }));
    this.#server = new MeterServer({ crypto: nobleCrypto, systemTitle: SERVER_TITLE, devices: [device] });
  }

  handle(client: number, apdu: Uint8Array): Uint8Array | undefined {
    return this.#server.handle(client, 1, apdu, 0);
  }

  disconnect(client: number): void {
    this.#server.released(client);
  }

  lowestCounter(): number {
    return this.#received.lowest;
  }
}

export class Bench {
  readonly tested: UnderTest;
  readonly #counters = new MemoryCounterStore();
  #tester: Ciphering;

  constructor(tested: UnderTest = new BareServer()) {
    this.tested = tested;
    this.#tester = this.ciphering();
  }

  /** A tester's ciphering context; one key of its own counters throughout. */
  ciphering(keys: GlobalKeys = KEYS, title = CLIENT_TITLE): Ciphering {
    const counterEntry = 'tester';
    return new Ciphering({
      crypto: nobleCrypto,
      systemTitle: title,
      peerTitle: this.tested.serverTitle,
      keys,
      counters: this.#counters,
      counterEntry,
    });
  }

  send(client: number, apdu: Uint8Array): Uint8Array {
    const answer = this.tested.handle(client, apdu);
    if (answer === undefined) throw new Error('silence');
    return answer;
  }

  initiate(change: Partial<InitiateRequest> = {}, declared?: Declared): Uint8Array {
    return encodeApdu({
      type: 'initiate-request',
      ...(declared !== undefined && declared.client !== 16 ? { dedicatedKey: DEDICATED_KEY } : {}),
      responseAllowed: true,
      proposedDlmsVersionNumber: 6,
      proposedConformance: PROPOSED,
      clientMaxReceivePduSize: 0xffff,
      ...change,
    });
  }

  /** An AARQ with the declared parameters, then changed: a field that is undefined is left out. */
  aarq(
    declared: Declared,
    change: { readonly [K in keyof Aarq]?: Aarq[K] | undefined } = {},
    initiate: Partial<InitiateRequest> = {},
  ): Uint8Array {
    this.#tester = this.ciphering();
    const { client, mechanism, secret } = declared;
    const ciphered = client !== 16;
    const plain = this.initiate(initiate, declared);
    const value = mechanism === 1 ? secret : fromLatin1('CTOS_0123456789A');
    const fields: Record<string, unknown> = {
      type: 'aarq',
      applicationContextName: contextOid(ciphered ? 3 : 1),
      ...(ciphered
        ? {
            callingApTitle: CLIENT_TITLE,
            senderAcseRequirements: true,
            mechanismName: mechanismOid(mechanism),
            callingAuthenticationValue: { type: 'charstring', value },
          }
        : {}),
      userInformation: ciphered ? this.#tester.seal(plain, 'glo', 'authenticated-encryption') : plain,
      ...change,
    };
    for (const key of Object.keys(fields)) if (fields[key] === undefined) delete fields[key];
    return encodeApdu(fields as unknown as Aarq);
  }

  /** Opens an association as declared. */
  open(declared: Declared, change: Parameters<Bench['aarq']>[1] = {}, initiate: Partial<InitiateRequest> = {}): Aare {
    const aare = this.associate(declared, change, initiate);
    if (aare.result === 0 && declared.mechanism === 3) this.#pass3(declared, aare);
    return aare;
  }

  /** Passes 1 and 2. */
  associate(
    declared: Declared,
    change: Parameters<Bench['aarq']>[1] = {},
    initiate: Partial<InitiateRequest> = {},
  ): Aare {
    const aare = decodeApdu(this.send(declared.client, this.aarq(declared, change, initiate))) as Aare;
    this.#tester.useDedicatedKey(DEDICATED_KEY);
    return aare;
  }

  /** An HLS action with the answer to the challenge of the AARE, or another one. */
  pass3Request(declared: Declared, aare: Aare, answer?: Uint8Array): Uint8Array {
    const challenge = aare.respondingAuthenticationValue?.value as Uint8Array;
    const right = nobleCrypto.hash('md5', concat(challenge, declared.secret as Uint8Array));
    const request = encodeApdu({
      type: 'action-request-normal',
      invokeId: 0xc1,
      method: { classId: 15, instanceId: Uint8Array.of(0, 0, 40, 0, 0, 255), methodId: 1 },
      parameter: octets(answer ?? right),
    });
    return this.seal(request, 'glo');
  }

  #pass3(declared: Declared, aare: Aare): void {
    const answer = this.reveal(this.send(declared.client, this.pass3Request(declared, aare)));
    const expected = nobleCrypto.hash('md5', concat(fromLatin1('CTOS_0123456789A'), declared.secret as Uint8Array));
    if (toHex(answer) !== `C701C100010009${toHex(Uint8Array.of(expected.length))}${toHex(expected)}`) {
      throw new Error(`pass 4: ${toHex(answer)}`);
    }
  }

  seal(apdu: Uint8Array, kind: CipherKind = 'ded', protection: Protection = 'authenticated-encryption'): Uint8Array {
    return this.#tester.seal(apdu, kind, protection);
  }

  /** What is inside an answer, ciphered or not. */
  reveal(answer: Uint8Array): Uint8Array {
    const outer = decodeApdu(answer);
    return outer.type === 'ciphered' ? this.#tester.open(outer).apdu : answer;
  }

  /** A request in the association's own form, and what is inside the answer, in hex. */
  ask(declared: Declared, request: Uint8Array): string {
    const apdu = declared.client === 16 ? request : this.seal(request);
    return toHex(this.reveal(this.send(declared.client, apdu)));
  }

  /** GET attribute 1 of 0.0.40.0.0.255: whether the association is open. */
  alive(declared: Declared): boolean {
    const answer = this.ask(declared, PROBE);
    if (answer === 'C401C10009060000280000FF') return true;
    if (answer === NOT_ASSOCIATED) return false;
    throw new Error(`the probe was answered ${answer}`);
  }

  /** The user-information of an AARE or RLRE: whether it was ciphered, how, and what it says. */
  information(octetsOfIt: Uint8Array | undefined): {
    control: number | undefined;
    tag: number;
    hex: string;
    apdu: Apdu;
  } {
    const outer = decodeApdu(octetsOfIt as Uint8Array);
    // It may be looked at after later messages: not through the tester's guard.
    const inside = outer.type === 'ciphered' ? this.ciphering().open(outer).apdu : (octetsOfIt as Uint8Array);
    const control = outer.type === 'ciphered' ? outer.securityControl : undefined;
    return { control, tag: (octetsOfIt as Uint8Array)[0] as number, hex: toHex(inside), apdu: decodeApdu(inside) };
  }
}
