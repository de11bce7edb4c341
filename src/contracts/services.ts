import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';

/** Selective-Access-Descriptor: which part of an attribute is meant, such as a range of a profile buffer. */
export interface AccessSelection {
  /** access-selector: what `parameters` mean is defined for each attribute (Blue Book). */
  readonly selector: number;
  /** access-parameters. */
  readonly parameters: Data;
}

/** Cosem-Attribute-Descriptor. */
export interface AttributeDescriptor {
  /** Interface class, such as 3 for Register. */
  readonly classId: number;
  /** Logical name in six octets. */
  readonly instanceId: Uint8Array;
  /** Number of the attribute; 1 is the logical name. */
  readonly attributeId: number;
}

/** Cosem-Method-Descriptor. */
export interface MethodDescriptor {
  /** Interface class, such as 70 for Disconnect control. */
  readonly classId: number;
  /** Logical name in six octets. */
  readonly instanceId: Uint8Array;
  /** Number of the method, from 1. */
  readonly methodId: number;
}

/** Cosem-Attribute-Descriptor-With-Selection. */
export interface AttributeWithSelection extends AttributeDescriptor {
  /** The part that is meant; the whole attribute where it is left out. */
  readonly selection?: AccessSelection;
}

/** Get-Data-Result: a value, or why there is none. */
export type GetDataResult =
  | {
      /** The value. */
      readonly data: Data;
    }
  | {
      /** Data-Access-Result by number; `dataAccessResultName` gives its name. */
      readonly error: number;
    };

/** Action-Response-With-Optional-Data. */
export interface ActionResult {
  /** Action-Result by number, 0 is success; `actionResultName` gives its name. */
  readonly result: number;
  /** What the method returned, where it returns something. */
  readonly returned?: GetDataResult;
}

/** A data-notification APDU: values that a meter sends by itself (DataNotification service). */
export interface DataNotification {
  /** Tells it from other APDUs. */
  readonly type: 'data-notification';
  /** Long-Invoke-Id-And-Priority: bits 0-23 the id, bit 30 confirmed, bit 31 high priority. */
  readonly longInvokeId: number;
  /** When it was made, where the meter says so. */
  readonly dateTime?: CosemDateTime;
  /** The values. What they mean is told by the push object list of the meter. */
  readonly body: Data;
}

/** A data-notification-confirm APDU: the client has received a notification whose service class is confirmed. */
export interface DataNotificationConfirm {
  /** Tells it from other APDUs. */
  readonly type: 'data-notification-confirm';
  /** Long-Invoke-Id-And-Priority of the notification that is confirmed. */
  readonly longInvokeId: number;
  /** When the client sent it, where it says so. */
  readonly dateTime?: CosemDateTime;
}

/** An event-notification-request APDU: one attribute that a meter reports by itself (EventNotification service). */
export interface EventNotification {
  /** Tells it from other APDUs. */
  readonly type: 'event-notification-request';
  /** When it happened, where the meter says so. */
  readonly time?: CosemDateTime;
  /** The attribute. */
  readonly attribute: AttributeDescriptor;
  /** Its value. */
  readonly value: Data;
}

/** An information-report-request APDU: attributes that a meter with short names reports by itself (InformationReport service). */
export interface InformationReport {
  /** Tells it from other APDUs. */
  readonly type: 'information-report-request';
  /**
   * current-time, where the meter gives it, as it came: the text of a GeneralizedTime, such as `20261231235959Z`; some meters send a date-time
   * in 12 octets.
   */
  readonly currentTime?: Uint8Array;
  /** Short names of the attributes, 0 to 65535. */
  readonly names: readonly number[];
  /** Their values, in the same order. */
  readonly values: readonly Data[];
}
