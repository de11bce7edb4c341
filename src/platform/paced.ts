import type { LinkOptions } from '../client/platform.js';
import type { Link } from '../contracts/link.js';
import { PacedLink } from '../link/paced-link.js';

/** The link, with the pauses between frames that the options ask for. */
export function paced(link: Link, { turnaround, interFrameDelay, octetTime }: LinkOptions): Link {
  if (turnaround === undefined && interFrameDelay === undefined) return link;
  return new PacedLink(link, { turnaround, interFrameDelay, octetTime });
}
