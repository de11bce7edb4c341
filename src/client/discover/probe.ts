import type { Clock, Millis } from '../../base/clock.js';
import { LinkError } from '../../base/errors.js';
import type { ConnectedEvent, Link } from '../../contracts/link.js';
import type { Transport } from '../../contracts/transport.js';
import { ClientDriver, type LineEcho } from '../../transport/driver.js';
import type { TraceEvent } from '../trace-event.js';
import type { MeterAddress, Sighting } from './plan.js';

/** Options of a link that sends its request once. */
export interface ProbeLinkOptions extends MeterAddress {
  readonly client: number;
  /** How long the meter may take to begin its answer. */
  readonly wait: Millis;
  /** Duration of an octet on the line, in milliseconds. */
  readonly octetTime: Millis;
}

/** This many octets may come when a probe is attached or an adapter opened; no answer is as short. */
const NOISE = 2;

/**
 * Connects a link and returns what was seen. The link is left as it is, up or down; the next link takes the line over.
 * @param echo the echo state of this line for all attempts, so that it is learnt once.
 * @throws LinkError when the line is not available or breaks.
 */
export async function tryLink(
  line: Transport,
  link: Link,
  clock: Clock,
  echo: LineEcho,
  trace: ((event: TraceEvent) => void) | undefined,
): Promise<Sighting & { readonly event?: ConnectedEvent }> {
  echo.expectNothing();
  const before = echo.passed;
  const driver = new ClientDriver(line, link, clock, {
    echo,
    ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
    onLinkEvent: (event, now) => trace?.({ type: 'link', event, now }),
  });
  try {
    const event = await driver.connect();
    return { result: 'answered', echo: echo.echoing, event };
  } catch (error) {
    if (!(error instanceof LinkError) || error.reason === 'transport' || error.reason === 'peer-closed') throw error;
    if (error.reason === 'no-answer')
      return { result: echo.passed - before > NOISE ? 'garbled' : 'silent', echo: echo.echoing };
    return { result: 'refused', echo: echo.echoing };
  }
}
