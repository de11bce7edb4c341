/** What an HDLC client knows in each of its states, and whose turn it is. */

import type { Millis } from '../base/clock.js';
import type { HdlcParameters } from './hdlc-parameters.js';
import type { HdlcStation } from './hdlc-station.js';

/** We may speak. A server that is busy, has no answer yet, or must be kept awake is asked again at `pollAt`. */
export interface OurTurn {
  readonly whose: 'ours';
  readonly pollAt: Millis | undefined;
}

/** The server is to answer: by `until`, and by `atMost` when its answer keeps trickling in. */
export interface TheirTurn {
  readonly whose: 'theirs';
  readonly until: Millis;
  readonly atMost: Millis;
}

export type Turn = OurTurn | TheirTurn;

export const OUR_TURN: OurTurn = { whose: 'ours', pollAt: undefined };

/** No link. */
export interface Disconnected {
  readonly mode: 'disconnected';
  /** Of the link that was: what had begun to come. */
  readonly station: HdlcStation;
}

interface Speaking {
  turn: Turn;
  /** Questions without effect, one after the other. */
  attempts: number;
}

/** SNRM was sent, or will be again. */
export interface Connecting extends Speaking {
  readonly mode: 'connecting';
  /** Of the link before. */
  readonly station: HdlcStation;
  /** What is proposed; the defaults once a proposal was refused. */
  own: HdlcParameters;
  /** The owner wants it no more, as soon as it is our turn. */
  closing: boolean;
}

/** Normal response mode. */
export interface Connected extends Speaking {
  readonly mode: 'connected';
  readonly station: HdlcStation;
  /** The owner wants the link closed, as soon as it is our turn. */
  closing: boolean;
  /** Payloads sent whose answer has not come. */
  expected: number;
  /** I frames sent with the question asked last. */
  asked: number;
  /** Something new was acknowledged or came since we last gave the turn away. */
  progress: boolean;
  /** Since when a server has been asked that is busy or has no answer yet. */
  patientSince: Millis | undefined;
  lastHeard: Millis;
}

/** DISC was sent. */
export interface Disconnecting extends Speaking {
  readonly mode: 'disconnecting';
  readonly station: HdlcStation;
}

export type ClientState = Disconnected | Connecting | Connected | Disconnecting;

/** The server has answered SNRM. @param closing whether the owner wanted no link any more meanwhile. */
export function newlyConnected(station: HdlcStation, closing: boolean, now: Millis): Connected {
  return {
    mode: 'connected',
    station,
    turn: OUR_TURN,
    attempts: 0,
    closing,
    expected: 0,
    asked: 0,
    progress: false,
    patientSince: undefined,
    lastHeard: now,
  };
}

/** Refused when it was sent, for the first time: what is not acknowledged was not taken. Of what was sent before, nobody knows. */
export function isUnheard({ asked, station }: Connected): boolean {
  return asked > 0 && !station.repeated && station.unacknowledged > 0;
}

/** Whether the server is to answer. */
export function isTheirs(state: ClientState): boolean {
  return state.mode !== 'disconnected' && state.turn.whose === 'theirs';
}

/** When something is to be done if nothing comes. @param inactivityTimeout silence that ends a link; 0 or undefined: none does. */
export function dueAt(state: ClientState, inactivityTimeout: Millis | undefined): Millis | undefined {
  if (state.mode === 'disconnected') return undefined;
  const next = state.turn.whose === 'theirs' ? state.turn.until : state.turn.pollAt;
  if (!inactivityTimeout || state.mode !== 'connected') return next;
  return Math.min(next ?? Number.POSITIVE_INFINITY, state.lastHeard + inactivityTimeout);
}
