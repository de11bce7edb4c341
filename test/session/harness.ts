/** A client session and a server session, or a whole meter, face to face: procedures are pumped by hand, without link or transport. */

import { fromHex } from '../../src/base/bytes.js';
import { logicalNameToBytes } from '../../src/base/obis.js';
import type { Data } from '../../src/codec/data.js';
import { u32 } from '../../src/codec/make.js';
import { data } from '../../src/codec/types.js';
import type { AssociationDefinition, MechanismId } from '../../src/contracts/association.js';
import type { CryptoProvider } from '../../src/contracts/crypto-provider.js';
import type { Procedure } from '../../src/contracts/procedure.js';
import type { Protection } from '../../src/contracts/protection.js';
import type { AttributeWithSelection, MethodDescriptor } from '../../src/contracts/services.js';
import { attr, cosemClass, method } from '../../src/cosem/class.js';
import { DataClass, Register } from '../../src/cosem/classes/storage.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { MeterServer } from '../../src/server/server.js';
import type { ClientSecurity, ClientSessionConfig } from '../../src/session/client-config.js';
import { ClientSession } from '../../src/session/client-session.js';

export const EK = fromHex('000102030405060708090A0B0C0D0E0F');
export const AK = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
export const DEDICATED = fromHex('00112233445566778899AABBCCDDEEFF');
export const CLIENT_TITLE = fromHex('4D4D4D0000BC614E');
export const SERVER_TITLE = fromHex('4D4D4D0000000001');
export const CLIENT = 48;
export const ALL_CONFORMANCE = 0x0fffff;

export type Wire = (apdu: Uint8Array) => Uint8Array | undefined;

/** Runs a procedure against something that answers. What gets no answer although one is awaited is a failure. */
export function pump<T>(procedure: Procedure<T>, wire: Wire): T {
  let input: Uint8Array = new Uint8Array(0);
  for (let exchanges = 0; exchanges < 1_000_000; exchanges++) {
    const step = procedure.next(input);
    if (step.done === true) return step.value;
    const answer = step.value.apdu.length === 0 ? undefined : wire(step.value.apdu);
    if (answer === undefined && step.value.reply) throw new Error('an answer is awaited and none comes');
    input = answer ?? new Uint8Array(0);
  }
  throw new Error('the procedure does not end');
}

/** An APDU as it went over. */
export interface Carried {
  readonly from: 'client' | 'server';
  readonly octets: Uint8Array;
}

/** As {@link pump}, against a server, with streams of blocks both ways. What is carried is written down. */
export function pumpStream(server: MeterServer, carried: Carried[]): <T>(procedure: Procedure<T>) => T {
  const waiting: Uint8Array[] = [];
  const send = (octets: Uint8Array) => {
    carried.push({ from: 'client', octets });
    let answer = server.handle(CLIENT, 1, octets, 0);
    for (; answer !== undefined; answer = server.session(CLIENT, 1)?.following()) {
      carried.push({ from: 'server', octets: answer });
      waiting.push(answer);
    }
  };
  return (procedure) => {
    let input: Uint8Array = new Uint8Array(0);
    for (let exchanges = 0; exchanges < 1_000_000; exchanges++) {
      const step = procedure.next(input);
      if (step.done === true) return step.value;
      if (step.value.apdu.length > 0) send(step.value.apdu);
      const answer = step.value.reply ? waiting.shift() : new Uint8Array(0);
      if (answer === undefined) throw new Error('an answer is awaited and none comes');
      input = answer;
    }
    throw new Error('the procedure does not end');
  };
}

/** Any Data in a writable place, and a method that gives its parameter back. */
export const Echo = cosemClass({
  name: 'Echo',
  id: 9000,
  version: 0,
  attributes: { value: attr(2, data) },
  methods: { echo: method(1, data, data), swallow: method(2, data) },
});

export const ECHO = '0.0.96.99.0.255';
export const echoAttribute: AttributeWithSelection = {
  classId: 9000,
  instanceId: logicalNameToBytes(ECHO),
  attributeId: 2,
};
export const echoMethod: MethodDescriptor = { classId: 9000, instanceId: logicalNameToBytes(ECHO), methodId: 1 };

export function attribute(classId: number, name: string, attributeId: number): AttributeWithSelection {
  return { classId, instanceId: logicalNameToBytes(name), attributeId };
}

export interface Setup {
  readonly context?: 'ln' | 'ln-ciphered';
  readonly mechanism?: MechanismId;
  readonly policy?: Protection;
  readonly dedicated?: boolean;
  readonly general?: boolean;
  readonly serverMaxReceive?: number;
  readonly serverMaxSend?: number;
  readonly clientMaxReceive?: number;
  readonly conformance?: number;
  readonly crypto?: CryptoProvider;
  readonly client?: Partial<ClientSessionConfig>;
  readonly clientSecurity?: Partial<ClientSecurity>;
  readonly server?: Partial<AssociationDefinition>;
}

export function secretOf(mechanism: number): Uint8Array | undefined {
  return mechanism === 0 || mechanism === 5 || mechanism === 7
    ? undefined
    : new TextEncoder().encode('SecretOfTheMeter');
}

export function setup(options: Setup = {}) {
  const { context = 'ln', mechanism = 0, policy = 'none', crypto = nobleCrypto } = options;
  const secret = secretOf(mechanism);
  const keyed = context === 'ln-ciphered' || mechanism === 5;
  const received = new ReceiveCounter();
  const definition: AssociationDefinition = {
    client: CLIENT,
    name: 'test',
    logicalName: '0.0.40.0.3.255',
    context,
    mechanism,
    policy,
    conformance: options.conformance ?? ALL_CONFORMANCE,
    maxReceivePduSize: options.serverMaxReceive ?? 0xffff,
    maxSendPduSize: options.serverMaxSend ?? 0xffff,
    ...(secret === undefined ? {} : { secret }),
    ...(keyed
      ? {
          security: {
            keys: { encryption: EK, authentication: AK },
            counters: new MemoryCounterStore(),
            counterEntry: 'server',
            received,
          },
        }
      : {}),
    ...options.server,
  };
  const faults: unknown[] = [];
  const device = new LogicalDevice({ onFault: (error) => faults.push(error) });
  device.associate(definition);
  let stored: Data = u32(0);
  device.add(
    object(Echo, ECHO, {
      value: {
        get: () => stored,
        set: (value: Data) => {
          stored = value;
        },
      },
      echo: (parameter: Data) => parameter,
      swallow: () => undefined,
    }),
  );
  device.add(object(Register, '1.0.1.8.0.255', { value: () => u32(123456), scalerUnit: { scaler: 0, unit: 'Wh' } }));
  device.add(object(DataClass, '0.0.96.1.0.255', { value: u32(7) }));
  const server = new MeterServer({ crypto, systemTitle: SERVER_TITLE, devices: [device] });
  const config: ClientSessionConfig = {
    crypto,
    context,
    mechanism,
    conformance: ALL_CONFORMANCE,
    ...(secret === undefined ? {} : { secret }),
    ...(keyed || mechanism >= 6 ? { systemTitle: CLIENT_TITLE } : {}),
    ...(options.clientMaxReceive === undefined ? {} : { maxReceivePduSize: options.clientMaxReceive }),
    ...(keyed
      ? {
          security: {
            keys: { encryption: EK, authentication: AK },
            counters: new MemoryCounterStore(),
            counterEntry: 'client',
            request: policy === 'none' ? 'authenticated-encryption' : policy,
            ...(options.dedicated ? { dedicatedKey: DEDICATED } : {}),
            ...(options.general ? { general: true } : {}),
            ...options.clientSecurity,
          },
        }
      : {}),
    ...options.client,
  };
  const client = new ClientSession(config);
  const exchanged: { request: Uint8Array; answer: Uint8Array | undefined }[] = [];
  const wire: Wire = (request) => {
    const answer = server.handle(CLIENT, 1, request, 0);
    exchanged.push({ request, answer });
    return answer;
  };
  const state = () => server.session(CLIENT, 1)?.state;
  const sent: Carried[] = [];
  return { client, server, device, definition, wire, exchanged, sent, state, faults, stored: () => stored, received };
}
