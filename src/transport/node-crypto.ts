import * as node from 'node:crypto';
import type { CryptoProvider } from '../contracts/crypto-provider.js';
import { cryptoOn } from './builtin-crypto.js';

/** Node's own cryptography as a {@link CryptoProvider}. What opens a meter in Node uses it unless another one is given. */
export const nodeCrypto: CryptoProvider = cryptoOn(node);
