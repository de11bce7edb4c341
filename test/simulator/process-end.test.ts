import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const entry = (path: string) => JSON.stringify(join(root, 'dist', path));

/** Reads a meter and closes it; stops nothing. A sweep of the fleet comes 60 s later: whoever waits for it is still here after 45. */
const program = (serve: string, server = 1) => `
  import { open, systemClock } from ${entry('src/index.js')};
  import { memoryPair } from ${entry('src/protocol.js')};
  import { createFleet, createMeter } from ${entry('simulator/index.js')};
  const [line, served] = memoryPair();
  const options = { clock: systemClock, seed: 7 };
  ${serve}
  const meter = await open(line, { framing: 'wrapper', client: 16, server: ${server} });
  await meter.get(meter.clock().time);
  await meter.close();
  setTimeout(() => process.exit(9), 45_000).unref();
`;

/** `npm test` builds first. */
describe.skipIf(!existsSync(join(root, 'dist/src/index.js')))(
  'a program whose lines are closed ends by itself (needs a build)',
  () => {
    it.each([
      ['a single meter', "await createMeter('is15959-1ph', options).attach(served, { framing: 'wrapper' });", 1],
      [
        'a fleet',
        "await createFleet('is15959-1ph', { ...options, count: 3 }).attach(1, served, { framing: 'wrapper' });",
        1,
      ],
      [
        'a fleet behind a gateway',
        "await createFleet('is15959-1ph', { ...options, count: 3 }).gateway(served, { framing: 'wrapper' });",
        257,
      ],
    ])(
      'with %s',
      async (_what, serve, server) => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program(serve, server)], {
          stdio: 'inherit',
        });
        const [code] = await once(child, 'close');
        expect(code).toBe(0);
      },
      120_000,
    );
  },
);
