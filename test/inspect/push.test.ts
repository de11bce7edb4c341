import { afterAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/base/bytes.js';
import { inspect } from '../../src/inspect/inspect.js';
import type { Inspected, InspectedMessage } from '../../src/inspect/inspector.js';
import { type InspectNode, walkNodes } from '../../src/inspect/node.js';
import type { InspectKeys } from '../../src/inspect/options.js';
import { encodeAddress, hdlcAddress } from '../../src/link/hdlc-frame.js';
import { apduToVector } from '../support/apdu-vector.js';
import { haveVectors, type Json, loadVectors, type Vector } from '../support/vectors.js';

const vectors = loadVectors('push');

describe('push vectors', () => {
  let passed = 0;
  afterAll(() => {
    if (haveVectors) console.log(`push: ${passed} of ${vectors.length} vectors`);
  });

  test.skipIf(!haveVectors)('are there', () => expect(vectors.length).toBeGreaterThan(20));

  test.each(vectors.filter(({ kind }) => kind === 'positive'))('$id: $title', (vector) => {
    const inspected = inspectVector(vector);
    const message = inspected.messages.at(-1) as InspectedMessage;
    const expected = vector.expected as Readonly<Record<string, Json>>;
    expect(errors(inspected)).toEqual([]);
    expect(transport(inspected.node)).toEqual(expected.transport);
    const assembled = message.assembled ?? message.octets;
    expect(toHex(assembled)).toBe(expected['assembled-apdu']);
    if (expected.protection) expect(protection(inspected.node)).toEqual(expected.protection);
    if (expected.plaintext) expect(toHex(message.plaintext ?? assembled)).toBe(expected.plaintext);
    if (expected.apdu) expect(message.apdu && apduToVector(message.apdu)).toEqual(expected.apdu);
    passed++;
  });

  test.each(vectors.filter(({ kind }) => kind !== 'positive'))('$id: $title', (vector) => {
    const inspected = inspectVector(vector);
    expect(errors(inspected)).toContain(vector.error?.category);
    expect(inspected.messages.some(({ apdu }) => apdu?.type === 'data-notification')).toBe(false);
    if (vector.expected_if_lenient) {
      const { apdu } = inspectVector(vector, true).messages.at(-1) as InspectedMessage;
      expect(apdu && apduToVector(apdu)).toMatchObject({ 'data-notification': vector.expected_if_lenient });
    }
    passed++;
  });
});

function inspectVector(vector: Vector, lenient = false): Inspected {
  const keys: { -readonly [K in keyof InspectKeys]: InspectKeys[K] } = {};
  const { 'encryption-key': encryption, 'authentication-key': authentication } = vector.context ?? {};
  if (encryption) keys.encryption = fromHex(encryption as string);
  if (authentication) keys.authentication = fromHex(authentication as string);
  return inspect(fromHex(vector.hex as string), { keys, strict: !lenient });
}

function errors(inspected: Inspected): string[] {
  return [...walkNodes(inspected.node)].flatMap(({ error }) => (error === undefined ? [] : [error.reason]));
}

function transport(root: InspectNode): Json {
  const nodes = root.children as readonly InspectNode[];
  const [first] = nodes as [InspectNode];
  switch (first.name) {
    case 'wrapper':
      return {
        type: 'wrapper',
        'source-wport': value(first, 'source-wport'),
        'destination-wport': value(first, 'destination-wport'),
      };
    case 'm-bus-frame':
      return {
        type: 'm-bus',
        frames: nodes.map((node) => ({
          'l-field': value(node, 'header'),
          'c-field': hex(value(node, 'c-field')),
          'a-field': hex(value(node, 'a-field')),
          'ci-field': hex(value(node, 'ci-field')),
          stsap: value(node, 'stsap'),
          dtsap: value(node, 'dtsap'),
          checksum: hex(value(node, 'checksum')),
        })),
      };
    case 'hdlc-frame': {
      const frames = nodes.map(hdlcFrame);
      const blocks = nodes.flatMap(
        (node) => node.children?.filter(({ name }) => name === 'general-block-transfer') ?? [],
      );
      if (blocks.length === 0) return { type: 'hdlc', frames };
      return { type: 'hdlc', frames, 'general-block-transfer': blocks.map(block) };
    }
    case 'payload':
      return { type: 'llc', llc: value(first, 'llc') };
    default:
      return { type: 'none' };
  }
}

function hdlcFrame(node: InspectNode): Json {
  const children = node.children as readonly InspectNode[];
  const from = children.findIndex(({ name }) => name === 'hcs') + 1;
  const to = children.findIndex(({ name }) => name === 'fcs');
  const information = children.slice(from, to).filter(({ octets }) => octets === undefined);
  return {
    destination: address(part(node, 'destination')),
    source: address(part(node, 'source')),
    control: hex(value(node, 'control')),
    segmentation: part(node, 'format').text?.includes('more segments') as boolean,
    'information-octets': information.reduce((sum, { length }) => sum + length, 0),
  };
}

function address({ value: text, length }: InspectNode): Json {
  const [upper, lower] = `${text}`.split('/').map(Number) as [number, number | undefined];
  const octets = toHex(encodeAddress(hdlcAddress(upper, lower, length as 1 | 2 | 4)));
  return lower === undefined ? { octets, address: upper } : { octets, upper, lower };
}

function block(node: InspectNode): Json {
  return {
    'block-control': hex(value(node, 'block-control')),
    'block-number': value(node, 'block-number'),
    octets: Number(/^\d+/.exec(part(node, 'block-data').text as string)?.[0]),
  };
}

function protection(root: InspectNode): Json {
  const node = [...walkNodes(root)].find(({ name }) => name.startsWith('general-glo')) as InspectNode;
  const text = part(node, 'ciphertext').text as string;
  const base = {
    service: node.name,
    'system-title': value(node, 'system-title'),
    'security-control': hex(value(node, 'security-control')),
    'invocation-counter': value(node, 'invocation-counter'),
  };
  // Said of the vector whose key is not known.
  return node.text?.startsWith('not opened') ? { ...base, 'ciphertext-octets': Number(text.split(' ')[0]) } : base;
}

function part(node: InspectNode, name: string): InspectNode {
  const found = node.children?.find((child) => child.name === name);
  if (found === undefined) throw new Error(`${node.name} has no ${name}`);
  return found;
}

function value(node: InspectNode, name: string): Json {
  return part(node, name).value as Json;
}

function hex(octet: Json): string {
  return (octet as number).toString(16).toUpperCase().padStart(2, '0');
}
