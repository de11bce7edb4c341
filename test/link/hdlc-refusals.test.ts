import { describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualLine } from '../../simulator/line.js';
import { VirtualClock } from '../../src/base/clock.js';
import { type LinkError, open } from '../../src/index.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { serveLink } from '../../src/transport/server.js';

/** A meter that takes one client at a time: SNRM of another is refused (DM) while the first one's link is open. */
async function occupied(freeAfter: number | undefined, patience?: number) {
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
  const meter = createMeter('is15959-1ph', { seed: 7, clock });
  const line = new VirtualLine(clock);
  // maxConnections 0: nobody gets in.
  const link = new HdlcLink('server', { devices: [1], maxConnections: 0 });
  const free = new HdlcLink('server', { devices: [1] });
  let heard = 0;
  const choice = {
    connect: () => {},
    send: (...args: Parameters<typeof free.send>) => free.send(...args),
    disconnect: () => {},
    receive: (chunk: Uint8Array, now: number) => {
      heard++;
      (freeAfter !== undefined && now - started >= freeAfter ? free : link).receive(chunk, now);
    },
    handleTimeout: (now: number) => {
      free.handleTimeout(now);
      link.handleTimeout(now);
    },
    pollTimeout: () => free.pollTimeout() ?? link.pollTimeout(),
    pollTransmit: () => link.pollTransmit() ?? free.pollTransmit(),
    pollEvent: () => link.pollEvent() ?? free.pollEvent(),
  };
  const started = clock.now();
  await serveLink(line.b, choice, clock, {
    payload: ({ client, server, bytes }, now) => meter.handle(client, server, bytes, now),
  });
  const opening = clock.run(
    open(line.a, {
      clock,
      ...openOptionsOf(meter, 'public'),
      ...(patience === undefined ? {} : { patience }),
    }).then(
      () => 'open' as const,
      (error: LinkError) => error,
    ),
  );
  const outcome = await opening;
  return { outcome, seconds: (clock.now() - started) / 1000, heard };
}

describe('a meter that refuses the data link (DM)', () => {
  it.each([1, 20, 50])("is waited for until another client's link ends, after %d s", async (seconds) => {
    const { outcome, seconds: took } = await occupied(seconds * 1000);
    expect(outcome).toBe('open');
    // Asked again every five seconds at most.
    expect(took).toBeLessThan(seconds + 7);
  });

  it('is given up when patience ends, and the sentence says how often it was asked', async () => {
    const { outcome, seconds, heard } = await occupied(undefined);
    expect(outcome).toMatchObject({ code: 'link', reason: 'rejected' });
    expect(String(outcome)).toMatch(/refused the link \(DM\), 1[0-9] times in (5[5-9]|60) s/);
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThan(62);
    expect(heard).toBeGreaterThan(10);
  });

  it.each([
    [0, 1],
    [3000, 5],
    [400_000, 402],
  ])('patience of %d ms: for less than %d s', async (patience, most) => {
    const { outcome, seconds } = await occupied(undefined, patience);
    expect(outcome).toMatchObject({ code: 'link', reason: 'rejected' });
    expect(seconds).toBeLessThan(most);
    expect(seconds).toBeGreaterThanOrEqual(Math.max(0, patience / 1000 - 5));
  });
});
