import { textOctets } from '../src/classes.js';
import { CosemDateTime, type Data } from '../src/index.js';
import { type DataJson, dataFromJson, isPrintable, toLatin1 } from '../src/protocol.js';
import { parseMoment } from '../src/tools.js';
import { asUsage, UsageError } from './failure.js';

const HINT = 'write TYPE=VALUE, such as long-unsigned=5 or octet-string=0102, or JSON, such as {"unsigned": 5}';

/**
 * A value to send: JSON (`{"structure": [...]}`), `TYPE=VALUE` (`long-unsigned=5`), or, when `like` is given, text that is read in the
 * type and form of that value: what the attribute holds now.
 */
export function parseValue(text: string, like?: Data): Data {
  if (text.trimStart().startsWith('{')) return dataFromJson(parseJson(text));
  const typed = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text);
  if (typed?.[1] !== undefined && typed[2] !== undefined) return ofType(typed[1], typed[2]);
  if (like === undefined) throw new UsageError(`'${text}' does not say its type`, HINT);
  return inTheFormOf(text, like);
}

function parseJson(text: string): DataJson {
  try {
    return JSON.parse(text) as DataJson;
  } catch {
    throw new UsageError('the value is not JSON', HINT);
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
      throw new UsageError(`the attribute holds ${like.type} now, so the type of '${text}' is not known`, HINT);
    case 'octet-string': {
      if (/^\d{4}-\d\d-\d\d/.test(text)) return { type: 'octet-string', value: dateTimeOctets(text) };
      if (/^hex:/.test(text)) return ofType('octet-string', text.slice(4));
      if (/^text:/.test(text)) return textOctets(text.slice(5));
      const isText = like.value.length > 0 && isPrintable(like.value) && !/^[0-9a-f\s]+$/i.test(toLatin1(like.value));
      if (isText) return textOctets(text);
      throw new UsageError(`'${text}' may be text or hexadecimal`, `write hex:${text} or text:${text}`);
    }
    default:
      return ofType(like.type, text);
  }
}

function dateTimeOctets(text: string): Uint8Array {
  const moment = asUsage(() => parseMoment(text, 'the value', 'begin'));
  if (moment instanceof CosemDateTime) return moment.toBytes();
  // With an offset given, that offset is sent.
  const offset = /([+-])(\d\d):?(\d\d)$/.exec(text);
  const minutes = offset === null ? 0 : Number(offset[2]) * 60 + Number(offset[3]);
  return CosemDateTime.fromDate(moment, offset?.[1] === '-' ? minutes : -minutes).toBytes();
}
