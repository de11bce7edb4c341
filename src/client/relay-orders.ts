import type { Millis } from '../base/clock.js';
import { AccessError, DecodeError, UncertainError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Type } from '../codec/type.js';
import { choice, nullData } from '../codec/types.js';
import { type AttributeRef, attributeTarget } from '../cosem/class.js';
import type { DisconnectControlObject } from '../cosem/classes/disconnect-control.js';
import { sleep } from './attempts.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import { leavesDoubt } from './orders.js';
import type { Outcome } from './outcome.js';
import { reasonOf } from './read-back.js';
import { type RelayOptions, type RelayOrder, RelayOutcome, RelayStatus } from './relay-status.js';

const RELAY_OPTIONS: OptionNames<RelayOptions> = { patience: true, signal: true };
const OTHERS = { others: { timeout: 'patience' } };
const PATIENCE: Millis = 10_000;
const INTERVAL: Millis = 1000;
/**
 * Control modes in which a remote command closes the relay itself (Blue Book 4.5.8). In others it makes the relay ready for the consumer.
 */
const CLOSED_FROM_AFAR: readonly number[] = [2, 4];

/** What carries out orders to a relay: loaded with the first one. */
export class RelayOrders {
  readonly object: DisconnectControlObject;
  readonly #meter: MeterCalls;

  constructor(meter: MeterCalls, object: DisconnectControlObject) {
    this.#meter = meter;
    this.object = object;
  }

  get #target(): string {
    return `70:${this.object.self.logicalName}`;
  }

  /** See {@link Relay.status}. */
  async status(options?: CallOptions): Promise<RelayStatus> {
    const { outputState, controlState, controlMode } = this.object;
    const refs = [orNothing(outputState), orNothing(controlState), controlMode] as const;
    const [output, control, mode] = await this.#meter.tryGetAll(refs, options);
    const connected = output.ok ? output.value : null;
    const state = control.ok ? control.value : null;
    if (connected === null) this.#sideless(outputState, output);
    if (state === null) this.#sideless(controlState, control);
    if (!mode.ok) this.#sideless(controlMode, mode);
    if (connected === null && state === null) throw control.ok ? this.#nothingTold() : control.error;
    return new RelayStatus({
      connected: connected ?? state === 'connected',
      state: state ?? (connected === true ? 'connected' : 'disconnected'),
      mode: mode.ok ? mode.value : undefined,
    });
  }

  /** See {@link Relay.disconnect}. */
  async disconnect(options: RelayOptions = {}): Promise<RelayOutcome> {
    checkOptions(options, RELAY_OPTIONS, 'disconnect', OTHERS);
    const send = () => this.#meter.call(this.object.remoteDisconnect, undefined, signalOf(options));
    return this.#order('disconnect', send, ({ connected, state }) => !connected && state !== 'connected', options);
  }

  /** See {@link Relay.reconnect}. */
  async reconnect(options: RelayOptions = {}): Promise<RelayOutcome> {
    checkOptions(options, RELAY_OPTIONS, 'reconnect', OTHERS);
    const send = () => this.#meter.call(this.object.remoteReconnect, undefined, signalOf(options));
    const before = await this.#before(signalOf(options));
    const done = (status: RelayStatus, doubted: boolean) => isReconnected(status, doubted, before);
    return this.#order('connect', send, done, options);
  }

  /** The state before a command; undefined where it cannot be read. */
  async #before(options: CallOptions): Promise<RelayStatus | undefined> {
    try {
      return await this.status(options);
    } catch (error) {
      if (error instanceof AccessError || error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  async #order(
    order: RelayOrder,
    send: () => Promise<void>,
    done: (status: RelayStatus, doubted: boolean) => boolean,
    { patience = PATIENCE, ...options }: RelayOptions,
  ): Promise<RelayOutcome> {
    let doubt: UncertainError | AccessError | undefined;
    try {
      await send();
    } catch (error) {
      if (!leavesDoubt(error) || !this.#meter.connected) throw error;
      doubt = error;
    }
    const status = await this.#settled(order, done, patience, doubt, options);
    if (status.done || doubt === undefined) {
      if (doubt !== undefined)
        this.#remark(
          'order-looked-at',
          `the answer to the order to ${order} did not tell whether it was done (${reasonOf(doubt)}); the relay was looked at: it is`,
        );
      return status;
    }
    if (doubt instanceof AccessError) throw doubt;
    throw new UncertainError(
      doubt.target,
      `it is not known whether the order to ${order} was carried out (${reasonOf(doubt)}); the relay is ${status.state.replaceAll('-', ' ')} now`,
      { hint: 'the order was not given twice: look at the relay again in a minute, then decide', cause: doubt.cause },
    );
  }

  /** The state once it is as wanted, or when patience is over. */
  async #settled(
    order: RelayOrder,
    done: (status: RelayStatus, doubted: boolean) => boolean,
    patience: Millis,
    doubt: UncertainError | AccessError | undefined,
    options: CallOptions,
  ): Promise<RelayOutcome> {
    const { timer } = this.#meter;
    const until = timer.now() + patience;
    for (;;) {
      const status = await this.#look(doubt, options);
      const isDone = done(status, doubt !== undefined);
      if (isDone || timer.now() >= until)
        return new RelayOutcome(status, { done: isDone, order, target: this.#target });
      await sleep(timer, INTERVAL, options.signal);
    }
  }

  /** The state after a command. If it cannot be read, the result of the command is unknown. */
  async #look(doubt: UncertainError | AccessError | undefined, options: CallOptions): Promise<RelayStatus> {
    try {
      return await this.status(options);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (doubt !== undefined) throw doubt;
      const target = attributeTarget(this.object.outputState);
      const why = error instanceof Error ? error.message : String(error);
      throw new UncertainError(target, `the meter took the order, but its relay cannot be looked at (${why})`, {
        hint: 'do not simply repeat the order: look at the relay as a client that may read it, or at the supply itself, then decide',
        cause: error,
      });
    }
  }

  #sideless(ref: AttributeRef<unknown>, outcome: Outcome<unknown>): void {
    const why = outcome.ok ? 'it holds nothing' : outcome.error.message;
    this.#remark('side-attribute', `${ref.name} of the relay is not told (${why})`, attributeTarget(ref), 'detail');
  }

  #nothingTold(): AccessError {
    const target = attributeTarget(this.object.controlState);
    return new AccessError(
      'not-told',
      target,
      `${target}: the meter tells neither the relay's output nor its control state`,
      {
        hint: 'look into the object list, or connect as another client',
      },
    );
  }

  #remark(code: string, text: string, target?: string, weight: 'note' | 'detail' = 'note'): void {
    this.#meter.remark({ code, text, target: target ?? this.#target, weight });
  }
}

function signalOf({ signal }: RelayOptions = {}): CallOptions {
  return given({ signal });
}

/** The same attribute, but null-data is accepted in place of its value. */
function orNothing<T>(ref: AttributeRef<T>): AttributeRef<T | null> {
  return { ...ref, type: choice(nullData, ref.type) as Type<T | null> };
}

/**
 * "Ready" is the final state only where the control mode is known to leave closing to the consumer. Where it is unknown whether the command
 * was carried out, a relay that was ready before proves nothing.
 */
function isReconnected(
  { connected, state, mode }: RelayStatus,
  doubted: boolean,
  before: RelayStatus | undefined,
): boolean {
  if (state !== 'ready-for-reconnection') return connected && state === 'connected';
  if (mode === undefined || CLOSED_FROM_AFAR.includes(mode)) return false;
  return !doubted || (before !== undefined && before.state !== state);
}
