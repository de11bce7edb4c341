import type { PushedNotification } from '../../simulator/index.js';
import { systemClock } from '../../src/index.js';
import { tcp } from '../../src/node.js';
import { ClientDriver, type Procedure, WrapperLink } from '../../src/protocol.js';
import type { Run } from '../command.js';
import { failureOf } from '../failure.js';
import type { Address } from '../settings.js';

/** Brings a push to its destination: a connection of its own, as meters do. */
export async function send(
  { output }: Run,
  { host, port }: Address,
  { apdu, ...pushed }: PushedNotification,
): Promise<boolean> {
  const link = new WrapperLink('client', { client: pushed.source, server: pushed.destination });
  const driver = new ClientDriver(tcp(host, port), link, systemClock);
  try {
    await driver.connect();
    await driver.run(unanswered(apdu));
    output.note(`pushed ${pushed.logicalName} to ${host}:${port}`);
    return true;
  } catch (error) {
    output.note(`push of ${pushed.logicalName}: ${failureOf(error).message}`);
    return false;
  } finally {
    await driver.close();
  }
}

function* unanswered(apdu: Uint8Array): Procedure<void> {
  yield { apdu, reply: false };
}
