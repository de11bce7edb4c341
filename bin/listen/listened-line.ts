import { type Clock, type PushEvent, type PushReceiver, type Transport, toHex } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { formatText, type PortSearch } from './port-search.js';

/** What becomes of what a line brings. */
export interface LineEvents {
  event(event: PushEvent, transport: Transport): void;
  note(text: string): void;
  /** The line is gone. */
  closed(transport: Transport, error: Error | undefined): void;
}

/** A line that pushes come over: octets into a receiver, silence told by a timer. */
export interface ListenedLineOptions {
  readonly transport: Transport;
  /** A new one for each setting of a port: what was heard at the wrong one is worth nothing. */
  readonly receiver: () => PushReceiver;
  /** How long a silence ends what has begun, in milliseconds. */
  readonly silence: number;
  /** For serial ports whose setting is not known. */
  readonly search?: PortSearch;
  readonly clock: Clock;
}

export async function listenOn(options: ListenedLineOptions, events: LineEvents): Promise<void> {
  const { transport, silence, search, clock } = options;
  let receiver = options.receiver();
  let disarm = () => {};
  let changing = false;

  const tell = (found: readonly PushEvent[]) => {
    for (const event of found) {
      const isMessage = event.type === 'push' || event.type === 'refused';
      if (isMessage && search?.found() === true) events.note(`Messages come at ${formatText(search.format)}.`);
      // At the wrong setting everything is noise.
      if (isMessage || search === undefined || search.settled) events.event(event, transport);
    }
  };
  const next = async (port: PortSearch) => {
    changing = true;
    receiver = options.receiver();
    events.note(`No message in what came; trying ${formatText(port.format)}.`);
    try {
      await transport.configure?.(port.format);
    } finally {
      changing = false;
      wait();
    }
  };
  const wait = () => {
    disarm();
    disarm = clock.at(clock.now() + silence, silent);
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
      disarm();
      tell(receiver.flush());
      events.closed(transport, error);
    },
  });
  if (search !== undefined) wait();
}

/** What came where no message was found, for people. */
export function heardText({ heard }: PortSearch): string[] {
  const some = heard.filter(({ octets }) => octets > 0);
  if (some.length === 0)
    return ['Nothing came: is the port switched on by the utility, and is the adapter of the right kind?'];
  return some.map(
    ({ format, octets, beginning }) =>
      `${formatText(format)}: ${counted(octets, 'octet')} came and no message; they begin with ${toHex(beginning)}`,
  );
}
