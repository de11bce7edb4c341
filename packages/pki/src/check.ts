import { type CryptoProvider, DecodeError, toHex } from 'cosem';
import type { CertificateDemand, Curve } from 'cosem/protocol';
import { type Certificate, readCertificate } from './certificate.js';
import { CertificateError, type CertificateProblem } from './problems.js';

/** The most certificates in a chain, the leaf and the anchor too. Root, sub-authority and leaf are three. */
const MOST_LINKS = 8;
/** The most signatures that one check verifies: with many certificates of one name, somebody wants work done. */
const MOST_SIGNATURES = 32;
/** The most certificates that are looked at as links. */
const MOST_OTHERS = 64;

/** A demand, and what the check of `cosem` itself asks beside it. */
export interface Demand extends CertificateDemand {
  /** The curve of the security suite; either where it is left out. */
  readonly curve?: Curve;
}

/** A certificate that holds, with its chain. */
export interface CheckedChain {
  /** The certificate. */
  readonly leaf: Certificate;
  /** From the leaf up to the trust anchor, both in it. */
  readonly chain: readonly Certificate[];
}

interface Search {
  readonly crypto: CryptoProvider;
  readonly at: number;
  readonly anchors: readonly Certificate[];
  readonly others: readonly Certificate[];
  signatures: number;
}

/**
 * Checks a certificate: what it is for, whose it is, its dates, and its chain up to one of the anchors, of which each link has to be an authority
 * that may sign, be valid at that time, have no critical extension that is unknown, and not a weaker key than what it signs.
 * @throws CertificateError with what is wrong; DecodeError for what is no certificate.
 */
export function checkCertificate(
  crypto: CryptoProvider,
  octets: Uint8Array,
  anchors: readonly Certificate[],
  demand: Demand,
): CheckedChain {
  const leaf = readCertificate(octets);
  const problem = leafProblem(leaf, demand) ?? ownProblem(leaf, demand.at);
  if (problem !== undefined) throw new CertificateError(problem);
  const search = { crypto, at: demand.at, anchors, others: readable(demand.others ?? []), signatures: 0 };
  return { leaf, chain: upFrom([leaf], search) };
}

/** What else the peer has: what cannot be read is no link. */
function readable(others: readonly Uint8Array[]): Certificate[] {
  return others.slice(0, MOST_OTHERS).flatMap((octets) => {
    try {
      return [readCertificate(octets)];
    } catch (error) {
      if (error instanceof DecodeError) return [];
      throw error;
    }
  });
}

function leafProblem(leaf: Certificate, { use, systemTitle, curve }: Demand): CertificateProblem | undefined {
  const subject = nameOf(leaf);
  if (leaf.authority || leaf.signsCertificates) return { code: 'authority-as-leaf', subject };
  if (!leaf.uses.includes(use)) return { code: 'wrong-use', subject, wanted: use, uses: leaf.uses };
  if (curve !== undefined && leaf.curve !== curve) {
    return { code: 'other-curve', subject, wanted: curve, curve: leaf.curve };
  }
  if (leaf.ambiguousTitle) return { code: 'two-titles', subject };
  if (systemTitle === undefined) return undefined;
  const wanted = toHex(systemTitle);
  if (leaf.systemTitle === undefined) return { code: 'no-title', subject, wanted };
  const title = toHex(leaf.systemTitle);
  return title === wanted ? undefined : { code: 'other-title', subject, wanted, title };
}

/** What is wrong with one certificate of a chain by itself. */
function ownProblem(certificate: Certificate, at: number): CertificateProblem | undefined {
  const subject = nameOf(certificate);
  const { notBefore, notAfter, unknownCritical, signedOn } = certificate;
  // Not `<` and `>` the other way round: with a time that is no number, nothing is valid.
  if (!(at >= notBefore)) return { code: 'not-yet', subject, from: notBefore };
  if (!(at <= notAfter)) return { code: 'expired', subject, until: notAfter };
  const [extension] = unknownCritical;
  if (extension !== undefined) return { code: 'unknown-critical', subject, extension };
  return signedOn === undefined ? { code: 'unknown-algorithm', subject } : undefined;
}

/** Goes up from the last of a chain, on every way there is, and tells of the first that failed where none arrives. */
function upFrom(chain: readonly Certificate[], search: Search): readonly Certificate[] {
  const last = chain.at(-1) as Certificate;
  const [subject, issuer] = [nameOf(last), shortened(last.issuerText)];
  const links = [...search.anchors, ...search.others].filter(
    (one) => signedBy(last, one) && !chain.some((link) => same(link, one)),
  );
  let first: CertificateProblem | undefined;
  for (const link of links) {
    if (chain.length >= MOST_LINKS || ++search.signatures > MOST_SIGNATURES) {
      throw new CertificateError({ code: 'too-many', subject });
    }
    const problem = linkProblem(chain, link, search);
    if (problem !== undefined) {
      first ??= problem;
      continue;
    }
    if (search.anchors.includes(link)) return [...chain, link];
    try {
      return upFrom([...chain, link], search);
    } catch (error) {
      if (!(error instanceof CertificateError) || error.problem.code === 'too-many') throw error;
      first ??= error.problem;
    }
  }
  if (first !== undefined) throw new CertificateError(first);
  const alone = toHex(last.issuer) === toHex(last.subject);
  throw new CertificateError(alone ? { code: 'self-signed', subject } : { code: 'missing-link', subject, issuer });
}

/** Whether the name, and the key identifier where both have one, say that it was signed by this one. */
function signedBy({ issuer, authorityKeyId }: Certificate, one: Certificate): boolean {
  if (toHex(issuer) !== toHex(one.subject)) return false;
  return authorityKeyId === undefined || one.subjectKeyId === undefined || authorityKeyId === one.subjectKeyId;
}

const same = (a: Certificate, b: Certificate) => toHex(a.octets) === toHex(b.octets);

function linkProblem(chain: readonly Certificate[], link: Certificate, search: Search): CertificateProblem | undefined {
  const last = chain.at(-1) as Certificate;
  const [subject, issuer] = [nameOf(last), nameOf(link)];
  if (!link.authority || !link.signsCertificates) return { code: 'no-authority', subject, issuer };
  if (last.curve === 'P-384' && link.curve === 'P-256') return { code: 'weaker-signer', subject, issuer };
  if (last.signedOn !== link.curve) return { code: 'other-algorithm', subject, issuer };
  // Authorities between this one and the leaf; those that renewed their own key do not count (RFC 5280 6.1.4).
  const below = chain.slice(1).filter((one) => toHex(one.subject) !== toHex(one.issuer)).length;
  if (link.pathLength !== undefined && below > link.pathLength) {
    return { code: 'too-long', issuer, most: link.pathLength };
  }
  const own = ownProblem(link, search.at);
  if (own !== undefined) return own;
  const holds = search.crypto.verify(link.curve, link.publicKey, last.signed, last.signature);
  return holds ? undefined : { code: 'bad-signature', subject, issuer };
}

/** The most characters of a name that a sentence quotes. */
const MOST_NAME = 80;

/** Name of the owner in a sentence; the serial number where it has none. */
function nameOf({ subjectText, serialNumber }: Certificate): string {
  return subjectText === '' ? toHex(serialNumber) : shortened(subjectText);
}

function shortened(text: string): string {
  const characters = [...text];
  return characters.length > MOST_NAME ? `${characters.slice(0, MOST_NAME - 1).join('')}…` : text;
}
