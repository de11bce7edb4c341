import type { Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { boolValue, f32, octets } from '../../src/codec/make.js';
import { singlePhase } from '../../src/companion/is15959/is15959.js';
import { MeterServer } from '../../src/server/server.js';
import { memoryPair } from '../../src/transport/memory.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { Transport } from '../../src/transport/transport.js';
import { type Answerer, type ServeOptions, serveMeter } from '../serve.js';
import { INACTIVITY_TIMEOUT } from './communication.js';
import { connectionsOf, type MeterConnection } from './connections.js';
import { Core } from './core.js';
import { dataObjects } from './data-objects.js';
import { makeDevice, SERVER_SAP } from './device.js';
import { type Identity, identityOf, type MeterOptions } from './options.js';
import type { DataNotification, Framing, Platform } from './platform.js';
import { Profiles } from './profiles.js';
import { Pushes } from './push.js';
import { type Quantities, quantitiesOf } from './quantities.js';
import { Schedules } from './schedules.js';
import { accessOf } from './security.js';
import { Values } from './values.js';

const PUSH_CLIENT = 64;
const BLOCK_LOAD = '1.0.99.1.0.255';

/** How a line is served. */
export interface AttachOptions extends ServeOptions {
  /** `hdlc` unless told otherwise. */
  readonly framing?: Framing;
  /** HDLC: the physical address answered to; any, unless given. */
  readonly lower?: number;
}

/** A meter without hardware: everything behind its terminals and its communication port. */
export class VirtualMeter {
  readonly identity: Identity;
  /** How clients connect: for configurations and tests. Holds keys and passwords. */
  readonly connections: readonly MeterConnection[];
  readonly #options: MeterOptions;
  readonly #platform: Platform;
  readonly #core: Core;
  readonly #server: MeterServer;
  readonly #schedules: Schedules;
  readonly #maxInfo: number;
  readonly #window: number;

  constructor(platform: Platform, options: MeterOptions) {
    this.#platform = platform;
    this.#options = options;
    this.#maxInfo = options.maxInfo ?? 128;
    this.#window = options.window ?? 1;
    const core = new Core(options);
    this.#core = core;
    this.identity = identityOf(options, core.supply.installed);
    const access = accessOf(options, platform, core);
    const values = new Values();
    const pushes = new Pushes(core, values, singlePhase.pushSetups, (push) => this.#seal(push), options.onPush);
    const profiles = new Profiles(core, values);
    const blockLoad = singlePhase.profiles.find((profile) => profile.logicalName === BLOCK_LOAD);
    if (blockLoad === undefined) throw new StateError('no block load profile');
    const data = dataObjects(core, this.identity, profiles, blockLoad, () => access.security.received.lowest);
    const quantities = quantitiesOf(core);
    define(core, values, data, quantities);
    this.#schedules = new Schedules(core, options.clock);
    const device = makeDevice({
      options,
      platform,
      core,
      identity: this.identity,
      access,
      data,
      quantities,
      profiles,
      pushes,
      schedules: this.#schedules,
      maxInfo: this.#maxInfo,
      window: this.#window,
    });
    this.#server = new MeterServer({
      devices: [device],
      crypto: platform.crypto,
      systemTitle: this.identity.systemTitle,
    });
    this.connections = connectionsOf(access, this.identity);
    if (options.onPush !== undefined) this.#schedules.start((setup) => pushes.push(setup));
  }

  /** Whether the relay is closed. */
  get connected(): boolean {
    this.#core.now();
    return this.#core.relay.connected;
  }

  /** Presses the button on the front: closes a relay that is ready, opens a closed one where the control mode lets it. */
  pressButton(): void {
    const now = this.#core.now();
    if (this.#core.relay.connected) this.#core.relay.manualDisconnect(now);
    else this.#core.relay.manualReconnect(now);
  }

  /** Logs an event as if it had happened: a cover opened, a magnet. Codes are those of IS 15959. */
  raise(code: number): void {
    this.#core.events.record(code, this.#core.now());
  }

  /**
   * Takes an APDU as a link would bring it.
   * @returns the answer; undefined where none is due.
   */
  handle(
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis = this.#options.clock.now(),
  ): Uint8Array | undefined {
    return this.#serve(client, server, apdu, now, false);
  }

  /**
   * Serves a line until it closes. Several lines may be served at a time.
   * @throws LinkError when the transport cannot be opened.
   */
  attach(transport: Transport, options: AttachOptions = {}): Promise<ServedLink> {
    const server = this.#server;
    const answerer: Answerer = {
      handle: (client, sap, apdu, now, unconfirmed = false) => this.#serve(client, sap, apdu, now, unconfirmed),
      released: (client) => server.released(client),
      session: (client, sap) => server.session(client, sap),
    };
    return serveMeter(answerer, transport, this.#link(options), this.#options.clock, options);
  }

  /** The client's end of a line in memory, at whose other end the meter listens. */
  async line(options: AttachOptions = {}): Promise<Transport> {
    const [client, server] = memoryPair({ names: ['virtual meter', `meter ${this.identity.serial}`] });
    await this.attach(server, options);
    return client;
  }

  /** No more timers: a meter that pushes by a schedule would go on for ever. */
  stop(): void {
    this.#schedules.stop();
  }

  #serve(client: number, server: number, apdu: Uint8Array, now: Millis, unconfirmed: boolean): Uint8Array | undefined {
    const answer = this.#server.handle(client, server, apdu, now, unconfirmed);
    // What was set may have brought something forward.
    this.#schedules.rearm();
    return answer;
  }

  #link(options: AttachOptions) {
    const make = this.#platform.links[options.framing ?? 'hdlc'];
    return make({
      devices: [SERVER_SAP],
      maxInfo: this.#maxInfo,
      window: this.#window,
      inactivityTimeout: INACTIVITY_TIMEOUT * 1000,
      manufacturer: this.identity.logicalDeviceName.slice(0, 3),
      ...(options.lower === undefined ? {} : { lower: options.lower }),
    });
  }

  #seal(notification: DataNotification): Uint8Array {
    const session = this.#server.session(PUSH_CLIENT, SERVER_SAP);
    if (session === undefined) throw new StateError('there is no push association');
    return session.notify(notification);
  }
}

/** Everything that profiles and pushes capture. */
function define(core: Core, values: Values, data: ReturnType<typeof dataObjects>, quantities: Quantities): void {
  const { relay, limiter, time } = core;
  for (const [name, { get }] of data) values.define(1, name, 2, () => get());
  for (const quantity of quantities.registers) values.defineQuantity(3, quantity);
  for (const quantity of quantities.demands) values.defineQuantity(4, quantity);
  values.define(8, '0.0.1.0.0.255', 2, ({ at }) => octets(time.stamp(at).toBytes()));
  values.define(70, '0.0.96.3.10.255', 2, () => boolValue(relay.connected));
  values.define(71, '0.0.17.0.0.255', 3, () => f32(limiter.thresholdActive));
}
