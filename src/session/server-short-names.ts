/**
 * The server's Read, Write and UnconfirmedWrite: lists of names, parameterized access, and blocks both ways (IEC 62056-5-3 clauses 6.14 to
 * 6.17). A name is that of an attribute or of a method: a method that answers is called by a Read, one that does not by a Write.
 */

import type { Apdu } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { encodeApdu } from '../apdu/codec.js';
import type { ConformanceName } from '../apdu/conformance.js';
import { ACTION_RESULT, DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { DataBlock } from '../apdu/service-apdus.js';
import type { VariableAccess } from '../apdu/short-name-apdus.js';
import { readAssignments, readVariables } from '../apdu/short-names.js';
import { APDU_TAGS } from '../apdu/tags.js';
import { Reader, Writer } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { encodeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { OctetSource } from '../contracts/octet-source.js';
import type { GetAnswer, RequestContext, ServerApplication } from '../contracts/served-device.js';
import type { AccessSelection, ActionResult } from '../contracts/services.js';
import { ANSWER_TOO_LONG, SENSELESS, SERVICE_UNKNOWN, SERVICE_UNSUPPORTED, serviceRefused } from './server-answers.js';
import { addedBlock, blockSize } from './server-transfer.js';
import { BlockSender, OctetsSource, PartsSource, takeAll } from './transfer.js';

/** 0C 01 02, last-block, block-number. */
const BLOCK_HEADER = 6;
const LAST_BLOCK_NUMBER = 0xffff;
/** How many octets of a part are made at once. */
const PIECE = 1024;

/** What a Read asks for, or a Write changes. */
type Named = Extract<VariableAccess, { readonly name: number }>;

/**
 * Carries out the services of one association that has short names. `limit` is how many octets an answer may have before it is protected.
 * Answers come as octets; undefined for what wants none.
 */
export class ServerShortNames {
  readonly #application: ServerApplication;
  readonly #context: RequestContext;
  readonly #maxTransfer: number;
  readonly #allows: (name: ConformanceName) => boolean;
  #sending: BlockSender | undefined;
  #receiving: { readonly service: 'read' | 'write'; readonly receiver: BlockReceiver } | undefined;

  /** @param allows whether a service or feature was negotiated. */
  constructor(
    application: ServerApplication,
    context: RequestContext,
    maxTransfer: number,
    allows: (name: ConformanceName) => boolean,
  ) {
    this.#application = application;
    this.#context = context;
    this.#maxTransfer = maxTransfer;
    this.#allows = allows;
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

  /** The answer to an APDU of the association. */
  answer(apdu: Apdu, limit: number): Uint8Array | undefined {
    switch (apdu.type) {
      case 'read-request':
        return this.#allows('read') ? this.#read(apdu.variables, limit) : serviceRefused('read', SERVICE_UNSUPPORTED);
      case 'write-request':
        return this.#allows('write')
          ? this.#write(apdu.variables, apdu.values, limit)
          : serviceRefused('write', SERVICE_UNSUPPORTED);
      case 'unconfirmed-write-request':
        this.abandon();
        if (this.#allows('unconfirmed-write') && areNamed(apdu.variables) && this.#fits(apdu.variables))
          this.#writeAll(apdu.variables, apdu.values);
        return undefined;
      default:
        return SERVICE_UNKNOWN;
    }
  }

  // ---- Read

  #read(variables: readonly VariableAccess[], limit: number): Uint8Array {
    const [only] = variables;
    if (variables.length === 1 && only?.type === 'block-number-access') return this.#nextBlock(only.blockNumber, limit);
    if (variables.length === 1 && only?.type === 'read-data-block-access') return this.#readBlock(only.block, limit);
    this.abandon();
    return this.#readAll(variables, limit);
  }

  #readAll(variables: readonly VariableAccess[], limit: number): Uint8Array {
    if (!areNamed(variables)) return serviceRefused('read', SENSELESS);
    if (!this.#fits(variables)) return serviceRefused('read', SERVICE_UNSUPPORTED);
    const source = this.#results(variables);
    const blocks = this.#allows('block-transfer-with-get-or-read');
    const most = blocks ? blockSize(limit, BLOCK_HEADER) : Math.max(1, limit - 1);
    const first = most === Number.POSITIVE_INFINITY ? takeAll(source) : source.take(most);
    if (source.done) {
      const answer = new Uint8Array(1 + first.length);
      answer[0] = APDU_TAGS['read-response'];
      answer.set(first, 1);
      return answer;
    }
    if (!blocks) return serviceRefused('read', ANSWER_TOO_LONG);
    this.#sending = new BlockSender(source);
    return readBlock(this.#sending.resume(first));
  }

  #nextBlock(acknowledged: number, limit: number): Uint8Array {
    this.#receiving = undefined;
    const sender = this.#sending;
    this.#sending = undefined;
    if (sender === undefined) return readFailed(DATA_ACCESS_RESULT['no-long-get-in-progress']);
    if (sender.number !== acknowledged) return readFailed(DATA_ACCESS_RESULT['data-block-number-invalid']);
    if (acknowledged === LAST_BLOCK_NUMBER) return readFailed(DATA_ACCESS_RESULT['long-get-aborted']);
    const block = sender.next(blockSize(limit, BLOCK_HEADER));
    if (!block.last) this.#sending = sender;
    return readBlock(block);
  }

  /** SEQUENCE OF results, each read when its turn comes. */
  #results(variables: readonly Named[]): OctetSource {
    let next = -1;
    let within: OctetSource | undefined;
    return new PartsSource((): Uint8Array | undefined => {
      if (within !== undefined && !within.done) return within.take(PIECE);
      within = undefined;
      if (next < 0) {
        next = 0;
        return new Writer(8).length(variables.length).finish();
      }
      const variable = variables[next++];
      if (variable === undefined) return undefined;
      const reading = this.#readOne(variable);
      if ('error' in reading) return Uint8Array.of(1, reading.error);
      within = 'octets' in reading ? reading.octets : new OctetsSource(encodeData(reading.data));
      return Uint8Array.of(0);
    });
  }

  #readOne(variable: Named): GetAnswer {
    if (!this.#parameterized(variable)) return { error: DATA_ACCESS_RESULT['scope-of-access-violated'] };
    const member = this.#application.named?.(variable.name, this.#context);
    if (member === undefined) return { error: DATA_ACCESS_RESULT['object-undefined'] };
    if ('attributeId' in member) return this.#application.get({ ...member, ...selectionIn(variable) }, this.#context);
    const parameter = variable.type === 'parameterized-access' ? variable.parameter : undefined;
    return returnedBy(this.#application.action(member, parameter, this.#context));
  }

  // ---- Write

  #write(variables: readonly VariableAccess[], values: readonly Data[], limit: number): Uint8Array {
    this.#sending = undefined;
    const [only] = variables;
    if (variables.length === 1 && only?.type === 'write-data-block-access') {
      const [raw] = values;
      if (raw?.type !== 'octet-string') return this.#writeAborted(DATA_ACCESS_RESULT['long-set-aborted']);
      return this.#writeBlock({ last: only.last, number: only.blockNumber, raw: raw.value }, limit);
    }
    this.abandon();
    return this.#written(variables, values, limit);
  }

  #written(variables: readonly VariableAccess[], values: readonly Data[], limit: number): Uint8Array {
    if (!areNamed(variables)) return serviceRefused('write', SENSELESS);
    if (!this.#fits(variables)) return serviceRefused('write', SERVICE_UNSUPPORTED);
    // Before anything is written: tag, count and two octets for each result.
    if (variables.length * 2 + 4 > limit) return serviceRefused('write', ANSWER_TOO_LONG);
    const results = this.#writeAll(variables, values).map((result) => ({ result }));
    return encodeApdu({ type: 'write-response', results });
  }

  #writeAll(variables: readonly Named[], values: readonly Data[]): number[] {
    return variables.map((variable, i) => this.#writeOne(variable, values[i] as Data));
  }

  #writeOne(variable: Named, value: Data): number {
    if (!this.#parameterized(variable)) return DATA_ACCESS_RESULT['scope-of-access-violated'];
    const member = this.#application.named?.(variable.name, this.#context);
    if (member === undefined) return DATA_ACCESS_RESULT['object-undefined'];
    return 'attributeId' in member
      ? this.#application.set({ ...member, ...selectionIn(variable) }, value, this.#context)
      : this.#application.action(member, value, this.#context).result;
  }

  // ---- requests in blocks

  #readBlock(block: DataBlock, limit: number): Uint8Array {
    this.#sending = undefined;
    const joined = this.#joined('read', block);
    if (typeof joined === 'number') return readFailed(joined);
    if (joined === undefined) return encodeApdu({ type: 'read-response', results: [{ blockNumber: block.number }] });
    const variables = readJoined(joined, readVariables);
    return variables === undefined ? serviceRefused('read', SENSELESS) : this.#readAll(variables, limit);
  }

  #writeBlock(block: DataBlock, limit: number): Uint8Array {
    const joined = this.#joined('write', block);
    if (typeof joined === 'number') return this.#writeAborted(joined);
    if (joined === undefined) return encodeApdu({ type: 'write-response', results: [{ blockNumber: block.number }] });
    const whole = readJoined(joined, readAssignments);
    return whole === undefined ? serviceRefused('write', SENSELESS) : this.#written(whole[0], whole[1], limit);
  }

  #writeAborted(result: number): Uint8Array {
    this.#receiving = undefined;
    return encodeApdu({ type: 'write-response', results: [{ result }] });
  }

  /** The request that blocks make together with this one; undefined while it is not whole, a data-access-result where the block does not fit. */
  #joined(service: 'read' | 'write', block: DataBlock): Uint8Array | number | undefined {
    const unfinished = this.#receiving?.service === service ? this.#receiving.receiver : undefined;
    this.#receiving = undefined;
    const aborted = DATA_ACCESS_RESULT[service === 'read' ? 'long-get-aborted' : 'long-set-aborted'];
    const feature = service === 'read' ? 'block-transfer-with-get-or-read' : 'block-transfer-with-set-or-write';
    if (!this.#allows(feature)) return aborted;
    if (unfinished === undefined && block.number !== 1)
      return DATA_ACCESS_RESULT[service === 'read' ? 'no-long-get-in-progress' : 'no-long-set-in-progress'];
    // The first block begins anew, whatever came before.
    const receiver = block.number === 1 ? new BlockReceiver(this.#maxTransfer) : (unfinished as BlockReceiver);
    const failed = addedBlock(receiver, block, aborted);
    if (failed !== undefined) return failed;
    if (block.last) return receiver.finish();
    this.#receiving = { service, receiver };
    return undefined;
  }

  // ---- what was negotiated

  #fits(variables: readonly Named[]): boolean {
    return variables.length === 1 || this.#allows('multiple-references');
  }

  #parameterized({ type }: Named): boolean {
    return type !== 'parameterized-access' || this.#allows('parameterized-access');
  }
}

/** Whether all are names: blocks stand alone. */
function areNamed(variables: readonly VariableAccess[]): variables is readonly Named[] {
  return variables.every((variable) => 'name' in variable);
}

function selectionIn(variable: Named): { readonly selection?: AccessSelection } {
  if (variable.type !== 'parameterized-access') return {};
  return { selection: { selector: variable.selector, parameters: variable.parameter } };
}

/** What a method gives to who reads it. */
function returnedBy({ result, returned }: ActionResult): GetAnswer {
  if (result !== ACTION_RESULT.success) return { error: result };
  return returned ?? { data: { type: 'null-data', value: null } };
}

function readBlock(block: DataBlock): Uint8Array {
  return encodeApdu({ type: 'read-response', results: [{ block }] });
}

function readFailed(error: number): Uint8Array {
  return encodeApdu({ type: 'read-response', results: [{ error }] });
}

/** What stands in joined blocks; undefined where that makes no sense. */
function readJoined<T>(octets: Uint8Array, read: (r: Reader) => T): T | undefined {
  try {
    const r = new Reader(octets);
    const whole = read(r);
    r.done('request');
    return whole;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return undefined;
  }
}
