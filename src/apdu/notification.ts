/** The unsolicited services (IEC 62056-5-3): DataNotification 0F and EventNotification C2. */

import type { Reader, Writer } from '../base/cursor.js';
import { writeData } from '../codec/axdr.js';
import type { DataNotification, DataNotificationConfirm, EventNotification } from '../contracts/services.js';
import type { OnDeviation } from './deviation.js';
import {
  readAttribute,
  readDataField,
  readDateTime,
  readFlag,
  readOctets,
  readOptionalDateTime,
  readU32,
  writeAttribute,
  writeFlag,
  writeOptionalDateTime,
  writeU32,
} from './fields.js';
import { APDU_TAGS } from './tags.js';

const OCTET_STRING_TAG = 0x09;
const DATE_TIME_LENGTH = 12;

/** Its date-time is an OCTET STRING of 12 octets, or empty. */
export function readDataNotification(r: Reader, bear: OnDeviation | undefined): DataNotification {
  const longInvokeId = readU32(r, 'long-invoke-id-and-priority');
  r.field = 'date-time';
  const tagged = r.remaining > 1 && r.peek() === OCTET_STRING_TAG && r.bytes[r.offset + 1] === DATE_TIME_LENGTH;
  if (bear !== undefined && tagged) {
    bear({ code: 'tagged-date-time', text: 'the date-time is preceded by the tag of an octet-string' });
    r.u8();
  }
  const dateTime = readOptionalDateTime(r);
  return { type: 'data-notification', longInvokeId, ...dateTime, body: readDataField(r, 'body') };
}

export function writeDataNotification(w: Writer, apdu: DataNotification): void {
  w.u8(APDU_TAGS['data-notification']);
  writeU32(w, apdu.longInvokeId, 'long-invoke-id-and-priority');
  writeOptionalDateTime(w, apdu.dateTime);
  writeData(w, apdu.body);
}

/** Its date-time is an OCTET STRING of 12 octets, or empty. */
export function readDataNotificationConfirm(r: Reader): DataNotificationConfirm {
  const longInvokeId = readU32(r, 'long-invoke-id-and-priority');
  return { type: 'data-notification-confirm', longInvokeId, ...readOptionalDateTime(r) };
}

export function writeDataNotificationConfirm(w: Writer, apdu: DataNotificationConfirm): void {
  w.u8(APDU_TAGS['data-notification-confirm']);
  writeU32(w, apdu.longInvokeId, 'long-invoke-id-and-priority');
  writeOptionalDateTime(w, apdu.dateTime);
}

/** Its time is OPTIONAL. */
export function readEventNotification(r: Reader): EventNotification {
  const time = readFlag(r, 'time') ? readDateTime(r, readOctets(r, 'time')) : undefined;
  const attribute = readAttribute(r);
  const value = readDataField(r, 'value');
  return time === undefined
    ? { type: 'event-notification-request', attribute, value }
    : { type: 'event-notification-request', time, attribute, value };
}

export function writeEventNotification(w: Writer, apdu: EventNotification): void {
  w.u8(APDU_TAGS['event-notification-request']);
  writeFlag(w, apdu.time !== undefined);
  if (apdu.time !== undefined) w.octets(apdu.time.toBytes());
  writeAttribute(w, apdu.attribute);
  writeData(w, apdu.value);
}
