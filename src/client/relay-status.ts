import type { Millis } from '../base/clock.js';
import { AccessError } from '../base/errors.js';
import type { Infer } from '../codec/type.js';
import type { controlState } from '../cosem/classes/disconnect-control.js';
import type { CallOptions } from './meter-calls.js';

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

/** Options of an order to the relay. */
export interface RelayOptions extends CallOptions {
  /** How long the relay may take to move, in milliseconds. Default 10 s. */
  readonly patience?: Millis;
}
