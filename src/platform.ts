import { lazily } from './base/clock.js';
import type { DiscoverPlatform } from './client/discover/discover.js';
import { platformCrypto } from './platform/crypto.js';

const loadCounters = lazily(async () => (await import('./security/counter.js')).MemoryCounterStore);

/** Links and cryptography for the client room, which knows only their contracts. Each is loaded only when a line needs it. */
export const platform: DiscoverPlatform = {
  links: {
    hdlc: lazily(async () => (await import('./platform/hdlc.js')).hdlcLink),
    'mode-e': lazily(async () => (await import('./platform/mode-e.js')).modeELink),
    wrapper: lazily(async () => (await import('./platform/wrapper.js')).wrapperLink),
    'wrapper-udp': lazily(async () => (await import('./platform/wrapper.js')).datagramLink),
  },
  crypto: platformCrypto,
  memoryCounters: async () => new (await loadCounters())(),
  probe: lazily(async () => (await import('./platform/hdlc.js')).probeLink),
  signOn: lazily(async () => (await import('./platform/mode-e.js')).signOn),
};
