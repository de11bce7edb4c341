import type { CipheredApdu } from '../apdu/apdu.js';
import { readableIn } from '../apdu/readable.js';
import { toHex } from '../base/bytes.js';
import { type CosemError, DecodeError, SecurityError } from '../base/errors.js';
import { protectionError } from '../causes/protection-error.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { GlobalKeys } from '../contracts/protection.js';
import { keySetOf } from '../security/ciphering.js';
import { diagnose, type ReadsAs } from '../security/diagnose.js';

/** Keys of a meter that pushes. Without an authentication key the encryption key is tried in its place. */
export interface PushKeys extends Omit<GlobalKeys, 'authentication'> {
  /** Authentication key (AK, GAK), if it is known. */
  readonly authentication?: Uint8Array;
}

/** The most messages of one sender of which the fault is searched for. After that only the plain reason is given. */
const EACH = 3;
/** The most senders that are remembered. Titles may be forged, and must neither fill the memory nor use up the place of a meter. */
const SENDERS = 256;
/** Shorter text may be chance. */
const LEAST_TEXT = 24;

/** Finds out, for the owner of the keys, why a push does not open. The sender gets no answer of any kind. */
export class PushFaults {
  readonly #crypto: CryptoProvider;
  readonly #times = new Map<string, number>();
  readonly #proved = new Set<string>();

  constructor(crypto: CryptoProvider) {
    this.#crypto = crypto;
  }

  /** The fault behind an error, if it can be proved; otherwise, or when enough messages of this sender were examined, the error itself. */
  explained(error: CosemError, outer: CipheredApdu, title: Uint8Array, keys: PushKeys): CosemError {
    const plain = plainError(error);
    if (plain === undefined || !this.#mayLook(toHex(title))) return plain ?? error;
    const { encryption, authentication, broadcast } = keys;
    const keySet = keySetOf(outer.securityControl);
    const finding = diagnose(
      this.#crypto,
      {
        keys: {
          encryption: keySet === 'broadcast' ? (broadcast ?? encryption) : encryption,
          authentication,
          others: { unicast: encryption, broadcast },
        },
        control: outer.securityControl,
        systemTitle: title,
        invocationCounter: outer.invocationCounter,
        content: outer.content,
        keySet,
      },
      readablePush(outer),
    );
    return protectionError(finding, error);
  }

  /** A tag was right: the keys of this sender are right, and a message with a wrong tag was changed on the way. */
  proved(title: Uint8Array): void {
    const name = toHex(title);
    this.#proved.delete(name);
    this.#proved.add(name);
    dropOldest(this.#proved);
  }

  #mayLook(title: string): boolean {
    if (this.#proved.has(title)) return false;
    const times = this.#times.get(title) ?? 0;
    if (times >= EACH) return false;
    this.#times.set(title, times + 1);
    dropOldest(this.#times);
    return true;
  }
}

/** Drops the oldest sender when there are too many. */
function dropOldest(senders: Map<string, number> | Set<string>): void {
  const [oldest] = senders.keys();
  if (senders.size > SENDERS && oldest !== undefined) senders.delete(oldest);
}

/** The error without a diagnosis; undefined when keys are not involved. */
function plainError(error: CosemError): SecurityError | undefined {
  if (error instanceof SecurityError && error.reason === 'bad-tag') return error;
  // A message without a tag that was deciphered and does not decode.
  const garbage =
    error instanceof DecodeError || (error instanceof SecurityError && error.reason === 'decrypt-garbage');
  return garbage ? protectionError({ reason: 'decrypt-garbage', facts: {} }, error) : undefined;
}

/** As {@link readableIn}, and also for text, which some meters push. */
export function readablePush(outer: CipheredApdu): ReadsAs {
  const apdu = readableIn(outer);
  return (octets) => apdu(octets) ?? (isText(octets) ? octets.length : undefined);
}

function isText(octets: Uint8Array): boolean {
  return (
    octets.length >= LEAST_TEXT && octets.every((octet) => octet === 13 || octet === 10 || (octet >= 32 && octet < 127))
  );
}
