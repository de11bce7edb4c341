/** Lines with something wrong at their far end, each opened anew by every attempt. */

import { VirtualLine, type VirtualMeter } from '../../simulator/index.js';
import { fromHex, LinkError, type Transport, toHex, type VirtualClock } from '../../src/index.js';
import { fromLatin1, HdlcLink, type Link, ModeELink, memoryPair } from '../../src/protocol.js';
import { serveLink } from '../../src/server.js';

/** Makes the line once more. */
export type Connect = () => Transport;
/** What comes back to an APDU of a client. */
type Answer = (
  asked: { readonly client: number; readonly server: number; readonly bytes: Uint8Array },
  now: number,
) => Uint8Array | undefined;

/** The speed that the options of a test name. */
export const BAUD = 9600;

export const hdlc = (more: { lower?: number; accepts?: readonly (1 | 2 | 4)[] } = {}) =>
  new HdlcLink('server', { devices: [1], ...more });

export function signingOn(): Link {
  return new ModeELink({ role: 'server', manufacturer: 'CSM', identification: 'D1', baud: BAUD }, hdlc());
}

/** A port that is not to be had, in the words of the system. */
export function failing(message: string, code?: string): Connect {
  const cause = Object.assign(new Error(message), code === undefined ? {} : { code });
  return rejecting(new LinkError('transport', 'not to be had', { cause }));
}

/** A line that cannot be opened for this reason. */
export function rejecting(error: Error): Connect {
  return () => ({
    name: 'serial /dev/ttyUSB0',
    open: () => Promise.reject(error),
    write: () => {},
    close: () => Promise.resolve(),
  });
}

/** A header without information and its check sequence (CRC-16/X-25, low octet first). */
function withFcs(hex: string): string {
  let crc = 0xffff;
  for (const octet of fromHex(hex)) {
    crc ^= octet;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0x8408 : crc >> 1;
  }
  crc ^= 0xffff;
  return hex + [crc & 0xff, crc >> 8].map((octet) => octet.toString(16).padStart(2, '0')).join('');
}

/** DM from server 1 to client 16. */
export const DM_TO_16 = fromHex(`7E${withFcs('A00721031F')}7E`);
/** DM from server 1 to the client of a frame; the address of the server has one octet. */
export function dmTo(frame: Uint8Array): Uint8Array {
  return fromHex(`7E${withFcs(`A007${toHex(frame.subarray(4, 5))}031F`)}7E`);
}

/** Text at 7E1, as it is heard at 8N1. */
export const EVEN_TEXT = Uint8Array.from('/ABC5 AN OLD METER\r\n', (letter) => {
  const code = letter.charCodeAt(0);
  const ones = code.toString(2).replaceAll('0', '').length;
  return ones % 2 === 1 ? code | 0x80 : code;
});
export const TEXT = fromLatin1('ERROR: no such meter\r\n');
export const GARBAGE = Uint8Array.of(0x81, 0x02, 0x7e, 0xff, 0x13, 0x7e, 0x99);

/** AARE of a meter that accepts with short names. */
export const SHORT_NAMES_AARE = fromHex(
  '6129A109060760857405080102A203020100A305A103020100BE10040E0800065F1F04001C03200200FA00',
);
/** AARE: rejected-permanent, no common ACSE version (of the provider). */
export const REFUSING_AARE = fromHex('6117A109060760857405080101A203020101A305A203020102');

/** AARE: rejected-transient, no reason given. */
export const NOT_NOW_AARE = fromHex('6117A109060760857405080101A203020102A305A103020101');

/** Lines to a meter in a virtual time. */
export function provokedLines(clock: VirtualClock, meterOf: () => VirtualMeter) {
  const asMeter: Answer = ({ client, server, bytes }, now) => meterOf().handle(client, server, bytes, now);

  function serve(transport: Transport, link: Link, answer: Answer = asMeter) {
    return serveLink(transport, link, clock, {
      payload: answer,
      // A new data link begins without association.
      connected: ({ client }) => void meterOf().handle(client, 1, Uint8Array.of(0x62, 0x00)),
    });
  }

  /** The port, set anew to the speed of the options by each attempt. */
  function portOf(virtual: VirtualLine): Connect {
    return () => {
      void virtual.a.configure?.({ baudRate: BAUD });
      return virtual.a;
    };
  }

  /** A line with the meter at its end; the options say what is odd about it. */
  function line(link: () => Link, baudRate = BAUD, modeE = false, latency = 0): Connect {
    const virtual = new VirtualLine(clock, { baudRate, latency });
    if (modeE) void virtual.b.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    void serve(virtual.b, link());
    return portOf(virtual);
  }

  /** A meter whose answers to APDUs are these. */
  function serving(answer: Answer): Connect {
    const virtual = new VirtualLine(clock, {});
    void serve(virtual.b, hdlc(), answer);
    return portOf(virtual);
  }

  /** The meter, but for the answers to GET of clients without protection. */
  function reading(answer: (invokeId: number) => Uint8Array | undefined): Connect {
    return serving((asked, now) => (asked.bytes[0] === 0xc0 ? answer(asked.bytes[2] as number) : asMeter(asked, now)));
  }

  /** Somebody at the far end who answers anything with these octets. */
  function answering(bytes: Uint8Array | undefined, echo = false): Connect {
    const virtual = new VirtualLine(clock, { echo: [echo, false] });
    void virtual.b.open({
      data: () => {
        if (bytes !== undefined) virtual.b.write(bytes);
      },
      closed: () => {},
    });
    return portOf(virtual);
  }

  /** A meter that answers each frame with these octets. */
  function answeringFrames(answer: (frame: Uint8Array) => Uint8Array | undefined): Connect {
    const virtual = new VirtualLine(clock, {});
    let frame: number[] = [];
    void virtual.b.open({
      data: (chunk) => {
        frame.push(...chunk);
        if (frame.length < 8 || frame.at(-1) !== 0x7e) return;
        const octets = answer(Uint8Array.from(frame));
        frame = [];
        if (octets !== undefined) virtual.b.write(octets);
      },
      closed: () => {},
    });
    return portOf(virtual);
  }

  /** The meter, which hears this client alone. */
  function hearingOnly(client: number): Connect {
    const virtual = new VirtualLine(clock, {});
    const far = virtual.b;
    const deaf: Transport = {
      name: far.name,
      write: (bytes) => far.write(bytes),
      close: () => far.close(),
      open: (handler) =>
        far.open({
          ...handler,
          // 7E, two octets of format and length, the server in one octet, the client.
          data: (chunk) => {
            if (toHex(chunk).startsWith('7EA0') && chunk[4] !== client * 2 + 1) return;
            handler.data(chunk);
          },
        }),
    };
    void serve(deaf, hdlc());
    return portOf(virtual);
  }

  /** A meter that signs on like this, and knows no HDLC. */
  function saying(said: readonly string[]): Connect {
    const virtual = new VirtualLine(clock, { baudRate: 300 });
    void virtual.b.configure?.({ baudRate: 300, dataBits: 7, parity: 'even' });
    let heard = '';
    let asked = 0;
    void virtual.b.open({
      data: (chunk) => {
        heard += String.fromCharCode(...chunk);
        if (!heard.endsWith('/?!\r\n')) return;
        virtual.b.write(new TextEncoder().encode(said[Math.min(asked++, said.length - 1)]));
      },
      closed: () => {},
    });
    return () => virtual.a;
  }

  /** The meter at the far end of a network. */
  function network(link: () => Link): Connect {
    return () => {
      const [client, server] = memoryPair();
      void serve(server, link());
      return client;
    };
  }

  /** Who answers whatever comes by these octets, over a network. */
  function speaking(bytes: Uint8Array): Connect {
    return () => {
      const [client, far] = memoryPair();
      void far.open({ data: () => far.write(bytes), closed: () => {} });
      return client;
    };
  }

  return {
    serve,
    line,
    serving,
    reading,
    answering,
    answeringFrames,
    hearingOnly,
    saying,
    network,
    speaking,
  };
}
