/** Pass 3 of HLS at a server: it stands for itself, beside an association that may be open on the same line. */

import type { Apdu } from '../apdu/apdu.js';
import { isProtectedTag, type ProtectedApdu } from '../apdu/ciphered.js';
import { decodeApdu } from '../apdu/codec.js';
import { VAA_SN } from '../apdu/initiate.js';
import { DecodeError, SecurityError } from '../base/errors.js';
import type { Naming } from '../contracts/association.js';
import { isCiphered } from './contexts.js';
import { meets } from './covers.js';
import type { Opened } from './protection.js';
import { takeIn } from './server-acceptance.js';
import { isHlsReply } from './server-answers.js';
import type { Terms } from './server-association.js';
import type { ServerSessionConfig } from './server-config.js';

/** Short name of reply_to_HLS_authentication: method 8 of the client's own Association SN (class 12). */
const REPLY_NAME = VAA_SN + 0x58;

/** An association that waits for pass 3. */
export interface Coming {
  readonly terms: Terms;
  /** StoC. */
  readonly challenge: Uint8Array;
}

/** Pass 3 as it came. */
interface PassThree {
  /** f(StoC), not judged yet. */
  readonly answer: Uint8Array;
  /** 0 with short names, which have none. */
  readonly invokeId: number;
  /** How it was protected; undefined in clear. */
  readonly opened: Opened | undefined;
}

/**
 * Looks whether an APDU is pass 3 of an association that waits for it.
 * @param alone whether no other association is open that the APDU could be meant for.
 * @returns undefined when it is something else, or less protected than the handshake demands.
 * @throws SecurityError, DecodeError when it cannot be opened and is meant for nobody else.
 */
export function passThreeOf(
  config: ServerSessionConfig,
  terms: Terms,
  apdu: Uint8Array,
  alone: boolean,
): PassThree | undefined {
  try {
    return isProtectedTag(apdu[0]) ? opened(config, terms, apdu, alone) : inClear(config, terms, apdu);
  } catch (error) {
    if (!alone && (error instanceof SecurityError || error instanceof DecodeError)) return undefined;
    throw error;
  }
}

function inClear(
  { association }: ServerSessionConfig,
  { handshake, naming }: Terms,
  apdu: Uint8Array,
): PassThree | undefined {
  if (isCiphered(association.context) && handshake !== 'none') return undefined;
  return replyIn(decodeApdu(apdu), naming, undefined);
}

function opened(
  { association }: ServerSessionConfig,
  { ciphering, handshake, naming }: Terms,
  apdu: Uint8Array,
  alone: boolean,
): PassThree | undefined {
  if (!isCiphered(association.context) || ciphering === undefined) return undefined;
  const outer = decodeApdu(apdu) as ProtectedApdu;
  const judge = (message: Opened) =>
    meets(message, handshake, false) ? replyIn(decodeApdu(message.apdu), naming, message) : undefined;
  // What is no pass 3 may be meant for the association that is open.
  return takeIn(ciphering, outer, judge, alone).judged;
}

function replyIn(apdu: Apdu, naming: Naming, message: Opened | undefined): PassThree | undefined {
  return naming === 'sn' ? replyByName(apdu, message) : replyByMethod(apdu, message);
}

/** A method that answers is called by a Read with its parameter. */
function replyByName(apdu: Apdu, message: Opened | undefined): PassThree | undefined {
  if (apdu.type !== 'read-request') return undefined;
  const [variable, ...further] = apdu.variables;
  if (further.length > 0 || variable?.type !== 'parameterized-access' || variable.name !== REPLY_NAME) return undefined;
  const { parameter } = variable;
  const answer = parameter.type === 'octet-string' ? parameter.value : new Uint8Array(0);
  return { answer, invokeId: 0, opened: message };
}

function replyByMethod(apdu: Apdu, message: Opened | undefined): PassThree | undefined {
  if (apdu.type !== 'action-request-normal' || !isHlsReply(apdu.method)) return undefined;
  const { parameter, invokeId } = apdu;
  const answer = parameter?.type === 'octet-string' ? parameter.value : new Uint8Array(0);
  return { answer, invokeId, opened: message };
}

/** An answer to pass 3, protected as the handshake is. */
export function sealedAs({ opened }: PassThree, { ciphering, handshake }: Terms, reply: Uint8Array): Uint8Array {
  if (opened === undefined || ciphering === undefined) return reply;
  return ciphering.seal(reply, opened.kind, handshake === 'none' ? opened.protection : handshake);
}
