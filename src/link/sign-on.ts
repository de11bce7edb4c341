import type { Link, LinkEvent } from '../contracts/link.js';
import { ModeELink } from './mode-e.js';
import type { ModeEClientConfig } from './mode-e-config.js';

/**
 * The sign-on of mode E alone: it is connected when the meter has sent its identification and the line has the negotiated speed. A search for the HDLC
 * address of the meter then continues with links of its own.
 */
export function signOnLink(config: Omit<ModeEClientConfig, 'role'> = {}): ModeELink {
  return new ModeELink({ role: 'client', ...config }, new Arrived());
}

/** An empty link that is connected at once. */
class Arrived implements Link {
  readonly #events: LinkEvent[] = [];

  connect(): void {
    this.#events.push({ type: 'connected', maxInfo: 0, window: 0, client: 0, server: 0 });
  }

  send(): void {}

  disconnect(): void {
    this.#events.push({ type: 'closed', cause: 'local', reason: 'disconnected' });
  }

  receive(): void {}

  handleTimeout(): void {}

  pollTimeout(): undefined {
    return undefined;
  }

  pollTransmit(): undefined {
    return undefined;
  }

  pollEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }
}
