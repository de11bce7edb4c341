/** Servers whose I frames acknowledge nothing: N(R) stays 0. */
import { describe, expect, it } from 'vitest';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { client16, events, nameOf, octets, sent, server1 } from './harness.js';

const INFORMATION = Uint8Array.of(0xe6, 0xe7, 0x00, 0xc4);

function connected(acknowledgeByAnswer: boolean): HdlcLink {
  const link = new HdlcLink('client', { client: 16, server: 1, acknowledgeByAnswer });
  link.connect(0);
  link.receive(octets('UA', { to: client16, from: server1 }), 0);
  sent(link);
  events(link);
  return link;
}

/** Sends a request and hears an answer that bears N(R) = 0. */
function ask(link: HdlcLink, ns: number): string[] {
  link.send(Uint8Array.of(0xc0), 0);
  const frames = sent(link);
  link.receive(octets(`I${ns}.0`, { to: client16, from: server1, information: INFORMATION }), 0);
  return [...frames, ...sent(link)].map(nameOf);
}

describe('a server whose I frames always bear N(R) = 0', () => {
  it('is sent its request again by a client that believes N(R)', () => {
    expect(ask(connected(false), 0)).toEqual(['I0.0', 'I0.1']);
  });

  it('is taken by its answer where the client is told so, over a whole turn of the numbers', () => {
    const link = connected(true);
    for (let i = 0; i < 20; i++) {
      expect(ask(link, i & 7)).toEqual([`I${i & 7}.${i & 7}`]);
      expect(events(link).map(({ type }) => type)).toEqual(['payload']);
    }
  });

  it('vouches for nothing by an answer that came before', () => {
    const link = connected(true);
    ask(link, 0);
    events(link);
    expect(ask(link, 0)).toEqual(['I1.1']);
    expect(events(link).map(({ type }) => type)).toEqual(['discarded']);
  });
});
