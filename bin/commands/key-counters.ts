import { fromHex } from '../../src/index.js';
import { FileCounterStore, nodeCrypto } from '../../src/node.js';
import { receivedEntryOf } from '../../src/protocol.js';
import {
  counterEntryOf,
  counterObjectsOf,
  LAST_COUNTER,
  type PublishedCounter,
  publishedCounter,
} from '../../src/tools.js';
import type { Run } from '../command.js';
import { confirm, doneIn } from '../confirm.js';
import { counterFile, lineTo, withMeterOn } from '../connect.js';
import { UsageError } from '../failure.js';
import { connectionSettings, keySettings, wholeIn } from '../settings.js';

const PUBLIC_CLIENT = 16;

/** `cosem keys counter` */
export async function counter(run: Run): Promise<void> {
  const settings = connectionSettings(run.options, run.io);
  const { encryptionKey, authenticationKey, title, client } = settings;
  if (encryptionKey === undefined || authenticationKey === undefined || title === undefined) {
    throw new UsageError(
      'without keys there is no invocation counter',
      'name a connection with --ek, --ak and --title',
    );
  }
  const entry = counterEntryOf(nodeCrypto, { systemTitle: title, encryptionKey });
  const file = counterFile(run.io, settings.counters);
  const ours = new FileCounterStore(file).peek(entry);
  let published: PublishedCounter | undefined;
  const { password: _password, secret: _secret, dedicatedKey: _dedicated, ...rest } = settings;
  const asPublic = {
    ...rest,
    ...{ client: PUBLIC_CLIENT, authentication: 'none' as const, password: undefined, secret: undefined },
    ...{ encryptionKey: undefined, authenticationKey: undefined, title: undefined, dedicatedKey: undefined },
    security: undefined,
  };
  await withMeterOn(lineTo(settings, run.io), asPublic, run, async ({ meter }) => {
    published = await publishedCounter(meter, counterObjectsOf(settings));
  });
  const { object, counter: meters } = published ?? {};
  const behind = meters !== undefined && ours <= meters;
  run.output.document({
    command: 'keys',
    action: 'counter',
    client,
    object: object ?? null,
    file,
    entry,
    ours,
    meters: meters === undefined ? null : Number(meters),
    behind,
  });
  run.output.table(
    [{ title: '' }, { title: '', align: 'right' }, { title: '' }],
    [
      ['Our next', String(ours), file],
      [
        "The meter's",
        meters === undefined ? '-' : String(meters),
        object === undefined ? `not published for client ${client}` : `${object}, client ${client}`,
      ],
    ],
  );
  if (behind) {
    run.output.line('Ours is not above that of the meter: it is raised when the meter is opened next.');
  }
}

/** `cosem keys raise N` */
export async function raise(run: Run, value: string | undefined): Promise<void> {
  if (value === undefined) {
    throw new UsageError('raise to which counter?', 'cosem keys raise N, with N as the error of the meter said it');
  }
  const atLeast = wholeIn(value, 'the counter', 1, LAST_COUNTER);
  const { store, entry } = entryOf(run);
  const before = store.peek(entry);
  const { output } = run;
  if (atLeast <= before) {
    output.document({ command: 'keys', action: 'raise', done: false, entry, before, next: before, file: store.path });
    output.line(`The counter of ${entry} is at ${before} already: it never goes back.`);
    return;
  }
  const done = await confirm(
    run,
    `Raise our invocation counter of ${entry} from ${before} to ${atLeast}`,
    `${atLeast - before} of the 4294967295 counters of this key are lost. It never goes back.`,
  );
  if (done) {
    // What the store is raised to is used up by it.
    if (atLeast - 1 > before) store.raise(entry, atLeast - 1);
    else store.next(entry);
  }
  const next = store.entries().get(entry) ?? before;
  output.document({ command: 'keys', action: 'raise', ...doneIn(run, done), entry, before, next, file: store.path });
  if (done) output.line(`The next counter of ${entry} is ${next} (${store.path}).`);
}

/** `cosem keys forget` */
export async function forget(run: Run): Promise<void> {
  if (run.options.received === true) return forgetReceived(run);
  const { store, entry } = entryOf(run);
  const { output } = run;
  const before = store.entries().get(entry);
  if (before === undefined) {
    const known = [...store.entries().keys()];
    throw new UsageError(
      `${store.path} has no counter of ${entry}`,
      known.length === 0 ? 'it holds none at all' : `it has ${known.join(', ')}`,
    );
  }
  output.note(
    'Only for a key that no meter holds any more, as after a change of keys, or on a test bench: it begins at 1 again, and under a key in use a\n' +
      'counter that comes a second time (a nonce used twice) lays open what was encrypted, and lets others forge messages.',
  );
  const done = await confirm(run, `Forget our invocation counter of ${entry}, which stands at ${before}`);
  if (done) store.forget(entry);
  output.document({ command: 'keys', action: 'forget', ...doneIn(run, done), entry, before, file: store.path });
  if (done) output.line(`${store.path} knows nothing of ${entry} any more.`);
}

/** `cosem keys forget --received` */
async function forgetReceived(run: Run): Promise<void> {
  const { encryptionKey, counters } = keySettings(run.options, run.io);
  const { received } = new FileCounterStore(counterFile(run.io, counters));
  const { path } = received;
  const kept = received.entries();
  const names = [...kept.keys()];
  const isOf = (name: string, key: Uint8Array) =>
    name === receivedEntryOf(nodeCrypto, fromHex(name.split('/', 1)[0] ?? ''), key);
  const { entry: told } = run.options;
  const meant = names.filter((name) =>
    typeof told === 'string' ? name === told : encryptionKey !== undefined && isOf(name, encryptionKey),
  );
  const [entry] = meant;
  if (entry === undefined || meant.length > 1) {
    const which = meant.length > 1 ? meant : names;
    throw new UsageError(
      entry === undefined ? `${path} knows no such meter` : `${path} knows ${meant.length} meters with this key`,
      which.length === 0 ? 'nothing was received yet' : `say --entry: one of ${which.join(', ')}`,
    );
  }
  const before = kept.get(entry);
  const { output } = run;
  output.note(
    'Only for a meter of which you know that it lost its counter, or was exchanged by one of the same title and key: what was recorded of it\n' +
      'before can be played to you again from then on, and would be believed.',
  );
  const done = await confirm(run, `Forget what was received from ${entry}, up to counter ${(before ?? 1) - 1}`);
  if (done) received.forget(entry);
  output.document({ command: 'keys', action: 'forget', ...doneIn(run, done), entry, before, file: path });
  if (done) output.line(`${path} knows nothing of what was received from ${entry} any more.`);
}

/** The counter that is meant: of `--entry`, or of title and key. */
function entryOf({ options, io }: Run): { readonly store: FileCounterStore; readonly entry: string } {
  const { encryptionKey, title, counters } = keySettings(options, io);
  // Counters that are set aside for this run alone would be lost: one at a time.
  const store = new FileCounterStore(counterFile(io, counters), { block: 1 });
  if (typeof options.entry === 'string') return { store, entry: options.entry };
  if (encryptionKey === undefined || title === undefined) {
    throw new UsageError(
      'the counter of which key?',
      'name a connection with --config and --connection, or give --ek and --title, or --entry; cosem keys counter --json shows the entry',
    );
  }
  return { store, entry: counterEntryOf(nodeCrypto, { systemTitle: title, encryptionKey }) };
}
