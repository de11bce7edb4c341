import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DecodeError, StateError, toHex } from 'cosem';
import { durableReplace, systemErrorText } from 'cosem/node';
import type { KeyUse } from 'cosem/protocol';
import { type Certificate, readCertificate } from '../certificate.js';
import type { Authority, KeyPair } from '../issue.js';
import { readPem, writePem } from '../pem.js';
import { readKeyFile, writeKeyFile } from './key-file.js';

const MOST_FILE = 1_000_000;

/** The parts of a folder of certificates, each a folder in it. */
const PARTS = ['anchors', 'authorities', 'certificates', 'keys'] as const;

/** A certificate and the file that it stands in. */
export interface StoredCertificate {
  /** The file. */
  readonly file: string;
  /** The certificate. */
  readonly certificate: Certificate;
}

/**
 * A folder of certificates and keys: `anchors` are trusted; `authorities` may stand between them and a certificate; `certificates` of meters and
 * clients; `keys`, which only their owner may read.
 */
export class PkiFolder {
  /** The folder. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether there is one. */
  get exists(): boolean {
    return existsSync(join(this.path, 'anchors'));
  }

  /** The certificates of one part. @throws StateError that names the file which cannot be read. */
  certificates(part: Exclude<(typeof PARTS)[number], 'keys'>): StoredCertificate[] {
    const folder = join(this.path, part);
    let names: string[];
    try {
      names = existsSync(folder) ? readdirSync(folder).sort() : [];
    } catch (error) {
      throw new StateError(`${folder} cannot be read: ${systemErrorText(error)}`);
    }
    return names
      .filter((name) => /\.(pem|crt|cer|der)$/i.test(name))
      .flatMap((name) => certificatesIn(join(folder, name)));
  }

  /** DER of what is trusted. @throws StateError. */
  get anchors(): Uint8Array[] {
    return this.certificates('anchors').map(({ certificate }) => certificate.octets);
  }

  /** DER of what may stand in a chain, not trusted by itself. @throws StateError. */
  get others(): Uint8Array[] {
    return [...this.certificates('authorities'), ...this.certificates('certificates')].map(
      ({ certificate }) => certificate.octets,
    );
  }

  /** The authority that issues, with its key. @throws StateError, SecurityError for the passphrase. */
  authority(passphrase?: string): Authority {
    const [found] = this.certificates('authorities');
    if (found === undefined) {
      throw new StateError(`${this.path} holds no authority that issues`, { hint: 'make one: cosem pki ca' });
    }
    const keys = this.key('authority', passphrase);
    return { ...keys, certificate: found.certificate };
  }

  /** The private key of a name: `root`, `authority`, or as {@link nameOf} makes it. @throws StateError, SecurityError. */
  key(name: string, passphrase?: string): KeyPair {
    return readKeyFile(this.#keyFile(name), passphrase);
  }

  /** Whether there is a key of this name. */
  hasKey(name: string): boolean {
    return existsSync(this.#keyFile(name));
  }

  /** Writes a private key; never over another one. @throws StateError. @returns the file. */
  addKey(name: string, keys: KeyPair, passphrase?: string): string {
    const file = this.#keyFile(name);
    writeKeyFile(file, keys, passphrase);
    return file;
  }

  /** Writes a certificate, in place of an older one of that name. @throws StateError. @returns the file. */
  addCertificate(part: Exclude<(typeof PARTS)[number], 'keys'>, name: string, { octets }: Certificate): string {
    const file = join(this.path, part, `${name}.pem`);
    try {
      mkdirSync(join(this.path, part), { recursive: true, mode: 0o700 });
      durableReplace(file, writePem(octets, 'certificate'));
    } catch (error) {
      throw new StateError(`${file} cannot be written: ${systemErrorText(error)}`, { hint: 'give another folder' });
    }
    return file;
  }

  #keyFile(name: string): string {
    return join(this.path, 'keys', `${name}.key.pem`);
  }
}

/** The name of the files of a certificate and its key. */
export function nameOf(systemTitle: Uint8Array, use: KeyUse): string {
  return `${toHex(systemTitle)}-${use}`;
}

/** The octets of a file of certificates or requests. @throws StateError. */
export function readFileOf(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MOST_FILE) {
      throw new StateError(`${file} is no file of certificates: it has ${size} octets`, { hint: 'give another file' });
    }
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    if (error instanceof StateError) throw error;
    throw new StateError(`${file} cannot be read: ${systemErrorText(error)}`, { hint: 'is its name right?' });
  }
}

/** The certificates in a file: DER, or PEM with one or more. @throws StateError that names the file. */
export function certificatesIn(file: string): StoredCertificate[] {
  const octets = readFileOf(file);
  try {
    return readPem(octets, 'certificate').map((one) => ({ file, certificate: readCertificate(one) }));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    throw new StateError(`${file}: ${error.message}`, { hint: 'give a certificate in PEM or DER', cause: error });
  }
}
