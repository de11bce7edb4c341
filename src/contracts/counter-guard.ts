/** Guards one receiving key against replay: `ReceiveCounter` of the security room is one. */
export interface CounterGuard {
  /** The lowest counter acceptable. */
  readonly lowest: number;
  /**
   * @param tagged whether a tag proved that the sender used this counter; true unless told otherwise.
   * @throws SecurityError `replay` when the counter was passed already.
   */
  check(counter: number, tagged?: boolean): void;
  /** Takes note of a message that held. */
  accept(counter: number): void;
  /** Told of a message that was accepted and that a tag proved: for guards that outlive the association. */
  proved(counter: number): void;
  /** Told when the association has ended. */
  settle(): void;
}
