import { contextOid } from '../apdu/acse-names.js';
import type { AttributeDescriptor } from '../apdu/apdu.js';
import { encodeApdu } from '../apdu/codec.js';
import { APDU_TAGS } from '../apdu/tags.js';
import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { decodeData } from '../codec/axdr.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { AssociationDefinition, ServerApplication, ServerSessionConfig } from '../session/server-config.js';
import { ServerSession } from '../session/server-session.js';
import { takeAll } from '../session/transfer.js';

/** What a server needs of a logical device: `LogicalDevice` is one. */
export interface ServedDevice extends ServerApplication {
  /** Server SAP. */
  readonly sap: number;
  /** The association of a client SAP. */
  association(client: number): AssociationDefinition | undefined;
}

export interface MeterServerConfig
  extends Pick<ServerSessionConfig, 'crypto' | 'systemTitle' | 'random' | 'allowEchoedChallenge' | 'maxTransfer'> {
  readonly devices: readonly ServedDevice[];
}

/** Server addresses that mean every logical device, in one and in two octets of HDLC. */
const ALL_STATIONS: readonly number[] = [0x7f, 0x3fff];

/**
 * What stands between the links of a meter and its logical devices: finds the session of a client, one for each client SAP and logical
 * device, and hands it the client's APDUs.
 */
export class MeterServer {
  readonly #config: MeterServerConfig;
  readonly #devices = new Map<number, ServedDevice>();
  readonly #sessions = new Map<number, ServerSession>();

  /** @throws StateError when two devices claim one SAP. */
  constructor(config: MeterServerConfig) {
    this.#config = config;
    for (const device of config.devices) {
      if (this.#devices.has(device.sap)) throw new StateError(`two logical devices with SAP ${device.sap}`);
      this.#devices.set(device.sap, device);
    }
  }

  /**
   * Takes an APDU that `client` sent to `server`.
   * @param unconfirmed whether it came without a connection: it is carried out, and nothing goes back.
   * @returns the answer; undefined where none is due or there is no such logical device.
   */
  handle(client: number, server: number, apdu: Uint8Array, now: Millis, unconfirmed = false): Uint8Array | undefined {
    if (unconfirmed) {
      const all = ALL_STATIONS.includes(server);
      for (const sap of this.#devices.keys()) if (all || sap === server) this.session(client, sap)?.receive(apdu, now);
      return undefined;
    }
    const session = this.session(client, server);
    if (session !== undefined) return session.receive(apdu, now);
    return this.#devices.has(server) ? unknownClient(apdu) : undefined;
  }

  /** The data link of a client was disconnected: its associations are over. */
  released(client: number): void {
    for (const [key, session] of this.#sessions) if (key >>> 16 === client) session.disconnected();
  }

  /**
   * An EventNotification for a client: the value of one of its attributes, sent unasked (IEC 62056-5-3, EventNotification service).
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
    const device = this.#devices.get(server);
    const association = device?.association(client);
    if (session === undefined || association === undefined || device === undefined) return undefined;
    // What goes out authenticated may be what only an authenticated request could fetch.
    const authenticated = association.policy?.startsWith('authentic') === true;
    const reading = device.get(attribute, { client, association, authenticated, now });
    if ('error' in reading) return undefined;
    const value = 'data' in reading ? reading.data : decodeData(takeAll(reading.octets));
    return session.notify({
      type: 'event-notification-request',
      ...(time === undefined ? {} : { time }),
      attribute,
      value,
    });
  }

  /** The session of a client with a logical device; undefined when the device offers that client none. */
  session(client: number, server: number): ServerSession | undefined {
    const key = ((client << 16) | server) >>> 0;
    const known = this.#sessions.get(key);
    if (known !== undefined) return known;
    const application = this.#devices.get(server);
    const association = application?.association(client);
    if (application === undefined || association === undefined) return undefined;
    const { crypto, systemTitle, random, allowEchoedChallenge, maxTransfer } = this.#config;
    const session = new ServerSession({
      association,
      application,
      crypto,
      systemTitle,
      ...(random === undefined ? {} : { random }),
      ...(allowEchoedChallenge === undefined ? {} : { allowEchoedChallenge }),
      ...(maxTransfer === undefined ? {} : { maxTransfer }),
    });
    this.#sessions.set(key, session);
    return session;
  }
}

/** A client SAP that the device does not know: its AARQ is refused for good, everything else has no association. */
function unknownClient(apdu: Uint8Array): Uint8Array {
  if (apdu[0] !== APDU_TAGS.aarq) return Uint8Array.of(APDU_TAGS['exception-response'], 2, 3);
  return encodeApdu({
    type: 'aare',
    applicationContextName: contextOid(1),
    result: 1,
    resultSourceDiagnostic: { source: 'acse-service-user', diagnostic: 1 },
    userInformation: encodeApdu({ type: 'confirmed-service-error', service: 1, category: 0, value: 0 }),
  });
}
