/** The global keys of one side: 16 octets each, or 32 with suite 2. A server may change them in place after a key transfer. */
export interface GlobalKeys {
  /** Global unicast encryption key, GUEK. */
  readonly encryption: Uint8Array;
  /** Authentication key, GAK. */
  readonly authentication: Uint8Array;
  /** Global broadcast encryption key, GBEK. */
  readonly broadcast?: Uint8Array;
}

/** How a message is protected: not at all, by an authentication tag, by encryption, or by both. */
export type Protection = 'none' | 'authentication' | 'encryption' | 'authenticated-encryption';

/**
 * Key pairs of an association, for HLS 7, signatures and key agreement with security suites 1 and 2. Private keys have 32 octets (P-256) or 48 (P-384),
 * public ones are x || y. A server may change them in place.
 */
export interface KeyPairs {
  /** Our private key of digital signatures. */
  readonly signing?: Uint8Array;
  /** Our private key of key agreement. */
  readonly agreement?: Uint8Array;
  /** The other side's public key of digital signatures. */
  readonly peerSigning?: Uint8Array;
  /** The other side's public key of key agreement. */
  readonly peerAgreement?: Uint8Array;
}

/**
 * The key of a message in general-ciphering: the global one, one made for the message and wrapped under the master key, or one that both sides
 * compute: by one-pass Diffie-Hellman, C(1e, 1s), or by the static unified model, C(0e, 2s).
 */
export type MessageKey = 'identified' | 'wrapped' | 'one-pass' | 'static-unified';
