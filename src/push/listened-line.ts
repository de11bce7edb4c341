import type { Clock, Millis } from '../base/clock.js';
import type { Transport } from '../contracts/transport.js';
import { type PortFormat, type PortSearch, portFormatText } from './port-search.js';
import type { PushEvent } from './receiver.js';

/** Turns the octets of one line into pushes: a `PushReceiver`, or a receiver whose keys come later. */
export interface LineReceiver {
  /** Takes octets. */
  receive(chunk: Uint8Array): readonly PushEvent[];
  /** The line was silent: a frame that has begun will not continue. */
  pause(): readonly PushEvent[];
  /** Nothing more will come. */
  flush(): readonly PushEvent[];
}

/** Where the events of a line go. */
export interface LineEvents {
  /** A push, or what came in place of one. */
  event(event: PushEvent, transport: Transport): void;
  /** A serial port is tried at another setting (`found` false), or messages come at this one. */
  note(text: string, setting: { readonly format: PortFormat; readonly found: boolean }): void;
  /** The line is gone. */
  closed(transport: Transport, error: Error | undefined): void;
}

/** A line over which pushes come. */
export interface ListenedLineOptions {
  /** The line. */
  readonly transport: Transport;
  /**
   * Makes a receiver. Each setting of a port gets a new one, because octets that came at a wrong setting are useless.
   * @param late is called with events that come later than their octets.
   */
  readonly receiver: (late: (event: PushEvent) => void) => LineReceiver;
  /** A silence so long ends a message that has begun, in milliseconds. */
  readonly silence: Millis;
  /** For serial ports whose setting is not known. */
  readonly search?: PortSearch | undefined;
  /** The clock that measures silence. */
  readonly clock: Clock;
}

/**
 * Listens on a line until it is closed. Resolves when it is open.
 * @throws LinkError when the line cannot be opened.
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
    events.note(`No message in the octets that came; trying ${portFormatText(port.format)}.`, {
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
