import * as node from 'node:crypto';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { cryptoOn } from './builtin-crypto.js';

/** Node's own cryptography as a {@link CryptoProvider}; `cosem/node` uses it by default. */
export const nodeCrypto: CryptoProvider = cryptoOn(node);
