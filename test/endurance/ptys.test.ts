import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { main } from '../../bin/program.js';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { systemClock } from '../../src/base/clock.js';
import { type Framing, open, type Resumption } from '../../src/index.js';
import { nodeCrypto, serial } from '../../src/node.js';
import { FakeIo } from '../bin/fake-io.js';
import { hasSocat, ptyPair } from '../support/pty.js';

/** Real serialport bindings on pseudo-terminals, in real time. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-ptys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const meter = createMeter('is15959-1ph', { seed: 7, clock: systemClock });
const port = (path: string, framing: Framing, baudRate: number) =>
  serial(path, { baudRate: framing === 'mode-e' ? 300 : baudRate });

describe.skipIf(!hasSocat)('over real serial bindings (needs socat)', () => {
  it.each([
    ['hdlc', 9600, 'public'],
    ['hdlc', 300, 'reader'],
    ['hdlc', 115_200, 'utility'],
    ['hdlc', 19_200, 'firmware'],
    ['mode-e', 9600, 'public'],
  ] as const)(
    '%s at %d baud, client %s: reads, a profile, and lets go',
    { timeout: 180_000 },
    async (framing, baud, name) => {
      await using pair = await ptyPair();
      const served = await meter.attach(port(pair.a, framing, baud), { framing });
      for (let again = 0; again < 2; again++) {
        const client = await open(port(pair.b, framing, baud), {
          framing,
          crypto: nodeCrypto,
          ...openOptionsOf(meter, name),
        });
        expect(await client.get(client.data('0.0.96.1.0.255').value)).toMatchObject({
          type: 'visible-string',
          value: meter.identity.serial,
        });
        if (name === 'reader' || name === 'utility')
          expect((await client.profile('1.0.99.2.0.255').rows({ last: 3 })).length).toBe(3);
        await client.close();
      }
      await served.close();
    },
  );

  it('goes on when the port vanishes and comes back under its name', { timeout: 180_000 }, async () => {
    const links = [join(folder, 'meter'), join(folder, 'reader')] as const;
    const first = await ptyPair(links);
    await meter.attach(serial(links[0]), { framing: 'hdlc', faults: ['delay=30ms'] });
    const resumptions: Resumption[] = [];
    const client = await open(serial(links[1]), {
      crypto: nodeCrypto,
      ...openOptionsOf(meter, 'reader'),
      patience: 60_000,
    });
    client.on('resumed', (resumption) => resumptions.push(resumption));
    let pulled = false;
    let came: (() => void) | undefined;
    const back = new Promise<void>((resolve) => {
      came = resolve;
    });
    let second: Awaited<ReturnType<typeof ptyPair>> | undefined;
    const told: string[] = [];
    const rows = await client.profile('1.0.99.1.0.255').rows(
      { last: 200 },
      {
        onRow: ({ time }) => told.push(String(time)),
        onProgress: ({ rows: whole }) => {
          if (whole < 60 || pulled) return;
          pulled = true;
          void first.unplug().then(async () => {
            for (const link of links) if (existsSync(link)) rmSync(link);
            second = await ptyPair(links);
            await meter.attach(serial(links[0]), { framing: 'hdlc' });
            came?.();
          });
        },
      },
    );
    await back;
    expect(resumptions.length).toBe(1);
    expect(rows.length).toBe(200);
    expect(new Set(told).size).toBe(200);
    expect(told).toEqual(rows.map(({ time }) => String(time)));
    await client.close();
    await second?.unplug();
  });

  it('Ctrl-C in a long read releases the meter and keeps the rows; --resume goes on', {
    timeout: 180_000,
  }, async () => {
    const links = [join(folder, 'meter-2'), join(folder, 'reader-2')] as const;
    await using _pair = await ptyPair(links);
    const simulated = new FakeIo();
    const config = join(folder, 'meter.json');
    const line = `simulate --serial ${links[0]} --framing hdlc --write-config ${config} --seed 7 --json --fault delay=40ms`;
    const ended = main(line.split(' '), simulated);
    await Promise.race([simulated.stdout.until(/"event":"ready"/), ended]);
    const kept = join(folder, 'rows.jsonl');
    const read = (io: FakeIo) =>
      main(
        ['profile', '1.0.99.2.0.255', '--resume', kept, '--config', config, '--connection', 'reader'].concat([
          '--serial',
          links[1],
          '--json',
        ]),
        io,
      );
    const env = { XDG_STATE_HOME: folder };
    const stopped = new FakeIo(env);
    const reading = read(stopped);
    while (!existsSync(kept) || readFileSync(kept, 'utf8').split('\n').length < 5) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    stopped.interrupt();
    expect(await reading).toBe(130);
    expect(stopped.stderr.text).toMatch(/released/);
    // As after a kill: half a row.
    writeFileSync(kept, `${readFileSync(kept, 'utf8')}[{"octet-st`);
    const on = new FakeIo(env);
    expect(await read(on)).toBe(0);
    expect(on.stderr.text).toMatch(/holds \d+ rows already: going on behind them/);
    const { rows } = on.document() as { rows: { time: string }[] };
    expect(rows.length).toBeGreaterThan(30);
    expect(new Set(rows.map(({ time }) => time)).size).toBe(rows.length);
    expect(readFileSync(kept, 'utf8').trim().split('\n').length).toBe(rows.length + 1);
    const other = new FakeIo(env);
    const wrong = ['profile', '1.0.99.1.0.255', '--resume', kept, '--config', config, '--connection', 'reader'];
    expect(await main(wrong.concat(['--serial', links[1]]), other)).toBe(2);
    expect(other.stderr.text).toMatch(/is not a file of rows of this profile/);
    simulated.interrupt();
    await ended;
  });
});
