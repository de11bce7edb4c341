import { SecurityError, toHex } from 'cosem';
import { languageOf, type Run, UsageError } from 'cosem/command';
import { nodeCrypto as crypto } from 'cosem/node';
import type { KeyUse } from 'cosem/protocol';
import {
  issueCertificate,
  type KeyPair,
  makeAuthority,
  makeKeyPair,
  nameOf,
  readFileOf,
  readPem,
  readRequest,
  useName,
} from '../src/index.js';
import { folderOf, folderThere, passphraseOf, titleOf, useOf, validityOf } from './given.js';
import { inEach, told } from './words.js';

/** `cosem pki ca` */
export async function makeCa(run: Run): Promise<void> {
  const { output, options, io } = run;
  const folder = folderOf(run);
  if (folder.exists || folder.hasKey('root')) {
    throw new UsageError(inEach('ca-there', folder.path), inEach('ca-there-try'));
  }
  const passphrase = passphraseOf(run);
  const validity = validityOf(run);
  const curve = options.suite === '2' ? 'P-384' : 'P-256';
  const name = String(options.name);
  const root = makeAuthority(crypto, {
    ...validity,
    name: `${name} root`,
    keys: makeKeyPair(crypto, curve),
    pathLength: 1,
  });
  const below = { name: `${name} authority`, keys: makeKeyPair(crypto, curve), pathLength: 0, by: root };
  const authority = makeAuthority(crypto, { ...validity, ...below });
  // Keys first: what they signed is of use only while they are there.
  const files = [
    folder.addKey('root', root, passphrase),
    folder.addKey('authority', authority, passphrase),
    folder.addCertificate('authorities', 'authority', authority.certificate),
    folder.addCertificate('anchors', 'root', root.certificate),
  ];
  const language = languageOf(io);
  output.document({ command: 'pki', action: 'ca', folder: folder.path, curve, files });
  output.text(told(language, 'ca-made', name, curve));
  tellFiles(run, files);
  output.text(told(language, 'ca-next', folder.path));
  if (passphrase === undefined) output.text(told(language, 'keys-plain'));
}

/** `cosem pki meter` and `cosem pki client` */
export async function makeEntity(run: Run, kind: 'meter' | 'client', text: string): Promise<void> {
  const { output, options, io } = run;
  const systemTitle = titleOf(text);
  const folder = folderThere(run);
  const passphrase = passphraseOf(run);
  const authority = folder.authority(passphrase);
  const validity = withinAuthority(validityOf(run), authority.certificate);
  const language = languageOf(io);
  const uses = [...new Set(options.use as readonly KeyUse[])];
  const title = toHex(systemTitle);
  const made = uses.map((use) => {
    const keys: KeyPair = makeKeyPair(crypto, authority.curve);
    const publicKey = crypto.publicKey(keys.curve, keys.privateKey);
    const certificate = issueCertificate(crypto, authority, { ...validity, ...keys, publicKey, systemTitle, use });
    const name = nameOf(systemTitle, use);
    const files = [folder.addKey(name, keys, passphrase), folder.addCertificate('certificates', name, certificate)];
    output.text(told(language, 'entity-made', title, useName(use, language)));
    tellFiles(run, files);
    return { use, serialNumber: toHex(certificate.serialNumber), files };
  });
  output.document({ command: 'pki', action: kind, systemTitle: title, certificates: made });
  if (passphrase === undefined) output.text(told(language, 'keys-plain'));
}

/** `cosem pki issue` */
export async function issue(run: Run, file: string): Promise<void> {
  const { output, options, io } = run;
  const folder = folderThere(run);
  const wanted = typeof options.title === 'string' ? titleOf(options.title) : undefined;
  const use = useOf(run);
  const request = readRequest(crypto, readPem(readFileOf(file), 'request')[0] as Uint8Array);
  const { systemTitle } = request;
  if (systemTitle === undefined) throw new UsageError(inEach('request-no-title'), inEach('request-no-title-try'));
  const title = toHex(systemTitle);
  if (wanted !== undefined && toHex(wanted) !== title) {
    throw new SecurityError('bad-certificate', inEach('request-other-title', title, toHex(wanted)).en);
  }
  if (!request.allows(use)) {
    throw new UsageError(
      {
        en: inEach('request-other-use', useName(use, 'en')).en,
        hi: inEach('request-other-use', useName(use, 'hi')).hi,
      },
      inEach('request-other-use-try'),
    );
  }
  const authority = folder.authority(passphraseOf(run));
  const validity = withinAuthority(validityOf(run), authority.certificate);
  const certificate = issueCertificate(crypto, authority, { ...validity, ...request, systemTitle, use });
  const written = folder.addCertificate('certificates', nameOf(systemTitle, use), certificate);
  output.document({ command: 'pki', action: 'issue', systemTitle: title, use, file: written });
  output.text(told(languageOf(io), 'issued', title, written));
}

/** No certificate is valid longer than its authority. */
export function withinAuthority<V extends { notBefore: number; notAfter: number }>(wanted: V, by: V): V {
  return {
    ...wanted,
    notBefore: Math.max(wanted.notBefore, by.notBefore),
    notAfter: Math.min(wanted.notAfter, by.notAfter),
  };
}

function tellFiles({ output }: Run, files: readonly string[]): void {
  for (const file of files) output.line(`  ${file}`);
}
