import { contextOid } from '../apdu/acse-names.js';
import { encodeApdu } from '../apdu/codec.js';
import { ASSOCIATION_RESULT, CONFIRMED_SERVICE, SERVICE_USER_DIAGNOSTIC, serviceErrorOf } from '../apdu/results.js';
import { APDU_TAGS } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import { given } from '../base/given.js';
import { decodeData } from '../codec/axdr.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { ServedDevice } from '../contracts/served-device.js';
import type { AttributeDescriptor } from '../contracts/services.js';
import { informationReport } from '../session/information-report.js';
import { SERVICE_UNKNOWN } from '../session/server-answers.js';
import type { ServerSession } from '../session/server-session.js';
import { takeAll } from '../session/transfer.js';

/** Server addresses that mean every logical device, in one and in two octets of HDLC. */
const ALL_STATIONS: readonly number[] = [0x7f, 0x3fff];

/** What a line needs of its meter. */
export interface LineOwner {
  /** The logical devices by SAP. */
  readonly devices: ReadonlyMap<number, ServedDevice>;
  /** Makes a session of that line; undefined when the device offers that client none. */
  begin(client: number, server: number): ServerSession | undefined;
}

/**
 * One line of a meter: a TCP connection, a UDP peer, a serial port. It has a session for each client SAP and logical device, and they are
 * its own: messages on another line are not answered by them and do not end them.
 */
export class ServerLine {
  readonly #owner: LineOwner;
  readonly #sessions = new Map<number, ServerSession>();

  /** @internal Lines are begun by {@link MeterServer.line}. */
  constructor(owner: LineOwner) {
    this.#owner = owner;
  }

  /**
   * Takes an APDU that `client` sent to `server`.
   * @param unconfirmed whether it came without a connection: it is carried out, and nothing goes back.
   * @param room how many octets may go back at once, where that is bounded: long answers are cut into blocks that fit.
   * @param lineTime when it came in the time of the line, which says who holds an association; `now` unless the meter's time runs otherwise.
   * @returns the answer; undefined where none is due or there is no such logical device.
   */
  handle(
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis,
    unconfirmed = false,
    room?: number,
    lineTime: Millis = now,
  ): Uint8Array | undefined {
    const { devices } = this.#owner;
    if (unconfirmed) {
      const all = ALL_STATIONS.includes(server);
      for (const sap of devices.keys())
        if (all || sap === server) this.session(client, sap)?.receive(apdu, now, undefined, lineTime);
      return undefined;
    }
    const session = this.session(client, server);
    if (session !== undefined) return session.receive(apdu, now, room, lineTime);
    return devices.has(server) ? unknownClient(apdu) : undefined;
  }

  /** The data link of a client was disconnected, or with no client named the whole line: its associations are over. */
  released(client?: number): void {
    for (const [key, session] of this.#sessions) {
      if (client === undefined || key >>> 16 === client) session.disconnected();
    }
  }

  /** Whether a client has an association. */
  get associated(): boolean {
    return [...this.#sessions.values()].some((session) => session.associated);
  }

  /** Whether one of them has shown that it knows a secret. */
  get proved(): boolean {
    return [...this.#sessions.values()].some((session) => session.proved);
  }

  /**
   * An EventNotification for a client, or with short names an InformationReport: the value of one of its attributes, sent unasked (IEC 62056-5-3).
   * @returns the APDU as it goes to the link; undefined when the client has no association or may not read the attribute now.
   */
  eventNotification(
    client: number,
    server: number,
    attribute: AttributeDescriptor,
    now: Millis,
    time?: CosemDateTime,
  ): Uint8Array | undefined {
    const session = this.session(client, server);
    const device = this.#owner.devices.get(server);
    const association = device?.association(client);
    if (session === undefined || association === undefined || device === undefined) return undefined;
    // An authenticated notification may hold a value that only an authenticated request may read.
    const authenticated = association.policy?.startsWith('authentic') === true;
    const { naming } = session;
    const reading = device.get(attribute, { client, association, naming, authenticated, now });
    if ('error' in reading) return undefined;
    const value = 'data' in reading ? reading.data : decodeData(takeAll(reading.octets));
    if (naming === 'sn') {
      const name = device.shortNameOf?.(attribute, client);
      return name === undefined ? undefined : session.notify(informationReport([name], [value], time));
    }
    return session.notify({
      type: 'event-notification-request',
      ...given({ time }),
      attribute,
      value,
    });
  }

  /** The session of a client with a logical device; undefined when the device offers that client none. */
  session(client: number, server: number): ServerSession | undefined {
    const key = sessionKey(client, server);
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const session = this.#owner.begin(client, server);
    if (session !== undefined) this.#sessions.set(key, session);
    return session;
  }
}

/** Client SAP and server SAP as one number. */
export function sessionKey(client: number, server: number): number {
  return ((client << 16) | server) >>> 0;
}

/** A client SAP that the device does not know: its AARQ is refused for good, everything else has no association. */
function unknownClient(apdu: Uint8Array): Uint8Array {
  if (apdu[0] !== APDU_TAGS.aarq) return SERVICE_UNKNOWN;
  const [category, value] = serviceErrorOf('application-reference', 'other');
  return encodeApdu({
    type: 'aare',
    applicationContextName: contextOid(1),
    result: ASSOCIATION_RESULT['rejected-permanent'],
    resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: SERVICE_USER_DIAGNOSTIC['no-reason-given'] },
    userInformation: encodeApdu({
      type: 'confirmed-service-error',
      service: CONFIRMED_SERVICE.initiateError,
      category,
      value,
    }),
  });
}
