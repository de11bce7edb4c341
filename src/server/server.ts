import type { Millis } from '../base/clock.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { ServedDevice, ServerApplication } from '../contracts/served-device.js';
import type { AttributeDescriptor } from '../contracts/services.js';
import type { ServerSessionConfig } from '../session/server-config.js';
import { ServerSession } from '../session/server-session.js';
import { ServerLine, sessionKey } from './server-line.js';

/** Options of a {@link MeterServer}. */
export interface MeterServerConfig
  extends Pick<ServerSessionConfig, 'crypto' | 'systemTitle' | 'random' | 'allowEchoedChallenge' | 'maxTransfer'> {
  /** The logical devices, each with a SAP of its own. */
  readonly devices: readonly ServedDevice[];
  /**
   * How long a client keeps its association from others after its last request, in milliseconds of the time of the lines. After that, another one that
   * authenticates as the same client takes it over. Default 5000.
   */
  readonly holdTime?: Millis;
}

const OPTIONS: OptionNames<MeterServerConfig> = {
  devices: true,
  crypto: true,
  systemTitle: true,
  random: true,
  allowEchoedChallenge: true,
  maxTransfer: true,
  holdTime: true,
};

/** Pauses between the requests of a program are shorter; a client whose line has died is not waited for longer. */
const HOLD_TIME: Millis = 5000;

/**
 * The sessions of one client with one logical device over all lines, as far as they have an association or are about to, with its status: 1
 * pending, 2 associated.
 */
type Claim = Map<ServerSession, 1 | 2>;

/**
 * Connects the lines of a meter with its logical devices. Each line has sessions of its own. One client SAP has one association
 * with a logical device at a time, over all lines, from the moment it has proved itself: an unproved client locks nobody out.
 * Clients that prove nothing have one on each line.
 */
export class MeterServer {
  readonly #config: MeterServerConfig;
  readonly #devices = new Map<number, ServedDevice>();
  readonly #claims = new Map<number, Claim>();
  readonly #own: ServerLine;

  /** @throws StateError when two devices claim one SAP, or for an unknown option. */
  constructor(config: MeterServerConfig) {
    checkOptions(config, OPTIONS, 'MeterServer', { others: { device: 'devices', title: 'systemTitle' } });
    this.#config = config;
    for (const device of config.devices) {
      if (this.#devices.has(device.sap)) throw new StateError(`two logical devices with SAP ${device.sap}`);
      this.#devices.set(device.sap, device);
    }
    this.#own = this.line();
  }

  /** Begins a line: a connection or a peer, whose sessions are its own. Call {@link ServerLine.released} when it is gone. */
  line(): ServerLine {
    return new ServerLine({
      devices: this.#devices,
      begin: (client, server) => this.#begin(client, server),
    });
  }

  /** {@link ServerLine.handle} of the meter's own line, for who brings it APDUs without a link. */
  handle(client: number, server: number, apdu: Uint8Array, now: Millis, unconfirmed = false): Uint8Array | undefined {
    return this.#own.handle(client, server, apdu, now, unconfirmed);
  }

  /** {@link ServerLine.released} of the meter's own line. */
  released(client: number): void {
    this.#own.released(client);
  }

  /** {@link ServerLine.eventNotification} of the meter's own line. */
  eventNotification(
    client: number,
    server: number,
    attribute: AttributeDescriptor,
    now: Millis,
    time?: CosemDateTime,
  ): Uint8Array | undefined {
    return this.#own.eventNotification(client, server, attribute, now, time);
  }

  /** {@link ServerLine.session} of the meter's own line. */
  session(client: number, server: number): ServerSession | undefined {
    return this.#own.session(client, server);
  }

  #begin(client: number, server: number): ServerSession | undefined {
    const device = this.#devices.get(server);
    const association = device?.association(client);
    if (device === undefined || association === undefined) return undefined;
    const { crypto, systemTitle, random, allowEchoedChallenge, maxTransfer } = this.#config;
    const claim = this.#claimOf(sessionKey(client, server));
    let session: ServerSession | undefined;
    const application: ServerApplication = {
      get: (request, context) => device.get(request, context),
      set: (request, value, context) => device.set(request, value, context),
      action: (request, parameter, context) => device.action(request, parameter, context),
      named: (shortName, context) => device.named?.(shortName, context),
      statusChanged: (definition, status, clientTitle) => {
        // A pre-established association calls this while it is made.
        if (session === undefined) return device.statusChanged(definition, status, clientTitle);
        if (status === 0) claim.delete(session);
        else claim.set(session, status);
        const open = Math.max(0, ...claim.values()) as 0 | 1 | 2;
        device.statusChanged(definition, open, clientTitle);
      },
    };
    session = new ServerSession({
      association,
      application,
      crypto,
      systemTitle,
      admits: (now) => this.#admits(claim, session, now),
      ...given({ random, allowEchoedChallenge, maxTransfer }),
    });
    return session;
  }

  #claimOf(key: number): Claim {
    let claim = this.#claims.get(key);
    if (claim === undefined) {
      claim = new Map();
      this.#claims.set(key, claim);
    }
    return claim;
  }

  /** Whether a client that has proved itself gets the association: it is taken from one that was silent for a while. */
  #admits(claim: Claim, own: ServerSession | undefined, now: Millis): boolean {
    const { holdTime = HOLD_TIME } = this.#config;
    const holders = [...claim].flatMap(([session, status]) => (status === 2 && session !== own ? [session] : []));
    // After the clock was set back it is not known how long ago that was; nobody must be locked out by it.
    if (holders.some(({ servedAt }) => servedAt <= now && now - servedAt < holdTime)) return false;
    for (const holder of holders) holder.disconnected();
    return true;
  }
}
