import type { Millis } from '../base/clock.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { LinkEvent, SendOptions } from '../contracts/link.js';
import { hears, isAnswer, notOurs } from './hdlc-addressing.js';
import {
  checkRange,
  DEFAULT_MAX_PAYLOAD,
  fullParameters,
  type HdlcClientConfig,
  type HdlcRole,
  type LineSide,
  NO_INFORMATION,
} from './hdlc-config.js';
import { commandControl, type HdlcAddress, type HdlcFrame, hdlcAddress } from './hdlc-frame.js';
import { addLlc, NO_LLC, serverPayload } from './hdlc-llc.js';
import {
  DEFAULT_PARAMETERS,
  decodeParameters,
  encodeParameters,
  type HdlcParameters,
  isDefault,
  negotiate,
} from './hdlc-parameters.js';
import { Refusals } from './hdlc-refusals.js';
import { HdlcStation } from './hdlc-station.js';
import { checkUnconfirmed, UnconfirmedReceiver } from './hdlc-unconfirmed.js';

type Mode = 'disconnected' | 'connecting' | 'connected' | 'disconnecting';
type Cause = (LinkEvent & { type: 'closed' })['cause'];

/** Times `responseTimeout` after which an answer that keeps trickling in is given up. */
const TRICKLE = 10;

/**
 * The client (primary) side: it speaks first, gives the turn away with P=1, and has it back with the answer's F=1 or when time is
 * up. While it has the turn, `#deadline` is undefined.
 */
export class HdlcClient implements HdlcRole {
  readonly #config: HdlcClientConfig;
  readonly #line: LineSide;
  readonly #us: HdlcAddress;
  readonly #them: HdlcAddress;
  /** What is proposed; the defaults once a proposal was refused. */
  #own: HdlcParameters;
  readonly #responseTimeout: Millis;
  readonly #retries: number;
  readonly #unconfirmed: UnconfirmedReceiver;
  readonly #refusals: Refusals;
  readonly #waitingUi: { readonly to: HdlcAddress; readonly information: Uint8Array }[] = [];

  #mode: Mode = 'disconnected';
  #station: HdlcStation;
  /** The owner wants the link closed, as soon as it is our turn. */
  #closing = false;
  /** Payloads sent whose answer has not come. */
  #expected = 0;
  /** The server has the turn until then. */
  #deadline: Millis | undefined;
  #lastDeadline: Millis = 0;
  /** When to ask again a server that is busy, has no answer yet, or must be kept awake. */
  #pollAt: Millis | undefined;
  /** Since when such a server has been asked. */
  #patientSince: Millis | undefined;
  #lastHeard: Millis = 0;
  /** Questions without effect, one after the other. */
  #attempts = 0;
  /** Something new was acknowledged or came since we last gave the turn away. */
  #progress = false;
  /** I frames sent with the turn. */
  #asked = 0;
  /** Octets sent with the turn. */
  #octets = 0;

  constructor(config: HdlcClientConfig, line: LineSide) {
    checkRange('client SAP', config.client, 1, 0x7f);
    this.#config = config;
    this.#line = line;
    this.#us = hdlcAddress(config.client);
    this.#them = hdlcAddress(config.server, config.lower, config.addressSize);
    this.#own = fullParameters(config);
    this.#responseTimeout = config.responseTimeout ?? 3000;
    this.#retries = config.retries ?? 3;
    this.#refusals = new Refusals(config.refusalPatience ?? 0);
    this.#unconfirmed = new UnconfirmedReceiver('response', config.maxPayload ?? DEFAULT_MAX_PAYLOAD);
    this.#station = this.#newStation(DEFAULT_PARAMETERS);
  }

  connect(now: Millis): void {
    if (this.#mode !== 'disconnected') throw new StateError(`the HDLC link is ${this.#mode} already`);
    this.#mode = 'connecting';
    this.#closing = false;
    this.#attempts = 0;
    this.#refusals.reset();
    this.#own = fullParameters(this.#config);
    this.#waitingUi.length = 0;
    this.#ask(now);
  }

  send(payload: Uint8Array, now: Millis, options: SendOptions): void {
    if (options.client !== undefined && options.client !== this.#config.client) {
      throw new StateError(`this HDLC link is client ${this.#config.client}, not ${options.client}`);
    }
    if (options.unconfirmed) {
      this.#sendUnconfirmed(payload, options.server);
    } else {
      if (this.#mode !== 'connected' || this.#closing) throw new StateError('the HDLC link is not connected');
      if (options.server !== undefined && options.server !== this.#config.server) {
        throw new StateError(`this HDLC link goes to server ${this.#config.server}, not ${options.server}`);
      }
      this.#station.queue(addLlc(payload, 'command'));
      if (options.reply !== false) this.#expected++;
      this.#patientSince = undefined;
    }
    if (this.#deadline === undefined && options.more !== true) this.#speak(now);
  }

  #sendUnconfirmed(payload: Uint8Array, server: number | undefined): void {
    const information = addLlc(payload, 'command');
    checkUnconfirmed(information, this.#mode === 'connected' ? this.#station.parameters.maxInfoTransmit : undefined);
    const { lower, size } = this.#them;
    this.#waitingUi.push({ to: server === undefined ? this.#them : hdlcAddress(server, lower, size), information });
  }

  awaitMore(now: Millis): void {
    if (this.#mode !== 'connected' || this.#closing) return;
    this.#expected = Math.max(1, this.#expected);
    if (this.#deadline !== undefined) return;
    if (this.#station.hasWork) this.#speak(now);
    else this.#ask(now);
  }

  disconnect(now: Millis): void {
    if (this.#mode === 'disconnected' || this.#mode === 'disconnecting') return;
    this.#closing = true;
    if (this.#deadline !== undefined) return;
    if (this.#mode === 'connecting') this.#close('local', 'disconnected');
    else this.#speak(now);
  }

  receive(frame: HdlcFrame, now: Millis): void {
    const { control } = frame;
    if (control.type === 'UI') {
      this.#receiveUnconfirmed(frame, now);
      return;
    }
    if (!isAnswer(frame, this.#us, this.#them)) {
      this.#line.discard(frame, notOurs(frame, this.#us, this.#them));
      return;
    }
    this.#lastHeard = now;
    switch (control.type) {
      case 'I':
      case 'RR':
      case 'RNR':
        if (this.#mode === 'connected') this.#receiveNumbered(frame, now);
        else this.#line.discard(frame, `${control.type} while the link is ${this.#mode}`);
        return;
      case 'UA':
        if (this.#mode === 'connecting') this.#opened(frame, now);
        else if (this.#mode === 'disconnecting') this.#close('local', 'disconnected');
        else this.#line.discard(frame, `UA while the link is ${this.#mode}`);
        return;
      case 'DM':
        if (this.#mode === 'connecting' && this.#lowered()) this.#ask(now);
        else if (this.#mode === 'connecting') this.#refused(now);
        else if (this.#mode === 'disconnecting') this.#close('local', 'disconnected; the server was so already');
        else if (this.#mode === 'connected') this.#close('peer', 'the server is disconnected (DM)', this.#unheard);
        else this.#line.discard(frame, 'DM while the link is disconnected');
        return;
      case 'FRMR':
        if (this.#mode === 'connecting' && this.#lowered()) this.#ask(now);
        else if (this.#mode === 'connecting' || this.#mode === 'connected') {
          this.#close('frame-reject', 'the server rejected a frame (FRMR)');
        } else this.#line.discard(frame, `FRMR while the link is ${this.#mode}`);
        return;
      default:
        this.#line.discard(frame, 'a command, not an answer');
    }
  }

  #refused(now: Millis): void {
    const again = this.#closing ? undefined : this.#refusals.again(now);
    this.#deadline = undefined;
    this.#attempts = 0;
    this.#pollAt = again;
    if (this.#closing) this.#close('local', 'disconnected');
    else if (again === undefined) this.#close('rejected', this.#refusals.reason);
  }

  /** Some servers refuse an SNRM with parameters, or do not hear it: then the defaults, which need not be told. */
  #lowered(): boolean {
    if (this.#config.insist === true || isDefault(this.#own)) return false;
    this.#own = DEFAULT_PARAMETERS;
    return true;
  }

  #opened(frame: HdlcFrame, now: Millis): void {
    let parameters: HdlcParameters;
    try {
      parameters = decodeParameters(frame.information);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#close('rejected', `the server's UA cannot be read: ${error.message}`);
      return;
    }
    this.#mode = 'connected';
    this.#deadline = undefined;
    this.#attempts = 0;
    this.#progress = false;
    this.#expected = 0;
    this.#patientSince = undefined;
    this.#station = this.#newStation(negotiate(this.#own, parameters));
    const { maxInfoTransmit, windowTransmit } = this.#station.parameters;
    const { client, server } = this.#config;
    const { lower } = frame.source;
    const told = lower === undefined || lower === this.#them.lower ? {} : { lower };
    this.#line.event({ type: 'connected', maxInfo: maxInfoTransmit, window: windowTransmit, client, server, ...told });
    this.#speak(now);
  }

  #newStation(parameters: HdlcParameters): HdlcStation {
    return new HdlcStation(parameters, this.#config.maxPayload ?? DEFAULT_MAX_PAYLOAD);
  }

  /** I, RR and RNR while connected. */
  #receiveNumbered(frame: HdlcFrame, now: Millis): void {
    const station = this.#station;
    const { type, pf, nr, ns } = frame.control;
    const vouches = this.#config.acknowledgeByAnswer === true && type === 'I' && ns === station.vr;
    const acknowledged = station.acknowledge(vouches ? station.vs : nr);
    if (acknowledged < 0) {
      // On a good line this cannot be; late repetitions do it, and these must not have an effect.
      this.#line.discard(frame, `N(R) ${nr} acknowledges what was not sent`);
      return;
    }
    station.peerBusy = type === 'RNR';
    if (acknowledged > 0) this.#progress = true;
    let late = acknowledged === 0 && type === 'RR' && this.#asked === 1;
    if (type === 'I') {
      const sequence = station.receive(frame);
      if (sequence === 'too-long') {
        this.#close('frame-reject', `the server sent ${station.excess}`);
        return;
      }
      if (sequence === 'taken') {
        this.#progress = true;
        this.#deliver(frame);
      } else {
        this.#line.discard(frame, sequence === 'gap' ? 'an I frame before it is missing' : 'this I frame came before');
        late = acknowledged === 0 && sequence === 'repeated';
      }
    }
    if (!pf) return;
    // The answer to an earlier question that we repeated does not give us the turn: the present question's answer is still to come.
    if (late) this.#line.discard(frame, 'a late answer to an earlier question');
    else if (this.#deadline !== undefined) this.#turn(now);
  }

  #deliver({ source }: HdlcFrame): void {
    const information = this.#station.takePayload();
    if (information === undefined) return;
    if (this.#expected > 0) this.#expected--;
    const payload = serverPayload(information);
    if (payload === undefined) this.#line.event({ type: 'discarded', bytes: information, reason: NO_LLC });
    else
      this.#line.event({
        type: 'payload',
        client: this.#us.upper,
        server: source.upper,
        unconfirmed: false,
        ...payload,
      });
  }

  #receiveUnconfirmed(frame: HdlcFrame, now: Millis): void {
    if (!hears(frame.destination, this.#us)) {
      this.#line.discard(frame, notOurs(frame, this.#us, this.#them));
      return;
    }
    const payload = this.#unconfirmed.receive(frame);
    if (typeof payload === 'string') this.#line.discard(frame, payload);
    else if (payload !== undefined) {
      this.#line.event({
        type: 'payload',
        client: this.#us.upper,
        server: frame.source.upper,
        unconfirmed: true,
        ...payload,
      });
    }
    const answers = frame.control.pf && this.#mode === 'connected' && this.#deadline !== undefined;
    if (answers && isAnswer(frame, this.#us, this.#them)) this.#turn(now);
  }

  lostOctets(): void {
    this.#unconfirmed.reset();
  }

  pending(): string | undefined {
    return this.#station.pending ?? this.#unconfirmed.pending;
  }

  /** It is our turn again, by the server's F=1. */
  #turn(now: Millis): void {
    const station = this.#station;
    this.#deadline = undefined;
    const wanting = station.missed || station.joining || (station.unacknowledged > 0 && !station.peerBusy);
    if (this.#progress) this.#patientSince = undefined;
    if (this.#progress || !wanting) {
      this.#attempts = 0;
      this.#progress = false;
    } else if (this.#exhausted()) {
      this.#close('timeout', 'the server answers, but frames do not get through');
      return;
    }
    this.#speak(now);
  }

  #exhausted(): boolean {
    return ++this.#attempts > this.#retries;
  }

  /** It is our turn: says what there is to say. */
  #speak(now: Millis): void {
    const station = this.#station;
    this.#pollAt = undefined;
    for (const { to, information } of this.#waitingUi.splice(0)) {
      this.#line.transmit(to, this.#us, commandControl('UI', false), information, false);
    }
    if (this.#closing && this.#mode === 'connected') {
      this.#mode = 'disconnecting';
      this.#attempts = 0;
      this.#ask(now);
    } else if (this.#mode !== 'connected') {
      return;
    } else if ((station.hasWork && !station.peerBusy) || station.missed || station.joining) {
      this.#ask(now);
    } else if (this.#expected > 0 || station.hasWork) {
      this.#patientSince ??= now;
      this.#pollAt = now + (this.#config.pollInterval ?? 200);
    } else if (this.#config.keepAlive) {
      this.#pollAt = now + this.#config.keepAlive;
    }
  }

  /** Sends what the mode asks for, with P=1: the server has the turn. */
  #ask(now: Millis, poll = false): void {
    const station = this.#station;
    this.#octets = 0;
    this.#asked = 0;
    this.#pollAt = undefined;
    if (this.#mode === 'connecting') {
      // Defaults need not be told: an SNRM without information proposes them.
      this.#transmit('SNRM', isDefault(this.#own) ? NO_INFORMATION : encodeParameters(this.#own));
    } else if (this.#mode === 'disconnecting') {
      this.#transmit('DISC', NO_INFORMATION);
    } else if (poll || station.peerBusy || !station.hasWork) {
      station.missed = false;
      this.#transmit('RR', NO_INFORMATION);
    } else {
      station.burst((control, segmented, information) => {
        this.#asked++;
        this.#octets += information.length + 16;
        this.#line.transmit(this.#them, this.#us, control, information, segmented);
      });
    }
    const sent = now + this.#octets * (this.#config.octetTime ?? 0);
    this.#deadline = sent + this.#responseTimeout;
    this.#lastDeadline = sent + TRICKLE * this.#responseTimeout;
  }

  #transmit(type: 'SNRM' | 'DISC' | 'RR', information: Uint8Array): void {
    this.#octets += information.length + 16;
    this.#line.transmit(this.#them, this.#us, commandControl(type, true, this.#station.vr), information, false);
  }

  handleTimeout(now: Millis): void {
    const { inactivityTimeout } = this.#config;
    if (this.#deadline !== undefined && now >= this.#deadline) this.#unanswered(now);
    else if (this.#pollAt !== undefined && now >= this.#pollAt) this.#poll(now);
    if (inactivityTimeout && this.#mode === 'connected' && now >= this.#lastHeard + inactivityTimeout) {
      this.#close('timeout', `no frame for ${now - this.#lastHeard} ms`);
    }
  }

  #unanswered(now: Millis): void {
    const coming = this.#line.receivingUntil();
    if (coming !== undefined && coming > now && now < this.#lastDeadline) {
      this.#deadline = Math.min(coming, this.#lastDeadline);
      return;
    }
    const station = this.#station;
    this.#deadline = undefined;
    if (this.#closing && this.#mode === 'connecting') {
      this.#mode = 'disconnecting';
      this.#attempts = 0;
    } else if (this.#closing && this.#mode === 'connected') {
      this.#speak(now);
      return;
    } else if (this.#exhausted()) {
      if (this.#mode === 'disconnecting') this.#close('local', 'disconnected; the server did not confirm it');
      else this.#close('timeout', `no answer to ${counted(this.#attempts, 'question')}`);
      return;
    }
    if (this.#mode === 'connecting' && this.#attempts > 1) this.#lowered();
    // One frame is repeated as it is; of a window, and of what we wait for, the server is asked first what it has got.
    this.#ask(now, station.unacknowledged !== 1);
  }

  #poll(now: Millis): void {
    if (this.#mode === 'connecting') {
      this.#ask(now);
      return;
    }
    const { patience = 60_000 } = this.#config;
    const tired = this.#patientSince !== undefined && now - this.#patientSince >= patience;
    if (tired && this.#station.hasWork) {
      this.#close('timeout', `the server has been busy (RNR) for ${now - (this.#patientSince ?? now)} ms`);
    } else if (tired) {
      this.#expected = 0;
      this.#patientSince = undefined;
      this.#speak(now);
    } else this.#ask(now, true);
  }

  /** Refused when it was sent, for the first time: what is not acknowledged was not taken. Of what was sent before, nobody knows. */
  get #unheard(): boolean {
    return this.#asked > 0 && !this.#station.repeated && this.#station.unacknowledged > 0;
  }

  #close(cause: Cause, reason: string, unheard = false): void {
    this.#mode = 'disconnected';
    this.#deadline = undefined;
    this.#pollAt = undefined;
    this.#closing = false;
    this.#expected = 0;
    const { client, server } = this.#config;
    this.#line.event({ type: 'closed', cause, reason, client, server, ...(unheard ? { unheard } : {}) });
  }

  pollTimeout(): Millis | undefined {
    const { inactivityTimeout } = this.#config;
    let next = this.#deadline ?? this.#pollAt;
    if (inactivityTimeout && this.#mode === 'connected') {
      next = Math.min(next ?? Number.POSITIVE_INFINITY, this.#lastHeard + inactivityTimeout);
    }
    return next;
  }
}
