import type {
  Apdu,
  CipheredApdu,
  ConfirmedServiceError,
  ExceptionResponse,
  GeneralBlockTransfer,
} from '../apdu/apdu.js';
import { isProtectedTag } from '../apdu/ciphered.js';
import { encodeOpening } from '../apdu/opening-codec.js';
import { readReceived } from '../apdu/received.js';
import { DecodeError, SecurityError, StateError } from '../base/errors.js';
import type { CipherKind } from './cipher-kind.js';
import { decodeAnswer } from './client-answers.js';
import type { ClientSessionConfig } from './client-config.js';
import { isNotificationTag, judgedNotification, type Notification } from './notification-forms.js';
import type { Ciphering } from './protection.js';

/** How a payload came. */
export type Wrapping = CipherKind | 'clear';

/** What to try where a meter has another system title than was given. */
export const RIGHT_METER = 'is this the right meter?';

/** How what a client sends is protected, and what comes taken out of its protection. */
export interface Envelope {
  readonly ciphering: Ciphering | undefined;
  /** Whether the association is a ciphered one. */
  readonly ciphered: boolean;
  /** How the last payload came. */
  readonly last: Wrapping;
  /** Prepares for the services of an association. @returns how many octets protection adds to a request, at most. */
  establish(): number;
  /** A request, or what confirms a notification, as it goes out. */
  seal(request: Uint8Array): Uint8Array;
  /** The same for InitiateRequest and pass 3 of HLS, which are protected as the association itself is. */
  sealHandshake(request: Uint8Array): Uint8Array;
  /** A block of a request that is protected as a whole; beside blocks that came protected it is too. */
  sealBlock(block: GeneralBlockTransfer, wrapped: Wrapping | undefined): Uint8Array;
  /** The APDU in a payload. @throws SecurityError, DecodeError */
  read(payload: Uint8Array): Apdu;
  /** The same for pass 4 of HLS. */
  readHandshake(payload: Uint8Array): Apdu;
  /** What blocks made together. When they were protected themselves it needs no protection of its own. */
  readJoined(octets: Uint8Array, wrapped: Wrapping | undefined): Apdu;
  /** What answers an AARQ may be an error under the keys. One that does not open is left as it is: it proves nothing. */
  openRefusal(answer: Apdu): Apdu;
  /** Ciphered user-information: at least as well protected as the handshake demands. @throws StateError without keys, SecurityError */
  openHandshake(outer: CipheredApdu): Apdu;
  /** The error in ciphered user-information of a refusal; it can only explain it. */
  explain(outer: CipheredApdu, title: Uint8Array | undefined): ConfirmedServiceError | ExceptionResponse | undefined;
  /** Takes the system title of the meter. @throws AssociationError for another one than was given, SecurityError for our own. */
  learnTitle(title: Uint8Array): void;
  /** What is wrong with the title of a meter that was to have another one; undefined where nothing is. */
  otherTitle(title: Uint8Array | undefined): string | undefined;
  /** See {@link ClientSession.unsolicited}. */
  unsolicited(payload: Uint8Array): Notification | undefined;
}

/** The envelope of an association without keys: everything goes in clear, and what comes ciphered cannot be opened. */
export class ClearEnvelope implements Envelope {
  readonly ciphering = undefined;
  readonly ciphered = false;
  readonly last = 'clear';
  readonly #config: ClientSessionConfig;
  readonly #unreadable: (octets: Uint8Array) => void;

  /** @param unreadable told of octets that cannot be read as an APDU, before the error is thrown. */
  constructor(config: ClientSessionConfig, unreadable: (octets: Uint8Array) => void) {
    this.#config = config;
    this.#unreadable = unreadable;
  }

  establish(): number {
    return 0;
  }

  seal(request: Uint8Array): Uint8Array {
    return request;
  }

  sealHandshake(request: Uint8Array): Uint8Array {
    return request;
  }

  sealBlock(block: GeneralBlockTransfer): Uint8Array {
    return encodeOpening(block);
  }

  read(payload: Uint8Array): Apdu {
    const apdu = this.#decoded(payload);
    if (isProtectedTag(payload[0])) throw cannotOpen();
    return apdu;
  }

  readHandshake(payload: Uint8Array): Apdu {
    return this.read(payload);
  }

  readJoined(octets: Uint8Array): Apdu {
    return whole(this.read(octets));
  }

  openRefusal(answer: Apdu): Apdu {
    return answer;
  }

  openHandshake(): Apdu {
    throw keysMissing();
  }

  explain(): undefined {}

  learnTitle(): void {}

  otherTitle(): undefined {}

  unsolicited(payload: Uint8Array): Notification | undefined {
    if (!isNotificationTag(payload[0])) return undefined;
    return judgedNotification(readReceived(payload, this.#config), this.#config);
  }

  #decoded(payload: Uint8Array): Apdu {
    try {
      return decodeAnswer(payload, this.#config);
    } catch (error) {
      this.#unreadable(payload);
      throw error;
    }
  }
}

/** What blocks of a transfer made together. @throws DecodeError when it is one more block. */
export function whole(apdu: Apdu): Apdu {
  if (apdu.type !== 'general-block-transfer') return apdu;
  throw new DecodeError('bad-value', 'what came by general-block-transfer is another block of it');
}

/** The error for a ciphered message where there are no keys. */
export function cannotOpen(): SecurityError {
  return new SecurityError('missing-key', 'the meter sent a ciphered message, but there are no keys', {
    hint: 'give encryption key, authentication key and system title',
  });
}

/** The error for an association that needs keys and has none. */
export function keysMissing(): StateError {
  return new StateError('this association needs keys and a system title', {
    hint: 'give encryption key, authentication key and the system title of the client',
  });
}

/**
 * All blocks of a transfer come in the same envelope, or what a few of them bear would pass for as well protected as the others.
 * @throws SecurityError `not-protected`
 */
export function sameWrapping(before: Wrapping | undefined, now: Wrapping): Wrapping {
  if (before === undefined || before === now) return now;
  throw new SecurityError('not-protected', `a block in ${now} came among blocks in ${before}`);
}
