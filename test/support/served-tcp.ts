import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../bin/program.js';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { listenTcp } from '../../src/node.js';
import { FakeIo } from '../bin/fake-io.js';
import type { ServedMeter } from './served-meter.js';

/** Runs commands, in this process, against a served meter behind a socket: the wrapper, the public client. */
export async function commandsOn(served: ServedMeter, lines: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-served-'));
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    void served.serve(transport, new WrapperLink('server', {}));
  });
  const results: { exit: number; out: string; err: string; io: FakeIo }[] = [];
  try {
    for (const line of lines) {
      const io = new FakeIo({ XDG_STATE_HOME: folder });
      const where = ['--tcp', `127.0.0.1:${listener.port}`, '--framing', 'wrapper', '--patience', '0'];
      const exit = await main([...line.split(' '), ...where], io);
      results.push({ exit, out: io.stdout.text, err: io.stderr.text, io });
    }
  } finally {
    await listener.close();
    rmSync(folder, { recursive: true });
  }
  return results;
}
