/** The server's GET, SET, ACTION and ACCESS: normal, with list and in blocks both ways (IEC 62056-5-3 clauses 6.6 to 6.8). */

import { BlockReceiver } from '../apdu/block-receiver.js';
import { encodeApdu } from '../apdu/codec.js';
import { CONFORMANCE, type ConformanceName } from '../apdu/conformance.js';
import { readList } from '../apdu/fields.js';
import { ACTION_RESULT, DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { AccessRequest, ActionRequest, DataBlock, GetRequest, SetRequest } from '../apdu/service-apdus.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { decodeData, encodeData, readData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { OctetSource } from '../contracts/octet-source.js';
import type { GetAnswer, RequestContext, ServerApplication } from '../contracts/served-device.js';
import type { ActionResult, AttributeWithSelection, MethodDescriptor } from '../contracts/services.js';
import { answerAccess } from './server-access.js';
import { BlockSender, OctetsSource, PartsSource, takeAll } from './transfer.js';

const CONFIRMED = 0x40;
/** C4 01 and the invoke id, then the choice of data: what stands before the data of a GET answer. */
const GET_NORMAL = 4;
/** C4 02, invoke id, last-block, block-number, choice of raw data. */
const GET_BLOCK_HEADER = 9;
/** C7 02, invoke id, last-block, block-number. */
const ACTION_BLOCK_HEADER = 8;
/** C7 01 and the invoke id. */
const ACTION_HEADER = 3;
/** How many octets of a part are made at once. */
const PIECE = 1024;

/** The length of raw data that fits a block together with its own length. */
export function blockSize(limit: number, header: number): number {
  const room = limit - header - 1;
  if (room <= 0x80) return Math.max(1, Math.min(room, 0x7f));
  return room <= 0x100 ? room - 1 : room - 2;
}

type Receiving =
  | { readonly service: 'set'; readonly attributes: readonly AttributeWithSelection[]; readonly list: boolean }
  | { readonly service: 'action'; readonly methods: readonly MethodDescriptor[]; readonly list: boolean };

/**
 * Carries out the services of one association. `limit` is how many octets an answer may have before it is protected. Answers come as
 * octets; undefined for what wants none.
 */
export class ServerTransfer {
  readonly #application: ServerApplication;
  readonly #context: RequestContext;
  readonly #maxTransfer: number;
  #conformance = 0;
  #sending: { readonly service: 'get' | 'action'; readonly sender: BlockSender } | undefined;
  #receiving: { readonly what: Receiving; readonly receiver: BlockReceiver } | undefined;

  constructor(application: ServerApplication, context: RequestContext, maxTransfer: number) {
    this.#application = application;
    this.#context = context;
    this.#maxTransfer = maxTransfer;
  }

  /** Begins an association with that conformance, or ends one: long transfers end with it. */
  reset(conformance: number): void {
    this.#conformance = conformance;
    this.abandon();
  }

  /** Ends what is under way in blocks. */
  abandon(): void {
    this.#sending = undefined;
    this.#receiving = undefined;
  }

  /** Whether a transfer in blocks is under way, either way. */
  get transferring(): boolean {
    return this.#sending !== undefined || this.#receiving !== undefined;
  }

  /** Whether a service or feature was negotiated. */
  allows(name: ConformanceName): boolean {
    return (this.#conformance & CONFORMANCE[name]) !== 0;
  }

  get(request: GetRequest, limit: number): Uint8Array {
    const { invokeId } = request;
    this.#receiving = undefined;
    if (request.type === 'get-request-next') return this.#nextGetBlock(invokeId, request.blockNumber, limit);
    this.#sending = undefined;
    if (request.type === 'get-request-with-list') {
      const source = this.#listSource(request.attributes);
      return this.#getAnswer(invokeId, source, 3, limit);
    }
    const reading = this.#read(request.attribute);
    if ('octets' in reading) return this.#getAnswer(invokeId, reading.octets, 1, limit);
    const answer = encodeApdu({ type: 'get-response-normal', invokeId, result: reading });
    if (answer.length <= limit || !('data' in reading)) return answer;
    return this.#getAnswer(invokeId, new OctetsSource(answer.subarray(GET_NORMAL)), 1, limit);
  }

  set(request: SetRequest): Uint8Array | undefined {
    const { invokeId } = request;
    this.#sending = undefined;
    const unfinished = this.#receiving;
    this.#receiving = undefined;
    switch (request.type) {
      case 'set-request-normal': {
        const result = this.#write(request.attribute, request.value);
        if ((invokeId & CONFIRMED) === 0) return undefined;
        return encodeApdu({ type: 'set-response-normal', invokeId, result });
      }
      case 'set-request-with-list': {
        const results = request.attributes.map((attribute, i) => this.#write(attribute, request.values[i] as Data));
        if ((invokeId & CONFIRMED) === 0) return undefined;
        return encodeApdu({ type: 'set-response-with-list', invokeId, results });
      }
      case 'set-request-with-first-datablock':
        return this.#setBlock(
          invokeId,
          { service: 'set', attributes: [request.attribute], list: false },
          request.block,
        );
      case 'set-request-with-list-and-first-datablock':
        return this.#setBlock(invokeId, { service: 'set', attributes: request.attributes, list: true }, request.block);
      case 'set-request-with-datablock':
        if (unfinished?.what.service !== 'set') {
          return this.#setEnd(invokeId, request.block.number, false, [DATA_ACCESS_RESULT['no-long-set-in-progress']]);
        }
        return this.#setBlock(invokeId, unfinished.what, request.block, unfinished.receiver);
    }
  }

  action(request: ActionRequest, limit: number): Uint8Array | undefined {
    const { invokeId } = request;
    const unfinished = this.#receiving;
    this.#receiving = undefined;
    if (request.type === 'action-request-next-pblock') {
      return this.#nextActionBlock(invokeId, request.blockNumber, limit);
    }
    this.#sending = undefined;
    switch (request.type) {
      case 'action-request-normal': {
        const response = this.#call(request.method, request.parameter);
        if ((invokeId & CONFIRMED) === 0) return undefined;
        return this.#actionAnswer(encodeApdu({ type: 'action-response-normal', invokeId, response }), limit);
      }
      case 'action-request-with-list': {
        const responses = request.methods.map((method, i) => this.#call(method, request.parameters[i]));
        if ((invokeId & CONFIRMED) === 0) return undefined;
        return this.#actionAnswer(encodeApdu({ type: 'action-response-with-list', invokeId, responses }), limit);
      }
      case 'action-request-with-first-pblock': {
        const what = { service: 'action', methods: [request.method], list: false } as const;
        return this.#actionBlock(invokeId, what, request.block, limit);
      }
      case 'action-request-with-list-and-first-pblock': {
        const what = { service: 'action', methods: request.methods, list: true } as const;
        return this.#actionBlock(invokeId, what, request.block, limit);
      }
      case 'action-request-with-pblock':
        if (unfinished?.what.service !== 'action')
          return actionRefused(invokeId, ACTION_RESULT['no-long-action-in-progress']);
        return this.#actionBlock(invokeId, unfinished.what, request.block, limit, unfinished.receiver);
    }
  }

  access(request: AccessRequest, limit: number): Uint8Array | undefined {
    this.abandon();
    const services = {
      get: (attribute: AttributeWithSelection) => this.#read(attribute),
      set: (attribute: AttributeWithSelection, value: Data) => this.#write(attribute, value),
      action: (method: MethodDescriptor, parameter: Data | undefined) => this.#call(method, parameter),
    };
    return answerAccess(request, services, Math.min(limit, this.#maxTransfer));
  }

  // ---- one object

  #read(attribute: AttributeWithSelection): GetAnswer {
    if (attribute.selection !== undefined && !this.allows('selective-access')) {
      return { error: DATA_ACCESS_RESULT['scope-of-access-violated'] };
    }
    return this.#application.get(attribute, this.#context);
  }

  #write(attribute: AttributeWithSelection, value: Data): number {
    return this.#application.set(attribute, value, this.#context);
  }

  #call(method: MethodDescriptor, parameter: Data | undefined): ActionResult {
    return this.#application.action(method, parameter, this.#context);
  }

  // ---- GET in blocks

  /** A whole answer when it fits, else its first block. `choice` is that of Get-Response: 1 normal, 3 with list. */
  #getAnswer(invokeId: number, source: OctetSource, choice: 1 | 3, limit: number): Uint8Array {
    const head = choice === 1 ? [0xc4, 1, invokeId, 0] : [0xc4, 3, invokeId];
    const blocks = this.allows('block-transfer-with-get-or-read');
    const most = blocks ? blockSize(limit, GET_BLOCK_HEADER) : Math.max(1, limit - head.length);
    const first = most === Number.POSITIVE_INFINITY ? takeAll(source) : source.take(most);
    if (source.done) {
      const answer = new Uint8Array(head.length + first.length);
      answer.set(head);
      answer.set(first, head.length);
      return answer;
    }
    if (!blocks) return getRefused(invokeId, choice, DATA_ACCESS_RESULT['other-reason']);
    this.#sending = { service: 'get', sender: new BlockSender(source) };
    const block = this.#sending.sender.resume(first);
    return encodeApdu({ type: 'get-response-with-datablock', invokeId, block });
  }

  #nextGetBlock(invokeId: number, acknowledged: number, limit: number): Uint8Array {
    const sending = this.#sending;
    const sender = sending?.service === 'get' ? sending.sender : undefined;
    if (sender?.number !== acknowledged || sender.done) {
      this.#sending = undefined;
      const error =
        sender === undefined
          ? DATA_ACCESS_RESULT['no-long-get-in-progress']
          : DATA_ACCESS_RESULT['data-block-number-invalid'];
      const block = { last: true, number: acknowledged, error };
      return encodeApdu({ type: 'get-response-with-datablock', invokeId, block });
    }
    const block = sender.next(blockSize(limit, GET_BLOCK_HEADER));
    if (block.last) this.#sending = undefined;
    return encodeApdu({ type: 'get-response-with-datablock', invokeId, block });
  }

  /** SEQUENCE OF Get-Data-Result, each read when its turn comes. */
  #listSource(attributes: readonly AttributeWithSelection[]): OctetSource {
    let next = 0;
    let within: OctetSource | undefined;
    return new PartsSource((): Uint8Array | undefined => {
      if (within !== undefined && !within.done) return within.take(PIECE);
      within = undefined;
      if (next === 0) {
        next = 1;
        return new Writer(8).length(attributes.length).finish();
      }
      const attribute = attributes[next - 1];
      if (attribute === undefined) return undefined;
      next++;
      const reading = this.#read(attribute);
      if ('error' in reading) return Uint8Array.of(1, reading.error);
      within = 'octets' in reading ? reading.octets : new OctetsSource(encodeData(reading.data));
      return Uint8Array.of(0);
    });
  }

  // ---- SET in blocks

  #setBlock(
    invokeId: number,
    what: Extract<Receiving, { service: 'set' }>,
    block: DataBlock,
    receiver = new BlockReceiver(this.#maxTransfer),
  ): Uint8Array {
    if (!this.allows('block-transfer-with-set-or-write')) {
      return this.#setEnd(
        invokeId,
        block.number,
        what.list,
        what.attributes.map(() => DATA_ACCESS_RESULT['long-set-aborted']),
      );
    }
    const failed = addedBlock(receiver, block, DATA_ACCESS_RESULT['long-set-aborted']);
    if (failed !== undefined) {
      return this.#setEnd(
        invokeId,
        block.number,
        what.list,
        what.attributes.map(() => failed),
      );
    }
    if (!block.last) {
      this.#receiving = { what, receiver };
      return encodeApdu({ type: 'set-response-datablock', invokeId, blockNumber: block.number });
    }
    const values = readValues(receiver.finish(), what.list);
    const results =
      values?.length === what.attributes.length
        ? what.attributes.map((attribute, i) => this.#write(attribute, values[i] as Data))
        : what.attributes.map(() => DATA_ACCESS_RESULT['type-unmatched']);
    return this.#setEnd(invokeId, block.number, what.list, results);
  }

  #setEnd(invokeId: number, blockNumber: number, list: boolean, results: readonly number[]): Uint8Array {
    return encodeApdu(
      list
        ? { type: 'set-response-last-datablock-with-list', invokeId, results, blockNumber }
        : { type: 'set-response-last-datablock', invokeId, result: results[0] as number, blockNumber },
    );
  }

  // ---- ACTION in blocks

  #actionBlock(
    invokeId: number,
    what: Extract<Receiving, { service: 'action' }>,
    block: DataBlock,
    limit: number,
    receiver = new BlockReceiver(this.#maxTransfer),
  ): Uint8Array {
    if (!this.allows('block-transfer-with-action'))
      return actionRefused(invokeId, ACTION_RESULT['long-action-aborted']);
    const failed = addedBlock(receiver, block, ACTION_RESULT['long-action-aborted']);
    if (failed !== undefined) return actionRefused(invokeId, failed);
    if (!block.last) {
      this.#receiving = { what, receiver };
      return encodeApdu({ type: 'action-response-next-pblock', invokeId, blockNumber: block.number });
    }
    const values = readValues(receiver.finish(), what.list);
    const responses =
      values?.length === what.methods.length
        ? what.methods.map((method, i) => this.#call(method, values[i]))
        : what.methods.map(() => ({ result: ACTION_RESULT['type-unmatched'] }));
    return this.#actionAnswer(
      encodeApdu(
        what.list
          ? { type: 'action-response-with-list', invokeId, responses }
          : { type: 'action-response-normal', invokeId, response: responses[0] as ActionResult },
      ),
      limit,
    );
  }

  /** The answer as it is when it fits, else the first of its blocks: they carry what stands after the invoke id. */
  #actionAnswer(whole: Uint8Array, limit: number): Uint8Array {
    if (whole.length <= limit) return whole;
    const invokeId = whole[2] as number;
    if (!this.allows('block-transfer-with-action')) return actionRefused(invokeId, ACTION_RESULT['other-reason']);
    const sender = new BlockSender(new OctetsSource(whole.subarray(ACTION_HEADER)));
    this.#sending = { service: 'action', sender };
    return this.#nextActionBlock(invokeId, 0, limit);
  }

  #nextActionBlock(invokeId: number, acknowledged: number, limit: number): Uint8Array {
    const sending = this.#sending;
    const sender = sending?.service === 'action' ? sending.sender : undefined;
    if (sender?.number !== acknowledged || sender.done) {
      this.#sending = undefined;
      return actionRefused(invokeId, ACTION_RESULT['no-long-action-in-progress']);
    }
    const block = sender.next(blockSize(limit, ACTION_BLOCK_HEADER));
    if (block.last) this.#sending = undefined;
    return encodeApdu({ type: 'action-response-with-pblock', invokeId, block });
  }
}

/** Adds a block. @returns the result that refuses it, if it does not fit. */
export function addedBlock(receiver: BlockReceiver, block: DataBlock, aborted: number): number | undefined {
  try {
    receiver.add(block);
    return undefined;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return error.reason === 'block-sequence' ? DATA_ACCESS_RESULT['data-block-number-invalid'] : aborted;
  }
}

/** What was sent in blocks: one Data, or a SEQUENCE OF Data; undefined when it is neither. */
function readValues(octets: Uint8Array, list: boolean): Data[] | undefined {
  try {
    if (!list) return [decodeData(octets)];
    const r = new Reader(octets);
    const values = readList(r, 'values', readData);
    r.done('values');
    return values;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}

function getRefused(invokeId: number, choice: 1 | 3, error: number): Uint8Array {
  return encodeApdu(
    choice === 1
      ? { type: 'get-response-normal', invokeId, result: { error } }
      : { type: 'get-response-with-datablock', invokeId, block: { last: true, number: 1, error } },
  );
}

function actionRefused(invokeId: number, result: number): Uint8Array {
  return encodeApdu({ type: 'action-response-normal', invokeId, response: { result } });
}
