import { describe, expect, test } from 'vitest';
import { contextOid, mechanismOid } from '../../src/apdu/acse-names.js';
import type { Apdu } from '../../src/apdu/apdu.js';
import { encodeApdu } from '../../src/apdu/codec.js';
import type { DataBlock } from '../../src/apdu/service-apdus.js';
import { concat, fromHex, fromLatin1, toHex } from '../../src/base/bytes.js';
import { encodeData } from '../../src/codec/axdr.js';
import { arrayOf, i8, octets, structureOf, textOctets, u16, u32 } from '../../src/codec/make.js';
import { is15959 } from '../../src/companion/is15959/is15959.js';
import { inspect } from '../../src/inspect/inspect.js';
import { type Direction, Inspector } from '../../src/inspect/inspector.js';
import { type InspectNode, walkNodes } from '../../src/inspect/node.js';
import type { InspectOptions } from '../../src/inspect/options.js';
import { renderLine, renderText } from '../../src/inspect/text.js';
import { commandControl, encodeFrame, hdlcAddress, iControl } from '../../src/link/hdlc-frame.js';
import { addLlc } from '../../src/link/hdlc-llc.js';
import { encodeWpdu } from '../../src/link/wrapper-link.js';
import { protect } from '../../src/security/ciphering.js';
import { nobleCrypto } from '../../src/security/noble-crypto.js';

const clockGet = fromHex('C001C100080000010000FF0200');

function find(tree: InspectNode, name: string): InspectNode {
  for (const node of walkNodes(tree)) if (node.name === name) return node;
  throw new Error(`no ${name} in\n${renderText(tree)}`);
}

function frame(information: Uint8Array, ns = 0, segmented = false, toMeter = true): Uint8Array {
  const [client, server] = [hdlcAddress(48), hdlcAddress(1, 17)];
  const [destination, source] = toMeter ? [server, client] : [client, server];
  return encodeFrame({ destination, source, control: iControl(ns, 0, true), segmented, information });
}

describe('LLC headers that come again', () => {
  const shown = (information: string, toMeter = false) =>
    renderText(inspect(frame(fromHex(information), 0, false, toMeter)).node);

  test.each(['E6E700E6E700', 'E6E700E6E700E6E700', 'E6E700E6E600', 'E6E600E6E600', 'E6E701E6E700'])('%s', (headers) => {
    const text = shown(`${headers}C401810006000000FF`);
    expect(text).toContain('get-response-normal: double-long-unsigned 255');
    expect(text.match(/llc: /g)?.length).toBe(headers.length / 6);
  });

  test.each(['E6E700', 'E6E700E6E700'])('%s alone is no request to a gateway', (headers) => {
    expect(shown(headers)).toContain('nothing follows the LLC header');
    expect(shown(headers)).not.toContain('gateway');
  });

  test('a request to a gateway from a client stays one', () => {
    expect(shown('E6E600E60001C001C100080000010000FF0200', true)).toContain('gateway-request');
  });
});

describe('what octets are is found out', () => {
  test.each<[string, Uint8Array, string]>([
    ['an HDLC frame', frame(addLlc(clockGet, 'command')), 'hdlc-frame'],
    ['a frame behind garbage', concat(fromHex('2F3F210D0A'), frame(addLlc(clockGet, 'command'))), 'garbage hdlc-frame'],
    [
      'two frames with one flag between',
      concat(frame(clockGet), frame(clockGet, 1).subarray(1)),
      'hdlc-frame hdlc-frame',
    ],
    ['a WPDU', encodeWpdu({ source: 48, destination: 1, apdu: clockGet }), 'wrapper'],
    ['LLC and APDU', addLlc(clockGet, 'command'), 'payload'],
    ['an APDU', clockGet, 'get-request-normal'],
    ['a value', fromHex('0600001391'), 'data'],
    ['a value that begins like an APDU', fromHex('0F05'), 'data'],
    ['a structure', fromHex('020211011102'), 'data'],
    ['an APDU that begins like a value', fromHex('01000000065F1F0400007E1F04B0'), 'initiate-request'],
    ['a service that is not spoken', fromHex('D94000000000'), 'access-request'],
    ['a broken APDU', fromHex('C001C10008'), 'get-request'],
    ['nonsense', fromHex('3F3E3D'), 'garbage'],
    ['nothing', new Uint8Array(0), 'garbage'],
  ])('%s', (_, bytes, names) => {
    const { node } = inspect(bytes);
    expect(node.children?.map(({ name }) => name).join(' ')).toBe(names);
    expect(node.octets).toBe(toHex(bytes));
  });

  test('every piece is where it says', () => {
    const garbage = fromHex('0102');
    const first = frame(addLlc(clockGet, 'command'));
    const second = frame(addLlc(clockGet, 'command'), 1);
    const { node } = inspect(concat(garbage, first, second.subarray(1), garbage));
    expect(node.children?.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ['garbage', 0, 2],
      ['hdlc-frame', 2, first.length],
      ['hdlc-frame', 2 + first.length - 1, second.length],
      ['garbage', 2 + first.length + second.length - 1, 2],
    ]);
  });
});

describe('meanings', () => {
  test('class, object, attribute and invoke id of a request', () => {
    const { node } = inspect(clockGet);
    expect(find(node, 'class-id')).toMatchObject({ value: 8, text: 'Clock' });
    expect(find(node, 'instance-id')).toMatchObject({ value: '0000010000FF', text: '0.0.1.0.0.255 Clock' });
    expect(find(node, 'attribute-id')).toMatchObject({ value: 2, text: 'time' });
    expect(find(node, 'invoke-id-and-priority').text).toBe('id 1, confirmed, high priority');
    expect(find(node, 'access-selection').text).toBe('absent');
  });

  test('names of a companion specification', () => {
    const { node } = inspect(fromHex('C001C100010000600B06FF0200'), { companion: is15959 });
    expect(find(node, 'instance-id').text).toBe(`0.0.96.11.6.255 ${is15959.objectTitle('0.0.96.11.6.255')}`);
  });

  test('a result by name, also with a list', () => {
    const { node } = inspect(fromHex('C403C102001105010D'));
    const [, , , list] = (node.children?.[0]?.children ?? []) as InspectNode[];
    expect(list).toMatchObject({ name: 'result', text: '2 elements' });
    expect(find(node, 'data-access-result')).toMatchObject({ value: 13, text: 'scope-of-access-violated' });
  });

  test('a register answers with its scaler and unit, because it was asked for them', () => {
    const inspector = new Inspector({ framing: 'bare' });
    inspector.feed(fromHex('C001C100030100010800FF0300'), 'client');
    const [answer] = inspector.feed(fromHex('C401C10002020F00161E'), 'server');
    expect(find(answer?.node as InspectNode, 'data').text).toBe('scaler 0, unit Wh');
    expect(find(answer?.node as InspectNode, 'unit')).toMatchObject({ type: 'enum', value: 30, text: 'Wh' });
    expect(find(answer?.node as InspectNode, 'scaler')).toMatchObject({ type: 'integer', value: 0 });
  });

  test('a date-time with deviation and status', () => {
    const { node } = inspect(fromHex('C401C100090C07EA0B17010E0500FFFEB680'));
    expect(find(node, 'data').text).toBe('2026-11-23 14:05:00 +05:30 (daylightSavingActive)');
  });

  test('64 bit integers stay exact', () => {
    const { node } = inspect(fromHex('15FFFFFFFFFFFFFFFF'));
    expect(find(node, 'data')).toMatchObject({ type: 'long64-unsigned', value: '18446744073709551615' });
  });

  test('what stands behind a DecodeError is shown as far as it goes', () => {
    const { node, messages } = inspect(fromHex('C401C10002031101110212'));
    expect(find(node, 'get-response').error).toMatchObject({ reason: 'truncated' });
    expect(find(node, 'invoke-id-and-priority').value).toBe(0xc1);
    expect(messages[0]?.error).toMatchObject({ code: 'decode', path: ['get-response', 'result', 'data', 2] });
  });
});

describe('joining', () => {
  test('segments of HDLC frames, one of them sent twice', () => {
    const apdu = encodeApdu({
      type: 'get-response-normal',
      invokeId: 0xc1,
      result: { data: octets(new Uint8Array(200)) },
    });
    const information = addLlc(apdu, 'response');
    const inspector = new Inspector();
    const pieces = [information.subarray(0, 100), information.subarray(100, 180), information.subarray(180)];
    const frames = pieces.map((piece, i) => frame(piece, i, i < 2, false));
    const found = [frames[0], frames[1], frames[1], frames[2]].flatMap((octets) =>
      inspector.feed(octets as Uint8Array, 'server'),
    );
    expect(found).toHaveLength(4);
    expect(found.map(({ messages }) => messages.length)).toEqual([0, 0, 0, 1]);
    expect(toHex(found[3]?.messages[0]?.octets as Uint8Array)).toBe(toHex(apdu));
    expect(find(found[2]?.node as InspectNode, 'segment').text).toContain('sent again');
    expect(find(found[3]?.node as InspectNode, 'joined').octets).toBe(toHex(information));
  });

  const profile = arrayOf(Array.from({ length: 3 }, (_, i) => structureOf([u32(i), u16(i)])));
  const blocks = (raw: Uint8Array, size: number, first = 1): DataBlock[] =>
    Array.from({ length: Math.ceil(raw.length / size) }, (_, i) => ({
      last: (i + 1) * size >= raw.length,
      number: first + i,
      raw: raw.subarray(i * size, (i + 1) * size),
    }));

  function talk(...apdus: readonly Apdu[]): InspectNode {
    const inspector = new Inspector({ framing: 'bare' });
    const found = apdus.flatMap((apdu) => inspector.feed(encodeApdu(apdu)));
    expect(found.flatMap(({ node }) => [...walkNodes(node)].filter(({ error }) => error))).toEqual([]);
    return found.at(-1)?.node as InspectNode;
  }
  const attribute = { classId: 7, instanceId: fromHex('0100630100FF'), attributeId: 2 };
  const method = { classId: 18, instanceId: fromHex('00002C0000FF'), methodId: 1 };

  test.each([1, 7])('GET blocks, counted from %i', (first) => {
    const answers = blocks(encodeData(profile), 5, first).map(
      (block): Apdu => ({ type: 'get-response-with-datablock', invokeId: 0xc1, block }),
    );
    const last = talk({ type: 'get-request-normal', invokeId: 0xc1, attribute }, ...answers);
    const joined = find(last, 'joined');
    expect(joined.octets).toBe(toHex(encodeData(profile)));
    expect(find(joined, 'data')).toMatchObject({ type: 'array', text: '3 elements' });
  });

  test('GET blocks of a list, also when the request was not seen', () => {
    const request: Apdu = { type: 'get-request-with-list', invokeId: 0xc1, attributes: [attribute, attribute] };
    const raw = fromHex('02000600000005010D');
    const answers = blocks(raw, 3).map(
      (block): Apdu => ({ type: 'get-response-with-datablock', invokeId: 0xc1, block }),
    );
    for (const apdus of [[request, ...answers], answers]) {
      expect(find(talk(...apdus), 'data-access-result').text).toBe('scope-of-access-violated');
    }
  });

  test('SET blocks', () => {
    const [first, ...others] = blocks(encodeData(profile), 5) as [DataBlock, ...DataBlock[]];
    const last = talk(
      { type: 'set-request-with-first-datablock', invokeId: 0xc1, attribute, block: first },
      ...others.map((block): Apdu => ({ type: 'set-request-with-datablock', invokeId: 0xc1, block })),
    );
    expect(find(find(last, 'joined'), 'data').text).toBe('3 elements');
  });

  test('ACTION blocks both ways', () => {
    const [first, ...others] = blocks(encodeData(structureOf([textOctets('image'), u32(9)])), 4) as [
      DataBlock,
      ...DataBlock[],
    ];
    const request: Apdu[] = [
      { type: 'action-request-with-first-pblock', invokeId: 0xc1, method, block: first },
      ...others.map((block): Apdu => ({ type: 'action-request-with-pblock', invokeId: 0xc1, block })),
    ];
    const joined = find(talk(...request), 'joined');
    expect(find(joined, 'imageSize').value).toBe(9);
    const answers = blocks(fromHex('00010006000000FF'), 3).map(
      (block): Apdu => ({ type: 'action-response-with-pblock', invokeId: 0xc1, block }),
    );
    expect(find(find(talk(...request, ...answers), 'joined'), 'data').value).toBe(255);
  });

  test('a block that is not due is an error, and the next transfer begins anew', () => {
    const inspector = new Inspector({ framing: 'bare' });
    const send = (block: DataBlock) =>
      inspector.feed(encodeApdu({ type: 'get-response-with-datablock', invokeId: 0xc1, block }))[0]
        ?.node as InspectNode;
    const [one, two, three] = blocks(encodeData(profile), 8) as [DataBlock, DataBlock, DataBlock];
    send(one);
    expect(send(three).error?.reason).toBe('block-sequence');
    send(one);
    send(two);
    expect(find(send({ ...three, last: true }), 'joined').octets).toBeDefined();
  });
});

describe('ciphered messages', () => {
  const client = fromHex('4D4D4D0000BC614E');
  const server = fromHex('4D4D4D0000000001');
  const encryption = fromHex('000102030405060708090A0B0C0D0E0F');
  const authentication = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
  const keys = { encryption, authentication };
  const dedicated = fromHex('00112233445566778899AABBCCDDEEFF');

  function sealed(
    tag: number,
    key: Uint8Array,
    systemTitle: Uint8Array,
    counter: number,
    plain: Uint8Array,
  ): Uint8Array {
    const context = {
      keys: { encryption: key, authentication },
      control: 0x30,
      systemTitle,
      invocationCounter: counter,
    };
    return encodeApdu({
      type: 'ciphered',
      tag,
      securityControl: 0x30,
      invocationCounter: counter,
      content: protect(nobleCrypto, context, plain),
    });
  }

  const initiate = encodeApdu({
    type: 'initiate-request',
    dedicatedKey: dedicated,
    responseAllowed: true,
    proposedDlmsVersionNumber: 6,
    proposedConformance: 0x001e1d,
    clientMaxReceivePduSize: 1024,
  });
  const aarq = encodeApdu({
    type: 'aarq',
    applicationContextName: contextOid(3),
    callingApTitle: client,
    senderAcseRequirements: true,
    mechanismName: mechanismOid(1),
    callingAuthenticationValue: { type: 'charstring', value: fromLatin1('SESAM-OPEN') },
    userInformation: sealed(0x21, encryption, client, 1, initiate),
  });
  const request = sealed(0xd0, dedicated, client, 0, clockGet);

  const conversation: readonly (readonly [Uint8Array, Direction])[] = [
    [aarq, 'client'],
    [request, 'client'],
  ];

  test('titles and the dedicated key are learned from the association', () => {
    const inspector = new Inspector({ framing: 'bare', keys });
    const found = conversation.flatMap(([octets, side]) => inspector.feed(octets, side));
    expect(found.map(({ node }) => renderLine(node))).toEqual([
      'aarq | glo-initiate-request | initiate-request',
      'ded-get-request | get-request-normal Clock 0.0.1.0.0.255 Clock: time',
    ]);
    expect(found[1]?.messages[0]?.apdu).toMatchObject({ type: 'get-request-normal' });
  });

  test.each<[string, InspectOptions, string]>([
    ['no key', {}, 'not opened: no encryption key given'],
    ['no title', { keys }, 'not opened: the system title of the sender is not known'],
    ['one key and no title', { keys: { encryption } }, 'not opened: the system title of the sender is not known'],
  ])('without them it is said what is missing: %s', (_, options, text) => {
    const { node } = inspect(sealed(0xc8, encryption, client, 5, clockGet), options);
    expect(find(node, 'glo-get-request').text).toBe(text);
    expect([...walkNodes(node)].some(({ error }) => error !== undefined)).toBe(false);
  });

  test('a wrong key', () => {
    const message = sealed(0xc8, encryption, client, 5, clockGet);
    const options = { keys: { encryption: dedicated, authentication }, titles: { client, server } };
    const { node, messages } = inspect(message, options);
    expect(find(node, 'glo-get-request').error?.reason).toBe('bad-tag');
    expect(messages[0]).toMatchObject({ outer: { type: 'ciphered' }, error: { reason: 'bad-tag' } });
  });

  test('a wrong key where nothing is authenticated', () => {
    const content = nobleCrypto.gcmCrypt(encryption, concat(client, fromHex('00000005')), clockGet);
    const message = encodeApdu({ type: 'ciphered', tag: 0xc8, securityControl: 0x20, invocationCounter: 5, content });
    const wrong = inspect(message, { keys: { encryption: dedicated }, titles: { client } });
    expect(find(wrong.node, 'glo-get-request').error?.reason).toBe('decrypt-garbage');
    const right = inspect(message, { keys: { encryption }, titles: { client } });
    expect(right.messages[0]?.plaintext && toHex(right.messages[0].plaintext)).toBe(toHex(clockGet));
  });

  test('envelopes inside of envelopes come to an end', () => {
    let message = clockGet;
    for (let i = 0; i < 50; i++) message = sealed(0xc8, encryption, client, i, message);
    const { node } = inspect(message, { keys, titles: { client } });
    expect([...walkNodes(node)].filter(({ name }) => name === 'plaintext').length).toBeLessThan(6);
  });

  describe('masked', () => {
    const secrets = ['SESAM-OPEN', toHex(fromLatin1('SESAM-OPEN')), toHex(dedicated)];

    function shown(octets: Uint8Array, options: InspectOptions = {}): string {
      const { node } = inspect(octets, { keys, titles: { client, server }, mask: true, ...options });
      return `${JSON.stringify(node)}\n${renderText(node)}\n${renderLine(node)}`;
    }

    const secret = fromLatin1('SESAM-OPEN');
    const set: Apdu = {
      type: 'set-request-normal',
      invokeId: 0xc1,
      attribute: { classId: 15, instanceId: fromHex('0000280000FF'), attributeId: 7 },
      value: octets(secret),
    };
    const method = { classId: 64, instanceId: fromHex('00002B0000FF'), methodId: 2 };
    const transfer: Apdu = {
      type: 'action-request-normal',
      invokeId: 0xc1,
      method,
      parameter: arrayOf([structureOf([{ type: 'enum', value: 0 }, octets(secret)])]),
    };

    test.each<[string, Uint8Array]>([
      ['the password of an AARQ, and the dedicated key in it', aarq],
      ['in a frame', frame(addLlc(aarq, 'command'))],
      ['in a WPDU', encodeWpdu({ source: 16, destination: 1, apdu: aarq })],
      [
        'in segments',
        concat(frame(addLlc(aarq, 'command').subarray(0, 50), 0, true), frame(addLlc(aarq, 'command').subarray(50), 1)),
      ],
      [
        'in a damaged frame',
        frame(addLlc(aarq, 'command')).map((octet, i, all) => (i === all.length - 2 ? octet ^ 1 : octet)),
      ],
      ['in an APDU cut short', aarq.subarray(0, aarq.length - 5)],
      ['a dedicated key in clear', initiate],
      ['a secret that is set', encodeApdu(set)],
      ['a secret that is set, ciphered', sealed(0xc9, encryption, client, 7, encodeApdu(set))],
      ['a key transfer', encodeApdu(transfer)],
      [
        'a secret in blocks',
        encodeApdu({
          type: 'set-request-with-first-datablock',
          invokeId: 0xc1,
          attribute: set.attribute,
          block: { last: true, number: 1, raw: encodeData(octets(secret)) },
        }),
      ],
    ])('%s', (_, bytes) => {
      const text = shown(bytes);
      for (const word of secrets) expect(text).not.toContain(word);
    });

    test('nothing else is', () => {
      expect(shown(aarq)).toContain('4D4D4D0000BC614E');
      expect(shown(encodeApdu({ ...set, attribute: { ...set.attribute, attributeId: 6 } }))).toContain('SESAM-OPEN');
      expect(shown(aarq, { mask: false })).toContain('SESAM-OPEN');
      expect(renderText(inspect(aarq, { mask: true }).node)).toContain('** ** **');
    });

    test('a challenge of HLS is no secret', () => {
      const hls = encodeApdu({
        type: 'aarq',
        applicationContextName: contextOid(1),
        mechanismName: mechanismOid(5),
        callingAuthenticationValue: { type: 'charstring', value: fromLatin1('CHALLENGE') },
      });
      expect(shown(hls)).toContain('CHALLENGE');
    });
  });
});

describe('frames', () => {
  test('parameters of SNRM and UA', () => {
    const information = fromHex('8180140502034006020340070400000001080400000001');
    const [destination, source] = [hdlcAddress(48), hdlcAddress(1)];
    const octets = encodeFrame({
      destination,
      source,
      control: commandControl('UA', true),
      segmented: false,
      information,
    });
    const { node } = inspect(octets);
    expect(find(node, 'max-info-transmit').value).toBe(832);
    expect(find(node, 'window-receive').value).toBe(1);
    expect(find(node, 'hdlc-frame').text).toBe('UA P/F, 1 to 48');
    const broken = inspect(octets.with(9, 0x82));
    expect(
      [...walkNodes(broken.node)].some(({ error }) => error?.reason === 'bad-hcs' || error?.reason === 'bad-fcs'),
    ).toBe(true);
  });

  test('a WPDU that is cut short', () => {
    const { node } = inspect(encodeWpdu({ source: 1, destination: 16, apdu: clockGet }).subarray(0, 15));
    expect(find(node, 'wrapper').error?.reason).toBe('truncated');
    expect(find(node, 'cut here').text).toBe('4 octets missing');
  });
});

test('text is aligned, and told to leave the octets out', () => {
  const { node } = inspect(fromHex('C401C10002020F00161E'));
  expect(renderText(node)).toBe(
    [
      '0000                             get-response-normal: structure scaler 0, unit Wh',
      '0000  C4                           tag: 196  get-response',
      '0001  01                           choice: 1',
      '0002  C1                           invoke-id-and-priority: 193  id 1, confirmed, high priority',
      '0003  00                           result',
      '0004  02 02                          data: structure  scaler 0, unit Wh',
      '0006  0F 00                            [0]: integer  0',
      '0008  16 1E                            [1]: enum  30',
    ].join('\n'),
  );
  expect(renderText(node, { octets: false, depth: 1 }).split('\n')).toEqual([
    'get-response-normal: structure scaler 0, unit Wh',
    '  tag: 196  get-response',
    '  choice: 1',
    '  invoke-id-and-priority: 193  id 1, confirmed, high priority',
    '  result',
  ]);
});

test('values of a push bear the names of its objects', () => {
  const object = (classId: number, name: string, attribute: number) =>
    structureOf([u16(classId), octets(fromHex(name)), i8(attribute), u16(0)]);
  const list = arrayOf([object(40, '0000190900FF', 2), object(3, '0100010800FF', 2)]);
  const body = structureOf([list, u32(1234)]);
  const { node } = inspect(encodeApdu({ type: 'data-notification', longInvokeId: 1, body }));
  expect(find(node, 'body').children?.[1]).toMatchObject({
    value: 1234,
    text: 'Register 1.0.1.8.0.255 Active energy import: value',
  });
});

test('floats that JSON has no number for keep their name', () => {
  const values = ['1780000000', '177FC00000', '17FF800000', '173F800000'].map((hex) => {
    const { node } = inspect(fromHex(hex));
    expect(JSON.parse(JSON.stringify(node))).toEqual(node);
    return node.children?.[0]?.value;
  });
  expect(values).toEqual(['-0', 'NaN', '-Infinity', 1]);
});
