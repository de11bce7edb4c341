import { type Command, Option } from 'commander';
import { associationOf } from '../../src/classes.js';
import { AccessError, dataText, type Meter, open, toHex } from '../../src/index.js';
import { type FreshSecrets, KeyFile, nodeCrypto, type StoredConnection, transportOf } from '../../src/node.js';
import { equalBytes, parseLogicalName } from '../../src/protocol.js';
import {
  changeHlsSecret,
  changeKept,
  changePassword,
  KeyChangeError,
  keyOctets,
  type Settled,
  secretOctets,
  settlePending,
  transferKeys,
} from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, type Run } from '../command.js';
import { addChangeOptions, confirm, doneIn, mustBeAskable } from '../confirm.js';
import { openOptions, tellingLosses } from '../connect.js';
import { tellOfFile } from '../exposed.js';
import { asUsage, UsageError } from '../failure.js';
import { Interrupted, type Io } from '../io.js';
import { addConnectionOptions, storedSettings } from '../settings.js';
import { describeArgument, wordArgument } from '../suggest.js';
import { counter, forget, raise } from './key-counters.js';

const DEVICE_NAME = '0.0.42.0.0.255';
const SECRET_LENGTH = 16;

const NEW = {
  ek: { what: 'encryption key', help: 'new encryption key (GUEK)' },
  ak: { what: 'authentication key', help: 'new authentication key (GAK); follows --new-ek where both are one key now' },
  password: { what: 'password', help: 'new password of low level security' },
  secret: { what: 'secret', help: 'new secret of high level security' },
} as const;
type Name = keyof typeof NEW;
const NAMES = Object.keys(NEW) as Name[];

/** `cosem keys` */
export function defineKeys(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.keys,
      description:
        'counter: our next invocation counter and the lowest that the meter takes.\n' +
        'change: new global keys, wrapped under the master key (--kek), or a new password or secret, each a value or the word random; COSEM_KEK, ' +
        "COSEM_NEW_EK, COSEM_NEW_AK, COSEM_NEW_PASSWORD and COSEM_NEW_SECRET keep them out of the shell's history. The new value is stored in the " +
        'configuration file beside the old one before it is sent, and replaces it once the meter was opened with it.\n' +
        'resume: complete a change that was interrupted. No key is ever shown.\n' +
        'raise N: continue our invocation counter at N, for a meter that requires so high a counter that it is not accepted automatically.\n' +
        'forget: start our counter of a key again. Only for a key that no meter has any more: repeating a counter under a key in use exposes ' +
        'what was encrypted.\n' +
        'forget --received: forget what was received from a meter that lost its counter, so that it is accepted again. Until then its ' +
        'messages are refused as replays. raise and forget ask first, and do not contact a meter.',
      examples: [
        'cosem keys counter --config meter.json --connection utility',
        'cosem keys change --new-ek random --config meter.json --connection utility',
        'cosem keys change --new-password random --of reader --config meter.json --connection utility',
        'cosem keys resume --config meter.json',
        'cosem keys raise 4096 --config meter.json --connection utility',
        'cosem keys forget --entry 4D4D4D0000BC614E/1A2B3C4D',
        'cosem keys forget --received --config meter.json --connection utility',
      ],
    },
    (run, [action = 'counter', value]) => ACTIONS[action as keyof typeof ACTIONS](run, value),
  );
  wordArgument(command, 'action', 'what to do', Object.keys(ACTIONS), 'counter');
  describeArgument(command, 'n', 'with raise: the counter to go on at');
  command.option(
    '--entry <title/key>',
    'with raise and forget: the entry of the counter file, where no key is at hand',
  );
  command.option('--received', 'with forget: the counter of the meter, not ours');
  for (const name of NAMES) command.addOption(new Option(`--new-${name} <value>`, NEW[name].help));
  command.option('--kek <key>', 'master key, under which new keys travel');
  command.option(
    '--of <connection>',
    'whose password or secret: a connection of the same file, the one that is opened unless told',
  );
  command.option('--setup <obis>', 'security setup that takes the keys; the one of the association unless told');
  command.option('--by-attribute', 'write the secret (attribute 7) in place of calling change_HLS_secret');
  addConnectionOptions(addChangeOptions(command));
}

const ACTIONS = { counter, change, resume, raise, forget };

async function change(run: Run): Promise<void> {
  const { options, io, output } = run;
  const { file, name } = stored(run);
  const prover = typeof options.of === 'string' ? options.of : name;
  const now = asUsage(() => file.values(prover));
  const fresh = freshOf(run, now, prover);
  const names = [prover, ...file.names.filter((other) => other !== prover && isSame(file.values(other), now, fresh))];
  const what = Object.keys(fresh).map((key) => NEW[key as Name].what);
  const alter = alteration(run, fresh, file.values(name), now);
  // Errors of an earlier change, or of the file, are reported before the meter is opened.
  if (file.pending.length > 0)
    throw new UsageError(`${file.path} holds a change that was not proved`, 'cosem keys resume ends it');
  mustBeAskable(run);
  const openStored = opener(run);
  output.progress('opening the meter');
  const meter = await openStored(file.values(name));
  let settled: Settled[] = [];
  let done: boolean;
  try {
    const title = dataText(await meter.get(meter.data(DEVICE_NAME).value));
    output.endProgress();
    done = await confirm(
      run,
      `Change ${listed(what)} of meter ${title} (connections ${names.join(', ')} of ${file.path})`,
      'The present values are kept until the meter was opened with the new ones.',
    );
    if (done) settled = await changeKept({ file, meter, prover, names, fresh, change: alter, open: openStored });
  } catch (error) {
    throw explained(run, error, file);
  } finally {
    await meter.close();
  }
  output.document({
    command: 'keys',
    action: 'change',
    ...doneIn(run, done),
    what,
    connections: names,
    settled: rowsOf(settled),
  });
  if (!done) return;
  output.line(
    `The meter was opened with the new ${listed(what)}: ${file.path} holds ${what.length > 1 ? 'them' : 'it'} now.`,
  );
  tell(
    run,
    settled.filter(({ connection }) => connection !== prover),
    file,
  );
  if (io.signal.aborted) throw new Interrupted();
}

async function resume(run: Run): Promise<void> {
  const { file } = stored(run, false);
  const settled = await settlePending(file, opener(run));
  run.output.document({
    command: 'keys',
    action: 'resume',
    done: settled.every(({ holds }) => holds !== 'unknown'),
    settled: rowsOf(settled),
  });
  if (settled.length === 0) run.output.line(`${file.path} holds no change that was not proved.`);
  tell(run, settled, file);
}

const WORDS: Readonly<Record<Settled['holds'], string>> = {
  new: 'opens with what is new, which stays',
  old: 'still opens with what is old: that stays, what is new was dropped',
  unknown: 'opens with neither now: both stay; cosem keys resume tries again',
};

function tell({ output }: Run, settled: readonly Settled[], { path }: KeyFile): void {
  for (const { connection, holds } of settled) output.line(`Connection ${connection} of ${path} ${WORDS[holds]}.`);
}

function rowsOf(settled: readonly Settled[]) {
  return settled.map(({ connection, holds }) => ({ connection, holds }));
}

/** The file, and the connection that is opened. */
function stored({ options, io }: Run, named = true): { readonly file: KeyFile; readonly name: string } {
  const path = typeof options.config === 'string' ? options.config : io.env.COSEM_CONFIG;
  if (!path) {
    throw new UsageError(
      'where are the keys kept?',
      'add --config FILE: new keys are written there before the meter hears of them',
    );
  }
  const file = new KeyFile(path);
  tellOfFile(io, path);
  const names = asUsage(() => file.names);
  const name = typeof options.connection === 'string' ? options.connection : io.env.COSEM_CONNECTION || undefined;
  const only = names.length === 1 ? names[0] : undefined;
  if (named && (name ?? only) === undefined)
    throw new UsageError('which connection?', `add --connection with one of ${names.join(', ')}`);
  for (const setting of ['ek', 'ak', 'password', 'secret', 'title']) {
    if (named && (options[setting] !== undefined || io.env[`COSEM_${setting.toUpperCase()}`])) {
      throw new UsageError(`--${setting} beside a change of keys`, `what the meter holds now is read from ${path}`);
    }
  }
  return { file, name: name ?? only ?? '' };
}

/** The new keys, or the new secret, as the file is to hold them. */
function freshOf({ options, io }: Run, now: StoredConnection, prover: string): FreshSecrets {
  const fresh: Partial<Record<Name, string>> = {};
  for (const name of NAMES) {
    const option = options[`new${name.charAt(0).toUpperCase()}${name.slice(1)}`];
    const given = typeof option === 'string' ? option : io.env[`COSEM_NEW_${name.toUpperCase()}`] || undefined;
    if (given === undefined) continue;
    if (now[name] === undefined)
      throw new UsageError(
        `connection '${prover}' has no ${NEW[name].what} to change`,
        'a connection has the password of low, or the secret of high level security: name the one that has it with --connection, or with --of',
      );
    fresh[name] = given === 'random' ? randomOf(name) : `hex:${toHex(read(name, given))}`;
  }
  if (fresh.ek !== undefined && fresh.ak === undefined && sameOctets('ek', now.ek, now.ak)) fresh.ak = fresh.ek;
  const keys = fresh.ek !== undefined || fresh.ak !== undefined;
  const kinds = [keys, fresh.password !== undefined, fresh.secret !== undefined].filter((kind) => kind).length;
  if (kinds === 0)
    throw new UsageError(
      'change what?',
      'add --new-ek, --new-ak, --new-password or --new-secret, each a value or random',
    );
  if (kinds > 1) {
    throw new UsageError(
      'keys, a password and a secret are changed one after the other',
      'each is proved by an association of its own',
    );
  }
  return fresh;
}

/** A random value of full strength; a password of letters and digits, as some meters require. */
function randomOf(name: Name): string {
  if (name !== 'password') return `hex:${toHex(nodeCrypto.random(SECRET_LENGTH))}`;
  return `text:${toHex(nodeCrypto.random(SECRET_LENGTH / 2))}`;
}

function read(name: Name, text: string): Uint8Array {
  const what = `--new-${name}`;
  if (name === 'ek' || name === 'ak') return keyOctets(text, what);
  return secretOctets(text, what, name === 'secret' ? { hexDigits: [32, 64] } : {});
}

function sameOctets(name: Name, a: string | number | undefined, b: string | number | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return equalBytes(read(name, String(a)), read(name, String(b)));
}

/** Whether another connection has the same keys of the same meter, or the same secret of the same client. */
function isSame(other: StoredConnection, now: StoredConnection, fresh: FreshSecrets): boolean {
  const line = ['serial', 'tcp', 'udp', 'physical', 'server', 'gateway', 'framing'].every(
    (name) => other[name] === now[name],
  );
  const keys = Object.keys(fresh) as Name[];
  const ofClient = keys.some((name) => name === 'password' || name === 'secret');
  if (!line || (ofClient && other.client !== now.client)) return false;
  return keys.every((name) => other[name] !== undefined && sameOctets(name, other[name], now[name]));
}

/** The function that transfers them to the meter. */
function alteration(
  { options, io }: Run,
  fresh: FreshSecrets,
  opened: StoredConnection,
  prover: StoredConnection,
): (meter: Meter) => Promise<void> {
  const { password, secret } = fresh;
  const settings = storedSettings(prover);
  const own = String(opened.client) === String(prover.client);
  const association = own ? undefined : associationOf(settings.companion, settings.client)?.logicalName;
  const of = association === undefined ? {} : { association };
  if (password !== undefined) return (meter) => changePassword(meter, read('password', password), of);
  if (secret !== undefined) {
    const by = options.byAttribute === true ? 'attribute' : 'method';
    return (meter) => changeHlsSecret(meter, read('secret', secret), { ...of, by });
  }
  const kek = typeof options.kek === 'string' ? options.kek : io.env.COSEM_KEK || undefined;
  if (kek === undefined)
    throw new UsageError('new keys travel under the master key', 'add --kek, or COSEM_KEK to the environment');
  const masterKey = keyOctets(kek, '--kek');
  const keys = {
    ...(fresh.ek === undefined ? {} : { encryption: read('ek', fresh.ek) }),
    ...(fresh.ak === undefined ? {} : { authentication: read('ak', fresh.ak) }),
  };
  const others = own ? undefined : associationOf(settings.companion, settings.client)?.securitySetup;
  const setup = typeof options.setup === 'string' ? parseLogicalName(options.setup) : others;
  return async (meter) => {
    try {
      await transferKeys(meter, { masterKey, keys, ...(setup === undefined ? {} : { setup }) });
    } catch (error) {
      if (!(error instanceof AccessError)) throw error;
      const { result, target, message } = error;
      const hint = "is --kek the meter's master key, and may this client change keys?";
      throw new AccessError(result, target, message, { hint, cause: error });
    }
  };
}

function opener(run: Run) {
  return async (values: StoredConnection): Promise<Meter> => {
    const settings = storedSettings(values);
    return tellingLosses(await open(transportOf(settings), openOptions(settings, run, { see: () => {} })), run);
  };
}

/** Reports the state of the file together with the error. */
function explained({ output, io }: Run, error: unknown, file: KeyFile): unknown {
  output.endProgress();
  const held = error instanceof KeyChangeError ? error.held : undefined;
  if (held === 'unknown' || file.pending.length > 0) {
    output.note(
      `${file.path} holds both, what was and what is new: cosem keys resume --config ${file.path} ends the change.`,
    );
    if (io.signal.aborted) return new Interrupted();
  } else if (held === 'old') {
    output.note(`Rolled back: the meter holds what it held, and so does ${file.path}.`);
  } else if (!(error instanceof Interrupted)) {
    output.note(`Nothing was changed, in the meter or in ${file.path}.`);
  }
  return error;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
