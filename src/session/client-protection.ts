import type { ClientCode } from './client-code.js';
import { ClientEnvelope } from './client-envelope.js';
import { ownChallenge, proveBoth, settleChallenge } from './client-hls.js';

/** Everything that protects an association. */
export const protectedCode: ClientCode = {
  envelope: (config, unreadable) => new ClientEnvelope(config, unreadable),
  hls: { ownChallenge, settleChallenge, proveBoth },
};
