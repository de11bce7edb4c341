import { UncertainError } from '../base/errors.js';
import type { Infer } from '../codec/type.js';
import type { controlState, DisconnectControlObject } from '../cosem/classes/time.js';
import type { Meter } from './meter.js';

/** State of the supply's disconnection relay (Disconnect control, class 70). */
export interface RelayStatus {
  /** Whether the supply is physically connected. */
  readonly connected: boolean;
  /** `ready-for-reconnection`: the consumer may close it by hand. */
  readonly state: Infer<typeof controlState>;
  /** control_mode, 0 to 6: which ways to disconnect and reconnect there are. In mode 0 the relay never opens. */
  readonly mode: number;
}

/** The supply's disconnection relay. */
export class Relay {
  readonly object: DisconnectControlObject;
  readonly #meter: Meter;

  /** @internal Made by {@link Meter.relay}. */
  constructor(meter: Meter, object: DisconnectControlObject) {
    this.#meter = meter;
    this.object = object;
  }

  async status(): Promise<RelayStatus> {
    const { outputState, controlState, controlMode } = this.object;
    const [connected, state, mode] = await this.#meter.get(outputState, controlState, controlMode);
    return { connected, state, mode };
  }

  /**
   * Opens the relay, then tells what has become of it. The order goes out once: when the line breaks before the answer, the relay is looked
   * at over the new connection.
   * @throws AccessError when the meter refuses, as in control mode 0; UncertainError when the answer was lost and the relay does not show that
   * it was carried out.
   */
  disconnect(): Promise<RelayStatus> {
    return this.#order('disconnect', ['disconnected'], () => this.#meter.call(this.object.remoteDisconnect));
  }

  /**
   * Closes the relay where the control mode allows it from afar, or makes it ready for reconnection by hand; the status says which.
   * @throws AccessError when the meter refuses; UncertainError as {@link disconnect}.
   */
  reconnect(): Promise<RelayStatus> {
    const states: RelayStatus['state'][] = ['connected', 'ready-for-reconnection'];
    return this.#order('reconnect', states, () => this.#meter.call(this.object.remoteReconnect));
  }

  async #order(name: string, wanted: readonly RelayStatus['state'][], send: () => Promise<void>): Promise<RelayStatus> {
    try {
      await send();
    } catch (error) {
      if (!(error instanceof UncertainError) || !this.#meter.connected) throw error;
      const status = await this.status();
      if (wanted.includes(status.state)) return status;
      throw new UncertainError(
        error.target,
        `the line broke before the answer to the order to ${name} came; the relay is ${status.state.replaceAll('-', ' ')} now`,
        { hint: 'the order was not given twice: look at the relay again in a minute, then decide', cause: error.cause },
      );
    }
    return this.status();
  }
}
