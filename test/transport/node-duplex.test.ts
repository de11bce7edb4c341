import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LinkError, StateError } from '../../src/base/errors.js';
import { duplex } from '../../src/transport/node-duplex.js';
import { listening } from '../support/listen.js';

describe('a stream of Node as a transport', () => {
  it('carries octets both ways, and closes once', async () => {
    const loop = new PassThrough();
    const transport = duplex(loop, { name: 'loop' });
    expect(transport.name).toBe('loop');
    const heard = await listening(transport);
    transport.write(Uint8Array.of(1, 2));
    expect(await heard.heard(2)).toEqual([1, 2]);
    expect(heard.chunks[0]).not.toBeInstanceOf(Buffer);
    await transport.close();
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    expect(heard.closings).toBe(1);
    expect(loop.destroyed).toBe(true);
    await expect(transport.open({ data: () => undefined, closed: () => undefined })).rejects.toThrow(StateError);
  });

  it('tells that the other end has closed, or broke', async () => {
    const ended = new PassThrough();
    const first = await listening(duplex(ended));
    ended.push(null);
    expect(await first.closed).toMatchObject({ reason: 'peer-closed' });
    const broken = new PassThrough();
    const second = await listening(duplex(broken));
    broken.destroy(new Error('cable cut'));
    const error = await second.closed;
    expect(error).toBeInstanceOf(LinkError);
    expect(error?.message).toMatch(/cable cut/);
    expect([first.closings, second.closings]).toEqual([1, 1]);
  });

  it('makes another stream where it was told how', async () => {
    let made = 0;
    const again = () => {
      made++;
      return new PassThrough();
    };
    const transport = duplex(new PassThrough(), { again });
    await listening(transport);
    await transport.close();
    const next = transport.again?.();
    expect(next).toBeDefined();
    const heard = await listening(next!);
    next!.write(Uint8Array.of(7));
    expect(await heard.heard(1)).toEqual([7]);
    await next!.close();
    expect(made).toBe(1);
    expect(duplex(new PassThrough()).again).toBeUndefined();
  });

  it('does not wait for a peer that takes nothing', async () => {
    const stuck = new Duplex({ read: () => undefined, write: () => undefined });
    const transport = duplex(stuck);
    const heard = await listening(transport);
    transport.write(new Uint8Array(10));
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    expect(stuck.destroyed).toBe(true);
  });
});
