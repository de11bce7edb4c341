import type { Millis } from '../base/clock.js';
import { AccessError, DecodeError, UncertainError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import type { Infer, Type } from '../codec/type.js';
import { choice, nullData } from '../codec/types.js';
import { type AttributeRef, attributeTarget } from '../cosem/class.js';
import type { controlState, DisconnectControlObject } from '../cosem/classes/time.js';
import { sleep } from './attempts.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import type { Outcome } from './outcome.js';
import { reasonOf } from './read-back.js';
import { leavesDoubt } from './refusal.js';

/** State of the supply's disconnection relay (Disconnect control, class 70). */
export class RelayStatus {
  /** Whether the supply is physically connected; told from the control state where the meter does not say it. */
  readonly connected: boolean;
  /**
   * control_state. `ready-for-reconnection`: the consumer may close it by hand. Derived from the output where the meter does not give it.
   */
  readonly state: Infer<typeof controlState>;
  /**
   * control_mode, 0 to 6: which ways to disconnect and reconnect are possible. In mode 0 the relay never opens. Undefined where this client
   * may not read it.
   */
  readonly mode: number | undefined;

  /** @internal */
  constructor({ connected, state, mode }: RelayParts) {
    this.connected = connected;
    this.state = state;
    this.mode = mode;
  }

  /** For people: `the supply is connected (control state connected, control mode 4)`. */
  get text(): string {
    const mode = this.mode === undefined ? '' : `, control mode ${this.mode}`;
    const state = this.state.replaceAll('-', ' ');
    return `the supply is ${this.connected ? 'connected' : 'disconnected'} (control state ${state}${mode})`;
  }

  /**
   * Whether an order would change anything. A relay that is closed while it is not ready, for example while the supply is off by hand, still
   * needs the order to connect.
   */
  needs(order: RelayOrder): boolean {
    const { connected, state } = this;
    return order === 'connect' ? !connected || state !== 'connected' : connected || state !== 'disconnected';
  }

  /** The status in words, as `text`. */
  toString(): string {
    return this.text;
  }

  /** As `cosem relay --json` tells it. */
  toJSON(): RelayJson {
    return { connected: this.connected, state: this.state, mode: this.mode ?? null };
  }
}

/** What a relay is told to do. */
export type RelayOrder = 'connect' | 'disconnect';

/** What a {@link RelayStatus} is made of. */
type RelayParts = Pick<RelayStatus, 'connected' | 'state' | 'mode'>;

/** The status of a relay as JSON. */
export interface RelayJson {
  /** Whether the supply is connected. */
  readonly connected: boolean;
  /** The control state, such as `ready-for-reconnection`. */
  readonly state: RelayStatus['state'];
  /** The control mode, 0 to 6; null where it could not be read. */
  readonly mode: number | null;
  /** Of an order: whether it was carried out. */
  readonly done?: boolean;
}

/** An order, and whether it was carried out. */
interface Ordered {
  readonly done: boolean;
  readonly order: RelayOrder;
  /** The object that was told. */
  readonly target: string;
}

/** What has become of an order. */
export class RelayOutcome extends RelayStatus {
  /** Whether the relay is what it was told to be: as far as the order goes, which may end with a consumer who has to press a button. */
  readonly done: boolean;
  readonly #order: RelayOrder;
  readonly #target: string;

  /** @internal */
  constructor(status: RelayParts, { done, order, target }: Ordered) {
    super(status);
    this.done = done;
    this.#order = order;
    this.#target = target;
  }

  /** @throws AccessError with `not-done` when the meter took the order and its relay does not show it. */
  mustBeDone(): void {
    if (this.done) return;
    const { connected, state } = this;
    const supply = connected ? 'connected' : 'disconnected';
    const words = state.replaceAll('-', ' ');
    const still =
      connected === (this.#order === 'connect')
        ? `its control state is still ${words}, though the supply is ${supply}`
        : `the supply is still ${supply} (control state ${words})`;
    throw new AccessError(
      'not-done',
      this.#target,
      `${this.#target}: the meter took the order to ${this.#order}, but ${still}`,
      {
        hint: 'look again in a minute: cosem relay status; is there a switch by hand, a limiter or a fault in the event log?',
      },
    );
  }

  override get text(): string {
    return this.done ? super.text : `not done: ${super.text}`;
  }

  override toJSON(): RelayJson {
    return { ...super.toJSON(), done: this.done };
  }
}

export interface RelayOptions extends CallOptions {
  /** How long the relay may take to move, in milliseconds. Default 10 s. */
  readonly patience?: Millis;
}

const RELAY_OPTIONS: OptionNames<RelayOptions> = { patience: true, signal: true };
const OTHERS = { others: { timeout: 'patience' } };
const PATIENCE: Millis = 10_000;
const INTERVAL: Millis = 1000;
/**
 * Control modes in which a remote command closes the relay itself (Blue Book 4.5.8). In others it makes the relay ready for the consumer.
 */
const CLOSED_FROM_AFAR: readonly number[] = [2, 4];

/** The supply's disconnection relay: `meter.relay()`. */
export class Relay {
  /** References to the attributes and methods of the disconnect control object. */
  readonly object: DisconnectControlObject;
  readonly #meter: MeterCalls;

  /** @internal Made by `Meter.relay`. */
  constructor(meter: MeterCalls, object: DisconnectControlObject) {
    this.#meter = meter;
    this.object = object;
  }

  get #target(): string {
    return `70:${this.object.self.logicalName}`;
  }

  /** Reads the state of the relay. @throws AccessError, DecodeError when neither output nor control state can be read. */
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

  /**
   * Opens the relay, then reads its state until it has moved or patience is over. The command is sent once; whatever its answer, the state
   * is read.
   * @returns the state afterwards; {@link RelayOutcome.done} says whether the relay opened.
   * @throws AccessError when the meter refuses, as in control mode 0, and the relay did not move; UncertainError when the answer was lost,
   * or cannot be read, and the state does not show that the command was carried out.
   */
  async disconnect(options: RelayOptions = {}): Promise<RelayOutcome> {
    checkOptions(options, RELAY_OPTIONS, 'disconnect', OTHERS);
    const send = () => this.#meter.call(this.object.remoteDisconnect, undefined, signalOf(options));
    return this.#order('disconnect', send, ({ connected, state }) => !connected && state !== 'connected', options);
  }

  /**
   * Closes the relay where the control mode allows it remotely, or makes it ready for reconnection by hand; the state shows which.
   * @returns as {@link disconnect}.
   * @throws AccessError when the meter refuses; UncertainError as {@link disconnect}.
   */
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
