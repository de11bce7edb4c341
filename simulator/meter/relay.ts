import type { Millis } from '../../src/base/clock.js';
import { AccessError } from '../../src/base/errors.js';
import type { Process } from './process.js';

/** control_state of a disconnect control (class 70): 0, 1 and 2 in this order. */
export type ControlState = 'disconnected' | 'connected' | 'ready-for-reconnection';

/** Why neither the meter nor its button may close the relay: credit ran out, the limiter locked it, or the cover was opened. */
export type Hold = 'credit' | 'lockout' | 'cover';

/** The transitions that each control mode allows (Blue Book, disconnect control). A remote disconnect is allowed in every mode but 0. */
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
/** Milliseconds between being made ready and the meter closing the relay itself. */
const CLOSING_DELAY = 1000;

/** The relay: states and control modes of class 70. Indian meters are delivered in mode 6. */
export class SupplyRelay implements Process {
  #state: ControlState = 'connected';
  #mode = 6;
  /** The contacts, which follow the state unless they are stuck. */
  #closed = true;
  #stuck = false;
  readonly #holds = new Set<Hold>();
  /** When the meter will close it by itself. */
  #closeAt: Millis | undefined;
  /** Called when the contacts open or close. */
  onSwitch: (closed: boolean, at: Millis) => void = () => {};
  /** Called when the contacts did not follow. */
  onStuck: (closed: boolean, at: Millis) => void = () => {};

  /** control_state. */
  get state(): ControlState {
    return this.#state;
  }

  /** output_state: whether the contacts are closed. */
  get connected(): boolean {
    return this.#closed;
  }

  get mode(): number {
    return this.#mode;
  }

  /** Whether the meter itself may close the relay again. */
  get reconnectsItself(): boolean {
    return this.#rules.localReconnect;
  }

  isHeld(hold: Hold): boolean {
    return this.#holds.has(hold);
  }

  /** @throws AccessError for a mode that version 0 of the class does not have. */
  setMode(mode: number, now: Millis): void {
    if (MODES[mode] === undefined)
      throw new AccessError('type-unmatched', `${TARGET}:4`, `there is no control mode ${mode}`);
    this.#mode = mode;
    if (mode === 0) this.#to('connected', now);
    else this.#closeSoon(now);
  }

  remoteDisconnect(now: Millis): void {
    this.#closeAt = undefined;
    // A remote disconnect replaces the hold that an opened cover set.
    this.#holds.delete('cover');
    this.#to(this.#mode === 0 ? 'connected' : 'disconnected', now);
  }

  /** @throws AccessError unless the relay was disconnected remotely. */
  remoteReconnect(now: Millis): void {
    if (this.#mode === 0) this.#to('connected', now);
    else if (this.#state === 'disconnected') {
      this.#to(this.#rules.remoteReconnect === 'close' ? 'connected' : 'ready-for-reconnection', now);
      this.#closeSoon(now);
    } else {
      throw new AccessError('temporary-failure', `${TARGET}:2()`, `the relay is ${this.#state}, not disconnected`);
    }
  }

  /** The button on the meter, pressed while connected. */
  manualDisconnect(now: Millis): void {
    if (this.#rules.manualDisconnect && this.#state === 'connected') this.#to('ready-for-reconnection', now);
  }

  /** The button on the meter, pressed while ready. It does nothing while something holds the relay. */
  manualReconnect(now: Millis): void {
    if (this.#state === 'ready-for-reconnection' && this.#holds.size === 0) this.#to('connected', now);
  }

  /**
   * The meter opens the relay by itself.
   * @param closeAfter milliseconds after which it tries to close it again; left out for never.
   */
  localDisconnect(now: Millis, closeAfter?: Millis): void {
    if (this.#mode === 0 || this.#state !== 'connected') return;
    this.#to('ready-for-reconnection', now);
    if (closeAfter !== undefined && this.#rules.localReconnect) this.#closeAt = now + closeAfter;
  }

  /** The meter closes it again by itself. */
  localReconnect(now: Millis): void {
    if (this.#rules.localReconnect && this.#state === 'ready-for-reconnection' && this.#holds.size === 0)
      this.#to('connected', now);
  }

  /** Sets a reason for which neither the meter nor the button may close the relay. */
  hold(hold: Hold): void {
    this.#holds.add(hold);
  }

  /** Removes such a reason. The meter then closes the relay where the control mode says so. */
  release(hold: Hold, now: Millis): void {
    if (!this.#holds.delete(hold) || this.#holds.size > 0) return;
    if (hold === 'lockout') this.localReconnect(now);
    else this.#closeSoon(now);
  }

  /** Makes the contacts stick as they are, whatever the relay is told; or frees them. */
  stick(stuck: boolean, now: Millis): void {
    this.#stuck = stuck;
    if (!stuck) this.#follow(now);
  }

  next(): Millis | undefined {
    return this.#closeAt;
  }

  step(at: Millis): void {
    this.#closeAt = undefined;
    this.localReconnect(at);
  }

  save() {
    return {
      state: this.#state,
      mode: this.#mode,
      closed: this.#closed,
      stuck: this.#stuck,
      holds: [...this.#holds],
      closeAt: this.#closeAt,
    };
  }

  load(saved: ReturnType<SupplyRelay['save']>): void {
    this.#state = saved.state;
    this.#mode = saved.mode;
    this.#closed = saved.closed;
    this.#stuck = saved.stuck;
    this.#holds.clear();
    for (const hold of saved.holds) this.#holds.add(hold);
    this.#closeAt = saved.closeAt;
  }

  get #rules() {
    return MODES[this.#mode] as (typeof MODES)[number];
  }

  #closeSoon(now: Millis): void {
    if (this.#state !== 'ready-for-reconnection' || !this.#rules.localReconnect || this.#holds.size > 0) return;
    this.#closeAt = now + CLOSING_DELAY;
  }

  #to(state: ControlState, now: Millis): void {
    this.#state = state;
    if (state === 'connected') this.#closeAt = undefined;
    this.#follow(now);
  }

  #follow(now: Millis): void {
    const wanted = this.#state === 'connected';
    if (this.#closed === wanted) return;
    if (this.#stuck) {
      this.onStuck(this.#closed, now);
      return;
    }
    this.#closed = wanted;
    this.onSwitch(wanted, now);
  }
}
