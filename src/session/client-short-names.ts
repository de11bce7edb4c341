/** The client of a meter with short names: what is asked by logical names goes out as Read and Write (IEC 62056-5-3 clause 6.8 to 6.13). */

import type { Apdu, ConfirmedServiceError } from '../apdu/apdu.js';
import { BlockReceiver } from '../apdu/block-receiver.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { DATA_ACCESS_RESULT } from '../apdu/results.js';
import type { ReadResponse, ReadResult, VariableAccess } from '../apdu/short-name-apdus.js';
import { writeAssignments, writeVariables } from '../apdu/short-names.js';
import { Writer } from '../base/cursor.js';
import { AccessError, StateError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { Data } from '../codec/data.js';
import { nullValue, octets } from '../codec/make.js';
import type { Procedure } from '../contracts/procedure.js';
import type {
  ActionResult,
  AttributeDescriptor,
  AttributeWithSelection,
  GetDataResult,
  MethodDescriptor,
} from '../contracts/services.js';
import type { NamedMethod, ReadShortNames, ShortNames } from '../contracts/short-names.js';
import { type Target, unexpected } from './client-answers.js';
import type { ClientNaming, NamingChannel } from './client-naming.js';
import {
  asAnswer,
  asRead,
  checkTaken,
  exchanged,
  joined,
  objectError,
  plain,
  plainResults,
} from './short-name-answers.js';
import { BlockSender, OctetsSource } from './transfer.js';

/** Base name of the association of the client, which is the same in every meter (Blue Book 4.1.3). */
const ASSOCIATION = 0xfa00;
const OBJECT_LIST = ASSOCIATION + 0x08;
const ACCESS_RIGHTS = ASSOCIATION + 0x10;
const CHANGE_SECRET = ASSOCIATION + 0x40;
const REPLY_TO_HLS = ASSOCIATION + 0x58;
/** Association LN, whose place Association SN takes: logical name of the current association, object_list, secret. */
const ASSOCIATION_LN = 15;
const LIST_ATTRIBUTE = 2;
const SECRET_ATTRIBUTE = 7;
const CHANGE_SECRET_METHOD = 2;
const CURRENT = [0, 0, 40, 0, 0, 255];
/** Selector of a parameterized access that calls a method. */
const NO_SELECTOR = 0;
/** Octets of a Read, and of a Write, around the octets of one block: header, block number, lengths. */
const READ_BLOCK = 9;
const WRITE_BLOCK = 12;
const LEAST_BLOCK = 16;

const { success: SUCCESS, 'object-undefined': UNDEFINED } = DATA_ACCESS_RESULT;

/** What a Read or Write is about, with an object for messages. */
interface Asked<T> {
  readonly target: Target;
  readonly item: T;
}

interface Assignment {
  readonly variable: VariableAccess;
  readonly value: Data;
}

/** Speaks with short names. One serves one association after the other; the names are read in each. */
export class ShortNameClient implements ClientNaming {
  readonly #read: ReadShortNames;
  readonly #maxTransfer: number | undefined;
  #names: ShortNames | undefined;
  #limit = Number.POSITIVE_INFINITY;

  /**
   * @param read makes the names from the object list of the meter.
   * @param maxTransfer the most octets of one answer in blocks.
   */
  constructor(read: ReadShortNames, maxTransfer?: number) {
    this.#read = read;
    this.#maxTransfer = maxTransfer;
  }

  begin(limit: number): void {
    this.#names = undefined;
    this.#limit = limit;
  }

  *ask(channel: NamingChannel, request: Uint8Array): Procedure<Apdu> {
    const apdu = decodeApdu(request);
    switch (apdu.type) {
      case 'get-request-normal': {
        const [result] = yield* this.#get(channel, [apdu.attribute]);
        return { type: 'get-response-normal', invokeId: apdu.invokeId, result: result as GetDataResult };
      }
      case 'get-request-with-list': {
        const results = yield* this.#get(channel, apdu.attributes);
        return { type: 'get-response-with-list', invokeId: apdu.invokeId, results };
      }
      case 'set-request-normal': {
        const [result] = yield* this.#set(channel, [apdu.attribute], [apdu.value]);
        return { type: 'set-response-normal', invokeId: apdu.invokeId, result: result as number };
      }
      case 'set-request-with-list': {
        const results = yield* this.#set(channel, apdu.attributes, apdu.values);
        return { type: 'set-response-with-list', invokeId: apdu.invokeId, results };
      }
      case 'action-request-normal': {
        const response = yield* this.#call(channel, apdu.method, apdu.parameter);
        return { type: 'action-response-normal', invokeId: apdu.invokeId, response };
      }
      case 'action-request-with-list': {
        const responses: ActionResult[] = [];
        for (const [i, method] of apdu.methods.entries()) {
          responses.push(yield* this.#call(channel, method, apdu.parameters[i]));
        }
        return { type: 'action-response-with-list', invokeId: apdu.invokeId, responses };
      }
      default:
        throw new StateError(`there is no ${apdu.type} with short names`);
    }
  }

  *askHls(channel: NamingChannel, request: Uint8Array): Procedure<Apdu> {
    const apdu = decodeApdu(request);
    if (apdu.type !== 'action-request-normal') throw new StateError(`pass 3 of HLS is no ${apdu.type}`);
    const variable = called(REPLY_TO_HLS, apdu.parameter);
    const read = encodeApdu({ type: 'read-request', variables: [variable] });
    const answer = yield* exchanged(channel, channel.envelope.sealHandshake(read), undefined, true);
    if (answer.type !== 'read-response') throw unexpected(answer, 'the authentication');
    return {
      type: 'action-response-normal',
      invokeId: apdu.invokeId,
      response: actionResult(plain(answer.results[0], 'the authentication')),
    };
  }

  *tell(channel: NamingChannel, method: MethodDescriptor, parameter: Data | undefined, more: boolean): Procedure<void> {
    const named = yield* this.#method(channel, method);
    if (named === undefined)
      throw new AccessError('object-undefined', '', 'the meter has no short name for this method');
    const apdu = encodeApdu({
      type: 'unconfirmed-write-request',
      variables: [{ type: 'variable-name', name: named.name }],
      values: [parameter ?? nullValue()],
    });
    if (apdu.length > this.#limit) {
      throw new StateError(`a request of ${counted(apdu.length, 'octet')} is longer than the meter takes at once`);
    }
    yield { apdu: channel.envelope.seal(apdu), reply: false, more };
  }

  // ---- GET

  *#get(channel: NamingChannel, attributes: readonly AttributeWithSelection[]): Procedure<GetDataResult[]> {
    const [alone] = attributes;
    if (attributes.length === 1 && alone !== undefined && isObjectList(alone))
      return [yield* this.#objectList(channel)];
    const names = yield* this.#known(channel);
    const results: GetDataResult[] = attributes.map(() => ({ error: UNDEFINED }));
    const asked: Asked<VariableAccess>[] = [];
    const places: number[] = [];
    attributes.forEach((attribute, i) => {
      const name = nameOf(names, attribute);
      if (name === undefined) return;
      places.push(i);
      asked.push({ target: attribute, item: accessOf(name, attribute) });
    });
    const answers = asked.length === 0 ? [] : yield* this.#readAll(channel, asked);
    for (const [i, answer] of answers.entries()) results[places[i] as number] = answer;
    return results;
  }

  /** The object list with the rights of the client. */
  *#objectList(channel: NamingChannel): Procedure<GetDataResult> {
    const names = yield* this.#known(channel);
    const target = { classId: 12, instanceId: Uint8Array.from(CURRENT), attributeId: 3 };
    const variable = { type: 'variable-name', name: ACCESS_RIGHTS } as const;
    const [rights] = yield* this.#readAll(channel, [{ target, item: variable }]);
    return { data: names.objectList(rights !== undefined && 'data' in rights ? rights.data : undefined) };
  }

  /** The names of the meter, which are asked for when the first is needed. @throws AccessError where the meter refuses its object list. */
  *#known(channel: NamingChannel): Procedure<ShortNames> {
    if (this.#names !== undefined) return this.#names;
    const target = { classId: 12, instanceId: Uint8Array.from(CURRENT), attributeId: 2 };
    const variable = { type: 'variable-name', name: OBJECT_LIST } as const;
    const [list] = yield* this.#readAll(channel, [{ target, item: variable }]);
    if (list === undefined || 'error' in list) {
      throw new AccessError('read-write-denied', '12:0.0.40.0.0.255:2', 'the meter does not give its object list', {
        hint: 'it speaks short names: without the list it is not known what its objects are called; another client address may read it',
      });
    }
    this.#names = this.#read(list.data);
    return this.#names;
  }

  /** Reads variables. A single one that is refused by an error of the service gives a result, as with logical names. */
  *#readAll(channel: NamingChannel, asked: readonly Asked<VariableAccess>[]): Procedure<GetDataResult[]> {
    const variables = asked.map(({ item }) => item);
    const { target } = asked[0] as Asked<VariableAccess>;
    let answer = yield* this.#sendRead(channel, variables, target);
    if (answer.type === 'confirmed-service-error') return [{ error: objectError(answer) as number }];
    const [first] = answer.results;
    if (first === undefined || !('block' in first)) return plainResults(answer, variables.length);
    const blocks = new BlockReceiver(this.#maxTransfer, first.block.number);
    channel.transfer = 'block-transfer-with-get-or-read';
    for (let result: ReadResult | undefined = first; ; ) {
      if (result === undefined || !('block' in result)) {
        if (result !== undefined && 'error' in result) return [result];
        throw unexpected(answer, 'Read of the next block');
      }
      blocks.add(result.block);
      if (result.block.last) break;
      const next = { type: 'block-number-access', blockNumber: blocks.number } as const;
      const request = encodeApdu({ type: 'read-request', variables: [next] });
      answer = asRead(yield* exchanged(channel, channel.envelope.seal(request), target, false));
      result = answer.results[0];
    }
    channel.transfer = undefined;
    return joined(channel, blocks.finish(), variables.length);
  }

  *#sendRead(
    channel: NamingChannel,
    variables: readonly VariableAccess[],
    target: Target,
  ): Procedure<ReadResponse | ConfirmedServiceError> {
    const alone = variables.length === 1;
    const request = encodeApdu({ type: 'read-request', variables });
    if (request.length <= this.#limit) {
      return asAnswer(yield* exchanged(channel, channel.envelope.seal(request), target, alone));
    }
    const w = new Writer();
    writeVariables(w, variables);
    const blocks = new BlockSender(new OctetsSource(w.finish()));
    for (;;) {
      const block = blocks.next(this.#room(READ_BLOCK));
      const piece = encodeApdu({ type: 'read-request', variables: [{ type: 'read-data-block-access', block }] });
      const answer = asAnswer(yield* exchanged(channel, channel.envelope.seal(piece), target, alone && block.last));
      if (block.last) return answer;
      checkTaken(answer, block.number);
    }
  }

  #room(around: number): number {
    return Math.max(LEAST_BLOCK, this.#limit - around);
  }

  // ---- SET

  *#set(
    channel: NamingChannel,
    attributes: readonly AttributeWithSelection[],
    values: readonly Data[],
  ): Procedure<number[]> {
    const results: number[] = attributes.map(() => UNDEFINED);
    const names = attributes.every(isSecret) ? undefined : yield* this.#known(channel);
    const asked: Asked<Assignment>[] = [];
    const places: number[] = [];
    attributes.forEach((attribute, i) => {
      const name = isSecret(attribute) ? CHANGE_SECRET : names && nameOf(names, attribute);
      if (name === undefined) return;
      places.push(i);
      asked.push({
        target: attribute,
        item: { variable: accessOf(name, attribute), value: values[i] as Data },
      });
    });
    const answers = asked.length === 0 ? [] : yield* this.#writeAll(channel, asked);
    for (const [i, answer] of answers.entries()) results[places[i] as number] = answer;
    return results;
  }

  *#writeAll(channel: NamingChannel, asked: readonly Asked<Assignment>[]): Procedure<number[]> {
    const { target } = asked[0] as Asked<Assignment>;
    const alone = asked.length === 1;
    const variables = asked.map(({ item }) => item.variable);
    const values = asked.map(({ item }) => item.value);
    const request = encodeApdu({ type: 'write-request', variables, values });
    let answer: Apdu;
    if (request.length <= this.#limit) {
      answer = yield* exchanged(channel, channel.envelope.seal(request), target, alone);
    } else answer = yield* this.#writeInBlocks(channel, { variables, values }, target);
    if (answer.type === 'confirmed-service-error') return [objectError(answer) as number];
    if (answer.type !== 'write-response') throw unexpected(answer, 'Write');
    const results = answer.results.map((result) => ('result' in result ? result.result : undefined));
    if (results.length !== asked.length || results.includes(undefined)) throw unexpected(answer, 'Write');
    return results as number[];
  }

  *#writeInBlocks(
    channel: NamingChannel,
    { variables, values }: { readonly variables: readonly VariableAccess[]; readonly values: readonly Data[] },
    target: Target,
  ): Procedure<Apdu> {
    const w = new Writer();
    writeAssignments(w, variables, values);
    const blocks = new BlockSender(new OctetsSource(w.finish()));
    for (;;) {
      const { last, number, raw } = blocks.next(this.#room(WRITE_BLOCK));
      const request = encodeApdu({
        type: 'write-request',
        variables: [{ type: 'write-data-block-access', last, blockNumber: number }],
        values: [octets(raw)],
      });
      const answer = yield* exchanged(channel, channel.envelope.seal(request), target, last && variables.length === 1);
      if (last) return answer;
      if (answer.type !== 'write-response') throw unexpected(answer, 'a block of a Write');
      const [result] = answer.results;
      // A meter that refuses a block refuses the whole.
      if (result !== undefined && 'result' in result && result.result !== SUCCESS) return answer;
      checkTaken(answer, number);
    }
  }

  // ---- ACTION

  *#call(channel: NamingChannel, method: MethodDescriptor, parameter: Data | undefined): Procedure<ActionResult> {
    const named = yield* this.#method(channel, method);
    if (named === undefined) return { result: UNDEFINED };
    if (named.returns) {
      const [result] = yield* this.#readAll(channel, [{ target: method, item: called(named.name, parameter) }]);
      return actionResult(result as GetDataResult);
    }
    const variable = { type: 'variable-name', name: named.name } as const;
    const value = parameter ?? nullValue();
    const [result] = yield* this.#writeAll(channel, [{ target: method, item: { variable, value } }]);
    return { result: result as number };
  }

  *#method(channel: NamingChannel, method: MethodDescriptor): Procedure<NamedMethod | undefined> {
    if (isAssociation(method) && method.methodId === CHANGE_SECRET_METHOD)
      return { name: CHANGE_SECRET, returns: false };
    return (yield* this.#known(channel)).method(method);
  }
}

function isAssociation({ classId, instanceId }: Pick<AttributeDescriptor, 'classId' | 'instanceId'>): boolean {
  return classId === ASSOCIATION_LN && CURRENT.every((octet, i) => instanceId[i] === octet);
}

function isObjectList(attribute: AttributeDescriptor): boolean {
  return isAssociation(attribute) && attribute.attributeId === LIST_ATTRIBUTE;
}

function isSecret(attribute: AttributeDescriptor): boolean {
  return isAssociation(attribute) && attribute.attributeId === SECRET_ATTRIBUTE;
}

function nameOf(names: ShortNames, attribute: AttributeDescriptor): number | undefined {
  // Its logical name is that of the association in its place.
  if (isAssociation(attribute) && attribute.attributeId === 1) return ASSOCIATION;
  return names.attribute(attribute);
}

function accessOf(name: number, { selection }: AttributeWithSelection): VariableAccess {
  if (selection === undefined) return { type: 'variable-name', name };
  return { type: 'parameterized-access', name, selector: selection.selector, parameter: selection.parameters };
}

function called(name: number, parameter: Data | undefined): VariableAccess {
  return { type: 'parameterized-access', name, selector: NO_SELECTOR, parameter: parameter ?? nullValue() };
}

function actionResult(result: GetDataResult): ActionResult {
  return 'data' in result ? { result: SUCCESS, returned: result } : { result: result.error };
}
