/** What a meter answers to Read and Write, as the client of short names takes it. */

import type { Apdu, ConfirmedServiceError } from '../apdu/apdu.js';
import type { OnDeviation } from '../apdu/deviation.js';
import { readLastData } from '../apdu/fields.js';
import { readJoined } from '../apdu/received.js';
import { CONFIRMED_SERVICE, DATA_ACCESS_RESULT, serviceErrorOf } from '../apdu/results.js';
import type { ReadResponse, ReadResult, WriteResponse } from '../apdu/short-name-apdus.js';
import { readReadResults } from '../apdu/short-names.js';
import type { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { Procedure } from '../contracts/procedure.js';
import type { GetDataResult } from '../contracts/services.js';
import { type Target, unexpected } from './client-answers.js';
import type { NamingChannel } from './client-naming.js';

/** Errors of the whole service that are about the one object that was asked for. */
const OBJECT_ERRORS: readonly (readonly [error: readonly [number, number], result: number])[] = [
  [serviceErrorOf('definition', 'object-undefined'), DATA_ACCESS_RESULT['object-undefined']],
  [serviceErrorOf('definition', 'object-class-inconsistent'), DATA_ACCESS_RESULT['object-class-inconsistent']],
  [serviceErrorOf('definition', 'object-attribute-inconsistent'), DATA_ACCESS_RESULT['object-class-inconsistent']],
  [serviceErrorOf('access', 'scope-of-access-violated'), DATA_ACCESS_RESULT['scope-of-access-violated']],
  [serviceErrorOf('access', 'object-access-violated'), DATA_ACCESS_RESULT['read-write-denied']],
  [serviceErrorOf('access', 'hardware-fault'), DATA_ACCESS_RESULT['hardware-fault']],
  [serviceErrorOf('access', 'object-unavailable'), DATA_ACCESS_RESULT['object-unavailable']],
];

/** Sends a sealed request and awaits a response of Read or Write. @param alone an error about the one object is an answer. */
export function* exchanged(
  channel: NamingChannel,
  apdu: Uint8Array,
  target: Target | undefined,
  alone: boolean,
): Procedure<ReadResponse | WriteResponse | ConfirmedServiceError> {
  let payload = yield { apdu, reply: true };
  for (;;) {
    const answer = target === undefined ? channel.envelope.readHandshake(payload) : channel.envelope.read(payload);
    if (
      alone &&
      target !== undefined &&
      answer.type === 'confirmed-service-error' &&
      objectError(answer) !== undefined
    ) {
      return answer;
    }
    const judged = channel.judge(answer, target);
    if (judged?.type === 'read-response' || judged?.type === 'write-response') return judged;
    if (judged !== undefined) throw unexpected(judged, 'Read or Write');
    payload = yield channel.waitOn();
  }
}

export function objectError({ service, category, value }: ConfirmedServiceError): number | undefined {
  if (service !== CONFIRMED_SERVICE.read && service !== CONFIRMED_SERVICE.write) return undefined;
  return OBJECT_ERRORS.find(([error]) => error[0] === category && error[1] === value)?.[1];
}

export function asRead(apdu: Apdu): ReadResponse {
  if (apdu.type === 'read-response') return apdu;
  throw unexpected(apdu, 'Read');
}

export function asAnswer(apdu: Apdu): ReadResponse | ConfirmedServiceError {
  return apdu.type === 'confirmed-service-error' ? apdu : asRead(apdu);
}

/** @throws DecodeError where the meter did not acknowledge this block of a request. */
export function checkTaken(answer: Apdu, number: number): void {
  const [first] = answer.type === 'read-response' || answer.type === 'write-response' ? answer.results : [];
  if (first !== undefined && 'blockNumber' in first && first.blockNumber === number) return;
  throw unexpected(answer, `block ${number} of a request`);
}

/** @throws DecodeError where a block, or another number of results came. */
export function plainResults(answer: ReadResponse, count: number): GetDataResult[] {
  if (answer.results.length === count) return answer.results.map((result) => plain(result, 'Read'));
  throw new DecodeError(
    'bad-length',
    `${counted(answer.results.length, 'result')} came for ${counted(count, 'question')}`,
  );
}

export function plain(result: ReadResult | undefined, asked: string): GetDataResult {
  if (result !== undefined && ('data' in result || 'error' in result)) return result;
  throw new DecodeError('unknown-choice', `the meter answered ${asked} with a block of another transfer`);
}

/** The results in joined blocks: the value alone where one was asked for; some servers send the list that Read answers with. */
export function joined(channel: NamingChannel, whole: Uint8Array, count: number): GetDataResult[] {
  const list = (r: Reader) => {
    const results = readReadResults(r, undefined);
    r.done('answer');
    return results.map((result) => plain(result, 'Read'));
  };
  if (count > 1) return readJoined(whole, channel.config, list);
  const value = (r: Reader, bear?: OnDeviation): GetDataResult[] => [{ data: readLastData(r, bear) }];
  // What fits to the last octet is right; only then is something tolerated.
  for (const read of [value, list]) {
    try {
      return readJoined(whole, { strict: true }, read).slice(0, 1);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
    }
  }
  return readJoined(whole, channel.config, value);
}
