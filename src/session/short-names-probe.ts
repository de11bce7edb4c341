/** Asking a meter that refused whether it has short names: loaded when one has. */

import { contextOid } from '../apdu/acse-names.js';
import type { Aare } from '../apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../apdu/codec.js';
import { ASSOCIATION_RESULT, SERVICE_USER_DIAGNOSTIC } from '../apdu/results.js';
import { DecodeError } from '../base/errors.js';
import type { Procedure } from '../contracts/procedure.js';
import { DLMS_VERSION } from './association.js';
import { SHORT_NAME_CONFORMANCE } from './client-config.js';
import { WAIT_ON } from './procedure.js';
import { grantsShortNames, namesShortNames } from './short-names.js';

/** Messages that are put aside while the AARE is awaited. */
const MOST_ASIDE = 5;
/** Diagnostics of the service user about authentication: the context was taken before it was looked at. */
const AUTHENTICATION: ReadonlySet<number> = new Set([
  SERVICE_USER_DIAGNOSTIC['authentication-mechanism-name-not-recognised'],
  SERVICE_USER_DIAGNOSTIC['authentication-mechanism-name-required'],
  SERVICE_USER_DIAGNOSTIC['authentication-failure'],
  SERVICE_USER_DIAGNOSTIC['authentication-required'],
]);

/**
 * Asks in the context of short names, without authentication: nothing secret goes out. What it opens is of no further
 * use: {@link endsShortNames}.
 * @returns whether the meter takes that context.
 */
export function* asksShortNames(): Procedure<boolean> {
  const request = encodeApdu({
    type: 'aarq',
    applicationContextName: contextOid(2),
    userInformation: encodeApdu({
      type: 'initiate-request',
      responseAllowed: true,
      proposedDlmsVersionNumber: DLMS_VERSION,
      proposedConformance: SHORT_NAME_CONFORMANCE,
      clientMaxReceivePduSize: 0xffff,
    }),
  });
  let payload = yield { apdu: request, reply: true };
  try {
    for (let aside = 0; aside <= MOST_ASIDE; aside++) {
      const answer = decodeApdu(payload, { lenient: true });
      if (answer.type === 'aare') return takesShortNames(answer);
      if (answer.type === 'exception-response' || answer.type === 'confirmed-service-error') return false;
      payload = yield WAIT_ON;
    }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return false;
}

/** How long a meter may take to say that it has closed the association. */
const RELEASE_PATIENCE = 3000;

/** Closes what {@link asksShortNames} has opened; what the meter says to that does not matter. */
export function* endsShortNames(): Procedure<void> {
  yield { apdu: encodeApdu({ type: 'rlrq', reason: 0 }), reply: true, patience: RELEASE_PATIENCE };
}

/** A refusal may name our own context as it came: alone it proves nothing. */
function takesShortNames(aare: Aare): boolean {
  const { source, diagnostic } = aare.resultSourceDiagnostic;
  if (aare.result !== ASSOCIATION_RESULT.accepted)
    return namesShortNames(aare) && source === 'acse-service-user' && AUTHENTICATION.has(diagnostic);
  if (namesShortNames(aare)) return true;
  if (aare.userInformation === undefined) return false;
  const terms = decodeApdu(aare.userInformation, { lenient: true });
  return terms.type === 'initiate-response' && grantsShortNames(terms);
}
