import type { Data } from '../codec/data.js';
import type { CosemDateTime } from '../codec/datetime.js';

/** Selective-Access-Descriptor: which part of an attribute is meant. */
export interface AccessSelection {
  readonly selector: number;
  readonly parameters: Data;
}

/** CosemAttributeDescriptor. */
export interface AttributeDescriptor {
  readonly classId: number;
  /** Six octets. */
  readonly instanceId: Uint8Array;
  readonly attributeId: number;
}

/** CosemMethodDescriptor. */
export interface MethodDescriptor {
  readonly classId: number;
  readonly instanceId: Uint8Array;
  readonly methodId: number;
}

export interface AttributeWithSelection extends AttributeDescriptor {
  readonly selection?: AccessSelection;
}

/** Data-Access-Result by number; names in results.ts. */
export type GetDataResult = { readonly data: Data } | { readonly error: number };

/** Action-Response-With-Optional-Data. */
export interface ActionResult {
  readonly result: number;
  readonly returned?: GetDataResult;
}

export interface DataNotification {
  readonly type: 'data-notification';
  /** Long-Invoke-Id-And-Priority: bits 0-23 the id, bit 30 confirmed, bit 31 high priority. */
  readonly longInvokeId: number;
  readonly dateTime?: CosemDateTime;
  readonly body: Data;
}

/** Data-Notification-Confirm: the client has a notification whose service class is confirmed. */
export interface DataNotificationConfirm {
  readonly type: 'data-notification-confirm';
  /** That of the notification. */
  readonly longInvokeId: number;
  readonly dateTime?: CosemDateTime;
}

export interface EventNotification {
  readonly type: 'event-notification-request';
  readonly time?: CosemDateTime;
  readonly attribute: AttributeDescriptor;
  readonly value: Data;
}
