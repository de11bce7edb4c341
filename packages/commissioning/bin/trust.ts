import { join } from 'node:path';
import { configFolder, type Run, UsageError } from 'cosem/command';
import type { TrustedSigner } from '../src/index.js';

/** The library is large: other commands do without it. */
type Library = typeof import('../src/index.js');

/** Whose signatures count, and who says so. */
export interface Trust {
  readonly file: string | undefined;
  readonly signers: readonly TrustedSigner[];
}

const NAME = 'trusted-signers.json';

/**
 * Whom the person at this computer trusts: --trust, else COSEM_TRUST, else `trusted-signers.json` of the person's own configuration. What lies
 * beside the evidence counts for nothing: whoever forged the one wrote the other.
 * @throws UsageError when the file that is named is none.
 */
export function trustOf({ options, io }: Run, { parseTrust, readTextFile, DocumentError, inEach }: Library): Trust {
  const told = (options.trust as string | undefined) || io.env.COSEM_TRUST || undefined;
  const place = told ?? join(configFolder(io), NAME);
  try {
    const text = readTextFile(place);
    if (text !== undefined) return { file: place, signers: parseTrust(text, place) };
  } catch (error) {
    if (error instanceof DocumentError)
      throw new UsageError({ en: error.message, hi: inEach('trust-unread', { file: place }).hi }, inEach('trust-try'));
    throw new UsageError(inEach('trust-unread', { file: place }), inEach('verify-wrong-file-try'));
  }
  if (told !== undefined) throw new UsageError(inEach('trust-none', { file: told }), inEach('trust-try'));
  return { file: undefined, signers: [] };
}

/** Of a folder with evidence: whom its own list names for keys that nobody here trusts. */
export interface Claim {
  readonly file: string;
  readonly names: readonly string[];
}

/** @param keys public keys, or ids of them. */
export function claimBeside(
  folder: string,
  keys: ReadonlySet<string>,
  { parseTrustedSigners, readTextFile, keyId }: Library,
): Claim | undefined {
  for (const file of [join(folder, NAME), join(folder, '..', NAME)]) {
    try {
      const signers = parseTrustedSigners(readTextFile(file) ?? '', file);
      const named = signers.filter(({ publicKey }) => keys.has(publicKey) || keys.has(keyId(publicKey)));
      if (named.length > 0) return { file, names: [...new Set(named.map(({ name }) => name))] };
    } catch {
      // It is believed in nothing: that it cannot be read changes nothing.
    }
  }
  return undefined;
}
