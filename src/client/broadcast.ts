import { encodeApdu } from '../apdu/codec.js';
import { StateError } from '../base/errors.js';
import { given } from '../base/given.js';
import { checkOptions, type OptionNames } from '../base/known-options.js';
import { logicalNameToBytes } from '../base/obis.js';
import type { AsyncCounterStore } from '../contracts/async-counter-store.js';
import type { CounterStore } from '../contracts/counter-store.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Framing } from '../contracts/link.js';
import type { Transport } from '../contracts/transport.js';
import { type AttributeRef, attributeTarget, type MethodRef } from '../cosem/class.js';
import { sealBroadcast } from '../session/broadcast.js';
import { encodeFor, methodTarget } from './orders.js';
import { counterEntryOf } from './security-options.js';

/** Keys of a broadcast. All meters on the line have them. */
export interface BroadcastSecurity {
  /** Our own system title, eight octets. */
  readonly systemTitle: Uint8Array;
  /** Global broadcast encryption key (GBEK), 16 octets. */
  readonly broadcastKey: Uint8Array;
  /** Authentication key (GAK), 16 octets. */
  readonly authenticationKey: Uint8Array;
  /** The store of our invocation counters. It must survive the process: no meter answers what the counter is to be. */
  readonly counters: CounterStore | AsyncCounterStore;
}

/** Options of {@link openBroadcast}. */
export interface BroadcastOptions {
  /** Data link of the line. Default `hdlc`. */
  readonly framing?: Exclude<Framing, 'mode-e'>;
  /** Client SAP: the one whose association the meters keep open without AARQ (pre-established). */
  readonly client: number;
  /** HDLC: size of the meters' addresses in octets, which the all-station address has too. Default 1. */
  readonly addressSize?: 1 | 2 | 4;
  /** Keys; without them requests go out in clear, and no meter that matters obeys. */
  readonly security?: BroadcastSecurity;
  /** Cryptography. Default that of the entry. */
  readonly crypto?: CryptoProvider;
}

const OPTIONS: OptionNames<BroadcastOptions> = {
  framing: true,
  client: true,
  addressSize: true,
  security: true,
  crypto: true,
};
const SECURITY: OptionNames<BroadcastSecurity> = {
  systemTitle: true,
  broadcastKey: true,
  authenticationKey: true,
  counters: true,
};

/** What the platform provides: the frame to all stations, and cryptography. */
export interface BroadcastPlatform {
  readonly frame: (options: BroadcastOptions) => Promise<(apdu: Uint8Array) => Uint8Array>;
  readonly crypto: () => Promise<CryptoProvider>;
}

/** Opens a line to all meters on it. @throws StateError for options that do not fit, LinkError when the line cannot be opened. */
export async function openBroadcastOn(
  platform: BroadcastPlatform,
  transport: Transport,
  options: BroadcastOptions,
): Promise<Broadcast> {
  checkOptions(options, OPTIONS, 'openBroadcast');
  checkOptions(options.security, SECURITY, 'openBroadcast', { within: 'security' });
  const { security } = options;
  if (security !== undefined) {
    const { broadcastKey, authenticationKey, systemTitle } = security;
    if (broadcastKey?.length !== 16 || authenticationKey?.length !== 16 || systemTitle?.length !== 8) {
      throw new StateError(
        'a broadcast needs a broadcast key and an authentication key of 16 octets, and a system title of 8',
      );
    }
  }
  const frame = await platform.frame(options);
  const crypto = security && (options.crypto ?? (await platform.crypto()));
  // Nobody answers; what comes all the same is of somebody else.
  await transport.open({ data: () => {}, closed: () => {} });
  return new Broadcast(transport, frame, security && crypto && { security, crypto });
}

/**
 * Orders to all meters on a line at once (unconfirmed SET and ACTION to the all-station address). No meter answers, so nothing says which of
 * them obeyed: read afterwards what was changed. Made by {@link openBroadcast}.
 */
export class Broadcast {
  readonly #transport: Transport;
  readonly #frame: (apdu: Uint8Array) => Uint8Array;
  readonly #cipher: { readonly security: BroadcastSecurity; readonly crypto: CryptoProvider } | undefined;
  #invokeId = 0;
  /** What goes out one after the other, so that counters rise in the order of the orders. */
  #last: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(
    transport: Transport,
    frame: (apdu: Uint8Array) => Uint8Array,
    cipher: { readonly security: BroadcastSecurity; readonly crypto: CryptoProvider } | undefined,
  ) {
    this.#transport = transport;
    this.#frame = frame;
    this.#cipher = cipher;
  }

  /** Writes an attribute of all meters. @throws StateError when the value does not fit, or is too long for one frame. */
  set<T>(ref: AttributeRef<T>, value: T): Promise<void> {
    const { classId, attributeId, logicalName } = ref;
    return this.#send(() =>
      encodeApdu({
        type: 'set-request-normal',
        invokeId: this.#nextInvokeId(),
        attribute: { classId, attributeId, instanceId: logicalNameToBytes(logicalName) },
        value: encodeFor(attributeTarget(ref), () => ref.type.encode(value)),
      }),
    );
  }

  /** Calls a method of all meters. @throws StateError when the parameter does not fit, or is too long for one frame. */
  call<P>(ref: MethodRef<P, unknown>, parameter: P): Promise<void> {
    const { classId, methodId, logicalName } = ref;
    return this.#send(() =>
      encodeApdu({
        type: 'action-request-normal',
        invokeId: this.#nextInvokeId(),
        method: { classId, methodId, instanceId: logicalNameToBytes(logicalName) },
        ...given({ parameter: encodeFor(methodTarget(ref), () => ref.parameter.encode(parameter)) }),
      }),
    );
  }

  /** Waits for what is to go out still, and closes the line. Never throws. */
  async close(): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#transport.drain?.().catch(() => undefined);
    await this.#transport.close().catch(() => undefined);
  }

  /** For `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Service class unconfirmed: bit 6 is not set. */
  #nextInvokeId(): number {
    this.#invokeId = (this.#invokeId % 15) + 1;
    return this.#invokeId;
  }

  #send(make: () => Uint8Array): Promise<void> {
    const sent = this.#last.catch(() => undefined).then(() => this.#out(make()));
    this.#last = sent;
    sent.catch(() => undefined);
    return sent;
  }

  async #out(request: Uint8Array): Promise<void> {
    const cipher = this.#cipher;
    // Before a counter is spent: what does not fit in clear does not fit ciphered.
    this.#frame(request);
    if (cipher === undefined) {
      this.#transport.write(this.#frame(request));
      return;
    }
    const { security, crypto } = cipher;
    const { systemTitle, broadcastKey, authenticationKey, counters } = security;
    const entry = counterEntryOf(crypto, { systemTitle, encryptionKey: broadcastKey });
    const invocationCounter = await ('take' in counters ? counters.take(entry, 1, 1) : counters.next(entry));
    const sealed = sealBroadcast(crypto, { broadcastKey, authenticationKey, systemTitle, invocationCounter }, request);
    this.#transport.write(this.#frame(sealed));
  }
}
