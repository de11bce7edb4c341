import type { Millis } from '../base/clock.js';
import type { TheirTurn } from './hdlc-client-state.js';
import { type HdlcClientConfig, type LineSide, NO_INFORMATION } from './hdlc-config.js';
import { commandControl, type HdlcAddress } from './hdlc-frame.js';
import { encodeParameters, type HdlcParameters, isDefault } from './hdlc-parameters.js';
import type { HdlcStation } from './hdlc-station.js';

/** An answer that keeps coming in slowly is given up after so many times `responseTimeout`. */
const TRICKLE = 10;
/** The most octets of a frame beside its information. */
const AROUND = 16;

/** Sends the frames of a client with P=1. Each gives the turn to the server, and returns until when the server must answer. */
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

  /** Sends SNRM. An SNRM without information proposes the defaults. */
  connect(own: HdlcParameters, station: HdlcStation, now: Millis): TheirTurn {
    return this.#ask('SNRM', isDefault(own) ? NO_INFORMATION : encodeParameters(own), station, now);
  }

  disconnect(station: HdlcStation, now: Millis): TheirTurn {
    return this.#ask('DISC', NO_INFORMATION, station, now);
  }

  /** Sends RR, to learn what the server has received and whether it has an answer. */
  poll(station: HdlcStation, now: Millis): TheirTurn {
    station.missed = false;
    return this.#ask('RR', NO_INFORMATION, station, now);
  }

  /** Sends a window of I frames. @returns also how many there were (`asked`). */
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
