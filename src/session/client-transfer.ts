import { readActionResult } from '../apdu/action.js';
import type {
  ActionResult,
  Apdu,
  AttributeWithSelection,
  DataBlock,
  GetBlock,
  GetDataResult,
  GetResponse,
  MethodDescriptor,
} from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { encodeApdu } from '../apdu/codec.js';
import { readDataResult, readList } from '../apdu/fields.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { encodeData, readData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import { unexpected } from './client-answers.js';
import type { ClientChannel } from './client-channel.js';
import type { Procedure } from './procedure.js';
import { BlockSender, OctetsSource } from './transfer.js';

/** A length in its longest form takes four octets more than the one of nothing. */
const LENGTH_RESERVE = 4;

/** Fetches the rest of a GET answer that comes in blocks. `count` attributes were asked for. */
export function* longGet(
  channel: ClientChannel,
  first: Extract<GetResponse, { type: 'get-response-with-datablock' }>,
  count: number,
  attribute: AttributeWithSelection,
): Procedure<GetDataResult[]> {
  const receiver = new BlockReceiver(channel.config.maxTransfer, first.block.number);
  const { invokeId } = first;
  let block: GetBlock = first.block;
  for (;;) {
    if ('error' in block) return Array.from({ length: count }, () => ({ error: (block as { error: number }).error }));
    receiver.add(block);
    if (block.last) break;
    const request = encodeApdu({ type: 'get-request-next', invokeId, blockNumber: block.number });
    const answer = yield* channel.ask(request, invokeId, attribute);
    if (answer.type === 'get-response-normal' && 'error' in answer.result) return Array(count).fill(answer.result);
    if (answer.type !== 'get-response-with-datablock') throw unexpected(answer, 'GET (next block)');
    block = answer.block;
  }
  const whole = receiver.finish();
  if (count > 1) return readWholeList(channel, whole, count, readDataResult);
  return [{ data: readWhole(channel, whole, readData) }];
}

/** Sends a value in blocks. @returns the data-access-result. */
export function* longSet(
  channel: ClientChannel,
  invokeId: number,
  attribute: AttributeWithSelection,
  value: Data,
): Procedure<number> {
  const sender = new BlockSender(new OctetsSource(encodeData(value)));
  const first = (block: DataBlock): Apdu => ({ type: 'set-request-with-first-datablock', invokeId, attribute, block });
  const following = (block: DataBlock): Apdu => ({ type: 'set-request-with-datablock', invokeId, block });
  for (let make = first; ; make = following) {
    const block = nextBlock(channel, sender, make);
    const answer = yield* channel.ask(encodeApdu(make(block)), invokeId, attribute);
    if (answer.type === 'set-response-datablock' && !block.last) {
      checkAcknowledged(answer.blockNumber, block.number);
    } else if (answer.type === 'set-response-last-datablock' || answer.type === 'set-response-normal') {
      // Before the last block a success would be a lie: only a refusal ends a transfer early.
      if (!block.last && answer.result === 0) throw unexpected(answer, 'SET (before the last block)');
      return answer.result;
    } else throw unexpected(answer, 'SET (block)');
  }
}

/** Sends a method's parameter in blocks. @returns what the meter answered to the last one. */
export function* longActionRequest(
  channel: ClientChannel,
  invokeId: number,
  method: MethodDescriptor,
  parameter: Data,
): Procedure<Apdu> {
  const sender = new BlockSender(new OctetsSource(encodeData(parameter)));
  const first = (block: DataBlock): Apdu => ({ type: 'action-request-with-first-pblock', invokeId, method, block });
  const following = (block: DataBlock): Apdu => ({ type: 'action-request-with-pblock', invokeId, block });
  for (let make = first; ; make = following) {
    const block = nextBlock(channel, sender, make);
    const answer = yield* channel.ask(encodeApdu(make(block)), invokeId, method);
    if (block.last) return answer;
    if (answer.type === 'action-response-next-pblock') checkAcknowledged(answer.blockNumber, block.number);
    else if (answer.type === 'action-response-normal' && answer.response.result !== 0) return answer;
    else throw unexpected(answer, 'ACTION (block)');
  }
}

/** Reads the answer to an ACTION of `count` methods, fetching it when it comes in blocks. */
export function* actionResults(
  channel: ClientChannel,
  first: Apdu,
  count: number,
  method: MethodDescriptor,
): Procedure<ActionResult[]> {
  if (first.type === 'action-response-normal' && count === 1) return [first.response];
  if (first.type === 'action-response-with-list' && first.responses.length === count) return [...first.responses];
  if (first.type !== 'action-response-with-pblock') throw unexpected(first, 'ACTION');
  const receiver = new BlockReceiver(channel.config.maxTransfer, first.block.number);
  const { invokeId } = first;
  for (let { block } = first; ; ) {
    receiver.add(block);
    if (block.last) break;
    const request = encodeApdu({ type: 'action-request-next-pblock', invokeId, blockNumber: block.number });
    const answer = yield* channel.ask(request, invokeId, method);
    if (answer.type === 'action-response-normal' && answer.response.result !== 0)
      return Array(count).fill(answer.response);
    if (answer.type !== 'action-response-with-pblock') throw unexpected(answer, 'ACTION (next block)');
    block = answer.block;
  }
  const whole = receiver.finish();
  if (count > 1) return readWholeList(channel, whole, count, readActionResult);
  return [readWhole(channel, whole, readActionResult)];
}

function nextBlock(channel: ClientChannel, sender: BlockSender, make: (block: DataBlock) => Apdu): DataBlock {
  const envelope = encodeApdu(make({ last: false, number: 0, raw: new Uint8Array(0) })).length + LENGTH_RESERVE;
  return sender.next(Math.max(1, channel.limit - envelope));
}

function checkAcknowledged(acknowledged: number, sent: number): void {
  if (acknowledged === sent) return;
  throw new DecodeError('block-sequence', `the meter acknowledged block ${acknowledged}, block ${sent} was sent`);
}

function readWhole<T>({ config }: ClientChannel, octets: Uint8Array, read: (r: Reader) => T): T {
  const r = new Reader(octets);
  const value = read(r);
  if (config.lenient !== true) r.done('answer');
  return value;
}

function readWholeList<T>(channel: ClientChannel, octets: Uint8Array, count: number, read: (r: Reader) => T): T[] {
  const list = readWhole(channel, octets, (r) => readList(r, 'results', read));
  if (list.length === count) return list;
  throw new DecodeError('bad-length', `${list.length} results came for ${count} requests`);
}
