/** Transfers in blocks that do not get on: the association is opened again without them, once, and it is kept in mind. */

import { describe, expect, test } from 'vitest';
import type { Aarq } from '../../src/apdu/apdu.js';
import { decodeApdu, encodeApdu } from '../../src/apdu/codec.js';
import { conformanceBits } from '../../src/apdu/conformance.js';
import { concat, fromHex } from '../../src/base/bytes.js';
import { visible } from '../../src/codec/make.js';
import type { CacheStore, OpenOptions } from '../../src/index.js';
import { parseQuirks } from '../../src/tools.js';
import { RogueMeter } from './rogue-lists.js';

const LONG = 'x'.repeat(700);

class MemoryCache implements CacheStore {
  readonly entries = new Map<string, string>();
  load(entry: string): string | undefined {
    return this.entries.get(entry);
  }
  save(entry: string, text: string): void {
    this.entries.set(entry, text);
  }
}

/** What a rogue makes of a general block, or of a block of GET. */
type Break = (block: Uint8Array, number: number) => Uint8Array | undefined;

/** Its long text comes in blocks, if they were proposed: in ones that are spoilt. */
class Rogue extends RogueMeter {
  associations = 0;
  proposed: number[] = [];
  /** Each AARQ: its way of naming, and whether anything secret is in it. */
  asked: string[] = [];
  constructor(kind: 'general' | 'get', spoil: Break) {
    super();
    this.notes = LONG;
    let blocks = 0;
    this.says = (answer, request) => {
      if (request[0] === 0x60) {
        this.associations++;
        const { applicationContextName, callingAuthenticationValue, ...rest } = decodeApdu(request) as Aarq;
        const secret = callingAuthenticationValue !== undefined || rest.mechanismName !== undefined;
        this.asked.push(`${applicationContextName.at(-1) === 2 ? 'sn' : 'ln'}${secret ? ' with a secret' : ''}`);
        this.proposed.push(
          Number.parseInt(Buffer.from(request).toString('hex').split('5f1f0400')[1]?.slice(0, 6) ?? '', 16),
        );
        blocks = 0;
        return answer === undefined ? answer : granting(answer, this.proposed.at(-1) as number);
      }
      const general = ((this.proposed.at(-1) ?? 0) & conformanceBits(['general-block-transfer'])) !== 0;
      if (answer === undefined) return answer;
      if (kind === 'general') {
        if (!general || (answer[0] === 0xc4 && answer[1] !== 2)) return answer;
        const whole = encodeApdu({
          type: 'get-response-normal',
          invokeId: request[2] ?? 0xc1,
          result: { data: visible(LONG) },
        });
        const number = ++blocks;
        const raw = whole.slice((number - 1) * 300, number * 300);
        const last = number * 300 >= whole.length;
        const ack = request[0] === 0xe0 ? Number(request[3]) : 0;
        const block = encodeApdu({
          type: 'general-block-transfer',
          ...{ last, streaming: false, window: 1, blockNumber: number, blockNumberAck: ack, raw },
        });
        return spoil(block, number);
      }
      const blocked = ((this.proposed.at(-1) ?? 0) & conformanceBits(['block-transfer-with-get-or-read'])) !== 0;
      if (blocked) return answer[0] === 0xc4 && answer[1] === 2 ? spoil(answer, ++blocks) : answer;
      if (answer[0] !== 0xc4 || !('error' in (decodeApdu(answer) as { result?: object }).result!)) return answer;
      // Without blocks it sends what is long in one piece.
      return encodeApdu({
        type: 'get-response-normal',
        invokeId: request[2] as number,
        result: { data: visible(LONG) },
      });
    };
  }
}

/** The AARE with these services granted, 24 bits. */
function granting(aare: Uint8Array, conformance: number): Uint8Array {
  const at = aare.findIndex((_, i) => [0x5f, 0x1f, 0x04, 0x00].every((octet, k) => aare[i + k] === octet));
  if (at < 0) return aare;
  const bits = Uint8Array.of(conformance >> 16, (conformance >> 8) & 0xff, conformance & 0xff);
  return concat(aare.subarray(0, at + 4), bits, aare.subarray(at + 7));
}

const text = (meter: Rogue, options: OpenOptions = {}) =>
  meter.visit(async (opened) => opened.get(opened.data('0.0.96.13.0.255').value), options);

const withNumber = (block: Uint8Array, at: number, number: number) => {
  const copy = block.slice();
  copy[at] = number;
  return copy;
};

describe.each<[string, Break]>([
  ['lengths that do not hold, in the first', (b, n) => (n === 1 ? b.slice(0, 100) : b)],
  ['lengths that do not hold, in the second (case 17)', (b, n) => (n === 2 ? b.slice(0, 100) : b)],
  ['block 2 again and again (case 17)', (b, n) => (n > 2 ? withNumber(b, 3, 2) : b)],
  ['numbers that leap', (b, n) => (n > 1 ? withNumber(b, 3, 99) : b)],
  ['the transfer aborted', (b, n) => (n === 2 ? withNumber(b, 3, 0) : b)],
  ['no end', (b) => Uint8Array.from(b, (octet, i) => (i === 1 ? octet & 0x7f : octet))],
  ['an exception in place of the second', (b, n) => (n === 2 ? fromHex('D80202') : b)],
  ['octets that are no APDU', (b, n) => (n === 2 ? fromHex('FFFF') : b)],
  ['acknowledgements of what was not sent', (b, n) => (n === 2 ? withNumber(b, 5, 77) : b)],
])('general blocks with %s', (_, spoil) => {
  test('opened again without, said in one line', async () => {
    const meter = new Rogue('general', spoil);
    expect(await text(meter)).toEqual(visible(LONG));
    expect(meter.codes).toEqual(['opened-without']);
    expect(meter.remarks[0]).toMatchObject({ weight: 'note', text: expect.stringContaining('general-block-transfer') });
    expect(meter.associations).toBe(2);
    const [first = 0, second = 0] = meter.proposed;
    expect(first ^ second).toBe(conformanceBits(['general-block-transfer']));
  });
});

describe.each<[string, Break]>([
  ['lengths that do not hold', (b, n) => (n === 1 ? b.slice(0, 100) : b)],
  ['a number that came already', (b, n) => (n === 2 ? withNumber(b, 7, 1) : b)],
  ['an exception in place of the second', (b, n) => (n === 2 ? fromHex('D80202') : b)],
])('blocks of GET with %s', (_, spoil) => {
  test('opened again without, said in one line', async () => {
    const meter = new Rogue('get', spoil);
    const conformance = conformanceBits([
      'get',
      'set',
      'action',
      'block-transfer-with-get-or-read',
      'multiple-references',
    ]);
    expect(await text(meter, { conformance })).toEqual(visible(LONG));
    expect(meter.codes).toEqual(['opened-without']);
    const [first = 0, second = 0] = meter.proposed;
    expect(first ^ second).toBe(conformanceBits(['block-transfer-with-get-or-read']));
  });
});

describe('what was found out', () => {
  const spoil: Break = (b, n) => (n === 2 ? b.slice(0, 100) : b);
  test('is known at the next visit of the same meter, and of no other', async () => {
    const cache = new MemoryCache();
    const meter = new Rogue('general', spoil);
    named(meter, 'ABC1');
    await text(meter, { cache });
    meter.associations = 0;
    // Told once, as a sheet that a person may keep.
    expect(meter.codes).toEqual(['opened-without', 'quirk-proposal']);
    const { text: proposal, weight } = meter.remarks[1]!;
    expect(weight).toBe('detail');
    expect(parseQuirks(proposal.slice(proposal.indexOf('{')), 'proposal')).toMatchObject([
      { match: { manufacturer: 'ABC' }, effects: { without: ['general-block-transfer'] } },
    ]);
    meter.remarks.length = 0;
    expect(await text(meter, { cache })).toEqual(visible(LONG));
    expect([meter.associations, meter.codes]).toEqual([1, []]);
    const other = new Rogue('general', (b) => b);
    named(other, 'ABC2');
    other.clock.advance(3_600_000);
    expect(await text(other, { cache })).toEqual(visible(LONG));
    // The first association was without; who the meter is showed that another one was right.
    expect(other.associations).toBe(2);
    expect((other.proposed[1] as number) & conformanceBits(['general-block-transfer'])).not.toBe(0);
  });

  test('about lists likewise', async () => {
    const cache = new MemoryCache();
    const meter = new RogueMeter((results) => results.slice(1));
    named(meter, 'ABC1');
    const right = await meter.read(undefined, { cache });
    meter.lists = 0;
    expect(await meter.read(undefined, { cache })).toEqual(right);
    expect([meter.lists, meter.codes]).toEqual([0, ['list-void', 'quirk-proposal']]);
  });

  test('is not kept of a meter that does not say who it is', async () => {
    const cache = new MemoryCache();
    const meter = new Rogue('general', spoil);
    named(meter, undefined);
    await text(meter, { cache });
    expect(cache.entries.size).toBe(0);
  });

  test('once: what breaks without the service too is an error', async () => {
    const meter = new Rogue('general', spoil);
    const { says } = meter;
    meter.says = (answer, request) =>
      request[0] === 0xc0 && meter.associations > 1 ? fromHex('FFFF') : says(answer, request);
    await expect(text(meter)).rejects.toThrow();
    expect(meter.associations).toBe(2);
  });
});

/** AARE rejected-permanent with this diagnostic of the service user; behind it user-information, where told. */
const refused = (diagnostic: string, information = '', result = 1) =>
  fromHex(
    `61${(22 + information.length / 2).toString(16)}A109060760857405080101A20302010${result}A305A1030201${diagnostic}${information}`,
  );

/** Initiate: incompatible-conformance, as confirmed-service-error. */
const INCOMPATIBLE = 'BE0604040E010602';

describe('an association refused where a service is left out as on an earlier visit', () => {
  const spoil: Break = (b, n) => (n === 2 ? b.slice(0, 100) : b);
  const remembering = async () => {
    const cache = new MemoryCache();
    const meter = new Rogue('general', spoil);
    named(meter, 'ABC1');
    await text(meter, { cache });
    meter.associations = 0;
    meter.proposed = [];
    meter.asked = [];
    return { meter, cache, kept: new Map(cache.entries) };
  };
  /** The first association, or each, is refused so. */
  const refuse = (meter: Rogue, aare: Uint8Array, always: boolean) => {
    const { says } = meter;
    meter.says = (answer, request) => {
      const right = says(answer, request);
      return request[0] === 0x60 && (always || meter.associations === 1) ? aare : right;
    };
  };

  test.each([
    ['authentication failure: the password is wrong', '0D', ''],
    ['a mechanism that is not recognised', '0B', ''],
    ['authentication required', '0E', ''],
    ['our title not recognised', '03', ''],
    ['no reason, but an invocation counter beside it', '01', 'BE090407D8020600000001'],
    ['no reason, but a deciphering error beside it', '01', 'BE050403D80205'],
  ])('for %s: not tried again, and nothing is forgotten', async (_, diagnostic, information) => {
    const { meter, cache, kept } = await remembering();
    refuse(meter, refused(diagnostic, information), true);
    await expect(text(meter, { cache })).rejects.toThrow('the meter refused the association');
    expect(meter.associations).toBe(1);
    expect(cache.entries).toEqual(kept);
  });

  test.each([
    ['no reason', '01', ''],
    ['incompatible conformance', '01', INCOMPATIBLE],
  ])('for %s: forgotten, and tried once more with it', async (_, diagnostic, information) => {
    const { meter, cache, kept } = await remembering();
    refuse(meter, refused(diagnostic, information), false);
    await meter.visit(async () => undefined, { cache });
    // Such a refusal may also be that of a meter with short names: in between it is asked for them, once, without anything secret.
    expect(meter.asked).toEqual(['ln', 'sn', 'ln']);
    const [first = 0, , second = 0] = meter.proposed;
    expect(first ^ second).toBe(conformanceBits(['general-block-transfer']));
    expect(cache.entries).not.toEqual(kept);
  });

  test('for no reason, and again with it: asked for short names once', async () => {
    const { meter, cache } = await remembering();
    refuse(meter, refused('01'), true);
    await expect(text(meter, { cache })).rejects.toThrow('the meter refused the association');
    expect(meter.asked).toEqual(['ln', 'sn', 'ln']);
  });

  test('a meter that refuses the password while a service is left out anew is not asked again', async () => {
    const meter = new Rogue('general', spoil);
    const { says } = meter;
    meter.says = (answer, request) => {
      const right = says(answer, request);
      return request[0] === 0x60 && meter.associations > 1 ? refused('0D') : right;
    };
    await expect(text(meter)).rejects.toThrow();
    expect(meter.associations).toBe(2);
  });
});

test.each([
  ['authentication failure', '0D', ['ln with a secret']],
  // Ours and that of the public client, behind each the question for short names: the password is in the first alone.
  ['no reason', '01', ['ln with a secret', 'sn', 'ln', 'sn']],
] as const)(
  'with a sheet that may hold, refused for %s: the public client is asked who it is, or not',
  async (_, diagnostic, asked) => {
    const meter = new Rogue('general', (b) => b);
    const { says } = meter;
    meter.says = (answer, request) => {
      const right = says(answer, request);
      return request[0] === 0x60 ? refused(diagnostic) : right;
    };
    const sheet = { id: 'a', title: 'a', source: 'a', match: { firmware: '1' }, effects: { pause: 5 } };
    await expect(text(meter, { client: 32, password: 'wrong', quirks: [sheet] })).rejects.toThrow('refused');
    expect(meter.asked).toEqual(asked);
  },
);

describe('a session whose association was dropped', () => {
  test.each([
    ['authentication failure', '0D', 2],
    ['no reason', '01', 5],
  ])('and is refused for now, with %s: tried again or not', async (_, diagnostic, associations) => {
    const meter = new Rogue('general', (b) => b);
    const { says } = meter;
    let dropped = false;
    meter.says = (answer, request) => {
      const right = says(answer, request);
      if (request[0] === 0xc0 && !dropped) {
        dropped = true;
        return fromHex('D80101');
      }
      return request[0] === 0x60 && meter.associations > 1 && meter.associations < 5
        ? refused(diagnostic, '', 2)
        : right;
    };
    const outcome = text(meter);
    if (associations === 2) await expect(outcome).rejects.toThrow('authentication-failure');
    else expect(await outcome).toEqual(visible(LONG));
    expect(meter.associations).toBe(associations);
  });
});

/** Gives it a logical device name. */
function named(meter: RogueMeter, name: string | undefined): void {
  const { says } = meter;
  const asked = fromHex('000100002A0000FF02');
  meter.says = (answer, request) => {
    const isName = request[0] === 0xc0 && request[1] === 1 && asked.every((octet, i) => request[i + 3] === octet);
    if (!isName) return says(answer, request);
    const result = name === undefined ? { error: 4 } : { data: visible(name) };
    return encodeApdu({ type: 'get-response-normal', invokeId: request[2] as number, result });
  };
}
