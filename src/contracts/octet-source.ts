/** Octets made as they are asked for, so that a long answer is never whole in memory. */
export interface OctetSource {
  /** The next octets, `size` of them unless fewer are left. The view is good until the next call. */
  take(size: number): Uint8Array;
  /** Whether everything was taken. */
  readonly done: boolean;
}
