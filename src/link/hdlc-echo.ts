import type { HdlcFrame } from './hdlc-frame.js';

/** Frames remembered at most: more than any burst holds. */
const MOST = 16;
/** Sent by one side only: to hear one that we sent proves that the line echoes. */
const ONE_SIDED = new Set(['SNRM', 'DISC', 'UA', 'DM', 'FRMR']);

/**
 * Tells our own frames, when an optical probe or a two-wire line brings them back. As a rule the addresses tell: an echo is not
 * addressed to its sender. Where a client's and a server's address are alike they do not; then, once the line has been caught
 * echoing, frames that come back in the order they were sent are dropped.
 */
export class EchoFilter {
  readonly #sent: HdlcFrame[] = [];
  #echoing = false;

  /** A frame was sent to an address that is ours as well. */
  sent(frame: HdlcFrame): void {
    if (this.#sent.length === MOST) this.#sent.shift();
    this.#sent.push(frame);
  }

  /** Whether this frame is one of ours come back. */
  isEcho(frame: HdlcFrame): boolean {
    if (this.#sent.length === 0) return false;
    const index = this.#sent.findIndex((sent) => isSame(sent, frame));
    if (index < 0) return false;
    if (ONE_SIDED.has(frame.control.type)) this.#echoing = true;
    if (!this.#echoing) return false;
    this.#sent.splice(0, index + 1);
    return true;
  }
}

function isSame(a: HdlcFrame, b: HdlcFrame): boolean {
  return (
    a.control === b.control &&
    a.destination.upper === b.destination.upper &&
    a.source.upper === b.source.upper &&
    a.information.length === b.information.length
  );
}
