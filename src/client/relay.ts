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

  /** Opens the relay, then tells what has become of it. @throws AccessError when the meter refuses, as in control mode 0. */
  async disconnect(): Promise<RelayStatus> {
    await this.#meter.call(this.object.remoteDisconnect);
    return this.status();
  }

  /**
   * Closes the relay where the control mode allows it from afar, or makes it ready for reconnection by hand; the status says which.
   * @throws AccessError when the meter refuses.
   */
  async reconnect(): Promise<RelayStatus> {
    await this.#meter.call(this.object.remoteReconnect);
    return this.status();
  }
}
