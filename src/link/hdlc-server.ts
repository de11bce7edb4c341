import type { Millis } from '../base/clock.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { LinkEvent, SendOptions } from '../contracts/link.js';
import {
  checkHdlcOptions,
  checkRange,
  DEFAULT_MAX_PAYLOAD,
  fullParameters,
  type HdlcRole,
  type HdlcServerConfig,
  type HdlcServerWording,
  isAllStation,
  isCalling,
  type LineSide,
  MAX_INFORMATION,
  NO_INFORMATION,
  settled,
} from './hdlc-config.js';
import { commandControl, type HdlcAddress, type HdlcFrame, hdlcAddress } from './hdlc-frame.js';
import { addLlc, NO_LLC, stripLlc } from './hdlc-llc.js';
import { decodeParameters, type HdlcParameters } from './hdlc-parameters.js';
import { HdlcStation } from './hdlc-station.js';
import { UnconfirmedReceiver } from './hdlc-unconfirmed.js';

/** Why a frame is rejected: the last octet of FRMR's information (ISO/IEC 13239, 5.5.3.4.2). */
const UNKNOWN_CONTROL = 0x01;
const TOO_LONG = 0x04;
const INVALID_NR = 0x08;

/** A client connected to one of our logical devices. */
interface Connection {
  /** The addresses as the client last wrote them; answers use the same. */
  client: HdlcAddress;
  server: HdlcAddress;
  readonly station: HdlcStation;
  /** We have the turn. */
  polled: boolean;
  /** Until when we wait for the answer of our owner. */
  holdUntil: Millis | undefined;
  /** A payload was delivered that has not been answered. */
  owing: boolean;
  /** UI frames to send at our next turn. */
  readonly waitingUi: Uint8Array[];
  /** Information of the FRMR that answers every frame until the client connects again; undefined when nothing was rejected. */
  rejected: Uint8Array | undefined;
  lastHeard: Millis;
}

type CloseCause = (LinkEvent & { type: 'closed' })['cause'];
type Reception = 'own' | 'broadcast' | 'other';

/**
 * The server (secondary) side: it sends only when it has the turn (P=1), except UI frames outside a connection. There is one connection for each pair
 * of client and logical device.
 */
export class HdlcServer implements HdlcRole {
  readonly #config: HdlcServerConfig;
  readonly #line: LineSide;
  readonly #own: HdlcParameters;
  readonly #wording: HdlcServerWording;
  readonly #maxPayload: number;
  readonly #inactivityTimeout: Millis;
  readonly #replyDelay: Millis;
  readonly #unconfirmed: UnconfirmedReceiver;
  readonly #connections = new Map<number, Connection>();
  /** The connection that spoke last. */
  #current: Connection | undefined;

  constructor(config: HdlcServerConfig, line: LineSide) {
    checkHdlcOptions('server', config);
    for (const device of config.devices) checkRange('logical device address', device, 1, 0x3ffe);
    this.#config = config;
    this.#line = line;
    this.#own = fullParameters(config);
    this.#wording = config.wording ?? {};
    this.#maxPayload = config.maxPayload ?? DEFAULT_MAX_PAYLOAD;
    this.#inactivityTimeout = config.inactivityTimeout ?? 120_000;
    this.#replyDelay = config.replyDelay ?? 500;
    this.#unconfirmed = new UnconfirmedReceiver('command', this.#maxPayload);
  }

  /** A server waits to be connected to. */
  connect(): void {}

  /** Does nothing: a server does not poll. */
  awaitMore(): void {}

  unanswered(now: Millis, options: SendOptions): void {
    const connection = this.#find(options);
    if (connection === undefined) return;
    connection.owing = false;
    if (connection.polled) this.#answer(connection, now);
  }

  /** Forgets all connections. A server cannot tell its clients: they get DM to their next frame. */
  disconnect(): void {
    for (const connection of this.#connections.values()) this.#drop(connection, 'local', 'disconnected');
  }

  send(payload: Uint8Array, now: Millis, options: SendOptions): void {
    const connection = this.#find(options);
    if (options.unconfirmed) {
      this.#sendUnconfirmed(payload, connection, options);
      return;
    }
    if (connection === undefined || connection.rejected !== undefined)
      throw new StateError('the HDLC link is not connected');
    connection.station.queue(addLlc(payload, 'response'));
    connection.owing = false;
    if (connection.polled) this.#answer(connection, now);
  }

  #find({ client, server }: SendOptions): Connection | undefined {
    if (client !== undefined && server !== undefined) return this.#connections.get(key(client, server));
    const current = this.#current;
    if (client === undefined && server === undefined && current !== undefined) return current;
    for (const connection of this.#connections.values()) {
      if (client !== undefined && connection.client.upper !== client) continue;
      if (server !== undefined && connection.server.upper !== server) continue;
      return connection;
    }
    return undefined;
  }

  #sendUnconfirmed(payload: Uint8Array, connection: Connection | undefined, options: SendOptions): void {
    const information = addLlc(payload, 'response');
    const most = connection?.station.parameters.maxInfoTransmit ?? MAX_INFORMATION;
    if (information.length > most) {
      throw new StateError(
        `an unconfirmed payload of ${counted(payload.length, 'octet')} does not fit into one UI frame`,
        {
          hint: `at most ${counted(most - 3, 'octet')} fit`,
        },
      );
    }
    if (connection !== undefined) {
      if (connection.polled) this.#transmit(connection, 'UI', false, information);
      else connection.waitingUi.push(information);
      return;
    }
    const { client, server = this.#config.devices[0] } = options;
    if (client === undefined || server === undefined) {
      throw new StateError('an unconfirmed payload has no client to go to', { hint: 'name the client SAP' });
    }
    const { lower, addressSize } = this.#config;
    const from = hdlcAddress(server, addressSize === 1 ? undefined : lower, addressSize);
    this.#line.transmit(hdlcAddress(client), from, commandControl('UI', false), information, false);
  }

  #reception({ upper, lower, size }: HdlcAddress): Reception {
    const { devices, calling, accepts } = this.#config;
    if (accepts !== undefined && !accepts.includes(size)) return 'other';
    let broadcast = isAllStation(upper, size);
    if (!broadcast && !devices.includes(upper)) return 'other';
    if (lower === undefined) return broadcast ? 'broadcast' : 'own';
    if (isAllStation(lower, size)) broadcast = true;
    else if (isCalling(lower, size)) {
      if (calling !== true) return 'other';
    } else if (this.#config.lower === undefined ? lower === 0 : lower !== this.#config.lower) return 'other';
    return broadcast ? 'broadcast' : 'own';
  }

  receive(frame: HdlcFrame, now: Millis): void {
    const { destination, source, control } = frame;
    const reception = this.#reception(destination);
    if (reception === 'other' || source.size !== 1) {
      this.#line.discard(frame, reception === 'other' ? 'for another station' : 'a client address has one octet');
      return;
    }
    if (control.type === 'UA' || control.type === 'DM' || control.type === 'FRMR') {
      this.#line.discard(frame, 'an answer, not a command');
      return;
    }
    if (control.type === 'UI') this.#receiveUnconfirmed(frame);
    else if (reception === 'broadcast') this.#line.discard(frame, `${control.type} to more than one station`);
    if (reception === 'broadcast') return;
    const connection = this.#connections.get(key(source.upper, destination.upper));
    if (connection === undefined) {
      this.#receiveDisconnected(frame, now);
      return;
    }
    connection.client = source;
    connection.server = destination;
    connection.lastHeard = now;
    this.#current = connection;
    this.#receiveConnected(connection, frame, now);
  }

  #receiveUnconfirmed(frame: HdlcFrame): void {
    const payload = this.#unconfirmed.receive(frame);
    if (payload === undefined) return;
    const { source, destination } = frame;
    if (typeof payload === 'string') this.#line.discard(frame, payload);
    else {
      const { bytes } = payload;
      this.#line.event({ type: 'payload', bytes, client: source.upper, server: destination.upper, unconfirmed: true });
    }
  }

  lostOctets(): void {
    this.#unconfirmed.reset();
  }

  /** Normal disconnected mode: SNRM connects, DISC and all frames with P=1 get DM. */
  #receiveDisconnected(frame: HdlcFrame, now: Millis): void {
    const { control, source, destination } = frame;
    if (control.type === 'SNRM') this.#open(frame, now);
    else if (control.type === 'UI') return;
    else if (control.type === 'DISC' || control.pf) this.#sayDisconnected(source, destination);
    else this.#line.discard(frame, `${control.type} while not connected`);
  }

  #sayDisconnected(client: HdlcAddress, server: HdlcAddress): void {
    this.#line.transmit(client, server, commandControl('DM', true), NO_INFORMATION, false);
  }

  #open(frame: HdlcFrame, now: Millis): void {
    const { source: client, destination: server } = frame;
    const { maxConnections = 8 } = this.#config;
    const id = key(client.upper, server.upper);
    const before = this.#connections.get(id);
    let proposed: HdlcParameters;
    try {
      proposed = decodeParameters(frame.information);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#line.discard(frame, error.message);
      if (before === undefined) this.#sayDisconnected(client, server);
      return;
    }
    if (before !== undefined) this.#drop(before, 'peer', 'the client set up the link anew');
    else if (this.#connections.size >= maxConnections) {
      this.#line.discard(frame, `there are ${counted(maxConnections, 'connection')} already`);
      this.#sayDisconnected(client, server);
      return;
    }
    const standard = settled(this.#own, proposed);
    const { parameters, information } = this.#wording.settle?.(standard, this.#own, frame.information) ?? standard;
    const connection: Connection = {
      client,
      server,
      station: new HdlcStation(parameters, this.#maxPayload),
      polled: false,
      holdUntil: undefined,
      owing: false,
      waitingUi: [],
      rejected: undefined,
      lastHeard: now,
    };
    this.#connections.set(id, connection);
    this.#current = connection;
    this.#transmit(connection, 'UA', true, information);
    const { maxInfoTransmit: maxInfo, windowTransmit: window } = parameters;
    this.#line.event({ type: 'connected', maxInfo, window, client: client.upper, server: server.upper });
  }

  /** Normal response mode. */
  #receiveConnected(connection: Connection, frame: HdlcFrame, now: Millis): void {
    const { control } = frame;
    if (control.type === 'SNRM') this.#open(frame, now);
    else if (control.type === 'DISC') {
      const information = this.#wording.farewell?.(connection.station.parameters) ?? NO_INFORMATION;
      this.#transmit(connection, 'UA', true, information);
      this.#drop(connection, 'peer', 'the client disconnected');
    } else if (connection.rejected !== undefined) {
      this.#line.discard(frame, 'a frame was rejected: SNRM or DISC must follow');
      if (control.pf) this.#transmit(connection, 'FRMR', true, connection.rejected);
    } else if (control.type === 'unknown') {
      this.#reject(connection, frame, UNKNOWN_CONTROL, 'its control field is not known');
    } else {
      if (control.type !== 'UI') this.#receiveNumbered(connection, frame);
      if (!control.pf || connection.rejected !== undefined) return;
      connection.polled = true;
      this.#answer(connection, now);
    }
  }

  /** I, RR and RNR. */
  #receiveNumbered(connection: Connection, frame: HdlcFrame): void {
    const { station } = connection;
    const { type, nr } = frame.control;
    if (frame.information.length > station.parameters.maxInfoReceive) {
      this.#reject(connection, frame, TOO_LONG, 'its information field is longer than negotiated');
      return;
    }
    if (station.acknowledge(nr) < 0) {
      this.#reject(connection, frame, INVALID_NR, 'its N(R) acknowledges what was not sent');
      return;
    }
    station.peerBusy = type === 'RNR';
    if (type !== 'I') return;
    const sequence = station.receive(frame);
    if (sequence === 'too-long') this.#reject(connection, frame, TOO_LONG, `it ends ${station.excess}`);
    else if (sequence === 'gap') this.#line.discard(frame, 'an I frame before it is missing');
    else if (sequence === 'repeated') this.#line.discard(frame, 'this I frame came before');
    else this.#deliver(connection);
  }

  #deliver(connection: Connection): void {
    const information = connection.station.takePayload();
    if (information === undefined) return;
    const bytes = stripLlc(information, 'command');
    if (bytes === undefined) {
      this.#line.event({ type: 'discarded', bytes: information, reason: NO_LLC });
      return;
    }
    connection.owing = true;
    const { client, server } = connection;
    this.#line.event({ type: 'payload', bytes, client: client.upper, server: server.upper, unconfirmed: false });
  }

  /** We have the turn: sends what is waiting, or waits for the answer of our owner. */
  #answer(connection: Connection, now: Millis): void {
    const { station, waitingUi } = connection;
    for (const information of waitingUi.splice(0)) this.#transmit(connection, 'UI', false, information);
    if (station.hasWork && !station.peerBusy) {
      station.burst((control, segmented, information) => {
        this.#line.transmit(connection.client, connection.server, control, information, segmented);
      });
    } else if (connection.owing && this.#replyDelay > 0) {
      connection.holdUntil ??= now + this.#replyDelay;
      return;
    } else this.#transmit(connection, this.#config.busy?.() === true ? 'RNR' : 'RR', true, NO_INFORMATION);
    connection.polled = false;
    connection.owing = false;
    connection.holdUntil = undefined;
  }

  #reject(connection: Connection, frame: HdlcFrame, why: number, reason: string): void {
    const { station } = connection;
    const { control } = frame;
    const standard = Uint8Array.of(control.octet, (station.vr << 5) | (station.vs << 1), why);
    connection.rejected = this.#wording.rejection?.(standard) ?? standard;
    connection.polled = false;
    connection.holdUntil = undefined;
    this.#line.discard(frame, `${control.type} frame rejected: ${reason}`);
    this.#closed(connection, 'frame-reject', `a frame of the client was rejected: ${reason}`);
    if (control.pf) this.#transmit(connection, 'FRMR', true, connection.rejected);
  }

  #transmit(
    connection: Connection,
    type: 'UA' | 'RR' | 'RNR' | 'UI' | 'FRMR',
    pf: boolean,
    information: Uint8Array,
  ): void {
    const control = commandControl(type, pf, connection.station.vr);
    this.#line.transmit(connection.client, connection.server, control, information, false);
  }

  #drop(connection: Connection, cause: CloseCause, reason: string): void {
    this.#connections.delete(key(connection.client.upper, connection.server.upper));
    if (this.#current === connection) this.#current = undefined;
    if (connection.rejected === undefined) this.#closed(connection, cause, reason);
  }

  #closed({ client, server }: Connection, cause: CloseCause, reason: string): void {
    this.#line.event({ type: 'closed', cause, reason, client: client.upper, server: server.upper });
  }

  handleTimeout(now: Millis): void {
    for (const connection of this.#connections.values()) {
      if (connection.holdUntil !== undefined && now >= connection.holdUntil) {
        connection.owing = false;
        this.#answer(connection, now);
      }
      if (this.#inactivityTimeout > 0 && now >= connection.lastHeard + this.#inactivityTimeout) {
        this.#drop(connection, 'timeout', `no frame for ${now - connection.lastHeard} ms`);
      }
    }
  }

  pollTimeout(): Millis | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { holdUntil, lastHeard } of this.#connections.values()) {
      if (holdUntil !== undefined) next = Math.min(next, holdUntil);
      if (this.#inactivityTimeout > 0) next = Math.min(next, lastHeard + this.#inactivityTimeout);
    }
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }
}

function key(client: number, server: number): number {
  return (client << 14) | server;
}
