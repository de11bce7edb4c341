/** The global keys of one side. A server may change them in place after a key transfer. */
export interface GlobalKeys {
  /** Global unicast encryption key, GUEK. */
  readonly encryption: Uint8Array;
  /** Authentication key, GAK. */
  readonly authentication: Uint8Array;
  /** Global broadcast encryption key, GBEK. */
  readonly broadcast?: Uint8Array;
}

/** How a message is protected, in words. */
export type Protection = 'none' | 'authentication' | 'encryption' | 'authenticated-encryption';
