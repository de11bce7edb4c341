/** The ACSE APDUs as a server reads and writes them: the other half of `acse.ts`. */

import type { Reader, Writer } from '../base/cursor.js';
import { present } from '../base/given.js';
import { readBerInteger, writeBerWith } from '../codec/ber.js';
import {
  AARE_TAGS,
  AARQ_TAGS,
  DIAGNOSTIC_TAGS,
  OBJECT_IDENTIFIER,
  OCTET_STRING,
  RELEASE_TAGS,
  readAuthentication,
  readBareOid,
  readInteger,
  readOid,
  readRequirements,
  readRest,
  readVersion,
  writeAuthentication,
  writeExplicit,
  writeInteger,
  writeOptional,
  writeRequirements,
  writeVersion,
} from './acse.js';
import { readFields, readOctetString } from './acse-fields.js';
import type { Aare, Aarq, Rlrq } from './apdu.js';
import type { OnDeviation } from './deviation.js';
import { APDU_TAGS } from './tags.js';

/** The body of an AARQ, after its tag. */
export function readAarq(whole: Reader, bear: OnDeviation | undefined): Aarq {
  return readFields(whole, AARQ_TAGS, bear, (fields) =>
    present<Aarq>({
      type: 'aarq',
      protocolVersion: fields.optional('protocol-version', readVersion),
      applicationContextName: fields.required('application-context-name', readOid),
      calledApTitle: fields.optional('called-AP-title', readOctetString),
      calledAeQualifier: fields.optional('called-AE-qualifier', readOctetString),
      calledApInvocationId: fields.optional('called-AP-invocation-id', readInteger),
      calledAeInvocationId: fields.optional('called-AE-invocation-id', readInteger),
      callingApTitle: fields.optional('calling-AP-title', readOctetString),
      callingAeQualifier: fields.optional('calling-AE-qualifier', readOctetString),
      callingApInvocationId: fields.optional('calling-AP-invocation-id', readInteger),
      callingAeInvocationId: fields.optional('calling-AE-invocation-id', readInteger),
      senderAcseRequirements: fields.optional('sender-acse-requirements', readRequirements),
      mechanismName: fields.optional('mechanism-name', readBareOid),
      callingAuthenticationValue: fields.optional('calling-authentication-value', readAuthentication),
      implementationInformation: fields.optional('implementation-information', readRest),
      userInformation: fields.userInformation(),
    }),
  );
}

/** A whole AARE. */
export function writeAare(w: Writer, apdu: Aare): void {
  writeBerWith(w, APDU_TAGS.aare, (c) => {
    writeVersion(c, AARE_TAGS['protocol-version'], apdu.protocolVersion);
    writeExplicit(c, AARE_TAGS['application-context-name'], OBJECT_IDENTIFIER, apdu.applicationContextName);
    writeInteger(c, AARE_TAGS.result, apdu.result);
    const { source, diagnostic } = apdu.resultSourceDiagnostic;
    writeBerWith(c, AARE_TAGS['result-source-diagnostic'], (choice) =>
      writeInteger(choice, DIAGNOSTIC_TAGS[source], diagnostic),
    );
    writeExplicit(c, AARE_TAGS['responding-AP-title'], OCTET_STRING, apdu.respondingApTitle);
    writeExplicit(c, AARE_TAGS['responding-AE-qualifier'], OCTET_STRING, apdu.respondingAeQualifier);
    writeInteger(c, AARE_TAGS['responding-AP-invocation-id'], apdu.respondingApInvocationId);
    writeInteger(c, AARE_TAGS['responding-AE-invocation-id'], apdu.respondingAeInvocationId);
    writeRequirements(c, AARE_TAGS['responder-acse-requirements'], apdu.responderAcseRequirements);
    writeOptional(c, AARE_TAGS['mechanism-name'], apdu.mechanismName);
    writeAuthentication(c, AARE_TAGS['responding-authentication-value'], apdu.respondingAuthenticationValue);
    writeOptional(c, AARE_TAGS['implementation-information'], apdu.implementationInformation);
    writeExplicit(c, AARE_TAGS['user-information'], OCTET_STRING, apdu.userInformation);
  });
}

/** The body of an RLRQ, after its tag. */
export function readRlrq(whole: Reader, bear: OnDeviation | undefined): Rlrq {
  return readFields(whole, RELEASE_TAGS, bear, (fields) =>
    present<Rlrq>({
      type: 'rlrq',
      reason: fields.optional('reason', readBerInteger),
      userInformation: fields.userInformation(),
    }),
  );
}
