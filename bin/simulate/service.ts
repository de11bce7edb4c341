/** `cosem simulate` as a service of a CI: where it listens in a file, a health page, and a command that is run against it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { HttpServer } from '../../src/http/server.js';
import { systemErrorText } from '../../src/node.js';
import { UsageError } from '../failure.js';
import { aborted, type Io } from '../io.js';
import { type Line, wholeIn } from '../settings.js';

/** The options of the service. */
export interface ServiceOptions {
  readonly portFile?: string;
  /** The port of the health page, 0 for any that is free. */
  readonly health?: number;
  /** The command to run, with its arguments; empty when there is none. */
  readonly command: readonly string[];
}

/** @throws UsageError */
export function serviceOptions(options: Readonly<Record<string, unknown>>, command: readonly string[]): ServiceOptions {
  const { portFile, health } = options;
  if (typeof portFile === 'string' && options.serial !== undefined) {
    throw new UsageError('a serial port has no number for --port-file', 'leave it out, or use --tcp or --udp');
  }
  if (command.length > 0 && options.ui === true) {
    throw new UsageError('--ui needs the terminal that the command would have', 'leave out --ui or the command');
  }
  return {
    ...(typeof portFile === 'string' ? { portFile } : {}),
    ...(typeof health === 'string' ? { health: wholeIn(health, '--health', 0, 65_535) } : {}),
    command,
  };
}

/** The first step of a scenario that failed. The health page and the exit code report it. */
export class Fitness {
  #failure: string | undefined;

  /** The place and text of the step that failed. */
  get failure(): string | undefined {
    return this.#failure;
  }

  fail(step: string): void {
    this.#failure ??= step;
  }
}

/** A served meter, as others find it. */
export interface Service {
  /** Where its health is told: `http://127.0.0.1:8081/health`. */
  readonly health: string | undefined;
  close(): Promise<void>;
}

/**
 * Writes the port file and serves the health page: both are there only while the meter listens.
 * @throws UsageError when the file cannot be written; LinkError when the port cannot be had.
 */
export async function startService(
  { portFile, health }: ServiceOptions,
  line: Line,
  fitness: Fitness,
): Promise<Service> {
  const server = health === undefined ? undefined : await healthServer(health, fitness);
  try {
    if (portFile !== undefined && line.type !== 'serial') writeWhole(portFile, `${line.port}\n`);
  } catch (error) {
    await server?.close();
    throw error;
  }
  return {
    health: server === undefined ? undefined : `${server.url}/health`,
    close: async () => {
      if (portFile !== undefined) rmSync(portFile, { force: true });
      await server?.close();
    },
  };
}

/** 200 while all is well, 503 after a step of the scenario failed. */
async function healthServer(port: number, fitness: Fitness): Promise<HttpServer> {
  const { listenHttp } = await import('../../src/http/server.js');
  return listenHttp({
    name: 'the health page',
    port,
    routes: [
      {
        method: 'GET',
        path: '/health',
        answer: () => {
          const { failure } = fitness;
          return failure === undefined
            ? { status: 200, body: JSON.stringify({ status: 'ready' }) }
            : { status: 503, body: JSON.stringify({ status: 'failed', step: failure }) };
        },
      },
    ],
  });
}

/** Written as a whole: a reader never sees half of it. @throws UsageError */
function writeWhole(file: string, text: string): void {
  try {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new UsageError(
      `${file} cannot be written: ${systemErrorText(error)}`,
      'is --port-file in a folder that there is?',
    );
  }
}

/**
 * Runs a command against the meter; Ctrl-C ends it. In its environment COSEM_HOST and COSEM_PORT say where the meter is, COSEM_CONFIG which
 * configuration file to use, where one was written.
 * @returns its exit code; 128 and the number of the signal that ended it.
 * @throws UsageError when it cannot be started.
 */
export async function runAgainst(
  io: Io,
  [name = '', ...args]: readonly string[],
  line: Line,
  config: string | undefined,
): Promise<number> {
  const child = spawn(name, args, {
    stdio: 'inherit',
    env: {
      ...io.env,
      ...(line.type === 'serial' ? {} : { COSEM_HOST: line.host, COSEM_PORT: String(line.port) }),
      ...(config === undefined ? {} : { COSEM_CONFIG: config }),
    },
  });
  void aborted(io.signal).then(() => child.kill());
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } catch (error) {
    throw new UsageError(
      `${name} cannot be run: ${systemErrorText(error)}`,
      'the command stands behind the options: cosem simulate … -- COMMAND',
    );
  }
}
