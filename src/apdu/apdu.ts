import type { Data } from '../codec/data.js';
import type {
  ActionResult,
  AttributeWithSelection,
  DataNotification,
  DataNotificationConfirm,
  EventNotification,
  GetDataResult,
  MethodDescriptor,
} from '../contracts/services.js';

/**
 * The APDUs of IEC 62056-5-3 (LN referencing) as one flat union. `invokeId` is the whole Invoke-Id-And-Priority octet: bits 0-3 the
 * id, bit 6 confirmed (1), bit 7 high priority (1).
 */
export type Apdu =
  | Aarq
  | Aare
  | Rlrq
  | Rlre
  | InitiateRequest
  | InitiateResponse
  | GetRequest
  | GetResponse
  | SetRequest
  | SetResponse
  | ActionRequest
  | ActionResponse
  | DataNotification
  | DataNotificationConfirm
  | EventNotification
  | ExceptionResponse
  | ConfirmedServiceError
  | CipheredApdu
  | GeneralBlockTransfer
  | UnsupportedApdu;

/** DataBlock-SA / DataBlock-G. `raw` holds octets of the result's encoding. */
export interface DataBlock {
  readonly last: boolean;
  readonly number: number;
  readonly raw: Uint8Array;
}

// ---- ACSE (BER), IEC 62056-5-3 clause 7

export interface Aarq {
  readonly type: 'aarq';
  /** BIT STRING with its unused-bits octet left out; absent = version 1. */
  readonly protocolVersion?: Uint8Array;
  /** Octets of the OID's content: 60 85 74 05 08 01 n. */
  readonly applicationContextName: Uint8Array;
  readonly calledApTitle?: Uint8Array;
  readonly calledAeQualifier?: Uint8Array;
  readonly calledApInvocationId?: number;
  readonly calledAeInvocationId?: number;
  readonly callingApTitle?: Uint8Array;
  readonly callingAeQualifier?: Uint8Array;
  readonly callingApInvocationId?: number;
  readonly callingAeInvocationId?: number;
  /** Whether bit 0 (authentication) is set; absent when the field is. */
  readonly senderAcseRequirements?: boolean;
  /** Octets of the OID's content: 60 85 74 05 08 02 n. */
  readonly mechanismName?: Uint8Array;
  readonly callingAuthenticationValue?: AuthenticationValue;
  readonly implementationInformation?: Uint8Array;
  /** The octets inside the inner OCTET STRING: an (often ciphered) InitiateRequest APDU. */
  readonly userInformation?: Uint8Array;
}

export type AuthenticationValue =
  | { readonly type: 'charstring' | 'bitstring'; readonly value: Uint8Array }
  | { readonly type: 'external' | 'other'; readonly value: Uint8Array };

export interface Aare {
  readonly type: 'aare';
  readonly protocolVersion?: Uint8Array;
  readonly applicationContextName: Uint8Array;
  /** 0 accepted, 1 rejected-permanent, 2 rejected-transient. */
  readonly result: number;
  readonly resultSourceDiagnostic: {
    readonly source: 'acse-service-user' | 'acse-service-provider';
    readonly diagnostic: number;
  };
  readonly respondingApTitle?: Uint8Array;
  readonly respondingAeQualifier?: Uint8Array;
  readonly respondingApInvocationId?: number;
  readonly respondingAeInvocationId?: number;
  readonly responderAcseRequirements?: boolean;
  readonly mechanismName?: Uint8Array;
  readonly respondingAuthenticationValue?: AuthenticationValue;
  readonly implementationInformation?: Uint8Array;
  readonly userInformation?: Uint8Array;
}

export interface Rlrq {
  readonly type: 'rlrq';
  readonly reason?: number;
  readonly userInformation?: Uint8Array;
}

export interface Rlre {
  readonly type: 'rlre';
  readonly reason?: number;
  readonly userInformation?: Uint8Array;
}

// ---- xDLMS initiate

export interface InitiateRequest {
  readonly type: 'initiate-request';
  readonly dedicatedKey?: Uint8Array;
  readonly responseAllowed: boolean;
  readonly proposedQualityOfService?: number;
  readonly proposedDlmsVersionNumber: number;
  /** 24 bits as a number, bit 0 of the standard (reserved-zero) is 0x800000. Names in conformance.ts. */
  readonly proposedConformance: number;
  readonly clientMaxReceivePduSize: number;
}

export interface InitiateResponse {
  readonly type: 'initiate-response';
  readonly negotiatedQualityOfService?: number;
  readonly negotiatedDlmsVersionNumber: number;
  readonly negotiatedConformance: number;
  readonly serverMaxReceivePduSize: number;
  /** 0x0007 for LN referencing, 0xFA00 for SN. */
  readonly vaaName: number;
}

// ---- GET

export type GetRequest =
  | { readonly type: 'get-request-normal'; readonly invokeId: number; readonly attribute: AttributeWithSelection }
  | { readonly type: 'get-request-next'; readonly invokeId: number; readonly blockNumber: number }
  | {
      readonly type: 'get-request-with-list';
      readonly invokeId: number;
      readonly attributes: readonly AttributeWithSelection[];
    };

/** DataBlock-G: raw data, or an error that ends the transfer. */
export type GetBlock = DataBlock | { readonly last: boolean; readonly number: number; readonly error: number };

export type GetResponse =
  | { readonly type: 'get-response-normal'; readonly invokeId: number; readonly result: GetDataResult }
  | { readonly type: 'get-response-with-datablock'; readonly invokeId: number; readonly block: GetBlock }
  | { readonly type: 'get-response-with-list'; readonly invokeId: number; readonly results: readonly GetDataResult[] };

// ---- SET

export type SetRequest =
  | {
      readonly type: 'set-request-normal';
      readonly invokeId: number;
      readonly attribute: AttributeWithSelection;
      readonly value: Data;
    }
  | {
      readonly type: 'set-request-with-first-datablock';
      readonly invokeId: number;
      readonly attribute: AttributeWithSelection;
      readonly block: DataBlock;
    }
  | { readonly type: 'set-request-with-datablock'; readonly invokeId: number; readonly block: DataBlock }
  | {
      readonly type: 'set-request-with-list';
      readonly invokeId: number;
      readonly attributes: readonly AttributeWithSelection[];
      readonly values: readonly Data[];
    }
  | {
      readonly type: 'set-request-with-list-and-first-datablock';
      readonly invokeId: number;
      readonly attributes: readonly AttributeWithSelection[];
      readonly block: DataBlock;
    };

export type SetResponse =
  | { readonly type: 'set-response-normal'; readonly invokeId: number; readonly result: number }
  | { readonly type: 'set-response-datablock'; readonly invokeId: number; readonly blockNumber: number }
  | {
      readonly type: 'set-response-last-datablock';
      readonly invokeId: number;
      readonly result: number;
      readonly blockNumber: number;
    }
  | {
      readonly type: 'set-response-last-datablock-with-list';
      readonly invokeId: number;
      readonly results: readonly number[];
      readonly blockNumber: number;
    }
  | { readonly type: 'set-response-with-list'; readonly invokeId: number; readonly results: readonly number[] };

// ---- ACTION

export type ActionRequest =
  | {
      readonly type: 'action-request-normal';
      readonly invokeId: number;
      readonly method: MethodDescriptor;
      readonly parameter?: Data;
    }
  | { readonly type: 'action-request-next-pblock'; readonly invokeId: number; readonly blockNumber: number }
  | {
      readonly type: 'action-request-with-list';
      readonly invokeId: number;
      readonly methods: readonly MethodDescriptor[];
      readonly parameters: readonly Data[];
    }
  | {
      readonly type: 'action-request-with-first-pblock';
      readonly invokeId: number;
      readonly method: MethodDescriptor;
      readonly block: DataBlock;
    }
  | {
      readonly type: 'action-request-with-list-and-first-pblock';
      readonly invokeId: number;
      readonly methods: readonly MethodDescriptor[];
      readonly block: DataBlock;
    }
  | { readonly type: 'action-request-with-pblock'; readonly invokeId: number; readonly block: DataBlock };

export type ActionResponse =
  | { readonly type: 'action-response-normal'; readonly invokeId: number; readonly response: ActionResult }
  | { readonly type: 'action-response-with-pblock'; readonly invokeId: number; readonly block: DataBlock }
  | {
      readonly type: 'action-response-with-list';
      readonly invokeId: number;
      readonly responses: readonly ActionResult[];
    }
  | { readonly type: 'action-response-next-pblock'; readonly invokeId: number; readonly blockNumber: number };

// ---- errors

export interface ExceptionResponse {
  readonly type: 'exception-response';
  /** 1 service-not-allowed, 2 service-unknown. */
  readonly stateError: number;
  /** 1 operation-not-possible, 2 service-not-supported, 3 other-reason, 4 pdu-too-long, 5 deciphering-error, 6 invocation-counter-error. */
  readonly serviceError: number;
  /** With service error 6: the lowest counter acceptable. */
  readonly invocationCounter?: number;
}

export interface ConfirmedServiceError {
  readonly type: 'confirmed-service-error';
  /** 1 initiateError, 5 read, 6 write ... */
  readonly service: number;
  /** ServiceError CHOICE tag: 0 application-reference ... 6 initiate ... */
  readonly category: number;
  readonly value: number;
}

// ---- protection

/** A glo-, ded- or general-ciphered APDU before it is opened: what the `security` room works on. */
export interface CipheredApdu {
  readonly type: 'ciphered';
  /** The outer tag: 0x21, 0x28, 0x2E, C8..CF, D0..D7, DB, DC. */
  readonly tag: number;
  /** general-glo- and general-ded-ciphering only; may be empty. */
  readonly systemTitle?: Uint8Array;
  readonly securityControl: number;
  readonly invocationCounter: number;
  /** Ciphertext or plain information, with the tag of 12 octets last when authenticated. */
  readonly content: Uint8Array;
}

/** One block of general-block-transfer: whole APDUs cut into pieces, as meters push long notifications. */
export interface GeneralBlockTransfer {
  readonly type: 'general-block-transfer';
  readonly last: boolean;
  readonly streaming: boolean;
  /** 0-63 blocks. */
  readonly window: number;
  readonly blockNumber: number;
  readonly blockNumberAck: number;
  readonly raw: Uint8Array;
}

/** A service of the standard that this version does not speak yet: named, never garbage. */
export interface UnsupportedApdu {
  readonly type: 'unsupported';
  readonly tag: number;
  /** Such as `access-request`, `read-request`, `general-ciphering`. */
  readonly name: string;
  readonly bytes: Uint8Array;
}
