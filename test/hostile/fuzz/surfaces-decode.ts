/** Decoders: APDUs, data, and everything that takes frames and recordings apart. */

import type { Random } from '../../../simulator/random.js';
import { decodeApdu, encodeApdu } from '../../../src/apdu/codec.js';
import { concat, equalBytes, toHex, toLatin1 } from '../../../src/base/bytes.js';
import { DecodeError } from '../../../src/base/errors.js';
import { decodeData, encodeData } from '../../../src/codec/axdr.js';
import { compactArrayElements } from '../../../src/codec/compact.js';
import type { Data } from '../../../src/codec/data.js';
import { CosemDate, CosemDateTime, CosemTime } from '../../../src/codec/datetime.js';
import { dataFromJson, dataToJson } from '../../../src/codec/json.js';
import { u32 } from '../../../src/codec/make.js';
import { type ColumnKind, decodeColumns } from '../../../src/codec/profile.js';
import { CaptureWriter } from '../../../src/inspect/input/capture-writer.js';
import { readInput, readInputText } from '../../../src/inspect/input/input.js';
import { inspectInput } from '../../../src/inspect/input/inspect-input.js';
import { inspect } from '../../../src/inspect/inspect.js';
import { Inspector } from '../../../src/inspect/inspector.js';
import { FrameMasker } from '../../../src/inspect/masker.js';
import { type InspectNode, walkNodes } from '../../../src/inspect/node.js';
import { renderText } from '../../../src/inspect/text.js';
import { encodeFrame, hdlcAddress, iControl } from '../../../src/link/hdlc-frame.js';
import { addLlc } from '../../../src/link/hdlc-llc.js';
import { encodeWpdu } from '../../../src/link/wrapper-link.js';
import { AK, EK } from '../../push/lines.js';
import { apdus, lazy, modeTexts, recordedFrames, sampledData } from './corpus.js';
import { must, type Surface } from './engine.js';
import { chunks, mutated } from './mutate.js';
import { mutatedText } from './mutate-text.js';

const utf8 = (text: string) => new TextEncoder().encode(text);
const KINDS: readonly ColumnKind[] = ['data', 'number', 'bigint', 'clock'];
const KEYS = { encryption: EK, authentication: AK };

/** What decodes is encoded to octets that decode to the same. */
function stable<T>(value: T, encode: (value: T) => Uint8Array, decode: (octets: Uint8Array) => T, what: string): void {
  const octets = encode(value);
  const again = encode(decode(octets));
  must(equalBytes(octets, again), `${what} is not encoded as it was decoded: ${toHex(octets.subarray(0, 64))}`);
}

/** Arrays hand out their elements without an error of another kind. */
function elements(data: Data): void {
  if (data.type === 'compact-array') {
    for (const element of compactArrayElements(data.value)) elements(element);
  } else if (data.type === 'array' || data.type === 'structure') for (const element of data.value) elements(element);
}

/** Frames of all kinds around an APDU. */
function framed(apdu: Uint8Array, random: Random): Uint8Array {
  const way = random.below(4);
  if (way === 0) return apdu;
  if (way === 1) return encodeWpdu({ source: 1, destination: 16, apdu });
  const information = addLlc(apdu.subarray(0, 1900), random.chance(0.5) ? 'command' : 'response');
  return encodeFrame({
    destination: hdlcAddress(random.chance(0.5) ? 16 : 1),
    source: hdlcAddress(random.chance(0.5) ? 16 : 1),
    control: iControl(random.below(8), random.below(8), true),
    segmented: random.chance(0.2),
    information,
  });
}

function framedMutation(random: Random): Uint8Array {
  const recorded = recordedFrames();
  if (recorded.length > 0 && random.chance(0.3)) return mutated(random, recorded);
  if (random.chance(0.05)) return mutated(random, modeTexts());
  const octets = framed(mutated(random, apdus()), random);
  return random.chance(0.3) ? mutated(random, [octets]) : octets;
}

/** A tree that lies within its octets and that can be shown. */
function shown(node: InspectNode, length: number): void {
  for (const child of walkNodes(node)) {
    must(child.offset >= 0 && child.offset + child.length <= length, `${child.name} lies outside of the octets`);
  }
  renderText(node);
}

/** Recordings of lines, written by our own writer. */
const captures = lazy((): readonly Uint8Array[] =>
  (['tcp', 'udp'] as const).map((protocol) => {
    const writer = new CaptureWriter({ protocol, comment: 'a line' });
    const packets = apdus()
      .slice(0, 6)
      .map((apdu, i) =>
        writer.add(encodeWpdu({ source: 16, destination: 1, apdu }), i % 2 === 0 ? 'client' : 'server', 10 * i),
      );
    return concat(writer.begin(0), ...packets, writer.end(100));
  }),
);

const inputTexts = lazy((): readonly string[] => {
  const samples = apdus().slice(0, 60);
  const hex = samples.map((octets) => toHex(octets));
  return [
    ...hex.slice(0, 20),
    ...hex.slice(20, 30).map((text) => text.replace(/(..)/g, '$1 ')),
    ...hex.slice(30, 40).map((text) => `TX: ${text}\nRX: ${text}\n`),
    hex
      .slice(40, 50)
      .map((text, i) => `12:00:0${i}.123 ${i % 2 ? '->' : '<-'} ${text}`)
      .join('\n'),
    samples
      .slice(50, 55)
      .map((octets) => `b'${[...octets].map((octet) => `\\x${toHex(Uint8Array.of(octet))}`).join('')}'`)
      .join('\n'),
    samples
      .slice(55)
      .map((octets) => `[${[...octets].join(', ')}]`)
      .join('\n'),
    samples
      .slice(0, 5)
      .map((octets) => btoa(toLatin1(octets)))
      .join('\n'),
    '00000000  7e a0 07 03 21 93 0f 01  7e 00 00 00 00 00 00 00  |~...!...~.......|\n',
    '/XXX5\\2TEST-1\r\n\r\n1-0:1.8.0(00317.695*kWh)\r\n!\r\n',
  ];
});

/** Buffers of profiles, of a few columns. */
const buffers = lazy((): readonly Uint8Array[] =>
  [1, 2, 3].map((columns) => {
    const clock: Data = { type: 'octet-string', value: CosemDateTime.fromDate(new Date(0), 0).toBytes() };
    const cells: readonly Data[] = [u32(7), clock, { type: 'long64', value: 5n }];
    const row = { type: 'structure', value: cells.slice(0, columns) } as const;
    return encodeData({ type: 'array', value: [row, row, row, row] });
  }),
);

const dataTexts = lazy((): readonly string[] =>
  sampledData()
    .slice(0, 120)
    .map((octets) => JSON.stringify(dataToJson(decodeData(octets)))),
);

export const decodeSurfaces: readonly Surface[] = [
  {
    name: 'decode-apdu',
    share: 400,
    make: (random) => mutated(random, apdus()),
    feed: (input, random) => {
      if (random.chance(0.3)) {
        decodeApdu(input, { lenient: true });
        return;
      }
      const apdu = decodeApdu(input);
      if (apdu.type !== 'unsupported') stable(apdu, encodeApdu, decodeApdu, apdu.type);
    },
  },
  {
    name: 'decode-data',
    share: 400,
    make: (random) => mutated(random, sampledData()),
    feed: (input) => {
      const data = decodeData(input);
      stable(data, encodeData, decodeData, data.type);
      elements(data);
      JSON.stringify(dataToJson(data));
    },
  },
  {
    name: 'decode-columns',
    share: 15,
    make: (random) => mutated(random, buffers()),
    feed: (input, random) => {
      const kinds = Array.from({ length: 1 + random.below(3) }, () => KINDS[random.below(KINDS.length)] ?? 'data');
      decodeColumns(input, kinds);
    },
  },
  {
    name: 'moments',
    share: 150,
    make: (random) =>
      mutated(random, [CosemDateTime.fromDate(new Date(0), 0).toBytes(), new Uint8Array(12).fill(0xff)]),
    feed: (input, random) => {
      const strict = random.chance(0.5);
      const kind = random.below(4);
      const moment =
        kind === 0
          ? CosemDate.fromBytes(input.subarray(0, 5), strict)
          : kind === 1
            ? CosemTime.fromBytes(input.subarray(0, 4), strict)
            : CosemDateTime.fromBytes(kind === 2 ? input.subarray(0, 12) : input, strict);
      must(equalBytes(moment.toBytes(), input.subarray(0, moment.toBytes().length)), 'a moment is not what was read');
      moment.toString();
      if (moment instanceof CosemDateTime) moment.toDate(random.chance(0.5) ? -330 : undefined);
    },
  },
  {
    name: 'inspect',
    share: 40,
    make: framedMutation,
    feed: (input, random) => {
      const inspected = inspect(input, {
        mask: random.chance(0.5),
        ...(random.chance(0.5) ? { keys: KEYS } : {}),
        strict: random.chance(0.2),
      });
      shown(inspected.node, input.length);
    },
  },
  {
    name: 'inspector',
    share: 2,
    make: framedMutation,
    feed: (input, random) => {
      const inspector = new Inspector();
      const masker = new FrameMasker({});
      let pieces = 0;
      for (const chunk of chunks(input, random)) {
        const from = random.chance(0.5) ? 'client' : 'server';
        for (const { node } of inspector.feed(chunk, from)) {
          renderText(node);
          pieces++;
        }
        masker.feed(chunk, from);
      }
      pieces += inspector.flush().length;
      masker.flush();
      must(pieces <= input.length + 8, `${pieces} pieces of ${input.length} octets`);
    },
  },
  {
    name: 'read-input',
    share: 25,
    make: (random) => {
      if (random.chance(0.4)) return utf8(mutatedText(random, inputTexts()));
      return mutated(random, random.chance(0.7) ? captures() : apdus());
    },
    feed: (input, random) => {
      const read = random.chance(0.8) ? readInput(input) : readInputText(toLatin1(input));
      renderText(inspectInput(read).node);
    },
  },
  {
    name: 'data-json',
    share: 60,
    make: (random) => utf8(mutatedText(random, dataTexts())),
    feed: (input) => {
      let json: unknown;
      try {
        json = JSON.parse(new TextDecoder().decode(input));
      } catch {
        throw new DecodeError('bad-value', 'no JSON');
      }
      const data = dataFromJson(json);
      stable(data, encodeData, decodeData, data.type);
    },
  },
];
