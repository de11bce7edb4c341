import type {
  DataNotification,
  DataNotificationConfirm,
  EventNotification,
  InformationReport,
} from '../contracts/services.js';
import type {
  AccessRequest,
  AccessResponse,
  ActionRequest,
  ActionResponse,
  GetRequest,
  GetResponse,
  SetRequest,
  SetResponse,
} from './service-apdus.js';
import type {
  ReadRequest,
  ReadResponse,
  UnconfirmedWriteRequest,
  WriteRequest,
  WriteResponse,
} from './short-name-apdus.js';

/**
 * The APDUs of IEC 62056-5-3 as one flat union. With LN referencing, `invokeId` is the whole Invoke-Id-And-Priority octet: bits 0-3 the
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
  | ReadRequest
  | ReadResponse
  | WriteRequest
  | WriteResponse
  | UnconfirmedWriteRequest
  | InformationReport
  | AccessRequest
  | AccessResponse
  | DataNotification
  | DataNotificationConfirm
  | EventNotification
  | ExceptionResponse
  | ConfirmedServiceError
  | CipheredApdu
  | GeneralCiphering
  | GeneralSigning
  | GeneralBlockTransfer
  | GatewayApdu
  | UnsupportedApdu;

// ---- ACSE (BER), IEC 62056-5-3 clause 7

/** AARQ: asks to open an application association. */
export interface Aarq {
  /** Tells it from other APDUs. */
  readonly type: 'aarq';
  /** protocol-version, a BIT STRING without its octet of unused bits; left out it means version 1. */
  readonly protocolVersion?: Uint8Array;
  /** application-context-name: the contents of its OBJECT IDENTIFIER, 60 85 74 05 08 01 n. `contextOid` makes it. */
  readonly applicationContextName: Uint8Array;
  /** called-AP-title: the system title of the server. */
  readonly calledApTitle?: Uint8Array;
  /** called-AE-qualifier. */
  readonly calledAeQualifier?: Uint8Array;
  /** called-AP-invocation-id. */
  readonly calledApInvocationId?: number;
  /** called-AE-invocation-id. */
  readonly calledAeInvocationId?: number;
  /** calling-AP-title: the system title of the client, eight octets. */
  readonly callingApTitle?: Uint8Array;
  /** calling-AE-qualifier: with ECDSA, the certificate of the client. */
  readonly callingAeQualifier?: Uint8Array;
  /** calling-AP-invocation-id. */
  readonly callingApInvocationId?: number;
  /** calling-AE-invocation-id: the user of the client. */
  readonly callingAeInvocationId?: number;
  /** Whether bit 0 (authentication) of sender-acse-requirements is set; left out when the field is. */
  readonly senderAcseRequirements?: boolean;
  /** mechanism-name: the contents of its OBJECT IDENTIFIER, 60 85 74 05 08 02 n. `mechanismOid` makes it. */
  readonly mechanismName?: Uint8Array;
  /** calling-authentication-value: the password (LLS), or the challenge of the client (HLS). */
  readonly callingAuthenticationValue?: AuthenticationValue;
  /** implementation-information, a GraphicString. */
  readonly implementationInformation?: Uint8Array;
  /** user-information, the octets inside its OCTET STRING: an InitiateRequest APDU, often ciphered. */
  readonly userInformation?: Uint8Array;
}

/** Authentication-value of ACSE. DLMS/COSEM uses `charstring`. */
export type AuthenticationValue =
  | {
      /** Alternative of the CHOICE. */
      readonly type: 'charstring' | 'bitstring';
      /** Password or challenge; of a bit string with its octet of unused bits. */
      readonly value: Uint8Array;
    }
  | {
      /** Alternative of the CHOICE. */
      readonly type: 'external' | 'other';
      /** The encoding (BER) of the value. */
      readonly value: Uint8Array;
    };

/** AARE: accepts or rejects an application association. */
export interface Aare {
  /** Tells it from other APDUs. */
  readonly type: 'aare';
  /** protocol-version, a BIT STRING without its octet of unused bits; left out it means version 1. */
  readonly protocolVersion?: Uint8Array;
  /** application-context-name: the contents of its OBJECT IDENTIFIER. `contextId` reads it. */
  readonly applicationContextName: Uint8Array;
  /** association-result: 0 accepted, 1 rejected-permanent, 2 rejected-transient. */
  readonly result: number;
  /** Why, and on which layer. `associationDiagnosticName` gives the name. */
  readonly resultSourceDiagnostic: {
    /** Which CHOICE `diagnostic` belongs to. */
    readonly source: 'acse-service-user' | 'acse-service-provider';
    /** Number within that CHOICE: 0 null, with `acse-service-user` 13 is authentication-failure. */
    readonly diagnostic: number;
  };
  /** responding-AP-title: the system title of the server, eight octets. */
  readonly respondingApTitle?: Uint8Array;
  /** responding-AE-qualifier: with ECDSA, the certificate of the server. */
  readonly respondingAeQualifier?: Uint8Array;
  /** responding-AP-invocation-id. */
  readonly respondingApInvocationId?: number;
  /** responding-AE-invocation-id. */
  readonly respondingAeInvocationId?: number;
  /** Whether bit 0 (authentication) of responder-acse-requirements is set; left out when the field is. */
  readonly responderAcseRequirements?: boolean;
  /** mechanism-name: the contents of its OBJECT IDENTIFIER. `mechanismId` reads it. */
  readonly mechanismName?: Uint8Array;
  /** responding-authentication-value: the challenge of the server (HLS). */
  readonly respondingAuthenticationValue?: AuthenticationValue;
  /** implementation-information, a GraphicString. */
  readonly implementationInformation?: Uint8Array;
  /** user-information, the octets inside its OCTET STRING: an InitiateResponse or ConfirmedServiceError APDU, often ciphered. */
  readonly userInformation?: Uint8Array;
}

/** RLRQ: asks to release an application association. */
export interface Rlrq {
  /** Tells it from other APDUs. */
  readonly type: 'rlrq';
  /** Release-request-reason: 0 normal, 1 urgent, 30 user-defined. */
  readonly reason?: number;
  /** user-information: in a ciphered context an InitiateRequest APDU, ciphered, which proves who releases. */
  readonly userInformation?: Uint8Array;
}

/** RLRE: the answer to an RLRQ. */
export interface Rlre {
  /** Tells it from other APDUs. */
  readonly type: 'rlre';
  /** Release-response-reason: 0 normal, 1 not-finished, 30 user-defined. */
  readonly reason?: number;
  /** user-information: in a ciphered context an InitiateResponse APDU, ciphered. */
  readonly userInformation?: Uint8Array;
}

// ---- xDLMS initiate

/** InitiateRequest, tag 01: what the client proposes, inside the AARQ. */
export interface InitiateRequest {
  /** Tells it from other APDUs. */
  readonly type: 'initiate-request';
  /** dedicated-key: a key for this association alone. */
  readonly dedicatedKey?: Uint8Array;
  /** response-allowed: true, unless the client wants unconfirmed services only. */
  readonly responseAllowed: boolean;
  /** proposed-quality-of-service; not used in DLMS/COSEM. */
  readonly proposedQualityOfService?: number;
  /** proposed-dlms-version-number: 6. */
  readonly proposedDlmsVersionNumber: number;
  /** proposed-conformance: 24 bits as a number, bit 0 of the standard (reserved-zero) is 0x800000. See `conformanceNames`. */
  readonly proposedConformance: number;
  /** client-max-receive-pdu-size: the longest APDU that the client takes, in octets; 0 means no limit. */
  readonly clientMaxReceivePduSize: number;
}

/** InitiateResponse, tag 08: what the server agrees to, inside the AARE. */
export interface InitiateResponse {
  /** Tells it from other APDUs. */
  readonly type: 'initiate-response';
  /** negotiated-quality-of-service; not used in DLMS/COSEM. */
  readonly negotiatedQualityOfService?: number;
  /** negotiated-dlms-version-number: 6. */
  readonly negotiatedDlmsVersionNumber: number;
  /** negotiated-conformance: the bits that both sides have, in the form of the request. */
  readonly negotiatedConformance: number;
  /** server-max-receive-pdu-size: the longest APDU that the server takes, in octets; 0 means no limit. */
  readonly serverMaxReceivePduSize: number;
  /** 0x0007 for LN referencing, 0xFA00 for SN. */
  readonly vaaName: number;
}

// ---- errors

/** ExceptionResponse, tag D8: the server cannot process a request at all. */
export interface ExceptionResponse {
  /** Tells it from other APDUs. */
  readonly type: 'exception-response';
  /** 1 service-not-allowed, 2 service-unknown. */
  readonly stateError: number;
  /** 1 operation-not-possible, 2 service-not-supported, 3 other-reason, 4 pdu-too-long, 5 deciphering-error, 6 invocation-counter-error. */
  readonly serviceError: number;
  /** With service error 6: the lowest invocation counter that the server accepts. */
  readonly invocationCounter?: number;
}

/** ConfirmedServiceError, tag 0E: an InitiateRequest, or a service with SN referencing, failed. */
export interface ConfirmedServiceError {
  /** Tells it from other APDUs. */
  readonly type: 'confirmed-service-error';
  /** The service that failed: 1 initiateError, 5 read, 6 write. `confirmedServiceName` gives the name. */
  readonly service: number;
  /** Tag of the ServiceError CHOICE: 0 application-reference, 6 initiate. `serviceErrorCategoryName` gives the name. */
  readonly category: number;
  /** The error within that category. `serviceErrorName` gives the name. */
  readonly value: number;
}

// ---- protection

/** A glo-, ded- or general-ciphered APDU whose content is still protected. The `security` room opens it. */
export interface CipheredApdu {
  /** Tells it from other APDUs. */
  readonly type: 'ciphered';
  /** The outer tag: 0x21, 0x28, 0x2E, C8 to CF, D0 to D7, DB or DC. */
  readonly tag: number;
  /** general-glo- and general-ded-ciphering only: the system title of the sender. May be empty. */
  readonly systemTitle?: Uint8Array;
  /** Security control: bits 0-3 the suite, bit 4 authenticated, bit 5 encrypted, bit 6 broadcast key, bit 7 compressed. */
  readonly securityControl: number;
  /** The invocation counter of the sender. */
  readonly invocationCounter: number;
  /** Ciphertext, or plain information when not encrypted; when authenticated the tag of 12 octets follows. */
  readonly content: Uint8Array;
}

/** What general-ciphering and general-signing tell of a message beside its protection. It is in clear, and protected against changes. */
export interface GeneralHeader {
  /** transaction-id: chosen by the originator of a transaction; its answer carries the same. */
  readonly transactionId: Uint8Array;
  /** originator-system-title: who protected the message, eight octets. */
  readonly originatorTitle: Uint8Array;
  /** recipient-system-title: for whom it is, eight octets; empty for everybody. */
  readonly recipientTitle: Uint8Array;
  /** date-time: 12 octets as in COSEM; empty where it is not used. */
  readonly dateTime: Uint8Array;
  /** other-information: what a companion specification puts here; mostly empty. */
  readonly otherInformation: Uint8Array;
}

/** key-info of general-ciphering: under which key a message is. */
export type KeyInfo =
  | {
      /** Alternative of the CHOICE: a global key that both sides have. */
      readonly type: 'identified-key';
      /** key-id: 0 global unicast encryption key, 1 global broadcast encryption key. */
      readonly keyId: number;
    }
  | {
      /** Alternative of the CHOICE: a key made for this message, which it brings along, wrapped. */
      readonly type: 'wrapped-key';
      /** kek-id: 0 master key. */
      readonly kekId: number;
      /** key-ciphered-data: the key under AES key wrap (RFC 3394). */
      readonly wrapped: Uint8Array;
    }
  | {
      /** Alternative of the CHOICE: a key that both sides compute (ECDH). */
      readonly type: 'agreed-key';
      /** key-parameters, one octet: 01 one-pass Diffie-Hellman C(1e, 1s), 02 static unified model C(0e, 2s). */
      readonly parameters: Uint8Array;
      /** key-ciphered-data: with 01 the ephemeral public key of the originator and his signature over it; with 02 empty. */
      readonly data: Uint8Array;
    };

/** General-ciphering, tag DD: an APDU protected from one end to the other, whose content is still protected. */
export interface GeneralCiphering extends GeneralHeader {
  /** Tells it from other APDUs. */
  readonly type: 'general-ciphering';
  /** Under which key it is; left out where both sides know. */
  readonly keyInfo?: KeyInfo;
  /** Security control: bits 0-3 the suite, bit 4 authenticated, bit 5 encrypted, bit 6 broadcast key, bit 7 compressed. */
  readonly securityControl: number;
  /** The invocation counter of the originator. */
  readonly invocationCounter: number;
  /** Ciphertext, or plain information when not encrypted; when authenticated the tag of 12 octets follows. */
  readonly content: Uint8Array;
}

/** General-signing, tag DF: an APDU with a digital signature over it and its header. */
export interface GeneralSigning extends GeneralHeader {
  /** Tells it from other APDUs. */
  readonly type: 'general-signing';
  /** The APDU that is signed, ciphered or not. */
  readonly content: Uint8Array;
  /** ECDSA signature r || s over all fields before it: 64 octets (P-256) or 96 (P-384). */
  readonly signature: Uint8Array;
}

/** One block of general-block-transfer, tag E0: any APDU cut into pieces, as meters push long notifications. */
export interface GeneralBlockTransfer {
  /** Tells it from other APDUs. */
  readonly type: 'general-block-transfer';
  /** last-block: whether the APDU ends with this block. */
  readonly last: boolean;
  /** streaming: whether further blocks follow without waiting for an acknowledgement. */
  readonly streaming: boolean;
  /** How many blocks the sender can take at once, 0 to 63. */
  readonly window: number;
  /** block-number, from 1. */
  readonly blockNumber: number;
  /** block-number-ack: the last block that the sender has received without a gap. */
  readonly blockNumberAck: number;
  /** block-data: a piece of the APDU. */
  readonly raw: Uint8Array;
}

/** The address of a meter behind a gateway (IEC 62056-5-3 Annex C). */
export interface GatewayAddress {
  /** network-id: the network behind the gateway, 0 to 255. */
  readonly networkId: number;
  /** physical-device-address: the meter in that network, 1 to 127 octets; often its serial number as text. */
  readonly physicalDeviceAddress: Uint8Array;
}

/** An APDU to a meter behind a gateway (tag E6), or from it (tag E7). */
export interface GatewayApdu extends GatewayAddress {
  /** Tells it from other APDUs. */
  readonly type: 'gateway-request' | 'gateway-response';
  /** The APDU of the meter, perhaps ciphered; never a gateway APDU. */
  readonly apdu: Uint8Array;
}

/** An APDU of the standard that this version does not support: it is named, but not decoded. */
export interface UnsupportedApdu {
  /** Tells it from other APDUs. */
  readonly type: 'unsupported';
  /** First octet of the APDU. */
  readonly tag: number;
  /** Name of the tag, such as `access-request`, `general-ciphering`. */
  readonly name: string;
  /** The whole APDU, with its tag. */
  readonly bytes: Uint8Array;
}
