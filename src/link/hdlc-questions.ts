import type { Millis } from '../base/clock.js';
import type { TheirTurn } from './hdlc-client-state.js';
import { type HdlcClientConfig, type LineSide, NO_INFORMATION } from './hdlc-config.js';
import { commandControl, type HdlcAddress } from './hdlc-frame.js';
import { encodeParameters, type HdlcParameters, isDefault } from './hdlc-parameters.js';
import type { HdlcStation } from './hdlc-station.js';

/** Times `responseTimeout` after which an answer that keeps trickling in is given up. */
const TRICKLE = 10;
/** Octets of a frame beside its information, at most. */
const AROUND = 16;

/** What a client asks with P=1: each question gives the turn to the server, and tells until when. */
export class HdlcQuestions {
  readonly #line: LineSide;
  readonly #us: HdlcAddress;
  readonly #them: HdlcAddress;
  readonly #octetTime: Millis;
  readonly #responseTimeout: Millis;

  constructor(line: LineSide, us: HdlcAddress, them: HdlcAddress, config: HdlcClientConfig) {
    this.#line = line;
    this.#us = us;
    this.#them = them;
    this.#octetTime = config.octetTime ?? 0;
    this.#responseTimeout = config.responseTimeout ?? 3000;
  }

  /** Defaults need not be told: an SNRM without information proposes them. */
  connect(own: HdlcParameters, station: HdlcStation, now: Millis): TheirTurn {
    return this.#ask('SNRM', isDefault(own) ? NO_INFORMATION : encodeParameters(own), station, now);
  }

  disconnect(station: HdlcStation, now: Millis): TheirTurn {
    return this.#ask('DISC', NO_INFORMATION, station, now);
  }

  /** What the server has got, and whether it has something to say. */
  poll(station: HdlcStation, now: Millis): TheirTurn {
    station.missed = false;
    return this.#ask('RR', NO_INFORMATION, station, now);
  }

  /** The window of I frames. @returns how many there were, too. */
  burst(station: HdlcStation, now: Millis): { readonly turn: TheirTurn; readonly asked: number } {
    let asked = 0;
    let octets = 0;
    station.burst((control, segmented, information) => {
      asked++;
      octets += information.length + AROUND;
      this.#line.transmit(this.#them, this.#us, control, information, segmented);
    });
    return { turn: this.#turn(octets, now), asked };
  }

  #ask(type: 'SNRM' | 'DISC' | 'RR', information: Uint8Array, { vr }: HdlcStation, now: Millis): TheirTurn {
    this.#line.transmit(this.#them, this.#us, commandControl(type, true, vr), information, false);
    return this.#turn(information.length + AROUND, now);
  }

  #turn(octets: number, now: Millis): TheirTurn {
    const sent = now + octets * this.#octetTime;
    return { whose: 'theirs', until: sent + this.#responseTimeout, atMost: sent + TRICKLE * this.#responseTimeout };
  }
}
