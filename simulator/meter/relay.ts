import type { Millis } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';

export type ControlState = 'disconnected' | 'connected' | 'ready-for-reconnection';

/** Which transitions each control mode allows (Blue Book, disconnect control): remote always disconnects but in mode 0. */
const MODES: readonly {
  readonly remoteReconnect: 'close' | 'ready';
  readonly manualDisconnect: boolean;
  readonly localReconnect: boolean;
}[] = [
  { remoteReconnect: 'close', manualDisconnect: false, localReconnect: false },
  { remoteReconnect: 'ready', manualDisconnect: true, localReconnect: false },
  { remoteReconnect: 'close', manualDisconnect: true, localReconnect: false },
  { remoteReconnect: 'ready', manualDisconnect: false, localReconnect: false },
  { remoteReconnect: 'close', manualDisconnect: false, localReconnect: false },
  { remoteReconnect: 'ready', manualDisconnect: true, localReconnect: true },
  { remoteReconnect: 'ready', manualDisconnect: false, localReconnect: true },
];

const TARGET = '70:0.0.96.3.10.255';

/** The relay: states and control modes of class 70. Mode 6 is what Indian meters come with. */
export class Relay {
  #state: ControlState = 'connected';
  #mode = 6;
  /** Told when the contacts open or close. */
  onSwitch: (connected: boolean, at: Millis) => void = () => {};

  get state(): ControlState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#state === 'connected';
  }

  get mode(): number {
    return this.#mode;
  }

  /** Whether the meter itself may close the relay again. */
  get reconnectsItself(): boolean {
    return this.#rules.localReconnect;
  }

  /** @throws AccessError for a mode that version 0 of the class does not have. */
  setMode(mode: number, now: Millis): void {
    if (MODES[mode] === undefined)
      throw new AccessError('type-unmatched', `${TARGET}:4`, `there is no control mode ${mode}`);
    this.#mode = mode;
    if (mode === 0) this.#to('connected', now);
  }

  remoteDisconnect(now: Millis): void {
    if (this.#mode === 0) this.#to('connected', now);
    else this.#to('disconnected', now);
  }

  /** @throws AccessError unless the relay was disconnected remotely. */
  remoteReconnect(now: Millis): void {
    if (this.#mode === 0) this.#to('connected', now);
    else if (this.#state === 'disconnected') {
      this.#to(this.#rules.remoteReconnect === 'close' ? 'connected' : 'ready-for-reconnection', now);
    } else {
      throw new AccessError('temporary-failure', `${TARGET}:2()`, `the relay is ${this.#state}, not disconnected`);
    }
  }

  /** The button on the meter, pressed while connected. */
  manualDisconnect(now: Millis): void {
    if (this.#rules.manualDisconnect && this.connected) this.#to('ready-for-reconnection', now);
  }

  /** The button on the meter, pressed while ready. */
  manualReconnect(now: Millis): void {
    if (this.#state === 'ready-for-reconnection') this.#to('connected', now);
  }

  /** The limiter opens it. */
  localDisconnect(now: Millis): void {
    if (this.#mode !== 0 && this.connected) this.#to('ready-for-reconnection', now);
  }

  /** The meter closes it again by itself. */
  localReconnect(now: Millis): void {
    if (this.#rules.localReconnect && this.#state === 'ready-for-reconnection') this.#to('connected', now);
  }

  get #rules() {
    return MODES[this.#mode] as (typeof MODES)[number];
  }

  #to(state: ControlState, now: Millis): void {
    const before = this.connected;
    this.#state = state;
    if (this.connected !== before) this.onSwitch(this.connected, now);
  }
}
