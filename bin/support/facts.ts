/** What the command knows of itself and its machine, for whoever helps from afar. Nothing in it is secret or personal. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { arch, freemem, platform, release, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { adapterOf, listPorts } from '../../src/node.js';
import type { Run } from '../command.js';
import { counterFile } from '../connect.js';
import { failureOf } from '../failure.js';
import { languageOf } from '../language.js';
import { logFileIn } from '../log-option.js';
import { HIDDEN_SETTINGS } from '../masked-words.js';
import type { Json } from '../output.js';
import { loadSupport } from '../packages.js';
import { localTime } from '../run-log.js';
import { connectionValues } from '../settings.js';
import { configFolder, stateFolder } from '../state-folder.js';
import { cosemVersion } from '../version.js';
import { causesIn, tailOf } from './log-tail.js';

/** Variables of the environment that the command reads beside those of the settings. Only their names are told. */
const VARIABLES: readonly string[] = [
  ...['CONFIG', 'CONNECTION', 'METER', 'FOLDER', 'LOG', 'DEBUG', 'PASSPHRASE', 'VERIFIER', 'VERIFIER_TOKEN'],
  ...['RECORDS', 'RECORDS_TOKEN', 'TRUST', 'KEK', 'NEW_EK', 'NEW_AK', 'NEW_PASSWORD', 'NEW_SECRET'],
  ...['CUSTOMER_EK', 'CUSTOMER_AK', 'EK', 'AK', 'PASSWORD', 'SECRET', 'TITLE', 'DEDICATED_KEY', 'SERIAL', 'TCP', 'UDP'],
].map((name) => `COSEM_${name}`);

/** Values of settings that are told as they are: numbers, words, ports, addresses of a network, logical names. */
const TOLD: readonly RegExp[] = [
  /^\d{1,7}(\.\d{1,3})?$/,
  /^[a-z][a-z0-9-]{0,20}$/,
  /^(\/dev\/[\w./-]{1,80}|COM\d{1,3})$/,
  /^\d+\.\d+\.\d+\.\d+(:\d{1,5})?$/,
  /^\d+(\.\d+){5}$/,
];

/** The whole content of a support file. */
export async function supportFacts(run: Run): Promise<Readonly<Record<string, Json>>> {
  const { io } = run;
  const { TZ, TERM } = io.env;
  const { columns = null, rows = null } = io.stdout as { columns?: number; rows?: number };
  return {
    format: 'cosem-support-1',
    made: localTime(new Date()),
    cosem: cosemVersion(),
    node: process.versions.node,
    portable: existsSync(join(process.execPath, '..', '..', 'SHA256SUMS')),
    system: { platform: platform(), arch: arch(), release: release() },
    memory: { total: totalmem(), free: freemem() },
    terminal: {
      language: languageOf(io),
      timeZone: { set: TZ !== undefined, minutes: -new Date().getTimezoneOffset() },
      ...{ kind: told(TERM ?? ''), columns, rows },
      ...{ stdin: io.stdin.isTTY === true, stdout: io.stdout.isTTY === true, stderr: io.stderr.isTTY === true },
    },
    environment: VARIABLES.filter((name) => io.env[name]),
    ports: await portFacts(),
    settings: settingFacts(run),
    state: stateFacts(run),
    ...logFacts(run),
    traces: traceFacts(run),
    packages: await packageFacts(run),
  };
}

/** Runs a part that may fail. Of an error only its code is told: its words may say what is in a file. */
function part(work: () => Json): Json {
  try {
    return work();
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Json {
  const { code } = error as { code?: unknown };
  return { failed: typeof code === 'string' && /^[A-Za-z-]{1,30}$/.test(code) ? code : failureOf(error).code };
}

async function portFacts(): Promise<Json> {
  try {
    const { ports } = await listPorts();
    return ports.slice(0, 64).map((port) => ({
      path: port.path.slice(0, 100),
      manufacturer: port.manufacturer?.slice(0, 60) ?? null,
      usb: port.vendorId === undefined ? null : `${port.vendorId}:${port.productId ?? '?'}`,
      adapter: adapterOf(port) ?? null,
      permitted: part(() => isWritable(port.path)),
    }));
  } catch (error) {
    return failed(error);
  }
}

/** Whether the rights of a device let us open it; null on Windows, which has others. */
function isWritable(path: string): boolean | null {
  if (platform() === 'win32') return null;
  const { mode, uid, gid } = statSync(path);
  const [own, group] = [process.getuid?.(), process.getgroups?.() ?? []];
  if (own === 0) return true;
  if (uid === own) return (mode & 0o600) === 0o600;
  return group.includes(gid) ? (mode & 0o060) === 0o060 : (mode & 0o006) === 0o006;
}

/** Every setting that is given: its value where that says nothing about anybody, else that there is one. */
function settingFacts(run: Run): Json {
  return part(() => {
    const values = connectionValues(run.options, run.io);
    return Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, HIDDEN_SETTINGS.has(name) ? GIVEN : told(value)]],
      ),
    );
  });
}

const GIVEN = '(given)';

function told(value: string): string {
  return TOLD.some((form) => form.test(value)) ? value : GIVEN;
}

/** What is kept from run to run: counters, what is known of meters. */
function stateFacts({ io, options }: Run): Json {
  const counters = counterFile(io, typeof options.counters === 'string' ? options.counters : undefined);
  return {
    counters: part(() => ({ octets: statSync(counters).size })),
    knownMeters: part(() => readdirSync(join(stateFolder(io), 'meters')).length),
    configuration: part(() => existsSync(configFolder(io))),
    freeOctets: part(() => freeOctets(stateFolder(io))),
  };
}

function freeOctets(folder: string): number {
  const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : '.');
  return bavail * bsize;
}

function logFacts({ io, options }: Run): { readonly log: Json; readonly causes: Json } {
  const file = logFileIn(typeof options.log === 'string' ? ['--log', options.log] : [], io.env);
  if (file === undefined) return { log: null, causes: [] };
  try {
    const { octets, lines, others } = tailOf(file);
    return { log: { name: shortName(file), octets, others, lines }, causes: causesIn(lines) };
  } catch (error) {
    return { log: { name: shortName(file), ...(failed(error) as object) }, causes: [] };
  }
}

/** Traces are named, and not taken along: they may hold readings. */
function traceFacts({ options }: Run): Json {
  const files = Array.isArray(options.traceFile) ? (options.traceFile as string[]) : [];
  return files.map((file) => {
    const about = part(() => {
      const octets = readFileSync(file);
      const sha256 = createHash('sha256').update(octets).digest('hex');
      return { octets: octets.length, modified: localTime(statSync(file).mtime), sha256 };
    });
    return { name: shortName(file), ...(about as object) };
  });
}

/** The name of a file without its folders; people also call files after people, in their own letters. */
function shortName(file: string): string {
  const name = basename(file);
  return /^[\w.-]{1,80}$/.test(name) ? name : '(another name)';
}

async function packageFacts(run: Run): Promise<Json> {
  const parts = await loadSupport();
  const found: Record<string, Json> = {};
  for (const [name, support] of Object.entries(parts)) {
    try {
      found[name] = support === undefined ? null : await support(run);
    } catch (error) {
      found[name] = failed(error);
    }
  }
  return found;
}
