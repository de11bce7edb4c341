import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/base/clock.js';
import { LinkError } from '../../src/base/errors.js';
import type { Transport, TransportHandler } from '../../src/contracts/transport.js';
import { IdlePeers, type Standing } from '../../src/transport/idle-peers.js';

const MINUTE = 60_000;

class Line implements Transport {
  readonly name: string;
  handler: TransportHandler | undefined;
  isClosed = false;

  constructor(name: string) {
    this.name = name;
  }

  async open(handler: TransportHandler): Promise<void> {
    this.handler = handler;
  }

  write(): void {}

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.handler?.closed();
  }
}

async function peersOf(count: number, { idle = 10 * MINUTE, most = 256 } = {}) {
  const clock = new VirtualClock(0);
  const peers = new IdlePeers({ clock, idle, most });
  const told: string[] = [];
  const lines = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const line = new Line(`line ${i}`);
      const transport = peers.admit(line);
      await transport.open({
        data: (chunk) => told.push(`${line.name} ${chunk[0]}`),
        closed: (error) => told.push(error instanceof LinkError ? error.message : `${line.name} closed`),
      });
      return { line, transport };
    }),
  );
  return { clock, peers, told, lines };
}

it('a connection over which nothing comes is closed, one that is heard is not', async () => {
  const { clock, peers, told, lines } = await peersOf(2);
  clock.advance(6 * MINUTE);
  lines[1]?.line.handler?.data(Uint8Array.of(7));
  clock.advance(4 * MINUTE - 1);
  expect(told).toEqual(['line 1 7']);
  clock.advance(1);
  expect(told).toEqual(['line 1 7', 'line 0: closed, nothing came for 10 minutes']);
  expect(lines.map(({ line }) => line.isClosed)).toEqual([true, false]);
  clock.advance(6 * MINUTE - 1);
  expect(peers.size).toBe(1);
  clock.advance(1);
  expect(told.at(-1)).toBe('line 1: closed, nothing came for 10 minutes');
  expect(peers.size).toBe(0);
});

it('one too many: the one that was silent longest goes, and hears why', async () => {
  const { clock, peers, told, lines } = await peersOf(3, { most: 3 });
  clock.advance(1);
  lines[0]?.line.handler?.data(Uint8Array.of(1));
  const late = new Line('late');
  peers.admit(late);
  expect(told.slice(1)).toEqual(['line 1: closed, 3 connections at most, and this one was silent longest']);
  expect(lines.map(({ line }) => line.isClosed)).toEqual([false, true, false]);
  expect([peers.size, late.isClosed]).toEqual([3, false]);
});

it('a connection that ends, on either side, is forgotten, and no timer is left', async () => {
  const { clock, peers, told, lines } = await peersOf(2);
  lines[0]?.line.handler?.closed(new LinkError('peer-closed', 'gone'));
  await lines[1]?.transport.close();
  expect(peers.size).toBe(0);
  expect(told).toEqual(['gone', 'line 1 closed']);
  clock.advance(60 * MINUTE);
  expect(told).toHaveLength(2);
});

it('one that was closed before it was opened cannot be opened', async () => {
  const clock = new VirtualClock(0);
  const peers = new IdlePeers({ clock, idle: MINUTE, most: 1 });
  const transport = peers.admit(new Line('never opened'));
  clock.advance(MINUTE);
  await expect(transport.open({ data: () => {}, closed: () => {} })).rejects.toThrow('nothing came for 1 minute');
});

it('whatever happens: never more than the most, none silent for longer than the limit, each told once that it is closed', () => {
  const act = fc.record({ peer: fc.nat(20), what: fc.constantFrom('come', 'data', 'end'), after: fc.nat(300) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const clock = new VirtualClock(0);
      const peers = new IdlePeers({ clock, idle: 500, most: 4 });
      const open = new Map<number, { line: Line; heard: number }>();
      const ends: number[] = [];
      let next = 0;
      for (const { peer, what, after } of acts) {
        clock.advance(after);
        const known = [...open.keys()][peer % Math.max(1, open.size)];
        if (what === 'come') {
          const id = next++;
          const line = new Line(String(id));
          const handler: TransportHandler = {
            data: () => {},
            closed: () => {
              ends.push(id);
              open.delete(id);
            },
          };
          peers
            .admit(line)
            .open(handler)
            .catch(() => {});
          open.set(id, { line, heard: clock.now() });
        } else if (known !== undefined) {
          const one = open.get(known) as { line: Line; heard: number };
          if (what === 'end') one.line.handler?.closed();
          else {
            one.line.handler?.data(Uint8Array.of(0));
            one.heard = clock.now();
          }
        }
        expect(open.size).toBe(peers.size);
        expect(open.size).toBeLessThanOrEqual(4);
        for (const { heard } of open.values()) expect(clock.now() - heard).toBeLessThanOrEqual(500);
      }
      expect(new Set(ends).size).toBe(ends.length);
    }),
  );
});

describe('what a connection has proved once it keeps', () => {
  /** One that was heard while it had this standing, and has none since: between two associations. */
  async function between(best: Standing, most = 256) {
    const clock = new VirtualClock(0);
    const peers = new IdlePeers({ clock, idle: 10 * MINUTE, most, handshake: MINUTE / 2 });
    const line = new Line('between');
    let standing: Standing = 'stranger';
    const why: (string | undefined)[] = [];
    const admitted = peers.admit(line, () => standing);
    await admitted.open({
      data: ([octet]) => {
        standing = octet === 1 ? best : 'stranger';
      },
      closed: (error) => why.push(error?.message),
    });
    line.handler?.data(Uint8Array.of(1));
    clock.advance(20_000);
    line.handler?.data(Uint8Array.of(0));
    return { clock, peers, why };
  }

  it.each(['associated', 'proved'] as const)('%s: no lack of an association closes it later', async (best) => {
    const { clock, peers, why } = await between(best);
    clock.advance(MINUTE);
    // Whoever comes lets the others be looked at.
    peers.admit(new Line('new'), () => 'stranger');
    clock.advance(1);
    expect(why).toEqual([]);
    clock.advance(10 * MINUTE);
    expect(why).toEqual(['between: closed, nothing came for 10 minutes']);
  });

  it('proved: one that proved nothing makes room first, though it was heard later', async () => {
    const { clock, peers, why } = await between('proved', 2);
    clock.advance(1);
    const other = new Line('other');
    peers.admit(other, () => 'associated');
    peers.admit(new Line('new'), () => 'stranger');
    expect([why, other.isClosed]).toEqual([[], true]);
  });

  it('a place that was taken by a sweep is judged by what was seen then', async () => {
    const clock = new VirtualClock(0);
    const peers = new IdlePeers({ clock, idle: 10 * MINUTE, most: 256, handshake: MINUTE / 2 });
    let standing: Standing = 'associated';
    const line = new Line('put away');
    peers.admit(line, () => standing);
    clock.advance(MINUTE);
    standing = 'stranger';
    peers.admit(new Line('new'), () => 'stranger');
    clock.advance(MINUTE);
    expect(line.isClosed).toBe(false);
  });
});
