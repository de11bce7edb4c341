/** Guards one receiving key against replay. */
export interface CounterGuard {
  /** The lowest invocation counter that is still acceptable. */
  readonly lowest: number;
  /**
   * Checks the counter of a message, without accepting it.
   * @param tagged whether a tag proved that the sender used this counter. Default true.
   * @throws SecurityError `replay` when this counter or a higher one was accepted already.
   */
  check(counter: number, tagged?: boolean): void;
  /** Accepts the counter of a message that was checked and opened: it and all lower ones are passed. */
  accept(counter: number): void;
  /** Is called when a peer accepted an association: what it sends next begins one. For guards that outlive the association. */
  begins(): void;
  /** Is called after `accept` when a tag proved the message: for guards that outlive the association. */
  proved(counter: number): void;
  /** Is called when the association has ended. */
  settle(): void;
}
