/** Values to send, as people write them. */

import { isPrintable, toLatin1 } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { quoted } from '../base/words.js';
import type { Data } from './data.js';
import { CosemDateTime } from './datetime.js';
import { dataFromJson } from './json.js';
import { textOctets } from './make.js';
import { parseMoment } from './moment.js';

const HINT = 'write TYPE=VALUE, such as long-unsigned=5 or octet-string=0102, or JSON, such as {"unsigned": 5}';

const TYPED = /^([a-z][a-z0-9-]*)=(.*)$/s;

/** Whether text says its type by itself, so that {@link parseData} needs no value to go by: it is JSON or `TYPE=VALUE`. */
export function saysType(text: string): boolean {
  return text.trimStart().startsWith('{') || TYPED.test(text);
}

/**
 * A value as people write it: JSON (`{"structure": [{"unsigned": 1}]}`), `TYPE=VALUE` (`long-unsigned=5`, `date-time=2026-11-23 14:05`),
 * or text alone, which is read in the type and form of `like`. An octet-string is `text:…` or `hex:…` where it may be either; one that
 * holds a time is written as `2026-11-23 14:05:00`.
 *
 * ```ts
 * parseData('long-unsigned=900'); // { type: 'long-unsigned', value: 900 }
 * parseData('900', await meter.get(attribute)); // in the type that the attribute holds now
 * ```
 * @param like what the attribute holds now.
 * @throws StateError when the type is not known, or the value does not fit it.
 */
export function parseData(text: string, like?: Data): Data {
  if (text.trimStart().startsWith('{')) return dataFromJson(parseJson(text));
  const [, type, value] = TYPED.exec(text) ?? [];
  if (type !== undefined && value !== undefined) return ofType(type, value);
  if (like === undefined) throw new StateError(`${quoted(text)} does not say its type`, { hint: HINT });
  return inTheFormOf(text, like);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StateError('the value is not JSON', { hint: HINT });
  }
}

/** A scalar type with its value in text; a date-time may be written as people do. */
function ofType(type: string, text: string): Data {
  if (type === 'date-time' && text.includes('-')) return { type, value: dateTimeOctets(text) };
  return dataFromJson({ [type]: text });
}

function inTheFormOf(text: string, like: Data): Data {
  switch (like.type) {
    case 'null-data':
    case 'dont-care':
    case 'array':
    case 'structure':
    case 'compact-array':
      throw new StateError(`the attribute holds ${like.type} now, so the type of ${quoted(text)} is not known`, {
        hint: HINT,
      });
    case 'octet-string': {
      if (/^\d{4}-\d\d-\d\d/.test(text)) return { type: 'octet-string', value: dateTimeOctets(text) };
      if (/^hex:/.test(text)) return ofType('octet-string', text.slice(4));
      if (/^text:/.test(text)) return textOctets(text.slice(5));
      const isText = like.value.length > 0 && isPrintable(like.value) && !/^[0-9a-f\s]+$/i.test(toLatin1(like.value));
      if (isText) return textOctets(text);
      throw new StateError(`${quoted(text)} may be text or hexadecimal`, {
        hint: `write hex:${text} or text:${text}`,
      });
    }
    default:
      return ofType(like.type, text);
  }
}

function dateTimeOctets(text: string): Uint8Array {
  const moment = parseMoment(text, 'the value', 'begin');
  if (moment instanceof CosemDateTime) return moment.toBytes();
  // With an offset given, that offset is sent.
  const offset = /([+-])(\d\d):?(\d\d)$/.exec(text.trim());
  const minutes = offset === null ? 0 : Number(offset[2]) * 60 + Number(offset[3]);
  return CosemDateTime.fromDate(moment, offset?.[1] === '-' ? minutes : -minutes).toBytes();
}
