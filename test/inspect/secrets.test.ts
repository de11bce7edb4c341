/** What is secret is said once: the masked tree, the frames of traces and recordings, `dump` and the docs follow it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Apdu } from '../../src/apdu/apdu.js';
import { encodeApdu } from '../../src/apdu/codec.js';
import { concat, fromHex, toHex } from '../../src/base/bytes.js';
import { encodeData } from '../../src/codec/axdr.js';
import { octets, structureOf, u8 } from '../../src/codec/make.js';
import { classes } from '../../src/cosem/registry.js';
import { isSecretAttribute, isSecretMethod, secretMembers } from '../../src/cosem/secrets.js';
import { type Direction, Inspector } from '../../src/inspect/inspector.js';
import { FrameMasker } from '../../src/inspect/masker.js';

const SECRET = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const value = octets(SECRET);
const other = octets(Uint8Array.of(1, 2, 3));
const instanceId = Uint8Array.of(0, 0, 25, 4, 0, 255);
const invokeId = 0xc1;

type Message = readonly [Apdu, Direction];

/** Conversations in which a value of an attribute passes. */
function ofAttribute(classId: number, attributeId: number): Record<string, readonly Message[]> {
  const attribute = { classId, instanceId, attributeId };
  const clock = { classId: 8, instanceId: Uint8Array.of(0, 0, 1, 0, 0, 255), attributeId: 5 };
  const raw = encodeData(value);
  const parts = [raw.subarray(0, 6), raw.subarray(6)];
  const blocks = parts.map((part, i) => ({ last: i === 1, number: i + 1, raw: part }));
  const get: Message = [{ type: 'get-request-normal', invokeId, attribute }, 'client'];
  return {
    get: [get, [{ type: 'get-response-normal', invokeId, result: { data: value } }, 'server']],
    'get with list': [
      [{ type: 'get-request-with-list', invokeId, attributes: [clock, attribute] }, 'client'],
      [{ type: 'get-response-with-list', invokeId, results: [{ data: other }, { data: value }] }, 'server'],
    ],
    'get in blocks': [
      get,
      ...blocks.map((block): Message => [{ type: 'get-response-with-datablock', invokeId, block } as const, 'server']),
    ],
    'get in a structure': [
      get,
      [{ type: 'get-response-normal', invokeId, result: { data: structureOf([u8(1), value]) } }, 'server'],
    ],
    set: [[{ type: 'set-request-normal', invokeId, attribute, value }, 'client']],
    'set with list': [
      [{ type: 'set-request-with-list', invokeId, attributes: [clock, attribute], values: [other, value] }, 'client'],
    ],
    'set in blocks': [
      [
        {
          type: 'set-request-with-first-datablock',
          invokeId,
          attribute,
          block: blocks[0] as (typeof blocks)[number],
        },
        'client',
      ],
      [{ type: 'set-request-with-datablock', invokeId, block: blocks[1] as (typeof blocks)[number] }, 'client'],
    ],
    event: [[{ type: 'event-notification-request', attribute, value }, 'server']],
  };
}

function ofMethod(classId: number, methodId: number): Record<string, readonly Message[]> {
  const method = { classId, instanceId, methodId };
  return {
    action: [[{ type: 'action-request-normal', invokeId, method, parameter: value }, 'client']],
    'action with list': [
      [{ type: 'action-request-with-list', invokeId, methods: [method, method], parameters: [other, value] }, 'client'],
    ],
  };
}

/** Whether the secret stands in the masked tree, and in the frames of traces and recordings. */
function shows(messages: readonly Message[]): readonly [tree: boolean, frames: boolean] {
  const inspector = new Inspector({ framing: 'bare', mask: true });
  const masker = new FrameMasker({ framing: 'bare' });
  const trees: string[] = [];
  const frames: string[] = [];
  for (const [apdu, from] of messages) {
    const sent = encodeApdu(apdu);
    trees.push(...inspector.feed(sent, from).map(({ node }) => JSON.stringify(node)));
    frames.push(...masker.feed(sent, from).map((frame) => toHex(frame.octets)));
  }
  // Of a value in blocks each has a part.
  const part = toHex(SECRET.subarray(4));
  return [trees.join().includes(part), frames.join().includes(part)];
}

const ids = Array.from({ length: 14 }, (_, i) => i);
const classIds = [...new Set([...classes.map(({ id }) => id), ...secretMembers.map(({ classId }) => classId)])];

describe.each(classIds)('class %i', (classId) => {
  test('attributes: masked tree and frames hide what the declaration calls a secret, and nothing else', () => {
    for (const id of ids) {
      const secret = isSecretAttribute(classId, id);
      // Every form costs time: of what is none, two members stand for all.
      const forms = Object.entries(ofAttribute(classId, id)).slice(0, secret || id < 3 ? undefined : 1);
      for (const [form, messages] of forms) {
        const [tree, frames] = shows(messages);
        expect([form, id, frames]).toEqual([form, id, !secret && !(form === 'set in blocks')]);
        expect([form, id, tree]).toEqual([form, id, !secret]);
      }
    }
  });

  test('methods', () => {
    for (const id of ids.slice(1)) {
      for (const [form, messages] of Object.entries(ofMethod(classId, id))) {
        expect([form, id, ...shows(messages)]).toEqual([form, id, ...Array(2).fill(!isSecretMethod(classId, id))]);
      }
    }
  });
});

test('what is declared is found by its class, whatever its version', () => {
  for (const { id, attributes, methods } of classes) {
    for (const member of Object.values(attributes))
      if (member.secret) expect(isSecretAttribute(id, member.id)).toBe(true);
    for (const member of Object.values(methods)) if (member.secret) expect(isSecretMethod(id, member.id)).toBe(true);
  }
  const key = ({ classId, kind, id }: (typeof secretMembers)[number]) =>
    `${classId}${kind === 'method' ? 'm' : ''}:${id}`;
  // Each by its name in the Blue Book: what hides less than this list is a leak.
  expect(secretMembers.map(key)).toEqual(
    (
      '12:7 12m:5 12m:8 15:7 15m:2 19:7 19:8 19:9 44:5 45:3 46:4 64m:2 72m:7 72m:8 91:5 100:6 100:7 100m:2 101:10 101:11 ' +
      '115:2 115m:1'
    ).split(' '),
  );
});

test('a class says it in its declaration where it has one', () => {
  const inDeclarations = new Set(
    classes.flatMap(({ id, attributes, methods }) =>
      [...Object.values(attributes), ...Object.values(methods)].some(({ secret }) => secret) ? [id] : [],
    ),
  );
  for (const { classId } of secretMembers) {
    expect([classId, classes.some(({ id }) => id === classId)]).toEqual([classId, inDeclarations.has(classId)]);
  }
});

test('the docs list them all, and nothing else', () => {
  const docs = readFileSync(resolve(import.meta.dirname, '../../docs/commands.md'), 'utf8');
  const section = docs.slice(docs.indexOf('### What is a secret'), docs.indexOf('### New firmware'));
  const rows = section.split('\n').filter((line) => /^\| \d/.test(line));
  const expected = [...new Set(secretMembers.map(({ classId }) => classId))].map((classId) => {
    const members = secretMembers.filter((member) => member.classId === classId);
    const words = members.map(({ kind, id, name }) => `\`${name}\` (${kind} ${id})`);
    return `| ${classId} ${members[0]?.className} | ${words.join(', ')} |`;
  });
  expect(rows).toEqual(expected);
});

test('messages that are not taken apart are masked whole', () => {
  const hidden = toHex(SECRET).slice(8);
  // general-signing.
  for (const hex of ['DF0801020304050607']) {
    const sent = concat(fromHex(hex), encodeData(value));
    const [piece] = new Inspector({ framing: 'bare', mask: true }).feed(sent, 'client');
    expect(piece?.node.octets).toMatch(new RegExp(`^${hex.slice(0, 2)}`));
    expect(JSON.stringify(piece?.node)).not.toContain(hidden);
    for (const from of ['client', 'server'] as const) {
      const [frame] = new FrameMasker({ framing: 'bare' }).feed(sent, from);
      expect(toHex(frame?.octets ?? SECRET)).toMatch(new RegExp(`^${hex.slice(0, 2)}(?:2A)+$`));
    }
  }
});
