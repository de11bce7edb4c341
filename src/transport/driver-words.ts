import { type Came, LinkError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { ClosedEvent } from '../contracts/link.js';

/** The messages and hints for when no answer comes. */

export const SILENCE =
  'check that the meter is powered and in reach, the framing, and the logical device asked for (usually 1); on a slow line allow a longer response time-out';
export const SOMETHING =
  'something speaks there: check the framing (HDLC, mode E, or wrapper), the speed and the addresses; a trace shows what came';
/** The reason that is given when the meter only pushes and does not answer. */
export const NOTIFIED = 'a notification, which is not an answer';
export const PUSHES =
  'the meter speaks by itself and does not answer: check the logical device asked for (usually 1) and the client, or listen to what it pushes';

export function inWords(came: Came | undefined): string {
  if (came === undefined) return '';
  return came.octets === 0 ? `; ${came.reason}` : `; ${counted(came.octets, 'octet')} came: ${came.reason}`;
}

/** What a link says of silence, begun with whose it is: said once where the link says it already. */
function silence(reason: string): string {
  const SAID = 'no answer to ';
  if (reason.startsWith(SAID)) return `no answer from the meter to ${reason.slice(SAID.length)}`;
  return `no answer from the meter: ${reason}`;
}

export function closedError(event: ClosedEvent, name: string, came: Came | undefined): LinkError {
  const { reason } = event;
  switch (event.cause) {
    case 'rejected':
      return new LinkError('rejected', `${name}: the meter refused the data link: ${reason}`, {
        hint: 'check the client and server addresses; another client may be connected: wait until its link times out',
      });
    case 'frame-reject':
      return new LinkError('frame-reject', `${name}: the data link broke: ${reason}`, {
        hint: 'is the framing (HDLC or wrapper) the right one? If so connect again, with a smaller max info field and window 1',
      });
    case 'timeout':
      if (came !== undefined) {
        return new LinkError('no-answer', `${name}: ${silence(reason)}${inWords(came)}`, {
          hint: SOMETHING,
          came,
        });
      }
      return new LinkError('no-answer', `${name}: ${silence(reason)}`, {
        hint: 'check that the meter is powered, the cable or probe, speed, framing (HDLC, mode E, or wrapper on a network) and addresses; `cosem discover` tries them all',
      });
    case 'peer':
      return new LinkError('peer-closed', `${name}: the meter closed the data link: ${reason}`, {
        hint: 'connect again',
        ...(event.unheard === true ? { unheard: true } : {}),
      });
    case 'local':
      return new LinkError('not-connected', `${name}: the data link is closed`);
  }
}
