import { fromLatin1 } from '../../src/base/bytes.js';
import { lazily, type Millis } from '../../src/base/clock.js';
import { StateError } from '../../src/base/errors.js';
import { given } from '../../src/base/given.js';
import { boolValue, f32, octets } from '../../src/codec/make.js';
import type { CaptureColumn } from '../../src/companion/companion.js';
import type { AnsweringLine } from '../../src/contracts/answering-line.js';
import type { DataNotification } from '../../src/contracts/services.js';
import type { Transport } from '../../src/contracts/transport.js';
import { MeterServer } from '../../src/server/server.js';
import type { ServedLink } from '../../src/transport/server.js';
import type { CustomerPortOptions, PortParts } from '../customer-port/customer-port.js';
import type { CustomerPort } from '../customer-port/port.js';
import { Faults } from '../faults/faults.js';
import { memoryLine } from '../memory-line.js';
import { type MeterPlace, placeOf } from '../place.js';
import type { MeterControls } from '../scenario/controls.js';
import { type Playing, type PlayOptions, playScenario } from '../scenario/play.js';
import type { Scenario } from '../scenario/steps.js';
import { type AttachOptions, type Served, serveMeter } from '../serve.js';
import { type Keeping, keepingOf } from '../state/keeping.js';
import { linkSetup } from './communication.js';
import { connectionsOf, type MeterConnection } from './connections.js';
import { CoreControls } from './controls.js';
import { Core } from './core.js';
import { dataObjects } from './data-objects.js';
import { makeDevice, SERVER_SAP } from './device.js';
import { faceOf, type MeterFace } from './face.js';
import { imageTransfer } from './image.js';
import { keysOfCounter } from './key-sets.js';
import { meterLink } from './link.js';
import type { MeterModel } from './model.js';
import { type Identity, identityOf, type MeterOptions, type PushedNotification } from './options.js';
import type { Platform } from './platform.js';
import { Profiles } from './profiles.js';
import { Pushes } from './push.js';
import { pushReport } from './push-report.js';
import { type Quantities, quantitiesOf } from './quantities.js';
import { Schedules } from './schedules.js';
import { calendarObject } from './scheduling.js';
import { accessOf } from './security.js';
import { beginCounters, sendingCounters } from './sending-counters.js';
import { Values } from './values.js';

const PUSH_CLIENT = 64;
/** Tag of A-RELEASE-request. */
const RLRQ = 0x62;
const FIXED_CHALLENGE = fromLatin1('COSEM-FIXED-STOC');

const loadCustomerPort = lazily(async () => (await import('../customer-port/customer-port.js')).serveCustomerPort);

/** A meter without hardware: everything behind its terminals and its communication port. Make one with {@link createMeter}. */
export class VirtualMeter {
  /** Serial number, names and system title. */
  readonly identity: Identity;
  /** What kind of meter it is, in words: `three phase, whole current, prepaid`. */
  readonly title: string;
  /** How each kind of client connects, for configurations and tests. Holds keys and passwords; they are those of this moment. */
  readonly connections: readonly MeterConnection[];
  /** The faults of its lines and answers. They can be added and removed at any time. */
  readonly faults: Faults;
  /** What people, the grid and the weather do to it. */
  readonly controls: MeterControls;
  readonly #options: MeterOptions;
  readonly #model: MeterModel;
  readonly #core: Core;
  readonly #server: MeterServer;
  readonly #served: Served;
  readonly #pushes: Pushes;
  readonly #schedules: Schedules;
  readonly #keeping: Keeping | undefined;
  readonly #playing: Playing[] = [];
  readonly #ports = new Set<CustomerPort>();
  readonly #portParts: PortParts;
  #place: MeterPlace | undefined;

  /** @param keeping how its state is kept, if not by the meter itself in the store of the options. */
  constructor(
    platform: Platform,
    options: MeterOptions,
    model: MeterModel,
    keeping: Keeping | undefined = keepingOf(options, model.profile),
  ) {
    this.#options = options;
    this.#model = model;
    this.title = model.title;
    this.#keeping = keeping;
    if (options.naming === 'sn' && options.confirmedPushes === true)
      throw new StateError('pushes by short names cannot be confirmed', {
        hint: 'leave confirmedPushes out, or name both ways',
      });
    const core = new Core(keeping === undefined ? options : { ...options, created: keeping.created }, model);
    this.#core = core;
    this.identity = identityOf(options, core.supply.installed);
    const { faults } = options;
    this.faults = faults instanceof Faults ? faults : new Faults(faults, { seed: options.seed });
    const own = sendingCounters(platform, options, this.identity.systemTitle);
    const lasting = keeping?.counters(own) ?? own;
    if (options.store === undefined || options.counters !== undefined) beginCounters(lasting, options);
    const counters = () => this.faults.counters(lasting);
    const access = accessOf(options, model, { ...platform, counters }, core);
    const values = new Values();
    const { onPush } = options;
    const push = onPush && ((pushed: PushedNotification) => onPush(this.#told(pushed)));
    const line = {
      seal: (notification: DataNotification, objects: readonly CaptureColumn[]) =>
        this.#pushing().notify(options.naming === 'sn' ? pushReport(device, notification, objects) : notification),
      confirms: (apdu: Uint8Array, longInvokeId: number) => this.#pushing().confirms(apdu, longInvokeId),
    };
    const pushes = new Pushes(
      core,
      values,
      model,
      line,
      given({ onPush: push, confirmedPushes: options.confirmedPushes }),
    );
    this.#pushes = pushes;
    const profiles = new Profiles(core, model, values);
    const data = dataObjects(core, model, this.identity, profiles, (group) => {
      keeping?.settleReceived();
      return keysOfCounter(access.sets, `0.0.43.1.${group}.255`).received.lowest;
    });
    const quantities = quantitiesOf(core, model, (now) => profiles.lastBlock(now));
    define(core, values, data, quantities);
    const calendar = calendarObject(core);
    const image = imageTransfer(core, model, platform.crypto, options.imageBlockSize ?? model.imageBlockSize);
    this.#schedules = new Schedules(core, model, options.clock, () => image.imageActivate?.());
    const setup = linkSetup(model, options);
    const device = makeDevice({
      options,
      platform,
      core,
      model,
      identity: this.identity,
      access,
      data,
      quantities,
      profiles,
      pushes,
      schedules: this.#schedules,
      calendar,
      image,
      link: setup,
    });
    this.#server = new MeterServer({
      devices: [keeping?.watched(device) ?? device],
      crypto: platform.crypto,
      systemTitle: this.identity.systemTitle,
      ...(model.quirks.has('fixed-challenge') ? { random: (length) => FIXED_CHALLENGE.slice(0, length) } : {}),
    });
    const server = this.#server;
    this.#served = {
      answerer: { line: () => this.#answering(server.line()) },
      clock: options.lineClock ?? options.clock,
      realistic: options.realistic === true,
      seed: options.seed,
      faults: this.faults,
      ignores: (apdu) => model.quirks.has('no-release') && apdu[0] === RLRQ,
      link: (attach, busy) => meterLink(platform, model, setup, attach, busy),
    };
    this.connections = connectionsOf(access, this.identity);
    this.#portParts = {
      platform: platform.port,
      crypto: platform.crypto,
      core,
      values,
      identity: this.identity,
      sets: access.sets,
      clock: options.lineClock ?? options.clock,
      durable: () => this.#told(undefined),
    };
    keeping?.restore(core);
    this.controls = new CoreControls(core, () => {
      this.#schedules.rearm();
      this.#changed();
    });
    if (options.scenario !== undefined) this.play(options.scenario);
    if (options.onPush !== undefined) this.#schedules.start((setup) => pushes.push(setup));
    pushes.onWaiting = () => {
      core.parts.changed();
      this.#schedules.rearm();
    };
  }

  /** How a client finds it on the line that was served last; undefined before there was one, and where its options name no framing. */
  get place(): MeterPlace | undefined {
    const { framing } = this.#options;
    return this.#place ?? (framing === undefined ? undefined : placeOf({ framing }));
  }

  /** @internal Where a fleet serves it. */
  placedAt(place: MeterPlace | undefined): void {
    this.#place = place;
  }

  /** @internal What lines are served with. */
  get served(): Served {
    return this.#served;
  }

  /** @internal When it pushes next by a schedule. */
  get nextPush(): Millis | undefined {
    const [scheduled, waiting] = [this.#schedules.nextPush, this.#pushes.next()];
    return scheduled === undefined || waiting === undefined ? (scheduled ?? waiting) : Math.min(scheduled, waiting);
  }

  /** Whether the relay is closed. */
  get connected(): boolean {
    this.#core.catchUp();
    return this.#core.relay.connected;
  }

  /** What a person in front of the meter sees now: display, lamps, events. */
  face(): MeterFace {
    return faceOf(this.#core, this.#model, this.identity, this.#core.catchUp());
  }

  /**
   * Presses the button on the front: it closes a relay that is ready for reconnection, and opens a closed one where the control mode allows
   * it.
   */
  pressButton(): void {
    const now = this.#core.catchUp();
    const { relay, prepaid } = this.#core;
    if (relay.state === 'connected') relay.manualDisconnect(now);
    else {
      prepaid.takeEmergencyCredit(now);
      relay.manualReconnect(now);
    }
    this.#changed();
  }

  /** Logs an event as if it had happened, such as an opened cover or a magnet. Codes are those of IS 15959. */
  raise(code: number): void {
    this.#core.events.record(code, this.#core.catchUp());
    this.#changed();
  }

  /**
   * Plays a scenario from now on, until {@link stop}. `parseScenario` of `cosem/scenario` reads one from text.
   * ```ts
   * meter.play(parseScenario('- at 18:00 magnet on for 20m'));
   * ```
   */
  play(scenario: Scenario, options: Pick<PlayOptions, 'onMoment'> = {}): Playing {
    const { controls, faults } = this;
    const playing = playScenario(scenario, { clock: this.#options.clock, controls, faults, ...options });
    this.#playing.push(playing);
    return playing;
  }

  /**
   * Handles one APDU as if a link had delivered it.
   * @returns the answer; undefined where none is due.
   */
  handle(
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis = this.#options.clock.now(),
  ): Uint8Array | undefined {
    return this.#serve(this.#server, client, server, apdu, now, false);
  }

  /**
   * Serves a line until it closes. Several lines may be served at a time.
   * ```ts
   * const link = await meter.attach(transport, { framing: 'wrapper' });
   * ```
   * @throws LinkError when the transport cannot be opened.
   */
  attach(transport: Transport, options: AttachOptions = {}): Promise<ServedLink> {
    const line = { ...given({ framing: this.#options.framing }), ...options };
    this.#place = placeOf(line);
    return serveMeter(this.#served, transport, line);
  }

  /**
   * Makes a line in memory with the meter at one end, and returns the client's end. When the line is lost (`hang-up`), another one like it
   * can be opened; a client continues over that by itself.
   */
  line(options: AttachOptions = {}): Promise<Transport> {
    return memoryLine(['virtual meter', `meter ${this.identity.serial}`], (end) => this.attach(end, options));
  }

  /**
   * Sends what the customer port of a meter sends on a line until it closes: telegrams of P1, or lists of DLMS, at the intervals of such ports by the clock
   * of the lines. `followPort` reads them.
   * ```ts
   * const port = await meter.customerPort(transport, { form: 'p1' });
   * ```
   * @throws StateError when an option does not fit; LinkError when the transport cannot be opened.
   */
  async customerPort(transport: Transport, options: CustomerPortOptions): Promise<CustomerPort> {
    const serveCustomerPort = await loadCustomerPort();
    const port = await serveCustomerPort(this.#portParts, transport, options, () => this.#ports.delete(port));
    this.#ports.add(port);
    return port;
  }

  /** Stops all timers and stores what must be kept. Without this, a meter that pushes by a schedule keeps the program running. */
  stop(): void {
    this.putAway();
    this.#keeping?.end();
  }

  /** The same for a meter that leaves memory and will come back. */
  putAway(): void {
    for (const playing of this.#playing.splice(0)) playing.stop();
    for (const port of this.#ports) void port.close();
    this.#schedules.stop();
    this.#keeping?.putAway();
  }

  #answering(line: AnsweringLine): AnsweringLine {
    return {
      // The line has its own time, because the meter's clock may run faster.
      handle: (client, sap, apdu, lineTime, unconfirmed = false, room) =>
        this.#serve(line, client, sap, apdu, this.#options.clock.now(), unconfirmed, room, lineTime),
      released: (client) => line.released(client),
      session: (client, sap) => line.session(client, sap),
      get associated() {
        return line.associated;
      },
      get proved() {
        return line.proved;
      },
    };
  }

  #serve(
    line: Pick<AnsweringLine, 'handle'>,
    client: number,
    server: number,
    apdu: Uint8Array,
    now: Millis,
    unconfirmed: boolean,
    room?: number,
    lineTime: Millis = now,
  ): Uint8Array | undefined {
    this.#keeping?.seen();
    const answer = line.handle(client, server, apdu, now, unconfirmed, room, lineTime);
    // The request may have moved the next thing that is due to an earlier time.
    this.#schedules.rearm();
    this.#keeping?.settle(apdu);
    return answer;
  }

  /** Called after a change that came from the API and not from a client. */
  #changed(): void {
    this.#core.parts.changed();
    this.#told(undefined);
  }

  /** What callers are told must first be durable. */
  #told<T>(what: T): T {
    this.#keeping?.seen();
    this.#keeping?.settle();
    return what;
  }

  /** The push association. */
  #pushing() {
    const session = this.#server.session(PUSH_CLIENT, SERVER_SAP);
    if (session === undefined) throw new StateError('there is no push association');
    return session;
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
  values.define(71, '0.0.17.0.0.255', 3, ({ at }) => f32(limiter.thresholdAt(at)));
}
