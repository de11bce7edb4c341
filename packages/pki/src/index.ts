/**
 * X.509 certificates for security suites 1 and 2: reading, chains, requests, a test authority, and what `cosem` takes to check the certificates of
 * meters and clients.
 *
 * ```ts
 * import { certificateProvider, readPem } from 'cosem-pki';
 * import { readFileSync } from 'node:fs';
 *
 * const certificates = certificateProvider(readPem(readFileSync('root.pem'), 'certificate'));
 * ```
 *
 * @module cosem-pki
 */

export { type Certificate, readCertificate } from './certificate.js';
export { type CheckedChain, checkCertificate, type Demand } from './check.js';
export { type PublicKeyOnCurve, suiteOfCurve } from './curves.js';
export { type Candidate, candidate, type Enrolled, type Enrolment, type EnrolmentStep, enrol } from './enrol.js';
export {
  type Authority,
  type AuthorityRequest,
  type EntityRequest,
  issueCertificate,
  type KeyPair,
  makeAuthority,
  makeKeyPair,
  type Validity,
} from './issue.js';
export { type CertificateLink, linksOf } from './links.js';
export { useName } from './messages.js';
export { type PemKind, readPem, writePem } from './pem.js';
export { certificatesIn, nameOf, PkiFolder, readFileOf, type StoredCertificate } from './platform/folder.js';
export { parsePrivateKey, readKeyFile, writeKeyFile } from './platform/key-file.js';
export { CertificateError, type CertificateProblem, problemText } from './problems.js';
export { certificateProvider } from './provider.js';
export { makeRequest, type ReadRequest, readRequest } from './request.js';
