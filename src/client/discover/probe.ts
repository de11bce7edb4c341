import type { Clock, Millis } from '../../base/clock.js';
import { LinkError } from '../../base/errors.js';
import type { Link } from '../../link/link.js';
import { ClientDriver, type ConnectedEvent } from '../../transport/driver.js';
import type { TraceEntry } from '../../transport/pump.js';
import type { Transport } from '../../transport/transport.js';
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
 * @throws LinkError when the line is not to be had or breaks.
 */
export async function tryLink(
  line: Transport,
  link: Link,
  clock: Clock,
  trace: ((event: TraceEvent) => void) | undefined,
): Promise<Sighting & { readonly event?: ConnectedEvent }> {
  const watch = new EchoWatch();
  const driver = new ClientDriver(line, link, clock, {
    trace: (entry) => {
      watch.see(entry);
      trace?.({ type: 'octets', ...entry });
    },
    onLinkEvent: (event, now) => trace?.({ type: 'link', event, now }),
  });
  try {
    const event = await driver.connect();
    return { result: 'answered', echo: watch.echo, event };
  } catch (error) {
    if (!(error instanceof LinkError) || error.reason === 'transport' || error.reason === 'peer-closed') throw error;
    if (error.reason === 'no-answer') return { result: watch.foreign ? 'garbled' : 'silent', echo: watch.echo };
    return { result: 'refused', echo: watch.echo };
  }
}

/** Tells our own octets, come back, from others. */
class EchoWatch {
  readonly #sent: number[] = [];
  #returned = 0;
  #foreign = 0;

  /** Everything that was sent came back. */
  get echo(): boolean {
    return this.#sent.length > 0 && this.#returned === this.#sent.length;
  }

  /** Octets came that we did not send. */
  get foreign(): boolean {
    return this.#foreign > NOISE;
  }

  see({ direction, bytes }: TraceEntry): void {
    if (direction === 'sent') this.#sent.push(...bytes);
    else for (const octet of bytes) this.#hear(octet);
  }

  #hear(octet: number): void {
    // At 7E1 the parity bit is sent, and not heard.
    if (octet === this.#sent[this.#returned] && this.#foreign === 0) this.#returned++;
    else this.#foreign++;
  }
}
