import type { Millis } from '../../src/base/clock.js';
import type { Link } from '../../src/contracts/link.js';

/** A link that hears nothing for `pause` milliseconds after it has spoken, like a meter whose receiver recovers slowly. */
export function deafLink(inner: Link, pause: Millis): Link {
  let time: Millis = 0;
  let until: Millis = Number.NEGATIVE_INFINITY;
  const at = (now: Millis) => {
    time = now;
    return now;
  };
  return {
    connect: (now) => inner.connect(at(now)),
    send: (payload, now, options) => inner.send(payload, at(now), options),
    awaitMore: (now) => inner.awaitMore?.(at(now)),
    disconnect: (now) => inner.disconnect(at(now)),
    receive: (chunk, now) => {
      if (at(now) >= until) inner.receive(chunk, now);
    },
    handleTimeout: (now) => inner.handleTimeout(at(now)),
    pollTimeout: () => inner.pollTimeout(),
    pollTransmit: () => {
      const frame = inner.pollTransmit();
      if (frame !== undefined) until = time + pause;
      return frame;
    },
    pollEvent: () => inner.pollEvent(),
  };
}
