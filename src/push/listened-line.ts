import type { Clock, Millis } from '../base/clock.js';
import type { Transport } from '../contracts/transport.js';
import { type PortFormat, type PortSearch, portFormatText } from './port-search.js';
import type { PushEvent } from './receiver.js';

/** What makes pushes of the octets of one line: a `PushReceiver`, or one whose keys come later. */
export interface LineReceiver {
  receive(chunk: Uint8Array): readonly PushEvent[];
  pause(): readonly PushEvent[];
  flush(): readonly PushEvent[];
}

/** What becomes of what a line brings. */
export interface LineEvents {
  event(event: PushEvent, transport: Transport): void;
  /** A serial port is tried at another setting, or messages come at this one. */
  note(text: string, setting: { readonly format: PortFormat; readonly found: boolean }): void;
  /** The line is gone. */
  closed(transport: Transport, error: Error | undefined): void;
}

/** A line that pushes come over: octets into a receiver, silence told by a timer. */
export interface ListenedLineOptions {
  readonly transport: Transport;
  /**
   * A new one for each setting of a port: what was heard at the wrong one is worth nothing.
   * @param late takes events that were not there when the octets came.
   */
  readonly receiver: (late: (event: PushEvent) => void) => LineReceiver;
  /** How long a silence ends what has begun, in milliseconds. */
  readonly silence: Millis;
  /** For serial ports whose setting is not known. */
  readonly search?: PortSearch | undefined;
  readonly clock: Clock;
}

/**
 * Listens on a line until it is closed. Resolves when it is open.
 * @throws LinkError when the line is not to be had.
 */
export async function listenOn(options: ListenedLineOptions, events: LineEvents): Promise<void> {
  const { transport, silence, search, clock } = options;
  const tell = (found: readonly PushEvent[]) => {
    for (const event of found) {
      const isMessage = event.type === 'push' || event.type === 'refused';
      if (isMessage && search?.found() === true) {
        events.note(`Messages come at ${portFormatText(search.format)}.`, { format: search.format, found: true });
      }
      // At the wrong setting everything is noise.
      if (isMessage || search === undefined || search.settled) events.event(event, transport);
    }
  };
  const made = () => options.receiver((event) => tell([event]));
  let receiver = made();
  let disarm = () => {};
  let changing = false;
  const next = async (port: PortSearch) => {
    changing = true;
    receiver = made();
    events.note(`No message in what came; trying ${portFormatText(port.format)}.`, {
      format: port.format,
      found: false,
    });
    try {
      await transport.configure?.(port.format);
    } finally {
      changing = false;
      wait();
    }
  };
  let gone = false;
  const wait = () => {
    disarm();
    if (!gone) disarm = clock.at(clock.now() + silence, silent);
  };
  const silent = () => {
    if (changing) return;
    tell(receiver.pause());
    if (search?.silence() === true) next(search).catch(() => {});
  };
  await transport.open({
    data(chunk) {
      if (changing) return;
      tell(receiver.receive(chunk));
      if (search?.settled === false && search.octets(chunk)) next(search).catch(() => {});
      else wait();
    },
    closed(error) {
      gone = true;
      disarm();
      tell(receiver.flush());
      events.closed(transport, error);
    },
  });
  if (search !== undefined) wait();
}
