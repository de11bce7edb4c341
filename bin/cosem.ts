#!/usr/bin/env node
import { Interrupted } from './io.js';
import { main } from './program.js';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time is meant: releasing the meter takes too long for this person.
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Interrupted());
  });
}
// `cosem objects | head` closes our output early: that is no fault.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

const { stdin, stdout, stderr, env } = process;
process.exitCode = await main(process.argv.slice(2), { stdin, stdout, stderr, env, signal: stop.signal });
// A port that does not close must not keep the command alive.
process.stdout.write('', () => setTimeout(() => process.exit(), 1000).unref());
