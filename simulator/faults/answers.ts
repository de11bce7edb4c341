/** Faults of the meter's answers: what is wrong in an APDU, and how long it takes. */

import type { Millis } from '../../src/base/clock.js';
import type { LineFaults } from './faults.js';

export const AARQ = 0x60;
const AARE = 0x61;
const GENERAL_GLO = 0xdb;
const GENERAL_DED = 0xdc;
/** security control: authenticated. */
const AUTHENTICATED = 0x10;
/** The object identifier of application contexts, 2.16.756.5.8.1, without its last arc. */
const CONTEXT = [0x60, 0x85, 0x74, 0x05, 0x08, 0x01];
const RESULTS: Readonly<Record<string, number>> = { permanent: 1, transient: 2 };

/** The AARE that refuses an AARQ where `refuse-association` strikes; undefined where it does not. */
export function refusedAssociation(faults: LineFaults, request: Uint8Array, now: Millis): Uint8Array | undefined {
  if (request[0] !== AARQ) return undefined;
  const fault = faults.strike('refuse-association', now);
  if (fault === undefined) return undefined;
  const context = request[find(request, CONTEXT) + CONTEXT.length] ?? 1;
  const result = RESULTS[fault.word] ?? 2;
  // application-context-name, result, result-source-diagnostic: acse-service-user, no-reason-given (IEC 62056-5-3, clause 7).
  const fields = [0xa1, 9, 0x06, 7, ...CONTEXT, context, 0xa2, 3, 0x02, 1, result, 0xa3, 5, 0xa1, 3, 0x02, 1, 1];
  return Uint8Array.of(AARE, fields.length, ...fields);
}

/** An answer with what `wrong-title` and `wrong-tag` make of it. */
export function faultyAnswer(faults: LineFaults, answer: Uint8Array, now: Millis): Uint8Array {
  if (answer[0] === AARE) {
    const title = titleIn(answer);
    if (title === undefined || faults.strike('wrong-title', now) === undefined) return answer;
    return changed(answer, title + TITLE_LENGTH - 1);
  }
  if (!isAuthenticated(answer) || faults.strike('wrong-tag', now) === undefined) return answer;
  return changed(answer, answer.length - 1);
}

const TITLE_LENGTH = 8;
/** responding-AP-title [4], an octet-string of eight. */
const RESPONDING_TITLE = [0xa4, TITLE_LENGTH + 2, 0x04, TITLE_LENGTH];

function titleIn(aare: Uint8Array): number | undefined {
  const at = find(aare, RESPONDING_TITLE);
  return at < 0 ? undefined : at + RESPONDING_TITLE.length;
}

/** Whether it is a ciphered APDU, service-specific or general, that ends with an authentication tag. */
function isAuthenticated(apdu: Uint8Array): boolean {
  const tag = apdu[0] ?? 0;
  const general = tag === GENERAL_GLO || tag === GENERAL_DED;
  if (!general && !(tag >= 0xc8 && tag <= 0xd7)) return false;
  const start = general ? 2 + (apdu[1] ?? 0) : 1;
  const length = apdu[start] ?? 0;
  const control = apdu[start + 1 + (length > 0x80 ? length - 0x80 : 0)] ?? 0;
  return (control & AUTHENTICATED) !== 0;
}

function changed(octets: Uint8Array, at: number): Uint8Array {
  const copy = octets.slice();
  copy[at] = (copy[at] as number) ^ 0x01;
  return copy;
}

function find(octets: Uint8Array, pattern: readonly number[]): number {
  for (let at = 0; at + pattern.length <= octets.length; at++) {
    if (pattern.every((octet, i) => octets[at + i] === octet)) return at;
  }
  return -1;
}
