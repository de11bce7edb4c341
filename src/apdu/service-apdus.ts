import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';
import type { ActionResult, AttributeWithSelection, GetDataResult, MethodDescriptor } from '../contracts/services.js';

/**
 * The APDUs of the confirmed services GET, SET, ACTION and ACCESS with LN referencing (IEC 62056-5-3, ASN.1 module COSEMpdu), one alternative for each
 * CHOICE.
 */

/** DataBlock-SA, and DataBlock-G with raw data: a piece of a long encoding. */
export interface DataBlock {
  /** last-block: whether the transfer ends with this block. */
  readonly last: boolean;
  /** block-number, from 1. */
  readonly number: number;
  /** raw-data: octets of the encoding (A-XDR) of what is transferred. */
  readonly raw: Uint8Array;
}

// ---- GET

/** Get-Request, tag C0. */
export type GetRequest =
  | {
      /** Asks for one attribute. */
      readonly type: 'get-request-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attribute that is asked for. */
      readonly attribute: AttributeWithSelection;
    }
  | {
      /** Asks for the next block of a long answer. */
      readonly type: 'get-request-next';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Number of the last block that was received. */
      readonly blockNumber: number;
    }
  | {
      /** Asks for several attributes at once. */
      readonly type: 'get-request-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attributes that are asked for. */
      readonly attributes: readonly AttributeWithSelection[];
    };

/** DataBlock-G: raw data, or an error that ends the transfer. */
export type GetBlock =
  | DataBlock
  | {
      /** last-block: whether the transfer ends with this block. */
      readonly last: boolean;
      /** block-number, from 1. */
      readonly number: number;
      /** Data-Access-Result: why the transfer ends. */
      readonly error: number;
    };

/** Get-Response, tag C4. */
export type GetResponse =
  | {
      /** The answer to one attribute. */
      readonly type: 'get-response-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Its value, or an error. */
      readonly result: GetDataResult;
    }
  | {
      /** One block of a long answer. */
      readonly type: 'get-response-with-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The block; all raw data together are the value, or the list of results. */
      readonly block: GetBlock;
    }
  | {
      /** The answer to several attributes. */
      readonly type: 'get-response-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** A value or an error for each attribute, in the order of the request. */
      readonly results: readonly GetDataResult[];
    };

// ---- SET

/** Set-Request, tag C1. */
export type SetRequest =
  | {
      /** Sets one attribute. */
      readonly type: 'set-request-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attribute that is set. */
      readonly attribute: AttributeWithSelection;
      /** The new value. */
      readonly value: Data;
    }
  | {
      /** Sets one attribute to a long value: first block. */
      readonly type: 'set-request-with-first-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attribute that is set. */
      readonly attribute: AttributeWithSelection;
      /** The first piece of the value. */
      readonly block: DataBlock;
    }
  | {
      /** A further block of a long value. */
      readonly type: 'set-request-with-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The next piece of the value. */
      readonly block: DataBlock;
    }
  | {
      /** Sets several attributes at once. */
      readonly type: 'set-request-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attributes that are set. */
      readonly attributes: readonly AttributeWithSelection[];
      /** The new values, in the order of the attributes. */
      readonly values: readonly Data[];
    }
  | {
      /** Sets several attributes to long values: first block. */
      readonly type: 'set-request-with-list-and-first-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The attributes that are set. */
      readonly attributes: readonly AttributeWithSelection[];
      /** The first piece of the list of values. */
      readonly block: DataBlock;
    };

/** Set-Response, tag C5. */
export type SetResponse =
  | {
      /** The outcome for one attribute. */
      readonly type: 'set-response-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Data-Access-Result: 0 is success. */
      readonly result: number;
    }
  | {
      /** Acknowledges a block; the next one may come. */
      readonly type: 'set-response-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Number of the block that was received. */
      readonly blockNumber: number;
    }
  | {
      /** The outcome for one attribute after its last block. */
      readonly type: 'set-response-last-datablock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Data-Access-Result: 0 is success. */
      readonly result: number;
      /** Number of the last block. */
      readonly blockNumber: number;
    }
  | {
      /** The outcome for several attributes after the last block. */
      readonly type: 'set-response-last-datablock-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** A Data-Access-Result for each attribute, 0 is success. */
      readonly results: readonly number[];
      /** Number of the last block. */
      readonly blockNumber: number;
    }
  | {
      /** The outcome for several attributes. */
      readonly type: 'set-response-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** A Data-Access-Result for each attribute, 0 is success. */
      readonly results: readonly number[];
    };

// ---- ACTION

/** Action-Request, tag C3. */
export type ActionRequest =
  | {
      /** Calls one method. */
      readonly type: 'action-request-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The method that is called. */
      readonly method: MethodDescriptor;
      /** Its parameter; left out where the method takes none. */
      readonly parameter?: Data;
    }
  | {
      /** Asks for the next block of a long answer. */
      readonly type: 'action-request-next-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Number of the last block that was received. */
      readonly blockNumber: number;
    }
  | {
      /** Calls several methods at once. */
      readonly type: 'action-request-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The methods that are called. */
      readonly methods: readonly MethodDescriptor[];
      /** Their parameters in the same order; null-data where a method takes none. */
      readonly parameters: readonly Data[];
    }
  | {
      /** Calls one method with a long parameter: first block. */
      readonly type: 'action-request-with-first-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The method that is called. */
      readonly method: MethodDescriptor;
      /** The first piece of the parameter. */
      readonly block: DataBlock;
    }
  | {
      /** Calls several methods with long parameters: first block. */
      readonly type: 'action-request-with-list-and-first-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The methods that are called. */
      readonly methods: readonly MethodDescriptor[];
      /** The first piece of the list of parameters. */
      readonly block: DataBlock;
    }
  | {
      /** A further block of a long parameter. */
      readonly type: 'action-request-with-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The next piece of the parameter. */
      readonly block: DataBlock;
    };

/** Action-Response, tag C7. */
export type ActionResponse =
  | {
      /** The outcome of one method. */
      readonly type: 'action-response-normal';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Its result, and what it returned. */
      readonly response: ActionResult;
    }
  | {
      /** One block of a long answer. */
      readonly type: 'action-response-with-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** The next piece of the answer. */
      readonly block: DataBlock;
    }
  | {
      /** The outcome of several methods. */
      readonly type: 'action-response-with-list';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** A result for each method, in the order of the request. */
      readonly responses: readonly ActionResult[];
    }
  | {
      /** Acknowledges a block of a long parameter; the next one may come. */
      readonly type: 'action-response-next-pblock';
      /** Invoke-Id-And-Priority: bits 0-3 the id, bit 6 confirmed, bit 7 high priority. */
      readonly invokeId: number;
      /** Number of the block that was received. */
      readonly blockNumber: number;
    };

// ---- ACCESS

/** Access-Request-Specification: what is done with one attribute or method. With a selection it is one of the alternatives for that. */
export type AccessSpecification =
  | {
      /** Whether the attribute is read or written. */
      readonly service: 'get' | 'set';
      /** The attribute, or a part of it. */
      readonly attribute: AttributeWithSelection;
    }
  | {
      /** A method is called. */
      readonly service: 'action';
      /** The method. */
      readonly method: MethodDescriptor;
    };

/** Access-Response-Specification: how it ended. */
export interface AccessResult {
  /** The service that was asked for. */
  readonly service: 'get' | 'set' | 'action';
  /** Data-Access-Result of GET and SET, Action-Result of ACTION, by number; 0 is success. */
  readonly result: number;
}

/** Access-Request, tag D9: several attributes and methods in one request, in that order. */
export interface AccessRequest {
  /** Tells it from other APDUs. */
  readonly type: 'access-request';
  /**
   * Long-Invoke-Id-And-Priority: bits 0-23 the id, bit 28 self-descriptive (the answer repeats the specifications), bit 29 break on error
   * (what follows an error is not attempted), bit 30 confirmed, bit 31 high priority.
   */
  readonly longInvokeId: number;
  /** When it was made, where the client says so. */
  readonly dateTime?: CosemDateTime;
  /** What is asked for. */
  readonly specifications: readonly AccessSpecification[];
  /** What is written, and the parameters of methods: one for each specification, null-data where it takes none. All are left out together. */
  readonly data: readonly Data[];
}

/** Access-Response, tag DA. */
export interface AccessResponse {
  /** Tells it from other APDUs. */
  readonly type: 'access-response';
  /** Long-Invoke-Id-And-Priority of the request. */
  readonly longInvokeId: number;
  /** When it was made, where the meter says so. */
  readonly dateTime?: CosemDateTime;
  /** The specifications of the request, where it asked for them. */
  readonly specifications?: readonly AccessSpecification[];
  /** What was read or returned: one for each specification, null-data where there is nothing. */
  readonly data: readonly Data[];
  /** A result for each specification, in the order of the request. */
  readonly results: readonly AccessResult[];
}
