/** Data links in both roles, and what is heard on lines that only bring: pushes, telegrams, the M-Bus. */

import type { Random } from '../../../simulator/random.js';
import { concat, fromLatin1 } from '../../../src/base/bytes.js';
import { withEvenParity } from '../../../src/base/parity.js';
import { decodeData } from '../../../src/codec/axdr.js';
import type { Link } from '../../../src/contracts/link.js';
import { control, encodeFrame, hdlcAddress } from '../../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../../src/link/hdlc-link.js';
import { addLlc } from '../../../src/link/hdlc-llc.js';
import { decodeIec21 } from '../../../src/link/iec21.js';
import { decodeMbusFrame } from '../../../src/link/mbus.js';
import { ModeCLink, SELECT_READOUT } from '../../../src/link/mode-c.js';
import { ModeELink } from '../../../src/link/mode-e.js';
import { decodeTelegram, TelegramSplitter } from '../../../src/link/telegram.js';
import { encodeWpdu, WrapperLink } from '../../../src/link/wrapper-link.js';
import { knownPushSheets } from '../../../src/push/known-sheets.js';
import { PushReceiver } from '../../../src/push/receiver.js';
import { readTelegram } from '../../../src/push/telegram.js';
import { nobleCrypto } from '../../../src/security/noble-crypto.js';
import { NotificationReceiver } from '../../../src/session/notification.js';
import { AK, blocks, ciphered, EK, hdlc, mbus, notification, TELEGRAM, TITLE, wrapped } from '../../push/lines.js';
import { apdus, lazy, modeTexts, sampledData } from './corpus.js';
import { must, type Surface } from './engine.js';
import { chunks, mutated } from './mutate.js';

const CLIENT = hdlcAddress(16);
const SERVER = hdlcAddress(1);
/** SNRM, UA, DISC, DM, FRMR, UI, RR, RNR and I frames, with and without P/F. */
const CONTROLS = [0x93, 0x73, 0x53, 0x1f, 0x97, 0x13, 0x11, 0x31, 0x15, 0x10, 0x30, 0x32, 0x52, 0x54, 0x00, 0x20];
/** What a link that is given `octets` may make of them at most, in events and frames. */
const mostOf = (octets: number) => 64 + 2 * octets;
const TURNS = 60;

/** A frame of any kind, its checks right. */
function anyFrame(random: Random, from: 'client' | 'server'): Uint8Array {
  const octet = random.chance(0.8) ? (CONTROLS[random.below(CONTROLS.length)] as number) : random.below(256);
  const apdu = random.chance(0.7) ? mutated(random, apdus()).subarray(0, 500) : new Uint8Array(random.below(4));
  const information =
    random.chance(0.8) && apdu.length > 0 ? addLlc(apdu, from === 'client' ? 'command' : 'response') : apdu;
  const mine = from === 'client' ? CLIENT : SERVER;
  const other = from === 'client' ? SERVER : CLIENT;
  const odd = random.chance(0.05) ? hdlcAddress(random.below(128)) : undefined;
  return encodeFrame({
    destination: odd ?? other,
    source: random.chance(0.03) ? other : mine,
    control: control(octet),
    segmented: random.chance(0.2),
    information: random.chance(0.2) ? new Uint8Array(0) : information,
  });
}

function frames(random: Random, from: 'client' | 'server'): Uint8Array {
  const octets = concat(...Array.from({ length: 1 + random.below(5) }, () => anyFrame(random, from)));
  return random.chance(0.2) ? mutated(random, [octets]) : octets;
}

/** Takes out what a link has to say. @returns how much that is. */
function drained(link: Link): { sent: Uint8Array[]; events: number; payload: number } {
  const sent: Uint8Array[] = [];
  let events = 0;
  let payload = 0;
  for (let frame = link.pollTransmit(); frame !== undefined; frame = link.pollTransmit()) sent.push(frame);
  for (let event = link.pollEvent(); event !== undefined; event = link.pollEvent()) {
    events++;
    if (event.type === 'payload') payload += event.bytes.length;
  }
  return { sent, events, payload };
}

/** Gives octets to a link in chunks, lets time pass, and looks that it makes no more of them than they are. */
function given(link: Link, input: Uint8Array, random: Random, now = 0): void {
  let time = now;
  const count = { sent: 0, events: 0, payload: 0 };
  const drain = () => {
    const { sent, events, payload } = drained(link);
    count.sent += sent.length;
    count.events += events;
    count.payload += payload;
  };
  for (const chunk of chunks(input, random)) {
    link.receive(chunk, time);
    drain();
    time += random.below(3);
  }
  link.pending?.();
  for (let turn = 0; turn < TURNS; turn++) {
    const due = link.pollTimeout();
    if (due === undefined) break;
    time = Math.max(time, due);
    link.handleTimeout(time);
    drain();
  }
  must(count.payload <= input.length, `${count.payload} octets of payload from ${input.length}`);
  must(count.events <= mostOf(input.length), `${count.events} events from ${input.length} octets`);
  must(count.sent <= mostOf(input.length), `${count.sent} frames from ${input.length} octets`);
}

/** Lets two links of our own come together. */
function connected(client: Link, server: Link): void {
  client.connect(0);
  for (let turn = 0; turn < 20; turn++) {
    const out = drained(client).sent;
    const back = out.flatMap((octets) => {
      server.receive(octets, 0);
      return drained(server).sent;
    });
    if (out.length === 0 && back.length === 0) return;
    for (const octets of back) client.receive(octets, 0);
  }
}

function hdlcPair(): { client: HdlcLink; server: HdlcLink } {
  return {
    client: new HdlcLink('client', { client: 16, server: 1 }),
    server: new HdlcLink('server', { devices: [1] }),
  };
}

const wpdus = (random: Random) => {
  const all = Array.from({ length: 1 + random.below(3) }, () =>
    encodeWpdu({ source: random.below(3), destination: 16, apdu: mutated(random, apdus()) }),
  );
  const octets = concat(...all);
  return random.chance(0.6) ? mutated(random, [octets]) : octets;
};

/** What is on a line of text with parity or without. */
function line(random: Random): Uint8Array {
  const octets = mutated(random, [...modeTexts(), TELEGRAM]);
  return random.chance(0.4) ? withEvenParity(octets.map((octet) => octet & 0x7f)) : octets;
}

const bodies = lazy(() =>
  sampledData()
    .slice(0, 80)
    .map((octets) => notification(decodeData(octets))),
);
/** Pushes that nobody changed, and who may have said what is in them. */
const SENT = 0x0bad;
const sealedPushes = lazy(() =>
  bodies()
    .slice(0, 30)
    .map((apdu, i) => ciphered(apdu, { counter: SENT + i })),
);

function inFrames(random: Random, apdu: Uint8Array): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return apdu;
    case 1:
      return wrapped(apdu);
    case 2:
      return concat(...hdlc(apdu, { size: 40 + random.below(400) }));
    case 3:
      return concat(...mbus(apdu, 20 + random.below(225)));
    case 4:
      return concat(...blocks(apdu, 20 + random.below(100)).map((block) => wrapped(block)));
    default:
      return concat(...blocks(apdu, 20 + random.below(100)));
  }
}

/** Whether nobody on the line had the keys: what is proved then was sent by the meter. */
type Forger = 'with-keys' | 'without-keys';

function pushed(random: Random, forger: Forger): Uint8Array {
  if (forger === 'without-keys') {
    const octets = inFrames(random, mutated(random, sealedPushes()));
    return random.chance(0.3) ? mutated(random, [octets]) : octets;
  }
  if (random.chance(0.1)) return mutated(random, [TELEGRAM]);
  const inner = mutated(random, random.chance(0.8) ? bodies() : apdus());
  const apdu = random.chance(0.3) ? ciphered(inner, { counter: 1 + random.below(1000) }) : inner;
  const octets = inFrames(random, apdu);
  return random.chance(0.3) ? mutated(random, [octets]) : octets;
}

const honest = lazy(() => {
  const receiver = receiverOf();
  return new Set(
    sealedPushes().flatMap((push) =>
      receiver
        .receive(wrapped(push))
        .flatMap((event) => (event.type === 'push' ? [contentOf(event.push.message)] : [])),
    ),
  );
});

const contentOf = (message: object) =>
  JSON.stringify(message, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));

function receiverOf(keys = true): PushReceiver {
  const notifications = new NotificationReceiver({
    crypto: nobleCrypto,
    keysOf: (title) => (keys && title[7] === TITLE[7] ? { encryption: EK, authentication: AK } : undefined),
  });
  return new PushReceiver({ notifications, sheets: knownPushSheets });
}

function heard(input: Uint8Array, random: Random, forger: Forger): void {
  const receiver = receiverOf(forger === 'without-keys' || random.chance(0.7));
  let count = 0;
  const take = (events: ReturnType<PushReceiver['receive']>) => {
    for (const event of events) {
      count++;
      if (event.type !== 'push' || forger === 'with-keys' || !event.push.authenticated) continue;
      must(honest().has(contentOf(event.push.message)), 'a push is called proved that no meter sent');
    }
  };
  for (const chunk of chunks(input, random)) {
    take(receiver.receive(chunk));
    if (random.chance(0.2)) take(receiver.pause());
  }
  take(receiver.flush());
  must(count <= mostOf(input.length), `${count} events from ${input.length} octets`);
}

export const linkSurfaces: readonly Surface[] = [
  {
    name: 'hdlc-client',
    share: 40,
    make: (random) => frames(random, 'server'),
    feed: (input, random) => {
      const { client, server } = hdlcPair();
      if (random.chance(0.8)) connected(client, server);
      else client.connect(0);
      if (random.chance(0.5)) {
        try {
          client.send(Uint8Array.of(0xc0, 1, 0xc1, 0), 0);
        } finally {
          given(client, input, random);
        }
      } else given(client, input, random);
    },
  },
  {
    name: 'hdlc-server',
    share: 40,
    make: (random) => frames(random, 'client'),
    feed: (input, random) => {
      const { client, server } = hdlcPair();
      if (random.chance(0.8)) connected(client, server);
      given(server, input, random);
    },
  },
  {
    name: 'hdlc-listener',
    share: 10,
    make: (random) => frames(random, 'server'),
    feed: (input, random) => {
      const link = new HdlcLink('listener', {});
      link.connect(0);
      given(link, input, random);
    },
  },
  {
    name: 'wrapper',
    share: 30,
    make: wpdus,
    feed: (input, random) => {
      const mode = random.chance(0.7) ? 'stream' : 'datagram';
      const role = random.below(3);
      const link: Link =
        role === 0
          ? new WrapperLink('client', { client: 16, server: 1, mode })
          : role === 1
            ? new WrapperLink('server', { devices: [1, 16], mode })
            : new WrapperLink('listener', { mode });
      if (role < 2) link.connect(0);
      given(link, input, random);
    },
  },
  {
    name: 'mode-c',
    share: 15,
    make: line,
    feed: (input, random) => {
      const isClient = random.chance(0.6);
      const link = new ModeCLink(
        isClient ? { role: 'client' } : { role: 'server', manufacturer: 'XXX', identification: 'METER', baud: 9600 },
      );
      link.connect(0);
      drained(link);
      if (isClient && random.chance(0.6)) {
        link.receive(fromLatin1('/XXX5METER\r\n'), 10);
        drained(link);
        if (random.chance(0.8)) link.send(SELECT_READOUT, 20);
      }
      given(link, input, random, 1000);
    },
  },
  {
    name: 'mode-e',
    share: 4,
    make: (random) => (random.chance(0.5) ? line(random) : frames(random, 'server')),
    feed: (input, random) => {
      const { client, server } = hdlcPair();
      const isClient = random.chance(0.6);
      const link = isClient
        ? new ModeELink({ role: 'client' }, client)
        : new ModeELink({ role: 'server', manufacturer: 'XXX', identification: 'METER', baud: 9600 }, server);
      link.connect(0);
      drained(link);
      if (isClient && random.chance(0.5)) {
        link.receive(withEvenParity(fromLatin1('/XXX5\\2METER\r\n')), 10);
        drained(link);
      }
      given(link, input, random, 1000);
    },
  },
  {
    name: 'telegram',
    share: 25,
    make: line,
    feed: (input, random) => {
      let refused = 0;
      const splitter = new TelegramSplitter((): void => {
        refused++;
      });
      for (const chunk of chunks(input, random)) {
        for (const { dataSets } of splitter.push(chunk)) readTelegram({ dataSets });
      }
      must(refused <= mostOf(input.length), `${refused} refusals of ${input.length} octets`);
      if (random.chance(0.5)) readTelegram(decodeTelegram(input));
      else decodeIec21(input);
    },
  },
  {
    name: 'm-bus',
    share: 15,
    make: (random) => {
      const octets = concat(...mbus(mutated(random, bodies()), 20 + random.below(225)));
      return random.chance(0.7) ? mutated(random, [octets]) : octets;
    },
    feed: (input) => void decodeMbusFrame(input),
  },
  {
    name: 'push',
    share: 30,
    make: (random) => pushed(random, 'with-keys'),
    feed: (input, random) => heard(input, random, 'with-keys'),
  },
  {
    name: 'push-sealed',
    share: 10,
    make: (random) => pushed(random, 'without-keys'),
    feed: (input, random) => heard(input, random, 'without-keys'),
  },
];
