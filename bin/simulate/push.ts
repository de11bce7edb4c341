import { type DeliverOptions, deliverPush, type PushedNotification } from '../../simulator/index.js';
import { tcp } from '../../src/node.js';
import type { Run } from '../command.js';
import { failureOf } from '../failure.js';
import type { Address } from '../settings.js';

/** Brings a push to its destination: a connection of its own, as meters do. */
export async function send(
  { output }: Run,
  { host, port }: Address,
  push: PushedNotification,
  options: DeliverOptions = {},
): Promise<boolean> {
  try {
    await deliverPush(tcp(host, port), push, options);
    output.note(`pushed ${push.logicalName} to ${host}:${port}`);
    return true;
  } catch (error) {
    output.note(`push of ${push.logicalName}: ${failureOf(error).message}`);
    return false;
  }
}
