/**
 * The services of SN referencing (IEC 62056-5-3 clause 6 and its ASN.1): Read 05 and 0C, Write 06 and 0D, UnconfirmedWrite 16,
 * InformationReport 18.
 */

import type { Reader, Writer } from '../base/cursor.js';
import { given } from '../base/given.js';
import { writeData } from '../codec/axdr.js';
import type { Data } from '../codec/data.js';
import type { InformationReport } from '../contracts/services.js';
import type { OnDeviation } from './deviation.js';
import {
  checkSameCount,
  readDataField,
  readDataResult,
  readFlag,
  readList,
  readOctets,
  readPairs,
  readU8,
  readU16,
  unknownChoice,
  writeDataResult,
  writeFlag,
  writeList,
  writeU8,
  writeU16,
} from './fields.js';
import type { DataBlock } from './service-apdus.js';
import type {
  ReadRequest,
  ReadResponse,
  ReadResult,
  UnconfirmedWriteRequest,
  VariableAccess,
  WriteRequest,
  WriteResponse,
  WriteResult,
} from './short-name-apdus.js';
import { APDU_TAGS } from './tags.js';

/** An APDU of a service of SN referencing. */
export type ShortNameApdu =
  | ReadRequest
  | ReadResponse
  | WriteRequest
  | WriteResponse
  | UnconfirmedWriteRequest
  | InformationReport;

export function readReadRequest(r: Reader): ReadRequest {
  return { type: 'read-request', variables: readVariables(r) };
}

/** @param bear is told of a value with wrong counts, where it is the only one; without it such a value is refused. */
export function readReadResponse(r: Reader, bear: OnDeviation | undefined): ReadResponse {
  return { type: 'read-response', results: readReadResults(r, bear) };
}

/** The list of results of a Read, also joined from blocks. */
export function readReadResults(r: Reader, bear: OnDeviation | undefined): ReadResult[] {
  const alone = bear !== undefined && r.remaining > 1 && r.peek() === 1 ? bear : undefined;
  return readList(r, 'results', (each) => readReadResult(each, alone));
}

function readReadResult(r: Reader, bear: OnDeviation | undefined): ReadResult {
  switch (r.peek()) {
    case 2:
      r.u8();
      return { block: readShortBlock(r) };
    case 3:
      r.u8();
      return { blockNumber: readU16(r, 'block-number') };
    default:
      return readDataResult(r, bear);
  }
}

export function readWriteRequest<T extends 'write-request' | 'unconfirmed-write-request'>(
  r: Reader,
  type: T,
): { type: T; variables: VariableAccess[]; values: Data[] } {
  const [variables, values] = readAssignments(r);
  return { type, variables, values };
}

/** The two lists of a Write, also joined from blocks. */
export function readAssignments(r: Reader): [variables: VariableAccess[], values: Data[]] {
  return readPairs(r, 'variables', readVariableAccess);
}

export function readWriteResponse(r: Reader): WriteResponse {
  return { type: 'write-response', results: readList(r, 'results', readWriteResult) };
}

function readWriteResult(r: Reader): WriteResult {
  const choice = r.u8();
  switch (choice) {
    case 0:
      return { result: 0 };
    case 1:
      return { result: readU8(r, 'data-access-result') };
    case 2:
      return { blockNumber: readU16(r, 'block-number') };
    default:
      return unknownChoice(r, choice, 'Write-Response');
  }
}

/** Its time is OPTIONAL. */
export function readInformationReport(r: Reader): InformationReport {
  const currentTime = readFlag(r, 'current-time') ? readOctets(r, 'current-time') : undefined;
  const [variables, values] = readPairs(r, 'variables', readVariableAccess);
  const names = variables.map((variable) =>
    variable.type === 'variable-name'
      ? variable.name
      : r.fail('bad-value', `an information report of a ${variable.type}`),
  );
  return { type: 'information-report-request', ...given({ currentTime }), names, values };
}

/** The list of what a Read is about, also joined from blocks. */
export function readVariables(r: Reader): VariableAccess[] {
  return readList(r, 'variables', readVariableAccess);
}

export function readVariableAccess(r: Reader): VariableAccess {
  const choice = r.u8();
  switch (choice) {
    case 2:
      return { type: 'variable-name', name: readU16(r, 'variable-name') };
    case 4: {
      const name = readU16(r, 'variable-name');
      const selector = readU8(r, 'access-selector');
      return { type: 'parameterized-access', name, selector, parameter: readDataField(r, 'parameter') };
    }
    case 5:
      return { type: 'block-number-access', blockNumber: readU16(r, 'block-number') };
    case 6:
      return { type: 'read-data-block-access', block: readShortBlock(r) };
    case 7: {
      const last = readFlag(r, 'last-block');
      return { type: 'write-data-block-access', last, blockNumber: readU16(r, 'block-number') };
    }
    default:
      return unknownChoice(r, choice, 'Variable-Access-Specification');
  }
}

/** Data-Block-Result and Read-Data-Block-Access: numbers of 16 bits. */
function readShortBlock(r: Reader): DataBlock {
  const last = readFlag(r, 'block.last-block');
  const number = readU16(r, 'block.block-number');
  return { last, number, raw: readOctets(r, 'block.raw-data') };
}

export function writeShortNames(w: Writer, apdu: ShortNameApdu): void {
  w.u8(APDU_TAGS[apdu.type]);
  switch (apdu.type) {
    case 'read-request':
      writeVariables(w, apdu.variables);
      break;
    case 'read-response':
      writeReadResults(w, apdu.results);
      break;
    case 'write-request':
    case 'unconfirmed-write-request':
      writeAssignments(w, apdu.variables, apdu.values);
      break;
    case 'write-response':
      writeList(w, apdu.results, writeWriteResult);
      break;
    case 'information-report-request': {
      writeFlag(w, apdu.currentTime !== undefined);
      if (apdu.currentTime !== undefined) w.octets(apdu.currentTime);
      const variables = apdu.names.map((name) => ({ type: 'variable-name', name }) as const);
      writeAssignments(w, variables, apdu.values);
    }
  }
}

/** The list of what a Read is about: without the tag, as it is cut into blocks. */
export function writeVariables(w: Writer, variables: readonly VariableAccess[]): void {
  writeList(w, variables, writeVariableAccess);
}

/** The two lists of a Write: without the tag, as they are cut into blocks. @throws StateError when they differ in length. */
export function writeAssignments(w: Writer, variables: readonly VariableAccess[], values: readonly Data[]): void {
  checkSameCount('variable', variables.length, values.length);
  writeVariables(w, variables);
  writeList(w, values, writeData);
}

/** The list of results of a Read: without the tag, as it is cut into blocks. */
export function writeReadResults(w: Writer, results: readonly ReadResult[]): void {
  writeList(w, results, writeReadResult);
}

function writeVariableAccess(w: Writer, variable: VariableAccess): void {
  switch (variable.type) {
    case 'variable-name':
      writeU16(w.u8(2), variable.name, 'variable-name');
      break;
    case 'parameterized-access':
      writeU16(w.u8(4), variable.name, 'variable-name');
      writeU8(w, variable.selector, 'selector');
      writeData(w, variable.parameter);
      break;
    case 'block-number-access':
      writeU16(w.u8(5), variable.blockNumber, 'block-number');
      break;
    case 'read-data-block-access':
      writeShortBlock(w.u8(6), variable.block);
      break;
    case 'write-data-block-access':
      writeFlag(w.u8(7), variable.last);
      writeU16(w, variable.blockNumber, 'block-number');
  }
}

function writeReadResult(w: Writer, result: ReadResult): void {
  if ('block' in result) writeShortBlock(w.u8(2), result.block);
  else if ('blockNumber' in result) writeU16(w.u8(3), result.blockNumber, 'block-number');
  else writeDataResult(w, result);
}

function writeWriteResult(w: Writer, result: WriteResult): void {
  if ('blockNumber' in result) writeU16(w.u8(2), result.blockNumber, 'block-number');
  else if (result.result === 0) w.u8(0);
  else writeU8(w.u8(1), result.result, 'data-access-result');
}

function writeShortBlock(w: Writer, block: DataBlock): void {
  writeFlag(w, block.last);
  writeU16(w, block.number, 'block-number');
  w.octets(block.raw);
}
