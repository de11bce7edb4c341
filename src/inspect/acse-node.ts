/** ACSE APDUs as nodes: BER elements, named by the tags of the decoder. */

import { AARE_TAGS, AARQ_TAGS, RELEASE_TAGS } from '../apdu/acse.js';
import { contextName, mechanismId, mechanismName } from '../apdu/acse-names.js';
import type { Apdu } from '../apdu/apdu.js';
import {
  associationDiagnosticName,
  associationResultName,
  releaseRequestReasonName,
  releaseResponseReasonName,
} from '../apdu/results.js';
import { isPrintable, toHex, toLatin1 } from '../base/bytes.js';
import { Reader } from '../base/cursor.js';
import { DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import { oidToText, readBer, readBerInteger, readBerLength } from '../codec/ber.js';
import { rawMeaning } from './field-node.js';
import { type Draft, type NodeMeaning, node } from './node.js';
import type { InspectOptions } from './options.js';

export type AcseApdu = Extract<Apdu, { readonly type: 'aarq' | 'aare' | 'rlrq' | 'rlre' }>;

const TAGS: Readonly<Record<AcseApdu['type'], Readonly<Record<string, number>>>> = {
  aarq: AARQ_TAGS,
  aare: AARE_TAGS,
  rlrq: RELEASE_TAGS,
  rlre: RELEASE_TAGS,
};

/**
 * The fields of an ACSE APDU that was decoded. It may have been decoded leniently: then its lengths may be wrong.
 * @param user makes nodes of the APDU in the user-information, which lies between two offsets.
 */
export function acseFields(
  apdu: AcseApdu,
  whole: Reader,
  options: InspectOptions,
  user: (start: number, end: number) => Draft[],
): Draft[] {
  const names = new Map(Object.entries(TAGS[apdu.type]).map(([name, tag]) => [tag, name]));
  whole.u8();
  readBerLength(whole);
  const { userInformation } = apdu;
  const userStart = userInformation && userInformation.byteOffset - whole.bytes.byteOffset;
  const fields: Draft[] = [];
  const order = Object.keys(TAGS[apdu.type]);
  let last = -1;
  while (whole.remaining > 0) {
    const start = whole.offset;
    const name = names.get(whole.peek()) ?? 'unknown';
    const counted = userStart === undefined ? undefined : endOfElement(whole);
    const userEnd = userStart === undefined ? undefined : userStart + (userInformation as Uint8Array).length;
    if (name === 'user-information' && userStart !== undefined && counted === userEnd && counted !== undefined) {
      whole.offset = counted;
      fields.push(node(name, start, counted, { children: user(userStart, counted) }));
      continue;
    }
    if (name === 'user-information' && userStart !== undefined) {
      fields.push(node(name, start, whole.end, { children: user(userStart, whole.end) }));
      break;
    }
    try {
      const { contents } = readBer(whole);
      const place = order.indexOf(name);
      // With a damaged tag a password may look like a title: mask fields that are out of order.
      const displaced = place < last;
      last = Math.max(last, place);
      const meaning = displaced && options.mask ? rawMeaning(contents.rest(), options) : undefined;
      fields.push(node(name, start, whole.offset, meaning ?? meaningOf(apdu, name, contents, options)));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const end = userStart ?? whole.end;
      // Wrong lengths may have led past the beginning of the user-information.
      if (end > start)
        fields.push(node('miscounted', start, end, rawMeaning(whole.bytes.subarray(start, end), options)));
      if (userStart !== undefined) fields.push(...user(userStart, whole.end));
      break;
    }
  }
  return fields;
}

/** Where the element that begins here ends by its length; undefined where the length is wrong. */
function endOfElement({ bytes, offset, end }: Reader): number | undefined {
  try {
    return readBer(new Reader(bytes, offset, end)).contents.end;
  } catch {
    return undefined;
  }
}

function meaningOf(apdu: AcseApdu, name: string, contents: Reader, options: InspectOptions): NodeMeaning {
  switch (name) {
    case 'application-context-name': {
      const oid = readBer(contents).contents.rest();
      return { value: oidToText(oid), ...text(contextName(oid)) };
    }
    case 'mechanism-name': {
      const oid = contents.rest();
      return { value: oidToText(oid), ...text(mechanismName(oid)) };
    }
    case 'calling-authentication-value':
    case 'responding-authentication-value':
      return authentication(apdu, readBer(contents).contents.rest(), options);
    case 'result':
      return numbered(readBerInteger(readBer(contents).contents), associationResultName);
    case 'result-source-diagnostic':
      return diagnostic(apdu, readBerInteger(readBer(readBer(contents).contents).contents));
    case 'reason':
      return numbered(
        readBerInteger(contents),
        apdu.type === 'rlrq' ? releaseRequestReasonName : releaseResponseReasonName,
      );
    case 'sender-acse-requirements':
    case 'responder-acse-requirements':
      return { value: toHex(contents.rest()), text: 'authentication' };
    case 'protocol-version':
      return { value: toHex(contents.rest()) };
    case 'implementation-information':
    case 'unknown':
      return rawMeaning(contents.rest(), options);
    default:
      return name.endsWith('-id')
        ? { value: readBerInteger(readBer(contents).contents) }
        : octets(readBer(contents).contents.rest());
  }
}

const LOW_LEVEL_SECURITY = 1;

/** With LLS the value is the password, which some meters send back; with HLS it is a challenge, which is not secret. */
function authentication(apdu: AcseApdu, value: Uint8Array, options: InspectOptions): NodeMeaning {
  const mechanism = 'mechanismName' in apdu && apdu.mechanismName ? mechanismId(apdu.mechanismName) : undefined;
  const isChallenge = mechanism !== undefined && mechanism > LOW_LEVEL_SECURITY;
  return options.mask && !isChallenge ? { masked: true, text: 'password' } : octets(value);
}

function diagnostic(apdu: AcseApdu, value: number): NodeMeaning {
  if (apdu.type !== 'aare') return { value };
  const { source } = apdu.resultSourceDiagnostic;
  return { value, text: `${associationDiagnosticName(source, value)} (${source})` };
}

function numbered(value: number, name: (value: number) => string): NodeMeaning {
  return { value, text: name(value) };
}

function octets(value: Uint8Array): NodeMeaning {
  return { value: toHex(value), ...text(isPrintable(value) ? `"${toLatin1(value)}"` : undefined) };
}

function text(words: string | undefined): NodeMeaning {
  return given({ text: words });
}
