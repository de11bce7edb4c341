import type { Link, LinkEvent } from '../contracts/link.js';
import { ModeELink } from './mode-e.js';
import type { ModeEClientConfig } from './mode-e-config.js';

/**
 * The sign-on of mode E by itself: it counts as connected once the meter has told its name and the line stands at the speed agreed.
 * Whoever looks for the meter's HDLC address goes on from there with links of their own.
 */
export function signOnLink(config: Omit<ModeEClientConfig, 'role'> = {}): ModeELink {
  return new ModeELink({ role: 'client', ...config }, new Arrived());
}

/** A link with nothing in it: connected at once. */
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
