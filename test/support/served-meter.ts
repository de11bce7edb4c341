import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { fromHex, fromLatin1 } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import type { Data } from '../../src/codec/data.js';
import { CosemDateTime } from '../../src/codec/datetime.js';
import { i16, octets, u16, u32, visible } from '../../src/codec/make.js';
import type { AssociationDefinition } from '../../src/contracts/association.js';
import type { Link, PayloadEvent } from '../../src/contracts/link.js';
import type { AttributeDescriptor, GetDataResult } from '../../src/contracts/services.js';
import type { Transport } from '../../src/contracts/transport.js';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { DataClass, ExtendedRegister, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { type OpenOptions, open } from '../../src/index.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { ReceiveCounter } from '../../src/security/ciphering.js';
import { MemoryCounterStore } from '../../src/security/counter.js';
import { LogicalDevice } from '../../src/server/logical-device.js';
import { object } from '../../src/server/object.js';
import { profileBuffer } from '../../src/server/profile.js';
import { MeterServer } from '../../src/server/server.js';
import { memoryPair } from '../../src/transport/memory.js';
import { nodeCrypto } from '../../src/transport/node-crypto.js';
import { type ServedLink, serveLink } from '../../src/transport/server.js';

/** They are all one meter, whose counter goes on. */
const SENDING = new MemoryCounterStore();

export const KEYS = {
  encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
  authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};
export const CLIENT_TITLE = fromHex('4D4D4D0000BC614E');
export const SERVER_TITLE = fromHex('4D4D4D0000000001');
export const PASSWORD = 'ABCDEFGH';
export const SECRET = 'RENESAS_P6wRJ21F';
/** Deviation of the meter's clock, in minutes: India. */
export const DEVIATION = -330;

const ALL = conformanceBits([
  'general-protection',
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'multiple-references',
  'data-notification',
  'get',
  'set',
  'selective-access',
  'action',
]);

/** @returns the octets that go out in place of the answer. */
export type Rogue = (answer: Uint8Array, request: Uint8Array) => Uint8Array | undefined;

export interface ServedMeterOptions {
  readonly conformance?: number;
  /** Rows of the load profile; null-data stands where the value is that of the row before. */
  readonly rows?: readonly (readonly Data[])[];
  /** The buffer of the load profile, whatever it is, in place of rows. */
  readonly raw?: Data;
  /** Refuses selective access. */
  readonly refuseSelection?: boolean;
  /** What a rogue meter makes of an answer, in clear associations: undefined leaves it as it is. */
  readonly rogue?: Rogue | undefined;
  /** Attributes of the relay, the profile and the clock in place of the right ones, as `class:obis:attribute`. */
  readonly attributes?: Readonly<Record<string, Data | number>>;
}

const quarter = (i: number, fields = {}) =>
  CosemDateTime.fromDate(new Date(Date.UTC(2026, 0, 1) + i * 900_000), DEVIATION).with({ hundredths: 0, ...fields });

/** 96 quarters of an hour from 2026-01-01T00:00Z, with energy rising by 10. */
export const LOAD_ROWS: readonly (readonly Data[])[] = Array.from({ length: 96 }, (_, i) => [
  octets(quarter(i).toBytes()),
  u32(1000 + 10 * i),
  u16(2300 + (i % 7)),
]);

export const rowTime = quarter;

const LOAD_COLUMNS = [
  { classId: 8, logicalName: '0.0.1.0.0.255', attributeIndex: 2, dataIndex: 0 },
  { classId: 3, logicalName: '1.0.1.8.0.255', attributeIndex: 2, dataIndex: 0 },
  { classId: 3, logicalName: '1.0.12.7.0.255', attributeIndex: 2, dataIndex: 0 },
];

/** A meter of our own server with a few objects, served on demand over memory. Time stands still but for the clock that tests move. */
export class ServedMeter {
  readonly clock = new VirtualClock(Date.UTC(2026, 0, 2));
  readonly device = new LogicalDevice();
  readonly server: MeterServer;
  readonly received = new ReceiveCounter();
  /** APDUs that came, as octets: in clear where the association is. */
  readonly requests: Uint8Array[] = [];
  readonly lines: ServedLink[] = [];
  /** What happened to data links and transports. */
  readonly ends: string[] = [];
  relay = true;
  /** What 0.0.43.1.3.255 holds in place of the lowest counter taken. */
  published: Data | undefined;
  notes = 'hello';
  /** A rogue meter: what it takes a request for. */
  hears: (request: Uint8Array) => Uint8Array = (request) => request;
  /** A rogue meter: what it answers in place of the right answer. */
  says: (answer: Uint8Array | undefined, request: Uint8Array) => Uint8Array | undefined = (answer) => answer;
  /** Values in place of the right ones, and data-access-results where a number stands, as `class:obis:attribute`. */
  readonly attributes = new Map<string, Data | number>();

  constructor(options: ServedMeterOptions = {}) {
    const { rogue } = options;
    if (rogue !== undefined) this.says = (answer, request) => answer && (rogue(answer, request) ?? answer);
    for (const [target, value] of Object.entries(options.attributes ?? {})) this.attributes.set(target, value);
    const security = {
      keys: KEYS,
      counters: SENDING,
      counterEntry: 'meter',
      received: this.received,
    };
    const conformance = options.conformance ?? ALL;
    const base = { conformance, maxReceivePduSize: 512, maxSendPduSize: 512 };
    const ciphered = { ...base, context: 'ln-ciphered' as const, security };
    const plain = { ...base, context: 'ln' as const };
    const secret = fromLatin1(SECRET);
    const associations: AssociationDefinition[] = [
      { ...plain, client: 16, name: 'public', logicalName: '0.0.40.0.1.255', mechanism: 0 },
      { ...plain, client: 17, name: 'lls', logicalName: '0.0.40.0.7.255', mechanism: 1, secret: fromLatin1(PASSWORD) },
      { ...plain, client: 18, name: 'hls2', logicalName: '0.0.40.0.8.255', mechanism: 2, secret },
      { ...plain, client: 19, name: 'md5', logicalName: '0.0.40.0.9.255', mechanism: 3, secret },
      { ...plain, client: 20, name: 'sha1', logicalName: '0.0.40.0.10.255', mechanism: 4, secret },
      { ...plain, client: 21, name: 'gmac', logicalName: '0.0.40.0.11.255', mechanism: 5, security },
      { ...plain, client: 22, name: 'sha256', logicalName: '0.0.40.0.12.255', mechanism: 6, secret },
      {
        ...ciphered,
        client: 32,
        name: 'reader',
        logicalName: '0.0.40.0.2.255',
        mechanism: 1,
        secret: fromLatin1(PASSWORD),
        policy: 'encryption',
      },
      { ...ciphered, client: 48, name: 'utility', logicalName: '0.0.40.0.3.255', mechanism: 2, secret },
      { ...ciphered, client: 49, name: 'utility by gmac', logicalName: '0.0.40.0.4.255', mechanism: 5 },
    ];
    for (const association of associations) this.device.associate(association);
    this.#objects(options);
    this.server = new MeterServer({ devices: [this.device], crypto: nodeCrypto, systemTitle: SERVER_TITLE });
  }

  #objects(options: ServedMeterOptions): void {
    const { device, clock } = this;
    const rows = options.rows ?? LOAD_ROWS;
    device
      .add(object(DataClass, '0.0.96.1.0.255', { value: octets(fromLatin1('SN000042')) }))
      .add(
        object(DataClass, '0.0.96.13.0.255', {
          value: {
            get: () => visible(this.notes),
            set: (value: Data) => {
              if (value.type !== 'visible-string') throw new AccessError('type-unmatched', 'notes', 'text only');
              this.notes = value.value;
            },
          },
        }),
      )
      .add(object(DataClass, '0.0.94.91.24.255', { value: i16(-250) }))
      .add(object(DataClass, '0.0.43.1.3.255', { value: () => this.published ?? u32(this.received.lowest) }))
      .add(object(Register, '1.0.1.8.0.255', { value: () => u32(123456), scalerUnit: { scaler: 1, unit: 'Wh' } }))
      .add(object(Register, '1.0.12.7.0.255', { value: u16(2301), scalerUnit: { scaler: -1, unit: 'V' } }))
      .add(
        object(
          Register,
          '1.0.32.7.0.255',
          { value: u16(2301), scalerUnit: { scaler: -1, unit: 'V' } },
          { 16: { attributes: { 2: 'read-only' } } },
        ),
      )
      .add(
        object(ExtendedRegister, '1.0.1.6.0.255', {
          value: u32(4321),
          scalerUnit: { scaler: 0, unit: 'W' },
          status: u16(3),
          captureTime: quarter(5),
        }),
      )
      .add(
        object(ClockClass, '0.0.1.0.0.255', {
          time: () => CosemDateTime.fromDate(new Date(clock.now()), DEVIATION),
          timeZone: DEVIATION,
          status: 0,
          daylightSavingsBegin: new CosemDateTime(),
          daylightSavingsEnd: new CosemDateTime(),
          daylightSavingsDeviation: 0,
          daylightSavingsEnabled: false,
          clockBase: 'internal-crystal',
        }),
      )
      .add(
        object(DisconnectControlV0, '0.0.96.3.10.255', {
          outputState: () => this.relay,
          controlState: () => (this.relay ? 'connected' : 'disconnected'),
          controlMode: 4,
          remoteDisconnect: () => {
            this.relay = false;
          },
          remoteReconnect: () => {
            this.relay = true;
          },
        }),
      )
      .add(
        object(ProfileGenericV1, '1.0.99.1.0.255', {
          buffer:
            options.raw ??
            refusing(
              profileBuffer({
                columns: LOAD_COLUMNS,
                sortedBy: 0,
                rows: () => ({ length: rows.length, value: (row, column) => rows[row]![column] as Data }),
              }),
              options.refuseSelection === true,
            ),
          captureObjects: LOAD_COLUMNS,
          capturePeriod: 900,
          sortMethod: 'fifo',
          sortObject: LOAD_COLUMNS[0]!,
          entriesInUse: () => rows.length,
          profileEntries: 3360,
        }),
      )
      .add(
        object(ProfileGenericV1, '1.0.98.1.0.255', {
          buffer: profileBuffer({
            columns: [LOAD_COLUMNS[1]!],
            rows: () => ({ length: 2, value: (row) => u32(row) }),
          }),
          captureObjects: [LOAD_COLUMNS[1]!],
          capturePeriod: 0,
          sortMethod: 'lifo',
          sortObject: LOAD_COLUMNS[0]!,
          entriesInUse: 2,
          profileEntries: 12,
        }),
      );
  }

  /** The client's end of a fresh line to the meter. */
  line(framing: 'hdlc' | 'wrapper'): Transport {
    const [client, server] = memoryPair({ names: ['memory meter', 'memory client'] });
    const link = framing === 'hdlc' ? new HdlcLink('server', { devices: [1] }) : new WrapperLink('server', {});
    void this.serve(server, link);
    return client;
  }

  /** Serves a line that is there already. */
  async serve(transport: Transport, link: Link): Promise<void> {
    const served = await serveLink(transport, link, this.clock, {
      payload: (event, now) => {
        this.requests.push(event.bytes);
        return this.#answer(event, now);
      },
      disconnected: () => {
        this.ends.push('link');
        this.#released();
      },
      closed: () => {
        this.ends.push('transport');
        this.#released();
      },
    });
    this.lines.push(served);
  }

  #answer({ client, server, bytes, unconfirmed }: PayloadEvent, now: number): Uint8Array | 'none' | undefined {
    const answer = this.server.handle(client, server, this.hears(bytes), now, unconfirmed);
    return this.says((answer && replaced(this.attributes, answer, bytes)) ?? answer, bytes);
  }

  #released(): void {
    for (const { client } of this.device.associations) this.server.released(client);
  }

  /** Whether any client has its association open. */
  get associated(): boolean {
    return [...this.device.associations].some(({ client }) => this.device.status(client) !== 0);
  }

  /** Opens the meter over a fresh line. */
  open(options: OpenOptions = {}) {
    const framing = options.framing === 'wrapper' ? 'wrapper' : 'hdlc';
    return open(this.line(framing), { clock: this.clock, crypto: nodeCrypto, ...options });
  }
}

/** The answer to a GET, each value that is to be another one replaced. */
function replaced(
  values: ReadonlyMap<string, Data | number>,
  answer: Uint8Array,
  request: Uint8Array,
): Uint8Array | undefined {
  if (values.size === 0 || request[0] !== 0xc0) return undefined;
  const [asked, given] = [decodeApdu(request), decodeApdu(answer)];
  const result = ({ classId, instanceId, attributeId }: AttributeDescriptor, right: GetDataResult): GetDataResult => {
    const value = values.get(`${classId}:${instanceId.join('.')}:${attributeId}`);
    return value === undefined ? right : typeof value === 'number' ? { error: value } : { data: value };
  };
  if (asked.type === 'get-request-normal') {
    const right = given.type === 'get-response-normal' ? given.result : { error: 0 };
    const now = result(asked.attribute, right);
    return now === right
      ? undefined
      : encodeApdu({ type: 'get-response-normal', invokeId: asked.invokeId, result: now });
  }
  if (asked.type !== 'get-request-with-list' || given.type !== 'get-response-with-list') return undefined;
  const results = given.results.map((right, i) => result(asked.attributes[i]!, right));
  return encodeApdu({ ...given, results });
}

/** A buffer that says no to selections, as many meters do. */
function refusing<T extends ReturnType<typeof profileBuffer>>(buffer: T, refuse: boolean): T {
  if (!refuse) return buffer;
  return {
    ...buffer,
    octets: (selection) => {
      if (selection !== undefined) throw new AccessError('other-reason', 'buffer', 'no selective access');
      return buffer.octets(selection);
    },
  };
}
