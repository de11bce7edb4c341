import { onAbort } from '../base/abort.js';
import { systemClock } from '../base/clock.js';
import { CosemError } from '../base/errors.js';
import { given } from '../base/given.js';
import type { LinkEvent } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { asksShortNames, endsShortNames } from '../session/short-names-probe.js';
import { ClientDriver } from '../transport/driver.js';
import { asPublic } from './as-public.js';
import type { OpenOptions } from './options.js';
import type { Platform } from './platform.js';

/**
 * Asks a meter that refused an association once more, in the context of short names (IEC 62056-5-3 clause 7.2), over a separate data link
 * and as the same client. Nothing secret is sent.
 * @returns whether it accepts that context; false also where no answer comes.
 * @throws the reason of `signal`, where it is aborted; never LinkError or StateError, because a failed attempt proves nothing.
 */
export async function speaksShortNamesOn(
  platform: Pick<Platform, 'links'>,
  transport: Transport,
  options: OpenOptions,
): Promise<boolean> {
  const { signal, trace, client = 16, server = 1, framing = 'hdlc' } = options;
  const makeLink = await platform.links[framing]();
  signal?.throwIfAborted();
  const link = makeLink({ ...asPublic(options, client), client, server, patience: 0 });
  const driver = new ClientDriver(transport, link, options.clock ?? systemClock, {
    ...given({ responseTimeout: options.responseTimeout, echo: options.echo }),
    ...(trace === undefined ? {} : { trace: (entry) => trace({ type: 'octets', ...entry }) }),
    onLinkEvent: (event: LinkEvent, now) => trace?.({ type: 'link', event, now }),
  });
  const stop = () => void driver.close();
  const off = signal && onAbort(signal, stop);
  let takes = false;
  try {
    await driver.connect();
    takes = await driver.run(asksShortNames());
    if (takes) await driver.run(endsShortNames());
    return takes;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof CosemError) return takes;
    throw error;
  } finally {
    off?.();
    await driver.close();
  }
}
