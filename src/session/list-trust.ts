import type { OnRemark } from '../base/remark.js';

/** Losses in the middle of a list after which its objects are asked for one by one. */
const MOST_LOSSES = 2;

/**
 * What is known of how a meter answers GET with a list. It outlives the association: a new one knows what the one before has seen.
 */
export class ListTrust {
  /** Why lists are not used with this meter, in words. */
  void: string | undefined;
  /** The longest list that was answered as it must be, and the longest whose order a witness proved. */
  longest = 0;
  ordered = 0;
  /** Values that fit their attribute badly, in the list as by themselves: target to form. */
  readonly odd = new Map<string, string>();
  /** Told when lists turn out to be of no use. */
  onVoid: (() => void) | undefined;
  #losses = 0;
  #dropped = 0;

  /** Lists are not used from here on. Told once. */
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

  /** A list goes out. Until {@link heard} it counts as lost: nobody is told when the line breaks. */
  asked(): void {
    this.#losses++;
  }

  /** Something came for it. */
  heard(): void {
    this.#losses = 0;
  }

  /** The meter has no association any more, it says: it may have dropped it for the list. */
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
