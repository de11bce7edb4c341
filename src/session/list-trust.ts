import type { OnRemark } from '../base/remark.js';

/** How many losses during a list lead to asking for its objects one by one. */
const MOST_LOSSES = 2;

/**
 * What is known of how a meter answers GET with a list. It outlives the association, so that the next one uses it.
 */
export class ListTrust {
  /** Why lists are not used with this meter, in words. */
  void: string | undefined;
  /** The longest list that was answered as it must be, and the longest whose order a witness proved. */
  longest = 0;
  ordered = 0;
  /** Values that fit their attribute badly, in the list as by themselves: target to form. */
  readonly odd = new Map<string, string>();
  /** Called when lists turn out to be unusable. */
  onVoid: (() => void) | undefined;
  #losses = 0;
  #dropped = 0;

  /** Lists are not used from here on. Reported once. */
  give(why: string, onRemark: OnRemark | undefined): void {
    if (this.void !== undefined) return;
    this.void = why;
    const text = `the meter does not answer lists as it must (${why}): its objects are asked for one by one`;
    onRemark?.({ code: 'list-void', text, weight: 'note' });
    this.onVoid?.();
  }

  /** A list of this length was answered with what was asked for, and perhaps its order proven. */
  answered(length: number, ordered: boolean): void {
    this.longest = Math.max(this.longest, length);
    if (ordered) this.ordered = Math.max(this.ordered, length);
  }

  /** A list is sent. It counts as lost until {@link heard}: a broken line is not reported here. */
  asked(): void {
    this.#losses++;
  }

  /** Something came for it. */
  heard(): void {
    this.#losses = 0;
  }

  /** The meter says that it has no association any more: the list may be the reason. */
  dropped(): void {
    this.#losses = MOST_LOSSES;
    this.#dropped++;
  }

  /** Whether the next objects are asked for one by one, to see whether it was the list. */
  get doubtful(): boolean {
    return this.#losses >= MOST_LOSSES;
  }

  /** They were, and they came. */
  settled(onRemark: OnRemark | undefined): void {
    this.#losses = 0;
    // An association may end for reasons of its own, once.
    if (this.#dropped === 0 || this.#dropped > 1)
      this.give(this.#dropped === 0 ? 'no answer came' : 'it drops the association', onRemark);
  }
}
