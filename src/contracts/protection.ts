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
