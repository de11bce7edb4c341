import type { Command } from 'commander';
import {
  type CaptureColumn,
  type Companion,
  type Data,
  dataText,
  dataToJson,
  is15959,
  type LinkEvent,
  logicalNameFromBytes,
  type Notification,
  NotificationReceiver,
  serveLink,
  systemClock,
  type Transport,
  toHex,
  WrapperLink,
} from '../../src/index.js';
import { type Listener, listenTcp, listenUdp, nodeCrypto } from '../../src/node.js';
import { define, type Run } from '../command.js';
import { type Failure, failureOf } from '../failure.js';
import { columnTitle } from '../format.js';
import { aborted, type Io } from '../io.js';
import type { Json } from '../output.js';
import { addKeyOptions, hostAndPort, keySettings, wholeIn } from '../settings.js';

const DEFAULT_PORT = 4059;

/** `cosem listen` */
export function defineListen(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      usage: 'listen',
      summary: 'receive what meters push, and show it',
      description:
        'Data and event notifications in the wrapper, plain or in general-glo-ciphering. Without --tcp and --udp it listens on TCP\n' +
        `127.0.0.1:${DEFAULT_PORT}. With --json every line on stdout is a document: first where it listens, then one for each notification.`,
      examples: [
        'cosem listen --tcp 0.0.0.0:4059 --config meter.json --connection utility',
        'cosem listen --udp :4059 --count 1 --json',
      ],
    },
    listen,
  );
  command
    .option('--tcp <host:port>', 'listen for connections; port 0 picks one')
    .option('--udp <host:port>', 'listen for datagrams')
    .option('--count <n>', 'end after so many notifications');
  addKeyOptions(command);
}

async function listen(run: Run): Promise<void> {
  const { io, output, options } = run;
  const { companion, encryptionKey, authenticationKey } = keySettings(options, io);
  const count =
    typeof options.count === 'string' ? wholeIn(options.count, '--count', 1, 1_000_000) : Number.POSITIVE_INFINITY;
  const keys = encryptionKey && {
    encryption: encryptionKey,
    ...(authenticationKey === undefined ? {} : { authentication: authenticationKey }),
  };
  // With one key alone it is shown what it opens, marked.
  const acceptUnauthenticated = authenticationKey === undefined;
  const receiver = new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => keys, acceptUnauthenticated });
  const enough = new AbortController();
  let received = 0;
  const take = (transport: Transport, payload: Uint8Array) => {
    if (received === count) return;
    try {
      show(run, receiver.receive(payload), transport, companion);
    } catch (error) {
      refuse(run, transport, failureOf(error));
      return;
    }
    received += 1;
    if (received === count) enough.abort();
  };

  const listeners = await openListeners(run, (transport, mode) => void serve(run, transport, mode, take));
  try {
    const where = listeners.map(({ protocol, listener }) => `${protocol} ${endpoint(listener)}`);
    output.documentLine({
      event: 'listening',
      addresses: listeners.map(({ protocol, listener: { host, port } }) => ({ protocol, host, port })),
    });
    output.line(`Listening on ${where.join(' and ')}. Ctrl-C ends.`);
    await Promise.race([aborted(io.signal), aborted(enough.signal)]);
  } finally {
    for (const { listener } of listeners) await listener.close();
  }
}

type Mode = 'stream' | 'datagram';

async function openListeners({ options }: Run, onPeer: (transport: Transport, mode: Mode) => void) {
  const { tcp, udp } = options;
  const listeners: { protocol: 'tcp' | 'udp'; listener: Listener }[] = [];
  if (typeof tcp === 'string' || udp === undefined) {
    const place = hostAndPort(withHost(tcp), '--tcp', DEFAULT_PORT);
    listeners.push({ protocol: 'tcp', listener: await listenTcp(place, (transport) => onPeer(transport, 'stream')) });
  }
  if (typeof udp === 'string') {
    const place = hostAndPort(withHost(udp), '--udp', DEFAULT_PORT);
    listeners.push({ protocol: 'udp', listener: await listenUdp(place, (transport) => onPeer(transport, 'datagram')) });
  }
  return listeners;
}

/** Loopback unless told: `:4059` is `127.0.0.1:4059`. */
function withHost(place: unknown): string {
  const text = typeof place === 'string' ? place : '';
  return text === '' || text.startsWith(':') ? `127.0.0.1${text}` : text;
}

function endpoint({ host, port }: Listener): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function serve(
  run: Run,
  transport: Transport,
  mode: Mode,
  take: (transport: Transport, payload: Uint8Array) => void,
) {
  const link = new WrapperLink('listener', { mode });
  const handler = {
    payload: ({ bytes }: { bytes: Uint8Array }) => {
      take(transport, bytes);
      return undefined;
    },
  };
  const onLinkEvent = (event: LinkEvent) => {
    if (event.type === 'discarded')
      refuse(run, transport, { code: 'decode', message: event.reason, hint: undefined, exit: 5 });
  };
  try {
    await serveLink(transport, link, systemClock, handler, { onLinkEvent });
  } catch (error) {
    refuse(run, transport, failureOf(error));
  }
}

/** Something that came and was no notification: a remark, never an end. */
function refuse({ output }: Run, { name }: Transport, { message, hint }: Failure): void {
  output.note(`from ${name}: ${message}${hint === undefined ? '' : `\n  hint: ${hint}`}`);
}

/** A pushed value with the attribute it is of, where the push list is known. */
interface PushedValue {
  readonly object: CaptureColumn | undefined;
  readonly data: Data;
}

function show({ output }: Run, notification: Notification, transport: Transport, companion: Companion): void {
  const { apdu, protection, authenticated, systemTitle } = notification;
  const { title, values } = contentOf(notification, companion);
  const time = apdu.type === 'data-notification' ? apdu.dateTime : apdu.time;
  output.documentLine({
    event: 'notification',
    from: transport.name,
    type: apdu.type,
    protection,
    authenticated,
    systemTitle: systemTitle === undefined ? null : toHex(systemTitle),
    time: time?.toText() ?? null,
    push: title ?? null,
    values: values.map(
      ({ object, data }): Json => ({
        object: object === undefined ? null : `${object.classId}:${object.logicalName}:${object.attributeIndex}`,
        name: object === undefined ? null : columnTitle(object, companion),
        text: pushedText({ object, data }),
        data: dataToJson(data),
      }),
    ),
  });
  const whose = systemTitle === undefined ? '' : `, meter ${toHex(systemTitle)}`;
  const unchecked = !authenticated && protection !== 'none' && protection !== 'encryption';
  const safety =
    protection === 'none' ? 'not protected' : unchecked ? `${protection}, NOT VERIFIED (no --ak)` : protection;
  output.heading(
    `${title ?? apdu.type} from ${transport.name}${whose}, ${safety}${time === undefined ? '' : `, ${time.toText()}`}`,
  );
  output.table(
    [{ title: '' }, { title: '' }, { title: '' }],
    values.map(({ object, data }, i) => [
      object === undefined ? `value ${i + 1}` : columnTitle(object, companion),
      output.style('bold', pushedText({ object, data })),
      output.style(
        'dim',
        object === undefined ? data.type : `${object.classId}:${object.logicalName}:${object.attributeIndex}`,
      ),
    ]),
    '  ',
  );
  output.line();
}

function contentOf({ apdu }: Notification, companion: Companion): { title: string | undefined; values: PushedValue[] } {
  if (apdu.type === 'event-notification-request') {
    const { classId, instanceId, attributeId } = apdu.attribute;
    const object = { classId, logicalName: instanceId.join('.'), attributeIndex: attributeId, dataIndex: 0 };
    return { title: 'Event', values: [{ object, data: apdu.value }] };
  }
  const { body } = apdu;
  if (body.type !== 'structure') return { title: undefined, values: [{ object: undefined, data: body }] };
  // Who pushes is not known: a push that is one of India's says so by its own name in it.
  const push = pushOf(body.value, companion) ?? pushOf(body.value, is15959);
  return { title: push?.title, values: body.value.map((data, i) => ({ object: push?.objects[i], data })) };
}

function pushedText({ object, data }: PushedValue): string {
  const isName = object?.attributeIndex === 1 && data.type === 'octet-string' && data.value.length === 6;
  return isName ? logicalNameFromBytes(data.value) : dataText(data);
}

/** The push setup whose list has this length and names itself where the message names it. */
function pushOf(values: readonly Data[], companion: Companion) {
  const setups = companion.categories
    .flatMap(({ pushSetups }) => pushSetups)
    .filter(({ objects }) => objects.length === values.length);
  return setups.find(({ logicalName, objects }) => {
    const own = objects.findIndex((object) => object.logicalName === logicalName && object.attributeIndex === 1);
    const value = values[own];
    return (
      value?.type === 'octet-string' && value.value.length === 6 && logicalNameFromBytes(value.value) === logicalName
    );
  });
}
