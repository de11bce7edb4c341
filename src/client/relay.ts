import { lazily } from '../base/clock.js';
import type { DisconnectControlObject } from '../cosem/classes/disconnect-control.js';
import type { CallOptions, MeterCalls } from './meter-calls.js';
import type { RelayOptions, RelayOutcome, RelayStatus } from './relay-status.js';

const loadOrders = lazily(async () => (await import('./relay-orders.js')).RelayOrders);

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

  /** Reads the state of the relay. @throws AccessError, DecodeError when neither output nor control state can be read. */
  async status(options?: CallOptions): Promise<RelayStatus> {
    const Orders = await loadOrders();
    return new Orders(this.#meter, this.object).status(options);
  }

  /**
   * Opens the relay, then reads its state until it has moved or patience is over. The command is sent once; whatever its answer, the state
   * is read.
   * @returns the state afterwards; {@link RelayOutcome.done} says whether the relay opened.
   * @throws AccessError when the meter refuses, as in control mode 0, and the relay did not move; UncertainError when the answer was lost,
   * or cannot be read, and the state does not show that the command was carried out.
   */
  async disconnect(options: RelayOptions = {}): Promise<RelayOutcome> {
    const Orders = await loadOrders();
    return new Orders(this.#meter, this.object).disconnect(options);
  }

  /**
   * Closes the relay where the control mode allows it remotely, or makes it ready for reconnection by hand; the state shows which.
   * @returns as {@link disconnect}.
   * @throws AccessError when the meter refuses; UncertainError as {@link disconnect}.
   */
  async reconnect(options: RelayOptions = {}): Promise<RelayOutcome> {
    const Orders = await loadOrders();
    return new Orders(this.#meter, this.object).reconnect(options);
  }
}
