/** Octets that are made when they are asked for, so that a long answer is never whole in memory. */
export interface OctetSource {
  /** The next `size` octets, or fewer when fewer are left. The view is valid until the next call. */
  take(size: number): Uint8Array;
  /** Whether all octets were taken. */
  readonly done: boolean;
}
