import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/index.js';
import { type InspectNode, inspect, Speakers } from '../../src/inspect.js';

/** The first frame, message or value of these octets. */
const unit = (hex: string) => inspect(fromHex(hex)).node.children?.[0] as InspectNode;
const SNRM = '7EA00703619369477E';
const UA = '7EA020610373059E8180140502034006020340070400000001080400000001B7297E';
/** Client 5 opens a link to server 3: addresses that tell nothing by custom. */
const SNRM_OF_5 = '7EA007070B932DBC7E';
/** Receive ready, of the same server: nothing in it tells whose it is. */
const RR_OF_3 = '7EA0070B075130557E';

describe('who speaks on a line that is listened to', () => {
  it('shows by what one side alone sends', () => {
    const speakers = new Speakers();
    expect(speakers.of(unit(SNRM))).toBe('client');
    expect(speakers.of(unit(UA))).toBe('server');
  });

  it('is remembered for the addresses', () => {
    const speakers = new Speakers();
    expect(speakers.of(unit(RR_OF_3))).toBeUndefined();
    expect(speakers.of(unit(SNRM_OF_5))).toBe('client');
    expect(speakers.of(unit(RR_OF_3))).toBe('server');
  });

  it('is remembered for the addresses and titles that showed it last: whoever makes some up fills no memory', () => {
    const speakers = new Speakers();
    const frame = unit(SNRM_OF_5);
    const numbered = (source: number): InspectNode => ({
      ...frame,
      children: (frame.children ?? []).map((child) =>
        child.name.startsWith('source') ? { ...child, text: `${source}` } : child,
      ),
    });
    const titled = (side: string, title: number): InspectNode => ({
      ...frame,
      children: [
        { ...frame, name: side, children: [] },
        { ...frame, name: 'system-title', value: `${title}`, children: [] },
      ],
    });
    speakers.of(frame);
    speakers.of(titled('get-request', 0));
    for (let other = 1; other < 256; other++) {
      speakers.of(numbered(1000 + other));
      speakers.of(titled('get-request', other));
    }
    expect([speakers.of(unit(RR_OF_3)), speakers.of(titled('', 0))]).toEqual(['server', 'client']);
    speakers.of(numbered(2000));
    speakers.of(titled('get-response', 2000));
    expect([speakers.of(unit(RR_OF_3)), speakers.of(titled('', 0))]).toEqual([undefined, undefined]);
    expect(speakers.of(titled('', 2000))).toBe('server');
  });

  it('of what has no addresses shows by the content alone, or not at all', () => {
    const speakers = new Speakers();
    expect(speakers.of(unit('C001C1000100002A0000FF0200'))).toBe('client');
    expect(speakers.of(unit('C401C1000901AA'))).toBe('server');
    expect(speakers.of(unit('0901AA'))).toBeUndefined();
  });
});
