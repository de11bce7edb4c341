/** Confirms of pushes that ask for one (service class confirmed): to whom, protected how, and which pushes come again. */

import { encodeApdu } from '../apdu/codec.js';
import { toHex } from '../base/bytes.js';
import type { Clock, Millis } from '../base/clock.js';
import { CosemError, LinkError, StateError } from '../base/errors.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { isPromise } from '../client/later.js';
import { counterEntryOf } from '../client/security-options.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { Awaitable } from '../contracts/awaitable.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { DataNotificationConfirm } from '../contracts/services.js';
import { commandControl, encodeFrame } from '../link/hdlc-frame.js';
import { addLlc } from '../link/hdlc-llc.js';
import { encodeWpdu } from '../link/wrapper-link.js';
import { SYSTEM_TITLE_LENGTH } from '../security/ciphering.js';
import { sealConfirm } from '../session/notification-confirm.js';
import type { PushKeys } from '../session/push-faults.js';
import type { HdlcEnds, PushEnds } from './found.js';
import type { ConfirmRequest } from './receiver.js';

/** How pushes are confirmed that ask for it. */
export interface ConfirmOptions {
  /**
   * When a push counts as taken: `next`, when the loop asks for the next one; `explicit`, when `push.acknowledge()` is called.
   * `next` unless told.
   */
  readonly when?: 'next' | 'explicit';
  /** Our own system title, 8 octets: ciphered pushes get ciphered confirms, and without it and `counters` none. */
  readonly systemTitle?: Uint8Array;
  /**
   * Where the invocation counters of ciphered confirms come from. They last: none may come twice under one key. The store that meters are read
   * with, and the same title: many meters keep one counter for each key.
   */
  readonly counters?: CounterStore | AsyncCounterStore;
}

const OPTIONS: OptionNames<ConfirmOptions> = { when: true, systemTitle: true, counters: true };
/** Pushes that are remembered, those of the last time: a meter repeats one soon, or not at all. */
const REMEMBERED = 4096;

/** @returns how pushes are confirmed; undefined for not at all. @throws StateError for options that cannot be. */
export function confirmOptions(confirm: boolean | ConfirmOptions, where: string): ConfirmOptions | undefined {
  if (confirm === false) return undefined;
  const options = confirm === true ? {} : confirm;
  if (typeof options !== 'object' || options === null) {
    throw new StateError(`'confirm' of ${where} is true, false or an object`, { hint: "such as { when: 'explicit' }" });
  }
  checkOptions(options, OPTIONS, where, { within: 'confirm' });
  const { when = 'next', systemTitle, counters } = options;
  if (when !== 'next' && when !== 'explicit') {
    throw new StateError(`pushes are not confirmed '${when}'`, { hint: "'next' or 'explicit'" });
  }
  if ((systemTitle === undefined) !== (counters === undefined)) {
    throw new StateError('ciphered confirms need a system title and counters', { hint: 'give both, or neither' });
  }
  if (systemTitle !== undefined && systemTitle.length !== SYSTEM_TITLE_LENGTH) {
    throw new StateError(`a system title is ${SYSTEM_TITLE_LENGTH} octets`);
  }
  return options;
}

/** What became of a push that asks for a confirm. */
export interface Asked {
  /** The caller has it: the confirm goes out, over the line that the meter asked on last. */
  taken(): void;
  /** It went before anybody had it: when it comes again it is new. */
  lost(): void;
}

/** A push that was asked to be confirmed. */
interface Known {
  /** Confirms it over the line that the meter asked on last; undefined once the caller has it, so that nothing of it stays in memory. */
  answer: (() => void) | undefined;
}

/** The line that a push came over. */
export interface ConfirmLine {
  /** @throws LinkError when it is gone. */
  write(octets: Uint8Array): void;
  /** Told of confirms. */
  sent(): void;
  failed(error: CosemError): void;
}

/** How long lines stay open for confirms whose keys or counters come later, in milliseconds. */
const LATEST: Millis = 5000;

/** All confirms of one listener. */
export class Confirms {
  readonly #options: ConfirmOptions;
  readonly #crypto: CryptoProvider;
  readonly #keysOf: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>;
  readonly #known = new Map<string, Known>();
  /** Confirms whose keys or counter are still to come. */
  readonly #running = new Set<Promise<void>>();

  constructor(
    options: ConfirmOptions,
    crypto: CryptoProvider,
    keysOf: (systemTitle: Uint8Array) => Awaitable<PushKeys | undefined>,
  ) {
    this.#options = options;
    this.#crypto = crypto;
    this.#keysOf = keysOf;
  }

  /**
   * A push came that asks for a confirm.
   * @param sender who sent it, as far as it is known.
   * @returns what it is told; undefined when it came before: then it is confirmed again once it is taken, and nobody gets it twice.
   */
  asked(request: ConfirmRequest, sender: string, line: ConfirmLine): Asked | undefined {
    const key = `${sender} ${request.confirm.longInvokeId} ${request.digest}`;
    const answer = () => {
      const running = this.#answer(request, line)
        .then(
          () => line.sent(),
          (error: unknown) => line.failed(asCosem(error)),
        )
        .finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.answer === undefined) answer();
      else known.answer = answer;
      return undefined;
    }
    const made: Known = { answer };
    this.#known.set(key, made);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    return {
      taken: () => {
        const confirm = made.answer;
        made.answer = undefined;
        confirm?.();
      },
      lost: () => void this.#known.delete(key),
    };
  }

  /** Waits for the confirms that are under way: what the caller has taken is confirmed also where the lines are closed next. Not for ever. */
  async settled(clock: Clock): Promise<void> {
    if (this.#running.size === 0) return;
    let disarm = () => {};
    const late = new Promise<void>((resolve) => {
      disarm = clock.at(clock.now() + LATEST, resolve);
    });
    await Promise.race([Promise.all(this.#running), late]);
    disarm();
  }

  async #answer({ confirm, ends, protectedBy }: ConfirmRequest, line: ConfirmLine): Promise<void> {
    const { ports, addresses } = ends;
    if (ports === undefined && addresses === undefined) {
      throw new StateError('the push asks for a confirm, and came without a frame that says from whom', {
        hint: 'confirms go out in the wrapper or in HDLC, over TCP or UDP: let the meter push so, or unconfirmed',
      });
    }
    const sealed = protectedBy === undefined ? encodeApdu(confirm) : this.#sealed(confirm, protectedBy);
    // At once where nothing is awaited: whoever took the last push closes the line.
    const apdu = isPromise(sealed) ? await sealed : sealed;
    line.write(framed(apdu, ends));
  }

  #sealed(
    confirm: DataNotificationConfirm,
    { systemTitle: meter, suite }: NonNullable<ConfirmRequest['protectedBy']>,
  ): Awaitable<Uint8Array> {
    const { systemTitle, counters } = this.#options;
    if (systemTitle === undefined || counters === undefined) {
      throw new StateError('the ciphered push asks for a confirm, which would have to be ciphered too', {
        hint: 'give the option confirm a systemTitle of your own and counters',
      });
    }
    const seal = (keys: PushKeys | undefined): Awaitable<Uint8Array> => {
      if (keys === undefined) throw new StateError(`there are no keys any more of the meter ${toHex(meter)}`);
      const entry = counterEntryOf(this.#crypto, { systemTitle, encryptionKey: keys.encryption });
      const counter = 'take' in counters ? counters.take(entry, 1, 1) : counters.next(entry);
      const sealed = (invocationCounter: number) =>
        sealConfirm(this.#crypto, { keys, systemTitle, invocationCounter, suite }, confirm);
      return isPromise(counter) ? counter.then(sealed) : sealed(counter);
    };
    const keys = this.#keysOf(meter);
    return isPromise(keys) ? keys.then(seal) : seal(keys);
  }
}

/** The answer to a push, in the frame in which it came: without a connection HDLC sends a UI frame, which is not answered. */
function framed(confirm: Uint8Array, { ports, addresses, gateway }: PushEnds): Uint8Array {
  const apdu = gateway === undefined ? confirm : encodeApdu({ type: 'gateway-request', ...gateway, apdu: confirm });
  if (ports !== undefined) return encodeWpdu({ source: ports.destination, destination: ports.source, apdu });
  const { source, destination } = addresses as HdlcEnds;
  const information = addLlc(apdu, 'command');
  const control = commandControl('UI', false);
  return encodeFrame({ destination: source, source: destination, control, segmented: false, information });
}

/** What a caller's store threw may hold anything. */
function asCosem(error: unknown): CosemError {
  if (error instanceof CosemError) return error;
  return new LinkError('transport', 'the confirm could not be sent', { cause: error, hint: 'look at the cause' });
}
