import type { Surface } from './engine.js';
import { decodeSurfaces } from './surfaces-decode.js';
import { linkSurfaces } from './surfaces-link.js';
import { pkiSurfaces } from './surfaces-pki.js';
import { sessionSurfaces } from './surfaces-session.js';
import { textSurfaces } from './surfaces-text.js';

/** Every place where somebody else's octets or words come in. */
export const surfaces: readonly Surface[] = [
  ...decodeSurfaces,
  ...linkSurfaces,
  ...sessionSurfaces,
  ...textSurfaces,
  ...pkiSurfaces,
];
