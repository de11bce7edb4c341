import { type Came, LinkError, TimeoutError } from '../base/errors.js';
import { counted } from '../base/words.js';
import type { ClosedEvent } from '../contracts/link.js';

/** The messages and hints for when no answer comes. */

const SILENCE =
  'check that the meter is powered and in reach, the framing, and the logical device asked for (usually 1); on a slow line allow a longer response time-out';
const SOMETHING =
  'something speaks there: check the framing (HDLC, mode E, or wrapper), the speed and the addresses; a trace shows what came';
/** The reason that is given when the meter only pushes and does not answer. */
export const NOTIFIED = 'a notification, which is not an answer';
const PUSHES =
  'the meter speaks by itself and does not answer: check the logical device asked for (usually 1) and the client, or listen to what it pushes';

function inWords(came: Came | undefined): string {
  if (came === undefined) return '';
  return came.octets === 0 ? `; ${came.reason}` : `; ${counted(came.octets, 'octet')} came: ${came.reason}`;
}

/** Why a payload is put aside when a store is slow, or fails. */
export const TOO_MANY = 'too many messages came while a store was awaited';
export const UNJUDGED = 'what is stored of its sender could not be read';

/** No answer came in time. @param waited in seconds. @param slow something of it came, and went on coming. */
export function silentError(
  name: string,
  { slow, waited, came }: { readonly slow: boolean; readonly waited: number; readonly came: Came | undefined },
): TimeoutError {
  const hint = came === undefined ? SILENCE : came.reason === NOTIFIED ? PUSHES : SOMETHING;
  const what = `${slow ? 'the answer has no end' : 'no answer'} from ${name}`;
  return new TimeoutError(`${what} within ${waited} s${inWords(came)}`, { hint, came });
}

export function notConnected(name: string): LinkError {
  return new LinkError('not-connected', `${name} is not connected`, {
    hint: 'connect first; after an error connect again',
  });
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
