import type { Millis } from '../base/clock.js';
import { DecodeError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { LinkEvent, SendOptions } from '../contracts/link.js';
import { hears, isAnswer, notOurs } from './hdlc-addressing.js';
import {
  type ClientState,
  type Connected,
  type Connecting,
  type Disconnecting,
  dueAt,
  isTheirs,
  isUnheard,
  newlyConnected,
  OUR_TURN,
  type TheirTurn,
} from './hdlc-client-state.js';
import {
  checkHdlcOptions,
  checkRange,
  DEFAULT_MAX_PAYLOAD,
  fullParameters,
  type HdlcClientConfig,
  type HdlcRole,
  type LineSide,
} from './hdlc-config.js';
import { commandControl, type HdlcAddress, type HdlcFrame, hdlcAddress } from './hdlc-frame.js';
import { addLlc, NO_LLC, serverPayload } from './hdlc-llc.js';
import { DEFAULT_PARAMETERS, decodeParameters, type HdlcParameters, isDefault, negotiate } from './hdlc-parameters.js';
import { HdlcQuestions } from './hdlc-questions.js';
import { Refusals } from './hdlc-refusals.js';
import { HdlcStation } from './hdlc-station.js';
import { checkUnconfirmed, UnconfirmedReceiver } from './hdlc-unconfirmed.js';

type CloseCause = (LinkEvent & { type: 'closed' })['cause'];

/**
 * The client (primary) side: it sends first, gives the turn to the server with P=1, and gets it back with F=1 of the answer or when the time is
 * up. All that changes is kept in the present state.
 */
export class HdlcClient implements HdlcRole {
  readonly #config: HdlcClientConfig;
  readonly #line: LineSide;
  readonly #us: HdlcAddress;
  readonly #them: HdlcAddress;
  readonly #retries: number;
  readonly #questions: HdlcQuestions;
  readonly #unconfirmed: UnconfirmedReceiver;
  readonly #refusals: Refusals;
  readonly #waitingUi: { readonly to: HdlcAddress; readonly information: Uint8Array }[] = [];
  #state: ClientState;

  constructor(config: HdlcClientConfig, line: LineSide) {
    checkHdlcOptions('client', config);
    checkRange('client SAP', config.client, 1, 0x7f);
    this.#config = config;
    this.#line = line;
    this.#us = hdlcAddress(config.client);
    this.#them = hdlcAddress(config.server, config.lower, config.addressSize);
    // Wrong parameters are refused when the link is made.
    fullParameters(config);
    this.#retries = config.retries ?? 3;
    this.#questions = new HdlcQuestions(line, this.#us, this.#them, config);
    this.#refusals = new Refusals(config.refusalPatience ?? 0);
    this.#unconfirmed = new UnconfirmedReceiver('response', config.maxPayload ?? DEFAULT_MAX_PAYLOAD);
    this.#state = { mode: 'disconnected', station: this.#newStation(DEFAULT_PARAMETERS) };
  }

  connect(now: Millis): void {
    const { mode, station } = this.#state;
    if (mode !== 'disconnected') throw new StateError(`the HDLC link is ${mode} already`);
    this.#refusals.reset();
    this.#waitingUi.length = 0;
    const own = fullParameters(this.#config);
    const state: Connecting = { mode: 'connecting', station, own, turn: OUR_TURN, attempts: 0, closing: false };
    this.#state = state;
    this.#ask(state, now);
  }

  send(payload: Uint8Array, now: Millis, options: SendOptions): void {
    if (options.client !== undefined && options.client !== this.#config.client) {
      throw new StateError(`this HDLC link is client ${this.#config.client}, not ${options.client}`);
    }
    if (options.unconfirmed) {
      this.#sendUnconfirmed(payload, options.server);
    } else {
      const state = this.#state;
      if (state.mode !== 'connected' || state.closing) throw new StateError('the HDLC link is not connected');
      if (options.server !== undefined && options.server !== this.#config.server) {
        throw new StateError(`this HDLC link goes to server ${this.#config.server}, not ${options.server}`);
      }
      state.station.queue(addLlc(payload, 'command'));
      if (options.reply !== false) state.expected++;
      state.patientSince = undefined;
    }
    if (!isTheirs(this.#state) && options.more !== true) this.#speak(now);
  }

  #sendUnconfirmed(payload: Uint8Array, server: number | undefined): void {
    const information = addLlc(payload, 'command');
    const { mode, station } = this.#state;
    checkUnconfirmed(information, mode === 'connected' ? station.parameters.maxInfoTransmit : undefined);
    const { lower, size } = this.#them;
    this.#waitingUi.push({ to: server === undefined ? this.#them : hdlcAddress(server, lower, size), information });
  }

  awaitMore(now: Millis): void {
    const state = this.#state;
    if (state.mode !== 'connected' || state.closing) return;
    state.expected = Math.max(1, state.expected);
    if (isTheirs(state)) return;
    if (state.station.hasWork) this.#speak(now);
    else this.#ask(state, now);
  }

  disconnect(now: Millis): void {
    const state = this.#state;
    if (state.mode === 'disconnected' || state.mode === 'disconnecting') return;
    state.closing = true;
    if (isTheirs(state)) return;
    if (state.mode === 'connecting') this.#close('local', 'disconnected');
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
    const state = this.#state;
    if (state.mode === 'connected') state.lastHeard = now;
    switch (control.type) {
      case 'I':
      case 'RR':
      case 'RNR':
        if (state.mode === 'connected') this.#receiveNumbered(state, frame, now);
        else this.#line.discard(frame, `${control.type} while the link is ${state.mode}`);
        return;
      case 'UA':
        if (state.mode === 'connecting') this.#opened(state, frame, now);
        else if (state.mode === 'disconnecting') this.#close('local', 'disconnected');
        else this.#line.discard(frame, `UA while the link is ${state.mode}`);
        return;
      case 'DM':
        if (state.mode === 'connecting' && this.#lowered(state)) this.#ask(state, now);
        else if (state.mode === 'connecting') this.#refused(state, now);
        else if (state.mode === 'disconnecting') this.#close('local', 'disconnected; the server was so already');
        else if (state.mode === 'connected') this.#close('peer', 'the server is disconnected (DM)', isUnheard(state));
        else this.#line.discard(frame, 'DM while the link is disconnected');
        return;
      case 'FRMR':
        if (state.mode === 'connecting' && this.#lowered(state)) this.#ask(state, now);
        else if (state.mode === 'connecting' || state.mode === 'connected') {
          this.#close('frame-reject', 'the server rejected a frame (FRMR)');
        } else this.#line.discard(frame, `FRMR while the link is ${state.mode}`);
        return;
      default:
        this.#line.discard(frame, 'a command, not an answer');
    }
  }

  #refused(state: Connecting, now: Millis): void {
    const again = state.closing ? undefined : this.#refusals.again(now);
    state.turn = { whose: 'ours', pollAt: again };
    state.attempts = 0;
    if (state.closing) this.#close('local', 'disconnected');
    else if (again === undefined) this.#close('rejected', this.#refusals.reason);
  }

  /** Some servers refuse or ignore an SNRM with parameters: then the defaults are used, which need not be sent. */
  #lowered(state: Connecting): boolean {
    if (this.#config.insist === true || isDefault(state.own)) return false;
    state.own = DEFAULT_PARAMETERS;
    return true;
  }

  #opened({ own, closing }: Connecting, frame: HdlcFrame, now: Millis): void {
    let parameters: HdlcParameters;
    try {
      parameters = decodeParameters(frame.information);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#close('rejected', `the server's UA cannot be read: ${error.message}`);
      return;
    }
    const station = this.#newStation(negotiate(own, parameters));
    this.#state = newlyConnected(station, closing, now);
    const { maxInfoTransmit, windowTransmit } = station.parameters;
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
  #receiveNumbered(state: Connected, frame: HdlcFrame, now: Millis): void {
    const { station } = state;
    const { type, pf, nr, ns } = frame.control;
    const vouches = this.#config.acknowledgeByAnswer === true && type === 'I' && ns === station.vr;
    const acknowledged = station.acknowledge(vouches ? station.vs : nr);
    if (acknowledged < 0) {
      // Late repetitions cause this. They must have no effect.
      this.#line.discard(frame, `N(R) ${nr} acknowledges what was not sent`);
      return;
    }
    station.peerBusy = type === 'RNR';
    if (acknowledged > 0) state.progress = true;
    let late = acknowledged === 0 && type === 'RR' && state.asked === 1;
    if (type === 'I') {
      const sequence = station.receive(frame);
      if (sequence === 'too-long') {
        this.#close('frame-reject', `the server sent ${station.excess}`);
        return;
      }
      if (sequence === 'taken') {
        state.progress = true;
        this.#deliver(state, frame);
      } else {
        this.#line.discard(frame, sequence === 'gap' ? 'an I frame before it is missing' : 'this I frame came before');
        late = acknowledged === 0 && sequence === 'repeated';
      }
    }
    if (!pf) return;
    // A late answer to a question that we have repeated does not give us the turn: the answer to the repetition is still to come.
    if (late) this.#line.discard(frame, 'a late answer to an earlier question');
    else if (isTheirs(state)) this.#turn(state, now);
  }

  #deliver(state: Connected, { source }: HdlcFrame): void {
    const information = state.station.takePayload();
    if (information === undefined) return;
    if (state.expected > 0) state.expected--;
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
    const state = this.#state;
    if (!frame.control.pf || state.mode !== 'connected' || !isTheirs(state)) return;
    if (isAnswer(frame, this.#us, this.#them)) this.#turn(state, now);
  }

  lostOctets(): void {
    this.#unconfirmed.reset();
  }

  pending(): string | undefined {
    return this.#state.station.pending ?? this.#unconfirmed.pending;
  }

  /** The server gave us the turn (F=1). */
  #turn(state: Connected, now: Millis): void {
    const { station, progress } = state;
    state.turn = OUR_TURN;
    const wanting = station.missed || station.joining || (station.unacknowledged > 0 && !station.peerBusy);
    if (progress) state.patientSince = undefined;
    if (progress || !wanting) {
      state.attempts = 0;
      state.progress = false;
    } else if (++state.attempts > this.#retries) {
      this.#close('timeout', 'the server answers, but frames do not get through');
      return;
    }
    this.#speak(now);
  }

  /** It is our turn: sends what is waiting. */
  #speak(now: Millis): void {
    const state = this.#state;
    for (const { to, information } of this.#waitingUi.splice(0)) {
      this.#line.transmit(to, this.#us, commandControl('UI', false), information, false);
    }
    if (state.mode === 'disconnected') return;
    state.turn = OUR_TURN;
    if (state.mode !== 'connected') return;
    const { station } = state;
    if (state.closing) this.#part(station, now);
    else if ((station.hasWork && !station.peerBusy) || station.missed || station.joining) this.#ask(state, now);
    else if (state.expected > 0 || station.hasWork) {
      state.patientSince ??= now;
      state.turn = { whose: 'ours', pollAt: now + (this.#config.pollInterval ?? 200) };
    } else if (this.#config.keepAlive) {
      state.turn = { whose: 'ours', pollAt: now + this.#config.keepAlive };
    }
  }

  /** Ends the link by DISC, which the server must confirm. */
  #part(station: HdlcStation, now: Millis): void {
    const state: Disconnecting = { mode: 'disconnecting', station, turn: OUR_TURN, attempts: 0 };
    this.#state = state;
    this.#ask(state, now);
  }

  /** Sends what the state needs, with P=1, which gives the turn to the server. @param poll RR only, to learn what the server has received. */
  #ask(state: Connecting | Connected | Disconnecting, now: Millis, poll = false): void {
    const { station } = state;
    if (state.mode === 'connecting') state.turn = this.#questions.connect(state.own, station, now);
    else if (state.mode === 'disconnecting') state.turn = this.#questions.disconnect(station, now);
    else if (poll || station.peerBusy || !station.hasWork) {
      state.asked = 0;
      state.turn = this.#questions.poll(station, now);
    } else {
      const { turn, asked } = this.#questions.burst(station, now);
      state.asked = asked;
      state.turn = turn;
    }
  }

  handleTimeout(now: Millis): void {
    const state = this.#state;
    if (state.mode !== 'disconnected') {
      const { turn } = state;
      if (turn.whose === 'theirs') {
        if (now >= turn.until) this.#unanswered(state, turn, now);
      } else if (turn.pollAt !== undefined && now >= turn.pollAt) this.#poll(state, now);
    }
    this.#checkInactivity(now);
  }

  #checkInactivity(now: Millis): void {
    const { inactivityTimeout } = this.#config;
    const state = this.#state;
    if (!inactivityTimeout || state.mode !== 'connected' || now < state.lastHeard + inactivityTimeout) return;
    this.#close('timeout', `no frame for ${now - state.lastHeard} ms`);
  }

  #unanswered(state: Connecting | Connected | Disconnecting, turn: TheirTurn, now: Millis): void {
    const coming = this.#line.receivingUntil();
    if (coming !== undefined && coming > now && now < turn.atMost) {
      state.turn = { ...turn, until: Math.min(coming, turn.atMost) };
      return;
    }
    state.turn = OUR_TURN;
    if (state.mode === 'connecting' && state.closing) this.#part(state.station, now);
    else if (state.mode === 'connected' && state.closing) this.#speak(now);
    else if (++state.attempts > this.#retries) {
      if (state.mode === 'disconnecting') this.#close('local', 'disconnected; the server did not confirm it');
      else this.#close('timeout', `no answer to ${counted(state.attempts, 'question')}`);
    } else {
      if (state.mode === 'connecting' && state.attempts > 1) this.#lowered(state);
      // A single frame is simply repeated. With several frames, or none, the server is first asked what it has received.
      this.#ask(state, now, state.station.unacknowledged !== 1);
    }
  }

  /** The time of the next poll has come. */
  #poll(state: Connecting | Connected | Disconnecting, now: Millis): void {
    if (state.mode !== 'connected') {
      this.#ask(state, now);
      return;
    }
    const { patience = 60_000 } = this.#config;
    const { patientSince = now } = state;
    const tired = state.patientSince !== undefined && now - patientSince >= patience;
    if (tired && state.station.hasWork) {
      this.#close('timeout', `the server has been busy (RNR) for ${now - patientSince} ms`);
    } else if (tired) {
      state.expected = 0;
      state.patientSince = undefined;
      this.#speak(now);
    } else this.#ask(state, now, true);
  }

  #close(cause: CloseCause, reason: string, unheard = false): void {
    this.#state = { mode: 'disconnected', station: this.#state.station };
    const { client, server } = this.#config;
    this.#line.event({ type: 'closed', cause, reason, client, server, ...(unheard ? { unheard } : {}) });
  }

  pollTimeout(): Millis | undefined {
    return dueAt(this.#state, this.#config.inactivityTimeout);
  }
}
