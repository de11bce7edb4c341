import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { DecodeError } from '../../src/base/errors.js';
import {
  checkSequence,
  commandControl,
  decodeAddress,
  decodeFrame,
  encodeAddress,
  encodeFrame,
  type HdlcAddress,
  type HdlcFrame,
  hdlcAddress,
} from '../../src/link/hdlc-frame.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { stripLlc } from '../../src/link/hdlc-llc.js';
import { decodeParameters, encodeParameters, type HdlcParameters, negotiate } from '../../src/link/hdlc-parameters.js';
import { FrameSplitter } from '../../src/link/hdlc-splitter.js';
import { haveVectors, loadVectors, type Vector } from '../support/vectors.js';

const vectors = loadVectors('hdlc');

// The vectors' own names for what we read.
type Told = Record<string, unknown>;

function tellAddress({ upper, lower }: HdlcAddress): Told {
  return lower === undefined ? { address: upper } : { upper, lower };
}

function tellParameters(p: HdlcParameters): Told {
  return {
    'max-information-field-length-transmit': p.maxInfoTransmit,
    'max-information-field-length-receive': p.maxInfoReceive,
    'window-size-transmit': p.windowTransmit,
    'window-size-receive': p.windowReceive,
  };
}

function parametersOf(told: Told): HdlcParameters {
  return {
    maxInfoTransmit: told['max-information-field-length-transmit'] as number,
    maxInfoReceive: told['max-information-field-length-receive'] as number,
    windowTransmit: told['window-size-transmit'] as number,
    windowReceive: told['window-size-receive'] as number,
  };
}

function tellControl({ type, octet, pf, ns, nr }: HdlcFrame['control']): Told {
  const told: Told = { raw: toHex(Uint8Array.of(octet)), type, 'p/f': pf };
  if (type === 'I') told['n(s)'] = ns;
  if (type === 'I' || type === 'RR' || type === 'RNR') told['n(r)'] = nr;
  return told;
}

/** Decodes a frame and what its information holds, as the vectors' operation `decode` means it. */
function decode(bytes: Uint8Array): { frame: HdlcFrame; told: Told } {
  const frame = decodeFrame(bytes);
  const { destination, source, control, segmented, information } = frame;
  const told: Told = {
    'frame-format': { type: 3, segmentation: segmented, length: bytes.length - 2 },
    'destination-address': { octets: toHex(encodeAddress(destination)), ...tellAddress(destination) },
    'source-address': { octets: toHex(encodeAddress(source)), ...tellAddress(source) },
    control: tellControl(control),
    hcs: null,
    information: toHex(information),
    fcs: toHex(bytes.subarray(-3, -1)),
  };
  if (information.length > 0) {
    const at = 4 + destination.size + source.size;
    told.hcs = toHex(bytes.subarray(at, at + 2));
  }
  if ((control.type === 'SNRM' || control.type === 'UA') && information.length > 0) {
    told.negotiation = tellParameters(decodeParameters(information));
  }
  const apdu = control.type === 'I' || control.type === 'UI' ? stripLlc(information, 'any') : undefined;
  if (apdu !== undefined) {
    const raw = toHex(information.subarray(0, 3));
    told.llc = { direction: raw === 'E6E600' ? 'command' : 'response', raw };
    told.apdu = toHex(apdu);
  }
  return { frame, told };
}

function split(bytes: Uint8Array): string[] {
  const frames: string[] = [];
  const splitter = new FrameSplitter(() => {});
  splitter.push(bytes);
  for (let frame = splitter.next(); frame !== undefined; frame = splitter.next())
    frames.push(toHex(encodeFrame(frame)));
  return frames;
}

/** Feeds a client that has asked for a payload, in the vector's fragments; gives what it acknowledges and delivers. */
function reassemble(fragments: readonly string[]): Told {
  const them = hdlcAddress(1, 17);
  const link = new HdlcLink('client', { client: 16, server: 1, lower: 17 });
  link.connect(0);
  const ua = { destination: hdlcAddress(16), source: them, control: commandControl('UA', true) };
  link.receive(encodeFrame({ ...ua, segmented: false, information: new Uint8Array(0) }), 0);
  link.send(fromHex('C001C1000F0000280000FF0100'), 0);
  const sent = (): string[] => {
    const all: string[] = [];
    for (let octets = link.pollTransmit(); octets; octets = link.pollTransmit()) all.push(toHex(octets));
    return all;
  };
  sent();
  const acknowledgements: string[] = [];
  for (const fragment of fragments) {
    link.receive(fromHex(fragment), 0);
    acknowledgements.push(...sent());
  }
  let apdu: string | undefined;
  for (let event = link.pollEvent(); event; event = link.pollEvent())
    if (event.type === 'payload') apdu = toHex(event.bytes);
  return { 'client-acknowledgements': acknowledgements, llc: 'E6E700', apdu };
}

function run(vector: Vector): { got: unknown; again?: string } {
  const bytes = fromHex(vector.hex ?? '');
  switch (vector.operation) {
    case 'decode': {
      const { frame, told } = decode(bytes);
      return { got: told, again: toHex(encodeFrame(frame)) };
    }
    case 'decode-address': {
      const address = decodeAddress(bytes);
      return { got: tellAddress(address), again: toHex(encodeAddress(address)) };
    }
    case 'decode-negotiation': {
      const parameters = decodeParameters(bytes);
      const octets = bytes[2] === 0x14 ? 2 : 1;
      return { got: tellParameters(parameters), again: toHex(encodeParameters(parameters, octets)) };
    }
    case 'crc16-x25': {
      const check = checkSequence(bytes);
      const fcs = toHex(Uint8Array.of(check, check >> 8));
      const whole = (vector.expected as Told)['complete-frame'];
      return { got: whole === undefined ? { fcs } : { fcs, 'complete-frame': `7E${vector.hex}${fcs}7E` } };
    }
    case 'negotiate': {
      const context = vector.context as unknown as Record<string, Told>;
      const own = parametersOf(context['secondary-capability']!);
      const result = negotiate(own, parametersOf(context['snrm-proposed']!));
      return {
        got: {
          'secondary-receives': {
            'max-information-field-length': result.maxInfoReceive,
            'window-size': result.windowReceive,
          },
          'secondary-transmits': {
            'max-information-field-length': result.maxInfoTransmit,
            'window-size': result.windowTransmit,
          },
        },
      };
    }
    case 'split-stream':
      return { got: { frames: split(bytes) } };
    case 'reassemble':
      return { got: reassemble(vector.fragments!) };
    default:
      throw new Error(`no such operation: ${vector.operation}`);
  }
}

describe.skipIf(!haveVectors)('HDLC vectors', () => {
  let passed = 0;

  test.each(vectors.filter(({ kind }) => kind === 'positive').map((v) => [v.id, v] as const))('%s', (_, vector) => {
    const { got, again } = run(vector);
    expect(got).toEqual(vector.expected);
    if (vector.roundtrip) expect(again).toBe(vector.hex);
    passed++;
  });

  test.each(vectors.filter(({ kind }) => kind !== 'positive').map((v) => [v.id, v] as const))('%s', (_, vector) => {
    const { category, also_acceptable = [] } = vector.error!;
    let reason: string | undefined;
    try {
      run(vector);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      reason = error.reason;
    }
    expect([category, ...also_acceptable]).toContain(reason);
    passed++;
  });

  test('all of them', () => {
    console.log(`HDLC vectors: ${passed} of ${vectors.length} passed`);
    expect(passed).toBe(49);
    expect(vectors.length).toBe(49);
  });
});

test('a frame too long for its length field is refused', () => {
  const frame = {
    destination: hdlcAddress(1),
    source: hdlcAddress(16),
    control: commandControl('UI', false),
    segmented: false,
  };
  expect(encodeFrame({ ...frame, information: new Uint8Array(2038) }).length).toBe(2049);
  expect(() => encodeFrame({ ...frame, information: new Uint8Array(2039) })).toThrow(
    /cut the information|length field/,
  );
});

test('addresses that cannot be are refused', () => {
  expect(() => hdlcAddress(128, undefined, 1)).toThrow('128 is out of range');
  expect(() => hdlcAddress(1, 2, 1)).toThrow('no room');
  expect(() => hdlcAddress(1, undefined, 2)).toThrow('lower address is missing');
  expect(() => hdlcAddress(0x4000, 1)).toThrow('out of range');
  expect(hdlcAddress(1, 128)).toEqual({ upper: 1, lower: 128, size: 4 });
  for (const bad of ['', '02', '0204', '020407', '0204060823', '0303']) {
    expect(() => decodeAddress(fromHex(bad)), bad).toThrow(DecodeError);
  }
});

test('parameters: any number of octets, defaults for what is left out, errors by name', () => {
  expect(decodeParameters(new Uint8Array(0))).toEqual(decodeParameters(fromHex('818000')));
  expect(decodeParameters(fromHex('818008050207EE060207EE'))).toMatchObject({
    maxInfoTransmit: 2030,
    windowReceive: 1,
  });
  expect(decodeParameters(fromHex('8180050703000007'))).toMatchObject({ windowTransmit: 7, maxInfoTransmit: 128 });
  const reasons = [
    '80',
    '8181',
    '81800305',
    '8180030501',
    '818003050120',
    '81800305011F',
    '818003070100',
    '818003070108',
  ];
  const wanted = ['bad-tag', 'bad-tag', 'truncated', 'truncated', undefined, 'bad-value', 'bad-value', 'bad-value'];
  reasons.forEach((hex, i) => {
    let reason: string | undefined;
    try {
      decodeParameters(fromHex(hex));
    } catch (error) {
      reason = (error as DecodeError).reason;
    }
    expect(reason, hex).toBe(wanted[i]);
  });
  expect(() => decodeParameters(concat(fromHex('818003050120'), Uint8Array.of(0)))).toThrow('trailing-bytes');
  const most = { maxInfoTransmit: 2030, maxInfoReceive: 128, windowTransmit: 7, windowReceive: 1 };
  expect(toHex(encodeParameters(most))).toBe('818014050207EE0602008007040000000708' + '0400000001');
  expect(() => encodeParameters({ ...most, windowTransmit: 8 })).toThrow('windowTransmit is 8');
  expect(() => encodeParameters({ ...most, maxInfoReceive: 31 })).toThrow('maxInfoReceive is 31');
});

describe.skipIf(!haveVectors)('pushes', () => {
  const pushes = loadVectors('push').filter(({ kind, hex }) => kind === 'positive' && hex?.startsWith('7E'));

  test.each(pushes.map((v) => [v.id, v] as const))('%s: a listener hears every APDU in it', (_, { hex }) => {
    const link = new HdlcLink('listener', {});
    const bytes = fromHex(hex!);
    for (let at = 0; at < bytes.length; at += 7) link.receive(bytes.slice(at, at + 7), 1);
    const tags: number[] = [];
    for (let event = link.pollEvent(); event; event = link.pollEvent()) {
      expect(event).toMatchObject({ type: 'payload', unconfirmed: true });
      if (event.type === 'payload') tags.push(event.bytes[0]!);
    }
    // DataNotification, general-glo-ciphering, general-block-transfer.
    expect(tags.length).toBeGreaterThan(0);
    for (const tag of tags) expect([0x0f, 0xdb, 0xe0]).toContain(tag);
  });

  test('there are some', () => expect(pushes.length).toBeGreaterThan(10));
});
