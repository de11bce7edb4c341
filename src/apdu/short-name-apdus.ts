import type { Data } from '../codec/data.js';
import type { GetDataResult } from '../contracts/services.js';
import type { DataBlock } from './service-apdus.js';

/**
 * The APDUs of SN referencing (IEC 62056-5-3, ASN.1 module COSEMpdu): attributes and methods go by short names of 16 bits. They have no
 * invoke id: an answer belongs to the request before it.
 */

/** Variable-Access-Specification: what one element of a Read or Write is about. Block numbers have 16 bits, from 1. */
export type VariableAccess =
  | {
      /** The whole of an attribute; with Write also a method, whose parameter is the value. */
      readonly type: 'variable-name';
      /** Short name, 0 to 65535. */
      readonly name: number;
    }
  | {
      /** A part of an attribute, or a method that answers. */
      readonly type: 'parameterized-access';
      /** Short name, 0 to 65535. */
      readonly name: number;
      /** Which kind of part; 0 with a method. */
      readonly selector: number;
      /** Which part; with a method its parameter. */
      readonly parameter: Data;
    }
  | {
      /** Asks for the next block of a long answer. */
      readonly type: 'block-number-access';
      /** Number of the last block that was received. */
      readonly blockNumber: number;
    }
  | {
      /** One block of a long Read request. */
      readonly type: 'read-data-block-access';
      /** A piece of the list of what is asked for. */
      readonly block: DataBlock;
    }
  | {
      /** Announces one block of a long Write request: its octets are the value, an octet-string. */
      readonly type: 'write-data-block-access';
      /** last-block: whether the request ends with this block. */
      readonly last: boolean;
      /** block-number, from 1. */
      readonly blockNumber: number;
    };

/** Read-Request, tag 05. */
export interface ReadRequest {
  /** Tells it from other APDUs. */
  readonly type: 'read-request';
  /** What is asked for. */
  readonly variables: readonly VariableAccess[];
}

/** One element of a Read-Response: a value, why there is none, a block of a long answer, or the number of a block of the request. */
export type ReadResult =
  | GetDataResult
  | {
      /** One block of a long answer; all raw data together are the value, or the list of results. */
      readonly block: DataBlock;
    }
  | {
      /** Number of the block of a long request that was received. */
      readonly blockNumber: number;
    };

/** Read-Response, tag 0C. */
export interface ReadResponse {
  /** Tells it from other APDUs. */
  readonly type: 'read-response';
  /** A result for each element of the request, in its order. */
  readonly results: readonly ReadResult[];
}

/** Write-Request, tag 06. */
export interface WriteRequest {
  /** Tells it from other APDUs. */
  readonly type: 'write-request';
  /** What is written. */
  readonly variables: readonly VariableAccess[];
  /** The values, in the order of the variables. */
  readonly values: readonly Data[];
}

/** One element of a Write-Response. */
export type WriteResult =
  | {
      /** Data-Access-Result: 0 is success. */
      readonly result: number;
    }
  | {
      /** Number of the block of a long request that was received. */
      readonly blockNumber: number;
    };

/** Write-Response, tag 0D. */
export interface WriteResponse {
  /** Tells it from other APDUs. */
  readonly type: 'write-response';
  /** A result for each element of the request, in its order. */
  readonly results: readonly WriteResult[];
}

/** Unconfirmed-Write-Request, tag 16: a Write that is not answered. */
export interface UnconfirmedWriteRequest {
  /** Tells it from other APDUs. */
  readonly type: 'unconfirmed-write-request';
  /** What is written. */
  readonly variables: readonly VariableAccess[];
  /** The values, in the order of the variables. */
  readonly values: readonly Data[];
}
