import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WrapperLink } from '../../src/link/wrapper-link.js';
import { listenTcp } from '../../src/node.js';
import { type Ran, ran } from '../bin/ran.js';
import type { ServedMeter } from './served-meter.js';

/** Runs commands, in this process, against a served meter behind a socket: the wrapper, the public client. */
export async function commandsOn(served: ServedMeter, lines: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-served-'));
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, (transport) => {
    void served.serve(transport, new WrapperLink('server', {}));
  });
  const results: Ran[] = [];
  try {
    for (const line of lines) {
      const where = ['--tcp', `127.0.0.1:${listener.port}`, '--framing', 'wrapper', '--patience', '0'];
      results.push(await ran([...line.split(' '), ...where], { XDG_STATE_HOME: folder }));
    }
  } finally {
    await listener.close();
    rmSync(folder, { recursive: true });
  }
  return results;
}
