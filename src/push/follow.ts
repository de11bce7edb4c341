import { StateError } from '../base/errors.js';
import { checkOptions } from '../base/known-options.js';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import type { Transport } from '../contracts/transport.js';
import { Lines, mostWaiting, PUSH_OPTIONS, type PushOptions, SERIAL_SILENCE } from './lines.js';
import { PushStream } from './push-stream.js';

/** Options of `followPort`. */
export interface FollowOptions extends PushOptions {
  /** A silence so long ends a message that has begun, in milliseconds. Default 500. */
  readonly silence?: number;
}

/** Follows ports with the cryptography of the platform. */
export function followOn(
  crypto: () => Promise<CryptoProvider>,
  transports: Transport | readonly Transport[],
  options: FollowOptions,
): PushStream {
  checkOptions(options, { ...PUSH_OPTIONS, silence: true }, 'followPort', {
    others: { ek: 'keys', guard: 'counters' },
  });
  const all = 'open' in transports ? [transports] : transports;
  if (all.length === 0) throw new StateError('there is no port to follow', { hint: 'give one transport, or several' });
  const { silence = SERIAL_SILENCE } = options;
  let lines: Lines | undefined;
  let stopped = false;
  return new PushStream({
    most: mostWaiting(options),
    signal: options.signal,
    start: async (sink) => {
      const opened = new Lines(options, options.crypto ?? (await crypto()), sink);
      // It was stopped while the cryptography was loaded.
      if (stopped) return [];
      lines = opened;
      await Promise.all(
        all.map((first) => opened.port({ first, again: first.again && (() => again(first)), silence })),
      );
      return all.map(({ name }) => ({ protocol: 'line', name }));
    },
    stop: async () => {
      stopped = true;
      await lines?.close();
    },
  });
}

function again(transport: Transport): Transport {
  return transport.again?.() ?? transport;
}
