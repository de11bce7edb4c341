import { readActionResult } from '../apdu/action.js';
import type { Apdu } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { encodeApdu } from '../apdu/codec.js';
import type { OnDeviation } from '../apdu/deviation.js';
import { readDataResult, readLastData, readList } from '../apdu/fields.js';
import { readJoined } from '../apdu/received.js';
import { ACTION_RESULT, DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { DataBlock, GetBlock, GetResponse } from '../apdu/service-apdus.js';
import { type Reader, Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import { encodeData, writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ActionResult, AttributeWithSelection, GetDataResult, MethodDescriptor } from '../contracts/services.js';
import { unexpected } from './client-answers.js';
import type { ClientChannel } from './client-channel.js';
import { BlockSender, OctetsSource } from './transfer.js';

/** A length in its longest form takes four octets more than the one of nothing. */
const LENGTH_RESERVE = 4;
/** A list whose descriptors leave less for a block is sent item by item. */
const SMALLEST_BLOCK = 16;

/** Called with the octets of a block. Must not throw. */
export type OnBlock = (octets: Uint8Array) => void;

/** Fetches the rest of a GET answer that comes in blocks. `count` attributes were asked for. */
export function* longGet(
  channel: ClientChannel,
  first: Extract<GetResponse, { type: 'get-response-with-datablock' }>,
  count: number,
  attribute: AttributeWithSelection,
  onBlock?: OnBlock,
): Procedure<GetDataResult[]> {
  const receiver = new BlockReceiver(channel.config.maxTransfer, first.block.number);
  const { invokeId } = first;
  channel.transfer = 'block-transfer-with-get-or-read';
  let block: GetBlock = first.block;
  for (;;) {
    // A refusal in place of the first block is one of the object.
    if ('error' in block && receiver.number < first.block.number) channel.transfer = undefined;
    if ('error' in block) return Array.from({ length: count }, () => ({ error: (block as { error: number }).error }));
    receiver.add(block);
    if (count === 1) onBlock?.(block.raw);
    if (block.last) break;
    const request = encodeApdu({ type: 'get-request-next', invokeId, blockNumber: block.number });
    const missing = `block ${block.number} of a longer answer came, the next one is missing`;
    const answer = yield* channel.ask(request, invokeId, attribute, missing);
    if (answer.type === 'get-response-normal' && 'error' in answer.result) return Array(count).fill(answer.result);
    if (answer.type !== 'get-response-with-datablock') throw unexpected(answer, 'GET (next block)');
    block = answer.block;
  }
  const whole = receiver.finish();
  if (count > 1) {
    channel.transfer = undefined;
    return readWholeList(channel, whole, count, (r) => readDataResult(r));
  }
  const value = readWhole(channel, whole, readLastData);
  channel.transfer = undefined;
  return [{ data: value }];
}

/** What is written, to one attribute or to each of a list. */
export interface LongSet {
  readonly attributes: readonly AttributeWithSelection[];
  readonly values: readonly Data[];
}

/** Sends values in blocks. @returns a data-access-result for each. */
export function* longSet(
  channel: ClientChannel,
  invokeId: number,
  { attributes, values }: LongSet,
): Procedure<readonly number[]> {
  const [attribute] = attributes as readonly [AttributeWithSelection];
  const list = attributes.length > 1;
  const sender = new BlockSender(new OctetsSource(encodeValues(values)));
  const first = (block: DataBlock): Apdu =>
    list
      ? { type: 'set-request-with-list-and-first-datablock', invokeId, attributes, block }
      : { type: 'set-request-with-first-datablock', invokeId, attribute, block };
  const following = (block: DataBlock): Apdu => ({ type: 'set-request-with-datablock', invokeId, block });
  for (let make = first; ; make = following) {
    const block = nextBlock(channel, sender, make);
    const answer = yield* channel.ask(encodeApdu(make(block)), invokeId, attribute);
    if (answer.type === 'set-response-datablock' && !block.last) {
      checkAcknowledged(answer.blockNumber, block.number);
      continue;
    }
    const results = setResults(answer, attributes.length);
    // Success cannot be true before the last block: only a refusal ends a transfer early.
    if (results === undefined || (!block.last && results.includes(0))) throw unexpected(answer, 'SET (block)');
    return results;
  }
}

/** The results in the answer that ends a SET of `count` values; one refusal of the whole counts for each. */
function setResults(answer: Apdu, count: number): readonly number[] | undefined {
  switch (answer.type) {
    case 'set-response-last-datablock':
    case 'set-response-normal':
      return count === 1 || answer.result !== DATA_ACCESS_RESULT.success
        ? Array<number>(count).fill(answer.result)
        : undefined;
    case 'set-response-last-datablock-with-list':
    case 'set-response-with-list':
      return answer.results.length === count ? answer.results : undefined;
    default:
      return undefined;
  }
}

/** What is called, one method or each of a list. */
export interface LongAction {
  readonly methods: readonly MethodDescriptor[];
  readonly parameters: readonly Data[];
}

/** Sends parameters of methods in blocks. @returns what the meter answered to the last one. */
export function* longActionRequest(
  channel: ClientChannel,
  invokeId: number,
  { methods, parameters }: LongAction,
): Procedure<Apdu> {
  const [method] = methods as readonly [MethodDescriptor];
  const list = methods.length > 1;
  const sender = new BlockSender(new OctetsSource(encodeValues(parameters)));
  const first = (block: DataBlock): Apdu =>
    list
      ? { type: 'action-request-with-list-and-first-pblock', invokeId, methods, block }
      : { type: 'action-request-with-first-pblock', invokeId, method, block };
  const following = (block: DataBlock): Apdu => ({ type: 'action-request-with-pblock', invokeId, block });
  channel.transfer = 'block-transfer-with-action';
  for (let make = first; ; make = following) {
    const block = nextBlock(channel, sender, make);
    const answer = yield* channel.ask(encodeApdu(make(block)), invokeId, method);
    if (block.last) {
      channel.transfer = undefined;
      return answer;
    }
    if (answer.type === 'action-response-next-pblock') checkAcknowledged(answer.blockNumber, block.number);
    else if (answer.type === 'action-response-normal' && answer.response.result !== ACTION_RESULT.success)
      return answer;
    else throw unexpected(answer, 'ACTION (block)');
  }
}

/** What stands in the blocks: one Data, or a SEQUENCE OF Data. */
function encodeValues(values: readonly Data[]): Uint8Array {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return encodeData(only);
  const w = new Writer();
  w.length(values.length);
  for (const value of values) writeData(w, value);
  return w.finish();
}

/** Whether the request of a first block leaves room for data of a useful length. */
export function headFits(channel: ClientChannel, first: Apdu): boolean {
  return encodeApdu(first).length + SMALLEST_BLOCK <= channel.limit;
}

/** Reads the answer to an ACTION of `count` methods, fetching it when it comes in blocks. */
export function* actionResults(
  channel: ClientChannel,
  first: Apdu,
  count: number,
  method: MethodDescriptor,
): Procedure<ActionResult[]> {
  if (first.type === 'action-response-normal' && (count === 1 || first.response.result !== ACTION_RESULT.success)) {
    return Array<ActionResult>(count).fill(first.response);
  }
  if (first.type === 'action-response-with-list' && first.responses.length === count) return [...first.responses];
  if (first.type !== 'action-response-with-pblock') throw unexpected(first, 'ACTION');
  const receiver = new BlockReceiver(channel.config.maxTransfer, first.block.number);
  const { invokeId } = first;
  channel.transfer = 'block-transfer-with-action';
  for (let { block } = first; ; ) {
    receiver.add(block);
    if (block.last) break;
    const request = encodeApdu({ type: 'action-request-next-pblock', invokeId, blockNumber: block.number });
    const answer = yield* channel.ask(request, invokeId, method);
    if (answer.type === 'action-response-normal' && answer.response.result !== ACTION_RESULT.success)
      return Array(count).fill(answer.response);
    if (answer.type !== 'action-response-with-pblock') throw unexpected(answer, 'ACTION (next block)');
    block = answer.block;
  }
  const whole = receiver.finish();
  channel.transfer = undefined;
  if (count > 1) return readWholeList(channel, whole, count, readActionResult);
  return [readWhole(channel, whole, (r) => readActionResult(r))];
}

function nextBlock(channel: ClientChannel, sender: BlockSender, make: (block: DataBlock) => Apdu): DataBlock {
  const envelope = encodeApdu(make({ last: false, number: 0, raw: new Uint8Array(0) })).length + LENGTH_RESERVE;
  return sender.next(Math.max(1, channel.limit - envelope));
}

function checkAcknowledged(acknowledged: number, sent: number): void {
  if (acknowledged === sent) return;
  throw new DecodeError('block-sequence', `the meter acknowledged block ${acknowledged}, block ${sent} was sent`);
}

function readWhole<T>(
  { config }: ClientChannel,
  octets: Uint8Array,
  read: (r: Reader, bear: OnDeviation | undefined) => T,
): T {
  return readJoined(octets, config, read);
}

function readWholeList<T>(channel: ClientChannel, octets: Uint8Array, count: number, read: (r: Reader) => T): T[] {
  const list = readWhole(channel, octets, (r) => readList(r, 'results', read));
  if (list.length === count) return list;
  throw new DecodeError('bad-length', `${counted(list.length, 'result')} came for ${counted(count, 'request')}`);
}
