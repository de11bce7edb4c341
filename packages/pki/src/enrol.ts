import { AccessError, type CryptoProvider, type Meter, SecurityError, StateError, toHex } from 'cosem';
import { AssociationLnV1, SecuritySetupV1 } from 'cosem/classes';
import type { Curve, KeyUse } from 'cosem/protocol';
import { type Certificate, readCertificate } from './certificate.js';
import { suiteOfCurve } from './curves.js';
import { type Authority, issueCertificate, type Validity } from './issue.js';
import { readRequest } from './request.js';

const CURRENT_ASSOCIATION = '0.0.40.0.0.255';
const CURVES: Readonly<Record<string, Curve | undefined>> = {
  'ECDH-ECDSA-P-256-AES-GCM-128': 'P-256',
  'ECDH-ECDSA-P-384-AES-GCM-256': 'P-384',
};

/** What a meter is before it gets certificates. */
export interface Candidate {
  /** Logical name of the security setup that takes them. */
  readonly setup: string;
  /** System title of the meter, as its security setup says it. */
  readonly systemTitle: Uint8Array;
  /** The curve of its security suite. */
  readonly curve: Curve;
}

/**
 * Reads what a meter is before it gets certificates: nothing is changed.
 * @param setup logical name of the security setup (class 64); that of the association where it is left out.
 * @throws StateError for a meter that works with security suite 0, AccessError where it shows no security setup.
 */
export async function candidate(meter: Meter, setup?: string): Promise<Candidate> {
  const name = setup ?? (await meter.get(meter.object(AssociationLnV1, CURRENT_ASSOCIATION).securitySetupReference));
  if (name === '') {
    throw new StateError('the association names no security setup', { hint: 'say which one: --setup' });
  }
  const object = meter.object(SecuritySetupV1, name);
  const suite = await meter.get(object.securitySuite);
  const curve = CURVES[suite];
  if (curve === undefined) {
    throw new StateError('the meter works with security suite 0, which has no certificates', {
      hint: 'a meter of suite 1 or 2 is needed',
    });
  }
  return { setup: name, curve, systemTitle: await meter.get(object.serverSystemTitle) };
}

/** How a meter gets its certificates. */
export interface Enrolment extends Validity {
  /** What {@link candidate} read. */
  readonly candidate: Candidate;
  /** Who issues. */
  readonly authority: Authority;
  /** Certificates that the meter gets first: of authorities between its anchor and the issuer, and of clients that it shall know. */
  readonly before?: readonly Certificate[];
  /** What the keys are for, one pair each. */
  readonly uses: readonly KeyUse[];
  /** Is told what is done next: `generate`, `request`, `import` and `prove` for each use, and `before`. */
  readonly onStep?: (step: EnrolmentStep, use?: KeyUse) => void;
}

/** A step of an enrolment. */
export type EnrolmentStep = 'before' | 'generate' | 'request' | 'import' | 'prove';

/** A certificate that a meter has, read back from it. */
export interface Enrolled {
  /** What its key is for. */
  readonly use: KeyUse;
  /** The certificate. */
  readonly certificate: Certificate;
}

/**
 * Brings a meter from nothing to certificates by its security setup (class 64 version 1): for each use it generates a key pair of its own, gives a request
 * for it, whose signature, title and curve are checked, gets the certificate that the authority issues, and is asked for it again.
 * A key pair that the meter had for that use is gone as soon as a new one is generated.
 * @throws StateError where authority and meter do not fit; SecurityError for a request that is not accepted, `bad-signature` or `bad-certificate`;
 * DecodeError for one that cannot be read; AccessError where the meter refuses.
 */
export async function enrol(meter: Meter, crypto: CryptoProvider, enrolment: Enrolment): Promise<Enrolled[]> {
  const { candidate: asked, authority, before = [], uses, onStep } = enrolment;
  checkFit(asked, authority);
  const object = meter.object(SecuritySetupV1, asked.setup);
  if (before.length > 0) onStep?.('before');
  for (const { octets } of before) await importOnce(meter, asked.setup, octets);
  const done: Enrolled[] = [];
  for (const use of uses) {
    onStep?.('generate', use);
    await meter.call(object.generateKeyPair, use);
    onStep?.('request', use);
    const certificate = certified(crypto, await meter.call(object.generateCertificateRequest, use), use, enrolment);
    onStep?.('import', use);
    await meter.call(object.importCertificate, certificate.octets);
    onStep?.('prove', use);
    await prove(meter, asked.setup, certificate);
    done.push({ use, certificate });
  }
  return done;
}

function checkFit({ curve }: Candidate, { curve: signing }: Authority): void {
  if (curve === 'P-384' && signing === 'P-256') {
    throw new StateError(`the meter has security suite ${suiteOfCurve[curve]}, and the authority is one for suite 1`, {
      hint: 'take an authority for suite 2: cosem pki ca --suite 2',
    });
  }
}

/** The certificate for a request that holds. */
function certified(crypto: CryptoProvider, octets: Uint8Array, use: KeyUse, enrolment: Enrolment): Certificate {
  const { systemTitle, curve } = enrolment.candidate;
  const request = readRequest(crypto, octets);
  const title = request.systemTitle === undefined ? 'no system title' : toHex(request.systemTitle);
  if (title !== toHex(systemTitle)) {
    throw new SecurityError('bad-certificate', `the request names ${title}, and the meter is ${toHex(systemTitle)}`, {
      hint: 'nothing was issued; is it the security setup of this meter?',
    });
  }
  if (request.curve !== curve) {
    throw new SecurityError(
      'bad-certificate',
      `the request is for a key on ${request.curve}, and the suite needs ${curve}`,
    );
  }
  if (!request.allows(use)) {
    throw new SecurityError('bad-certificate', `the request of the meter is for another use of the key than ${use}`);
  }
  const { authority, notBefore, notAfter } = enrolment;
  return issueCertificate(crypto, authority, { ...request, notBefore, notAfter, systemTitle, use });
}

/** A certificate that the meter has already is not brought again: meters refuse that. */
async function importOnce(meter: Meter, setup: string, octets: Uint8Array): Promise<void> {
  const object = meter.object(SecuritySetupV1, setup);
  try {
    await meter.call(object.importCertificate, octets);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const held = await meter.get(object.certificates);
    const { serialNumber, issuer } = readCertificate(octets);
    const there = held.some(
      (one) => toHex(one.serialNumber) === toHex(serialNumber) && toHex(one.issuer) === toHex(issuer),
    );
    if (!there) throw error;
  }
}

/** The meter has to give the certificate back, octet for octet. */
async function prove(meter: Meter, setup: string, { serialNumber, issuer, octets }: Certificate): Promise<void> {
  const object = meter.object(SecuritySetupV1, setup);
  const options = { serialNumber, issuer };
  const back = await meter.call(object.exportCertificate, { type: 'by-serial', options });
  if (toHex(back) === toHex(octets)) return;
  throw new SecurityError('bad-certificate', 'the meter took the certificate, and gives another one back', {
    hint: 'read its attribute 6, which lists what it holds, and enrol it again',
  });
}
