import type { Clock, Millis } from '../../base/clock.js';
import { LinkError } from '../../base/errors.js';
import type { ConnectedEvent, Link } from '../../contracts/link.js';
import type { Transport } from '../../contracts/transport.js';
import { ClientDriver, type LineEcho } from '../../transport/driver.js';
import type { TraceEvent } from '../options.js';
import type { MeterAddress, Sighting } from './plan.js';

/** What a link that asks once is told. */
export interface ProbeLinkOptions extends MeterAddress {
  readonly client: number;
  /** How long the meter may take to begin its answer. */
  readonly wait: Millis;
  /** Time of an octet on the line. */
  readonly octetTime: Millis;
}

/** Octets that come when a probe is put on, or an adapter opened; no answer is so short. */
const NOISE = 2;

/**
 * Connects a link and tells what was seen. The link is left as it is, up or down: the next one takes the line over.
 * @param echo of this line, for all attempts: what it has learnt it keeps.
 * @throws LinkError when the line is not to be had or breaks.
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
