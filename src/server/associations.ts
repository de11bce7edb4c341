import { conformanceBits } from '../apdu/conformance.js';
import { fromLatin1 } from '../base/bytes.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { counted, quoted } from '../base/words.js';
import type { AssociationDefinition, Naming, SignedServices } from '../contracts/association.js';
import type { GlobalKeys, KeyPairs, Protection } from '../contracts/protection.js';
import type { AccessRole } from '../cosem/access.js';
import { keyLengthOf } from '../session/key-agreement.js';
import { FailureLock, type LockOptions } from './authentication-lock.js';
import type { ServedCertificates } from './held-certificates.js';

const PUBLIC_CLIENT = 16;
const READER_CLIENT = 32;
const UTILITY_CLIENT = 48;
const LARGEST_CLIENT = 127;
const PDU_SIZE = 1024;
const SMALLEST_PDU = 64;
const KEY_LENGTH = 16;
const LOCK: LockOptions = { attempts: 5, duration: 5 * 60_000 };

const SERVICES = conformanceBits([
  'block-transfer-with-get-or-read',
  'block-transfer-with-set-or-write',
  'block-transfer-with-action',
  'multiple-references',
  'access',
  'get',
  'set',
  'selective-access',
  'action',
]);
const GENERAL_PROTECTION = conformanceBits(['general-protection']);

/** HLS mechanisms by the names that `open` has for them. */
const MECHANISMS = { hls2: 2, md5: 3, sha1: 4, gmac: 5, sha256: 6, ecdsa: 7 } as const;

/** How a client with high level security proves itself. */
export type HlsMechanism = keyof typeof MECHANISMS;

/** How the global keys of an association are changed by its client (class 64, global_key_transfer). */
export interface KeyTransferOptions {
  /** Master key (KEK), 16 octets, or 32 with suite 2: new keys come wrapped under it. */
  readonly masterKey: Uint8Array;
  /** Stores the new keys before they take effect: the next start of the program needs them. If it throws, the transfer is refused. */
  store(keys: GlobalKeys): void;
  /** Suites 1 and 2: stores key pairs that were generated, and public keys of imported certificates, likewise. Without it both are refused. */
  storePairs?(pairs: KeyPairs): void;
  /** Suites 1 and 2: stores a master key that was agreed on, likewise. Without it agreeing on one is refused. */
  storeMasterKey?(key: Uint8Array): void;
  /** Suites 1 and 2: X.509 and the certificates of this association. Without it certificates are refused. */
  readonly certificates?: ServedCertificates;
}

/** Options of every association. */
export interface AssociationOptions {
  /** Client SAP, 1 to 127. */
  readonly client?: number;
  /** Its name in {@link ObjectRights}. */
  readonly name?: string;
  /** What it may do with objects that are added without rights. */
  readonly role?: AccessRole;
  /** Longest APDU that is accepted and sent, in octets; 1024 by default. */
  readonly maxPduSize?: number;
  /** How clients name what they ask for: by logical names (`ln`, the default), by short names (`sn`), or each as it likes (`both`). */
  readonly naming?: Naming | 'both';
}

/** Keys of an association in a ciphered context. */
export interface CipheredOptions {
  /** Global keys, 16 octets each, or 32 with suite 2: with them the context is ciphered. */
  readonly keys?: GlobalKeys;
  /** Security suite of keys, signatures and key agreement. Default 0. */
  readonly suite?: 0 | 1 | 2;
  /** Key pairs, for the mechanism `ecdsa`, for signatures and key agreement: suites 1 and 2. */
  readonly keyPairs?: KeyPairs;
  /** Whether requests must be signed, and answers are: suites 1 and 2. Default neither. */
  readonly signed?: SignedServices;
  /** What requests must carry at least and what answers carry; `authenticated-encryption`. */
  readonly policy?: Protection;
  /** The only client system title that is accepted. Default any. */
  readonly clientTitle?: Uint8Array;
  /** How the client changes the keys. Default: it cannot. */
  readonly keyTransfer?: KeyTransferOptions;
}

/** An association with low level security. */
export interface LlsOptions extends AssociationOptions, CipheredOptions {
  /** Text is encoded in ISO 8859-1. */
  readonly password: string | Uint8Array;
  /** After how many wrong passwords in a row it is locked, and for how long. Default 5, and 5 minutes. */
  readonly lock?: LockOptions;
}

/** An association with high level security. */
export interface HlsOptions extends AssociationOptions, CipheredOptions {
  /** The only mechanism that it accepts. Default `gmac`. */
  readonly mechanism?: HlsMechanism;
  /** HLS secret, for all mechanisms but `gmac` and `ecdsa`. Text is encoded in ISO 8859-1. */
  readonly secret?: string | Uint8Array;
  /** After how many failed authentications in a row it is locked, and for how long. Default 5, and 5 minutes. */
  readonly lock?: LockOptions;
}

/** An association that a device offers. Made by {@link publicClient}, {@link lls} and {@link hls}; holds passwords and keys. */
export interface AssociationOffer {
  /** Its name in {@link ObjectRights}. */
  readonly name: string;
  /** What it may do with objects that are added without rights. */
  readonly role: AccessRole;
  /** How it is opened: everything that does not follow from its device. */
  readonly definition: Omit<AssociationDefinition, 'logicalName' | 'security'>;
  /** Global keys of a ciphered context. */
  readonly keys: GlobalKeys | undefined;
  /** How they are changed. */
  readonly keyTransfer: KeyTransferOptions | undefined;
}

const COMMON: OptionNames<AssociationOptions> = {
  client: true,
  name: true,
  role: true,
  maxPduSize: true,
  naming: true,
};
const CIPHERED: OptionNames<CipheredOptions> = {
  keys: true,
  policy: true,
  clientTitle: true,
  keyTransfer: true,
  suite: true,
  keyPairs: true,
  signed: true,
};

/**
 * The association of a client that proves nothing: it finds out what the device is. Client 16, `public`, unless told otherwise.
 *
 * ```ts
 * new LogicalDevice({ name: 'TMP0000001', associations: [publicClient()] });
 * ```
 * @throws StateError for options that cannot be.
 */
export function publicClient(options: AssociationOptions = {}): AssociationOffer {
  checkOptions(options, COMMON, 'publicClient');
  return offer({ client: PUBLIC_CLIENT, name: 'public', role: 'public', ...options }, 0, {}, {});
}

/**
 * An association with low level security: a password, which goes over the line in clear unless there are keys. Client 32, `reader`, unless told
 * otherwise.
 *
 * ```ts
 * lls({ client: 32, password: 'ABCDEFGH' })
 * ```
 * @throws StateError for options that cannot be.
 */
export function lls(options: LlsOptions): AssociationOffer {
  checkOptions(options, { ...COMMON, ...CIPHERED, password: true, lock: true }, 'lls');
  const secret = secretOf(options.password, 'a password');
  const lock = new FailureLock(options.lock ?? LOCK);
  return offer({ client: READER_CLIENT, name: 'reader', role: 'reader', ...options }, 1, options, { secret, lock });
}

/**
 * An association with high level security: both sides prove that they know the secret, or with GMAC the keys. Client 48, `utility`, unless told
 * otherwise.
 *
 * ```ts
 * hls({ client: 48, keys: { encryption, authentication } }) // GMAC, ciphered
 * hls({ client: 49, name: 'service', mechanism: 'sha256', secret })
 * hls({ client: 50, name: 'signer', mechanism: 'ecdsa', suite: 1, keys, keyPairs: { signing, peerSigning } })
 * ```
 * @throws StateError for options that cannot be.
 */
export function hls(options: HlsOptions): AssociationOffer {
  checkOptions(options, { ...COMMON, ...CIPHERED, mechanism: true, secret: true, lock: true }, 'hls');
  const { mechanism = 'gmac', secret, keys, keyPairs } = options;
  if (!Object.hasOwn(MECHANISMS, mechanism))
    throw new StateError(`there is no HLS mechanism '${mechanism}'`, { hint: Object.keys(MECHANISMS).join(', ') });
  const byKeys = mechanism === 'gmac';
  if (byKeys && (keys === undefined || secret !== undefined))
    throw new StateError('HLS by GMAC is proved by the keys', { hint: 'give keys, and no secret' });
  const byPairs = mechanism === 'ecdsa';
  if (byPairs && secret !== undefined)
    throw new StateError('HLS by ECDSA is proved by key pairs', { hint: 'give keyPairs and suite, and no secret' });
  if (byPairs && (keyPairs?.signing === undefined || keyPairs.peerSigning === undefined))
    throw new StateError('HLS by ECDSA needs our private signing key and the public one of the client', {
      hint: 'keyPairs: { signing, peerSigning }, with suite 1 (P-256) or 2 (P-384)',
    });
  if (!byKeys && !byPairs && secret === undefined) throw new StateError(`HLS by ${mechanism} needs a secret`);
  const known = secret === undefined ? {} : { secret: secretOf(secret, 'an HLS secret') };
  if (mechanism === 'hls2' && known.secret !== undefined && known.secret.length > KEY_LENGTH)
    throw new StateError(`HLS 2 takes a secret of ${KEY_LENGTH} octets at most: it is an AES key`);
  const lock = new FailureLock(options.lock ?? LOCK);
  const common = { client: UTILITY_CLIENT, name: 'utility', role: 'utility' as const, ...options };
  return offer(common, MECHANISMS[mechanism], options, { ...known, lock });
}

type Required = Pick<AssociationOptions, 'maxPduSize' | 'naming'> & { client: number; name: string; role: AccessRole };

function offer(
  { client, name, role, maxPduSize = PDU_SIZE, naming }: Required,
  mechanism: AssociationDefinition['mechanism'],
  { keys, policy = 'authenticated-encryption', clientTitle, keyTransfer, suite = 0, keyPairs, signed }: CipheredOptions,
  proof: Pick<AssociationDefinition, 'secret' | 'lock'>,
): AssociationOffer {
  whole('a client SAP', client, 1, LARGEST_CLIENT);
  whole('the longest APDU', maxPduSize, SMALLEST_PDU, 0xffff);
  if (keys === undefined && keyTransfer !== undefined) throw new StateError('there are no keys to transfer');
  if (keyTransfer !== undefined) checkKey('master key', keyTransfer.masterKey, keyLengthOf(suite));
  if (keys !== undefined) checkKeys(keys, keyLengthOf(suite));
  checkPairs(suite, keyPairs, signed);
  return {
    name,
    role,
    keys,
    keyTransfer,
    definition: {
      client,
      name,
      ...contextsOf(naming, keys !== undefined),
      mechanism,
      conformance: SERVICES | (keys === undefined ? 0 : GENERAL_PROTECTION),
      maxReceivePduSize: maxPduSize,
      maxSendPduSize: maxPduSize,
      ...(keys === undefined ? {} : { policy }),
      ...(suite === 0 ? {} : { suite }),
      ...given({ clientTitle, keyPairs, signed }),
      ...proof,
    },
  };
}

/** The contexts of an association that names so. @throws StateError for a naming that there is not. */
export function contextsOf(
  naming: Naming | 'both' = 'ln',
  ciphered = false,
): Pick<AssociationDefinition, 'context' | 'bothNamings'> {
  if (naming !== 'ln' && naming !== 'sn' && naming !== 'both')
    throw new StateError(`there is no naming ${quoted(String(naming))}`, { hint: 'ln, sn or both' });
  const base: Naming = naming === 'both' ? 'ln' : naming;
  const context = ciphered ? (`${base}-ciphered` as const) : base;
  return naming === 'both' ? { context, bothNamings: true } : { context };
}

function checkKeys({ encryption, authentication, broadcast }: GlobalKeys, length: number): void {
  checkKey('encryption key', encryption, length);
  checkKey('authentication key', authentication, length);
  if (broadcast !== undefined) checkKey('broadcast key', broadcast, length);
}

/** Key pairs of the suite, as far as their lengths tell; and what needs them. */
function checkPairs(suite: 0 | 1 | 2, pairs: KeyPairs | undefined, signed: CipheredOptions['signed']): void {
  if (suite === 0 && (pairs !== undefined || signed !== undefined))
    throw new StateError('security suite 0 has no key pairs and no signatures', { hint: 'give suite 1 or 2' });
  if (signed?.request === true && pairs?.peerSigning === undefined)
    throw new StateError('requests must be signed, and there is no public key to check that', {
      hint: 'keyPairs.peerSigning',
    });
  if (signed?.response === true && pairs?.signing === undefined)
    throw new StateError('answers are to be signed, and there is no private key for that', {
      hint: 'keyPairs.signing',
    });
  const length = suite === 2 ? 48 : 32;
  for (const [name, times] of [
    ['signing', 1],
    ['agreement', 1],
    ['peerSigning', 2],
    ['peerAgreement', 2],
  ] as const) {
    const key = pairs?.[name];
    if (key === undefined || key.length === times * length) continue;
    throw new StateError(`${name} of the key pairs has ${counted(key.length, 'octet')}`, {
      hint: `${counted(times * length, 'octet')} in suite ${suite}`,
    });
  }
}

function checkKey(name: string, key: Uint8Array, length: number): void {
  if (key.length === length && key.some((octet) => octet !== 0)) return;
  throw new StateError(`the ${name} is no key: ${counted(key.length, 'octet')}`, {
    hint: `${counted(length, 'octet')}, not all of them zero`,
  });
}

function whole(what: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new StateError(`${what} is no ${value}`, { hint: `${least} to ${most}` });
}

function secretOf(secret: string | Uint8Array, what: string): Uint8Array {
  const octets = typeof secret === 'string' ? fromLatin1(secret) : secret.slice();
  if (octets.length === 0) throw new StateError(`${what} of no octets proves nothing`);
  return octets;
}
