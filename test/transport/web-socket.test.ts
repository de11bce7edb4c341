import { describe, expect, it, vi } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { systemClock } from '../../src/base/clock.js';
import { LinkError, StateError } from '../../src/base/errors.js';
import { open } from '../../src/index.js';
import { memoryPair } from '../../src/transport/memory.js';
import { type WebSocketLike, webSocket } from '../../src/transport/web-socket.js';
import { listening } from '../support/listen.js';

/** A WebSocket whose other end is the test. */
class FakeSocket extends EventTarget {
  readyState = 0;
  binaryType = 'blob';
  readonly url = 'wss://user:password@bridge.example/meter/7?token=secret#x';
  readonly sent: number[][] = [];
  onSend: (data: Uint8Array) => void = () => undefined;

  get like(): WebSocketLike {
    return this as unknown as WebSocketLike;
  }

  opened(): void {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  send(data: Uint8Array): void {
    this.sent.push([...data]);
    this.onSend(data.slice());
  }

  message(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    queueMicrotask(() => {
      if (code !== 1000) this.dispatchEvent(new Event('error'));
      this.dispatchEvent(Object.assign(new Event('close'), { code, reason }));
    });
  }
}

const DEAF = { data: () => undefined, closed: () => undefined };

describe('a WebSocket as a transport', () => {
  it('carries octets both ways and closes once; its name shows nothing secret', async () => {
    const socket = new FakeSocket();
    const transport = webSocket(socket.like);
    queueMicrotask(() => socket.opened());
    const heard = await listening(transport);
    expect(transport.name).toBe('wss://bridge.example/meter/7');
    expect(socket.binaryType).toBe('arraybuffer');
    transport.write(Uint8Array.of(1, 2));
    expect(socket.sent).toEqual([[1, 2]]);
    socket.message(Uint8Array.of(3).buffer);
    socket.message(Buffer.from([4, 5]));
    expect(heard.octets).toEqual([3, 4, 5]);
    await transport.close();
    await transport.close();
    expect(await heard.closed).toBeUndefined();
    expect(heard.closings).toBe(1);
    expect(transport.again).toBeUndefined();
    await expect(transport.open(DEAF)).rejects.toThrow(StateError);
  });

  it.each([0, 1])('waits two seconds for an other end that does not answer the closing, state %i', async (state) => {
    vi.useFakeTimers();
    try {
      const socket = new FakeSocket();
      let dropped = 0;
      const silent = Object.assign(socket, { close: () => {}, terminate: () => dropped++ });
      const transport = webSocket(silent.like);
      if (state === 1) queueMicrotask(() => socket.opened());
      const ends: (Error | undefined)[] = [];
      const opening = transport.open({ data: () => undefined, closed: (error) => ends.push(error) });
      opening.catch(() => {});
      if (state === 1) await opening;
      let over = false;
      const closing = transport.close().then(() => {
        over = true;
      });
      await vi.advanceTimersByTimeAsync(1999);
      expect(over).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await closing;
      expect(dropped).toBe(1);
      if (state === 1) expect(ends).toEqual([undefined]);
      else await expect(opening).rejects.toThrow(LinkError);
      // What comes late is heard by nobody.
      socket.dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }));
      expect(ends.length).toBe(state);
    } finally {
      vi.useRealTimers();
    }
  });

  it('tells why it ended: closed, broken, text', async () => {
    for (const [end, reason, words] of [
      [(socket: FakeSocket) => socket.close(), 'peer-closed', /has closed/],
      [(socket: FakeSocket) => socket.close(1001), 'peer-closed', /has closed/],
      [(socket: FakeSocket) => socket.close(1006), 'transport', /broke \(WebSocket 1006\)/],
      [(socket: FakeSocket) => socket.message('hello'), 'transport', /text/],
    ] as const) {
      const socket = new FakeSocket();
      socket.readyState = 1;
      const heard = await listening(webSocket(socket.like));
      end(socket);
      const error = (await heard.closed) as LinkError;
      expect(error.reason).toBe(reason);
      expect(error.message).toMatch(words);
      expect(heard.closings).toBe(1);
      // Text closes it here as well, and nothing that still comes is octets of the line.
      expect(socket.readyState).toBe(3);
      socket.message(Uint8Array.of(9).buffer);
      expect(heard.octets).toEqual([]);
    }
  });

  it('sends nothing before it is open and after it is closed', async () => {
    const socket = new FakeSocket();
    const transport = webSocket(socket.like);
    const opening = listening(transport);
    transport.write(Uint8Array.of(1));
    socket.opened();
    await opening;
    transport.write(Uint8Array.of(2));
    const closing = transport.close();
    transport.write(Uint8Array.of(3));
    await closing;
    expect(socket.sent).toEqual([[2]]);
    expect(socket.readyState).toBe(3);
  });

  it('may be opened again where no socket could be made', async () => {
    const made = new FakeSocket();
    let times = 0;
    const transport = webSocket(() => {
      if (times++ === 0) throw new SyntaxError('not yet');
      return made.like;
    });
    await expect(transport.open(DEAF)).rejects.toThrow(/not yet/);
    const opening = transport.open(DEAF);
    made.opened();
    await opening;
    await transport.close();
  });

  it('says what cannot be opened, and that it was closed meanwhile', async () => {
    const refused = new FakeSocket();
    const opening = webSocket(refused.like).open(DEAF);
    refused.close(1006);
    await expect(opening).rejects.toThrow(LinkError);
    const bad = webSocket(() => {
      throw new SyntaxError('no such address');
    });
    await expect(bad.open(DEAF)).rejects.toThrow(/no such address/);
    const late = new FakeSocket();
    late.readyState = 3;
    await expect(webSocket(late.like).open(DEAF)).rejects.toThrow(/closed already/);
    const left = webSocket(new FakeSocket().like);
    const waiting = left.open(DEAF);
    await Promise.all([left.close(), expect(waiting).rejects.toThrow(LinkError)]);
  });

  it('closes while it is opening: the opening fails, and an `open` that still comes carries nothing', async () => {
    const socket = new FakeSocket();
    // A bridge may accept in the moment in which we leave.
    socket.close = () => {
      FakeSocket.prototype.opened.call(socket);
      FakeSocket.prototype.close.call(socket);
    };
    const heard = { octets: 0, closings: 0 };
    const transport = webSocket(socket.like);
    const opening = transport.open({ data: () => void heard.octets++, closed: () => void heard.closings++ }).then(
      () => 'open',
      (error: unknown) => error,
    );
    await transport.close();
    expect(await opening).toBeInstanceOf(LinkError);
    socket.message(Uint8Array.of(1).buffer);
    transport.write(Uint8Array.of(2));
    // The owner of a line that never opened hears nothing of its end.
    expect({ ...heard, sent: socket.sent }).toEqual({ octets: 0, closings: 0, sent: [] });
    await transport.close();
  });

  it('cannot be opened by an error event alone, as Node 22 gives it, and is closed then', async () => {
    const socket = new FakeSocket();
    socket.close = () => undefined;
    const transport = webSocket(socket.like);
    const opening = transport.open(DEAF).then(
      () => 'open',
      (error: unknown) => error,
    );
    socket.dispatchEvent(new Event('error'));
    expect(await Promise.race([opening, new Promise((resolve) => setImmediate(resolve))])).toBeInstanceOf(LinkError);
    await transport.close();
  });

  it('is not over by an error event alone, and says once that it broke when the close follows', async () => {
    const socket = new FakeSocket();
    socket.readyState = 1;
    const transport = webSocket(socket.like);
    const heard = await listening(transport);
    socket.dispatchEvent(new Event('error'));
    socket.message(Uint8Array.of(1).buffer);
    transport.write(Uint8Array.of(2));
    expect({ octets: heard.octets, sent: socket.sent, closings: heard.closings }).toEqual({
      octets: [1],
      sent: [[2]],
      closings: 0,
    });
    socket.close(1006, 'gone');
    expect(((await heard.closed) as LinkError).message).toMatch(/WebSocket 1006: gone/);
    expect(heard.closings).toBe(1);
  });

  it('takes text as the end once, and is closed without waiting for the other end', async () => {
    const socket = new FakeSocket();
    socket.readyState = 1;
    let closes = 0;
    // Never answers the close.
    socket.close = () => void closes++;
    const transport = webSocket(socket.like);
    const heard = await listening(transport);
    socket.message('hello');
    socket.message('hello again');
    socket.message(Uint8Array.of(9).buffer);
    transport.write(Uint8Array.of(1));
    expect(((await heard.closed) as LinkError).message).toMatch(/text/);
    await transport.close();
    expect({ octets: heard.octets, closings: heard.closings, closes, sent: socket.sent }).toEqual({
      octets: [],
      closings: 1,
      closes: 1,
      sent: [],
    });
  });

  it('passes no text on that comes before it is open, and hears a socket that is only then open', async () => {
    const socket = new FakeSocket();
    const transport = webSocket(socket.like);
    const opening = listening(transport);
    socket.message('too early');
    socket.opened();
    socket.opened();
    const heard = await opening;
    socket.message(Uint8Array.of(1).buffer);
    expect({ octets: heard.octets, closings: heard.closings }).toEqual({ octets: [1], closings: 0 });
    await transport.close();
  });

  it('carries a session with a meter, and makes another socket when the first is gone', async () => {
    const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
    const sockets: FakeSocket[] = [];
    const bridge = () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      const [here, there] = memoryPair();
      void virtual.attach(there, { framing: 'wrapper' });
      void here.open({
        data: (chunk) => {
          if (socket.readyState === 1) socket.message(chunk.slice().buffer);
        },
        closed: () => socket.close(),
      });
      socket.onSend = (data) => here.write(data);
      // A meter that still has its association lets nobody else in.
      socket.addEventListener('close', () => void here.close());
      queueMicrotask(() => socket.opened());
      return socket.like;
    };
    const meter = await open(webSocket(bridge), {
      framing: 'wrapper',
      ...openOptionsOf(virtual, 'utility'),
      reconnect: true,
    });
    expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
    const resumed = new Promise<void>((resolve, reject) => {
      meter.on('resumed', () => resolve());
      meter.on('closed', ({ error }) => reject(error));
    });
    sockets[0]?.close(1006);
    await resumed;
    expect(sockets.length).toBeGreaterThan(1);
    expect(await meter.get(meter.data('0.0.96.1.0.255').value)).toBeDefined();
    await meter.close();
    virtual.stop();
  });
});
