import { closeSync, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { CaptureRecorder } from '../src/inspect.js';
import { nodeCrypto, systemErrorText } from '../src/node.js';
import type { TraceEvent } from '../src/tools.js';
import type { Run } from './command.js';
import { UsageError } from './failure.js';
import type { Io } from './io.js';
import type { ConnectionSettings } from './settings.js';

/** Files that a run began: what opens the meter again in the same run is recorded behind what was recorded before. */
const begun = new WeakMap<Io, Set<string>>();

const OWNER_ALONE = 0o600;

/** Takes a file from all but its owner; devices and pipes stay as they are. Gives whether nobody else can open it. */
function isPrivate(file: number): boolean {
  const stat = fstatSync(file);
  if (!stat.isFile() || (stat.mode & 0o077) === 0) return true;
  try {
    fchmodSync(file, OWNER_ALONE);
    return true;
  } catch {
    // Another owner, or a medium without permissions.
    return false;
  }
}

/** Writes what crosses the line into a file that Wireshark opens; secrets are masked, keys are never written. */
export class TraceFile {
  readonly #file: number;
  readonly #recorder: CaptureRecorder;

  private constructor(path: string, settings: ConnectionSettings, deciphered: boolean, goesOn: boolean) {
    const { companion, encryptionKey, authenticationKey, title, framing, client, server, line } = settings;
    this.#recorder = new CaptureRecorder({
      protocol: line.type === 'udp' ? 'udp' : 'tcp',
      comment: 'recorded by cosem: addresses, ports and sequence numbers are made up, secrets are masked with *',
      inspect: {
        companion,
        crypto: nodeCrypto,
        framing: framing.startsWith('wrapper') ? 'wrapper' : 'hdlc',
        keys: {
          ...(encryptionKey === undefined ? {} : { encryption: encryptionKey }),
          ...(authenticationKey === undefined ? {} : { authentication: authenticationKey }),
        },
        titles: title === undefined ? {} : { client: title },
      },
      ...(deciphered ? { deciphered: { client, server } } : {}),
    });
    try {
      // Readings are personal: for their owner alone, also where the file was there before.
      this.#file = openSync(path, goesOn ? 'a' : 'w', OWNER_ALONE);
    } catch (error) {
      throw new UsageError(
        `${path} cannot be written: ${systemErrorText(error)}`,
        'is --trace-file in a folder that there is?',
      );
    }
    this.#write(this.#recorder.begin(Date.now()));
  }

  /** The file that the options name; undefined where they name none. @throws UsageError when it cannot be written. */
  static of({ options, output, io }: Run, settings: ConnectionSettings): TraceFile | undefined {
    const deciphered = options.deciphered === true;
    if (typeof options.traceFile !== 'string') {
      if (deciphered) throw new UsageError('--deciphered without a file', 'add --trace-file FILE.pcapng');
      return undefined;
    }
    const paths = begun.get(io) ?? new Set();
    const goesOn = paths.has(options.traceFile);
    begun.set(io, paths.add(options.traceFile));
    if (deciphered && !goesOn) {
      output.note(`${options.traceFile} will hold readings that anyone can read who has the file.`);
    }
    const file = new TraceFile(options.traceFile, settings, deciphered, goesOn);
    if (!isPrivate(file.#file) && !goesOn)
      output.note(`${options.traceFile} can be read by others, which cannot be changed.`);
    return file;
  }

  see(event: TraceEvent): void {
    if (event.type === 'octets') {
      const from = event.direction === 'sent' ? 'client' : 'server';
      this.#write(this.#recorder.feed(event.bytes, from, Date.now()));
    } else if (event.type === 'link' && event.event.type === 'discarded') {
      this.#recorder.remark(`discarded: ${event.event.reason}`);
    }
  }

  end(): void {
    this.#write(this.#recorder.end(Date.now()));
    closeSync(this.#file);
  }

  #write(octets: Uint8Array): void {
    if (octets.length > 0) writeSync(this.#file, octets);
  }
}
