import { describe, expect, it } from 'vitest';
import { type Part, PartJoiner, PartShelf } from '../../src/push/joiner.js';

const KIB = 1024;
const part = (octets: number, first: boolean, last = false): Part => ({ bytes: new Uint8Array(octets), first, last });

describe('what is kept of messages that are not whole', () => {
  it('is bounded once for all joiners, and what goes for it is told', () => {
    const shelf = new PartShelf();
    const joiners = ['segment', 'part', 'block'].map((name) => new PartJoiner(name, shelf));
    const lost: string[] = [];
    let most = 0;
    for (let sender = 0; sender < 20; sender++) {
      for (const joiner of joiners) {
        for (let i = 0; i < 25; i++) {
          lost.push(...joiner.add(`${sender}`, part(10 * KIB, i === 0)).lost);
          most = Math.max(most, shelf.octets);
        }
      }
    }
    expect(most).toBeLessThanOrEqual(512 * KIB);
    const open = joiners.flatMap((joiner) => joiner.flush());
    // Nothing goes in silence.
    expect(lost.length + open.length).toBe(60);
    expect(lost[0]).toBe(
      'a message is dropped, because too many are incomplete: 25 segments of it came, the last segment is missing',
    );
    expect(shelf.octets).toBe(0);
  });

  it('many senders who only begin: the oldest goes, and is told', () => {
    const joiner = new PartJoiner('segment');
    const lost = Array.from({ length: 100 }, (_, i) => joiner.add(`${i}`, part(1, true)).lost).flat();
    expect(lost.length + joiner.flush().length).toBe(100);
    expect(lost[0]).toContain('its first segment came');
  });

  it('one of the longest messages is joined beside others', () => {
    const joiner = new PartJoiner('block');
    joiner.add('other', part(200 * KIB, true));
    joiner.add('long', part(200 * KIB, true));
    const { message, lost } = joiner.add('long', part(56 * KIB, false, true));
    expect(message?.length).toBe(256 * KIB);
    expect(lost).toEqual([]);
    expect(joiner.isOpen('other')).toBe(true);
  });
});
