import type { Procedure } from '../contracts/procedure.js';
import type { ActionResult, AttributeWithSelection, GetDataResult } from '../contracts/services.js';
import { type AccessAnswer, type AccessItem, type AccessOptions, accessAll } from './client-access.js';
import type { ClientSessionConfig } from './client-config.js';
import { ClientCore } from './client-core.js';
import type { ListJudge } from './client-lists.js';
import { protectedCode } from './client-protection.js';
import {
  type ActionItem,
  callMethods,
  callWithoutAnswer,
  getAttributes,
  type SetItem,
  setAttributes,
} from './client-services.js';
import { ShortNameClient } from './client-short-names.js';
import type { OnBlock } from './client-transfer.js';

/**
 * The client side of one association, without I/O. A driver runs its procedures, one at a time. A refusal of one object is a result; a refusal of the
 * whole service is thrown as AccessError or AssociationError.
 *
 * @example
 * ```ts
 * const session = new ClientSession({ crypto: nobleCrypto });
 * await driver.run(session.associate());
 * const [result] = await driver.run(session.get([{ classId: 8, instanceId: fromHex('0000010000FF'), attributeId: 2 }]));
 * ```
 */
export class ClientSession extends ClientCore {
  /** @throws StateError when the configuration lacks keys that its context or mechanism needs. */
  constructor(config: ClientSessionConfig) {
    const { shortNames, maxTransfer } = config;
    super(config, protectedCode, shortNames && new ShortNameClient(shortNames, maxTransfer));
  }

  /**
   * Reads attributes: one request for as many as fit where the meter takes lists, else one after the other. Results stand in the order
   * asked; long ones come in blocks. A list that the meter does not answer as it must is void: its attributes are asked for one by one, and
   * `ListTrust` keeps it in mind.
   * @param onBlock called with the octets of each block of a single value, in order, once they are known to be right.
   * @param judge compares the values of a list with what was asked for.
   * @throws AccessError when the meter refuses the service itself.
   */
  get(attributes: readonly AttributeWithSelection[], onBlock?: OnBlock, judge?: ListJudge): Procedure<GetDataResult[]> {
    return getAttributes(this, attributes, onBlock, judge);
  }

  /**
   * Writes attributes; a value that is longer than the meter accepts at once is sent in blocks.
   * @returns a data-access-result for each, 0 is success.
   * @throws AccessError when the meter refuses the service itself, StateError when a value is too long and blocks are not negotiated.
   */
  set(items: readonly SetItem[]): Procedure<number[]> {
    return setAttributes(this, items);
  }

  /**
   * Calls methods; a parameter that is longer than the meter accepts at once is sent in blocks.
   * @throws AccessError when the meter refuses the service itself, StateError when a parameter is too long and blocks are not negotiated.
   */
  action(items: readonly ActionItem[]): Procedure<ActionResult[]> {
    return callMethods(this, items);
  }

  /**
   * Reads, writes and calls in one request, in that order (ACCESS); in further ones, or in blocks of general-block-transfer, where they do not
   * fit. Where ACCESS was not negotiated, each service goes by itself, in lists where the meter takes lists.
   * @returns how each ended, in the order asked; with `breakOnError` what follows an item that fails is `skipped`.
   * @throws AccessError when the meter refuses the service itself; DecodeError when its answer does not fit what was asked for.
   */
  access(items: readonly AccessItem[], options?: AccessOptions): Procedure<AccessAnswer[]> {
    return accessAll(this, items, options);
  }

  /**
   * Calls a method by the unconfirmed service class (Invoke-Id-And-Priority, bit 6 is 0): no answer comes.
   * @param more whether another request follows at once.
   * @throws StateError when the request is longer than the meter accepts at once.
   */
  actionUnconfirmed(item: ActionItem, more = false): Procedure<void> {
    return callWithoutAnswer(this, item, more);
  }
}
