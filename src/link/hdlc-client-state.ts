/** The states of an HDLC client, each with its own data, and whose turn it is to send. */

import type { Millis } from '../base/clock.js';
import type { HdlcParameters } from './hdlc-parameters.js';
import type { HdlcStation } from './hdlc-station.js';

/** We may send. At `pollAt` a server is polled again that is busy, has no answer yet, or must be kept awake. */
export interface OurTurn {
  readonly whose: 'ours';
  readonly pollAt: Millis | undefined;
}

/** The server must answer by `until`, or by `atMost` if its answer keeps coming in slowly. */
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
  /** The station of the previous link, with what had come in part. */
  readonly station: HdlcStation;
}

interface Speaking {
  turn: Turn;
  /** Consecutive polls without effect. */
  attempts: number;
}

/** SNRM was sent, or will be sent again. */
export interface Connecting extends Speaking {
  readonly mode: 'connecting';
  /** The station of the previous link. */
  readonly station: HdlcStation;
  /** The proposed parameters; the defaults after a proposal was refused. */
  own: HdlcParameters;
  /** The owner has called `disconnect`: the link is given up as soon as it is our turn. */
  closing: boolean;
}

/** Normal response mode. */
export interface Connected extends Speaking {
  readonly mode: 'connected';
  readonly station: HdlcStation;
  /** The owner has called `disconnect`: DISC is sent as soon as it is our turn. */
  closing: boolean;
  /** Number of payloads sent whose answer has not come. */
  expected: number;
  /** Number of I frames in the last burst. */
  asked: number;
  /** Whether anything new was acknowledged or received since we last gave the turn to the server. */
  progress: boolean;
  /** Since when the server has been busy, or without an answer. */
  patientSince: Millis | undefined;
  lastHeard: Millis;
}

/** DISC was sent. */
export interface Disconnecting extends Speaking {
  readonly mode: 'disconnecting';
  readonly station: HdlcStation;
}

export type ClientState = Disconnected | Connecting | Connected | Disconnecting;

/** The state after the server has answered SNRM. @param closing whether the owner has called `disconnect` meanwhile. */
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

/** Whether the server certainly did not take the last frames: they were sent for the first time, and are not acknowledged. */
export function isUnheard({ asked, station }: Connected): boolean {
  return asked > 0 && !station.repeated && station.unacknowledged > 0;
}

/** Whether the server must answer now. */
export function isTheirs(state: ClientState): boolean {
  return state.mode !== 'disconnected' && state.turn.whose === 'theirs';
}

/** When `handleTimeout` must be called if nothing comes. @param inactivityTimeout a silence so long ends the link; never with 0 or undefined. */
export function dueAt(state: ClientState, inactivityTimeout: Millis | undefined): Millis | undefined {
  if (state.mode === 'disconnected') return undefined;
  const next = state.turn.whose === 'theirs' ? state.turn.until : state.turn.pollAt;
  if (!inactivityTimeout || state.mode !== 'connected') return next;
  return Math.min(next ?? Number.POSITIVE_INFINITY, state.lastHeard + inactivityTimeout);
}
