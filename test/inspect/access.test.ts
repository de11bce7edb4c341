/** ACCESS taken apart: what each item is about, and its secrets masked. */
import { describe, expect, test } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import type { AccessSpecification } from '../../src/apdu/service-apdus.js';
import { fromLatin1, toHex } from '../../src/base/bytes.js';
import { octets, u32 } from '../../src/codec/make.js';
import { inspect } from '../../src/inspect/inspect.js';
import { Inspector } from '../../src/inspect/inspector.js';
import { FrameMasker } from '../../src/inspect/masker.js';
import { renderText } from '../../src/inspect/text.js';

const SECRET = fromLatin1('PasswordOfMeter1');
const NULL = { type: 'null-data', value: null } as const;
const of = (classId: number, name: readonly number[], attributeId: number) => ({
  classId,
  instanceId: Uint8Array.from(name),
  attributeId,
});
/** Association LN, attribute 7: the secret. */
const secret = of(15, [0, 0, 40, 0, 0, 255], 7);
const energy = of(3, [1, 0, 1, 8, 0, 255], 2);
const specifications: readonly AccessSpecification[] = [
  { service: 'get', attribute: { ...energy, selection: { selector: 1, parameters: u32(5) } } },
  { service: 'set', attribute: secret },
  { service: 'action', method: { classId: 70, instanceId: Uint8Array.of(0, 0, 96, 3, 10, 255), methodId: 1 } },
];
const request = encodeApdu({
  type: 'access-request',
  longInvokeId: 0xe000_0007,
  specifications,
  data: [NULL, octets(SECRET), NULL],
});
const results = specifications.map(({ service }) => ({ service, result: service === 'set' ? 3 : 0 }));
const response = (echo: boolean, values = [octets(SECRET), NULL, NULL]) =>
  encodeApdu({
    type: 'access-response',
    longInvokeId: 0xc000_0007,
    ...(echo ? { specifications } : {}),
    data: values,
    results,
  });

test('a request and its answer, item by item', () => {
  expect(renderText(inspect(request, { framing: 'bare' }).node)).toMatchInlineSnapshot(`
    "0000                             access-request: 3 elements
    0000  D9                           tag: 217  access-request
    0001  E0 00 00 07                  long-invoke-id-and-priority: 3758096391  id 7, break on error, confirmed, high priority
    0005  00                           date-time: not given
    0006  03                           specifications: 3 elements
    0007  04                             [0]: get Register 1.0.1.8.0.255 Active energy import: value
    0008                                   attribute: Register 1.0.1.8.0.255 Active energy import: value
    0008  00 03                              class-id: 3  Register
    000A  01 00 01 08 00 FF                  instance-id: 1.0.1.8.0.255 Active energy import
    0010  02                                 attribute-id: 2  value
    0011                                   access-selection
    0011  01                                 access-selector: 1
    0012  06 00 00 00 05                     access-parameters: double-long-unsigned  5
    0017  02                             [1]: set Association LN 0.0.40.0.0.255 Current association: secret
    0018                                   attribute: Association LN 0.0.40.0.0.255 Current association: secret
    0018  00 0F                              class-id: 15  Association LN
    001A  00 00 28 00 00 FF                  instance-id: 0.0.40.0.0.255 Current association
    0020  07                                 attribute-id: 7  secret
    0021  03                             [2]: action Disconnect control 0.0.96.3.10.255 Disconnect control: remoteDisconnect
    0022                                   method: Disconnect control 0.0.96.3.10.255 Disconnect control: remoteDisconnect
    0022  00 46                              class-id: 70  Disconnect control
    0024  00 00 60 03 0A FF                  instance-id: 0.0.96.3.10.255 Disconnect control
    002A  01                                 method-id: 1  remoteDisconnect
    002B  03                           data: 3 elements
    002C  00                             [0]: null-data  null
    002D  09 10 50 61 73 73 77 6F …      [1]: octet-string  "PasswordOfMeter1"
    003F  00                             [2]: null-data  null"
  `);
  expect(renderText(inspect(response(true, [u32(12), NULL, NULL]), { framing: 'bare' }).node)).toMatchInlineSnapshot(`
    "0000                             access-response: 3 elements
    0000  DA                           tag: 218  access-response
    0001  C0 00 00 07                  long-invoke-id-and-priority: 3221225479  id 7, confirmed, high priority
    0005  00                           date-time: not given
    0006  01                           echo: true
    0007  03                           specifications: 3 elements
    0008  04                             [0]: get Register 1.0.1.8.0.255 Active energy import: value
    0009                                   attribute: Register 1.0.1.8.0.255 Active energy import: value
    0009  00 03                              class-id: 3  Register
    000B  01 00 01 08 00 FF                  instance-id: 1.0.1.8.0.255 Active energy import
    0011  02                                 attribute-id: 2  value
    0012                                   access-selection
    0012  01                                 access-selector: 1
    0013  06 00 00 00 05                     access-parameters: double-long-unsigned  5
    0018  02                             [1]: set Association LN 0.0.40.0.0.255 Current association: secret
    0019                                   attribute: Association LN 0.0.40.0.0.255 Current association: secret
    0019  00 0F                              class-id: 15  Association LN
    001B  00 00 28 00 00 FF                  instance-id: 0.0.40.0.0.255 Current association
    0021  07                                 attribute-id: 7  secret
    0022  03                             [2]: action Disconnect control 0.0.96.3.10.255 Disconnect control: remoteDisconnect
    0023                                   method: Disconnect control 0.0.96.3.10.255 Disconnect control: remoteDisconnect
    0023  00 46                              class-id: 70  Disconnect control
    0025  00 00 60 03 0A FF                  instance-id: 0.0.96.3.10.255 Disconnect control
    002B  01                                 method-id: 1  remoteDisconnect
    002C  03                           data: 3 elements
    002D  06 00 00 00 0C                 [0]: double-long-unsigned  12
    0032  00                             [1]: null-data  null
    0033  00                             [2]: null-data  null
    0034  03                           results: 3 elements
    0035  01                             [0]: get success
    0036  00                               result: 0  success
    0037  02                             [1]: set read-write-denied
    0038  03                               result: 3  read-write-denied
    0039  03                             [2]: action success
    003A  00                               result: 0  success"
  `);
});

describe('secrets', () => {
  test('what is written to a secret is masked, in the tree and in the octets; the rest is shown', () => {
    const [piece] = new Inspector({ framing: 'bare', mask: true }).feed(request, 'client');
    expect(JSON.stringify(piece?.node)).not.toContain(toHex(SECRET));
    expect(JSON.stringify(piece?.node)).toContain('Active energy import');
    const [frame] = new FrameMasker({ framing: 'bare' }).feed(request, 'client');
    expect(toHex(frame!.octets)).toBe(toHex(request).replace(toHex(SECRET), '2A'.repeat(SECRET.length)));
  });

  test('an answer is masked by what was asked for, and by its own echo', () => {
    const asking = encodeApdu({
      type: 'access-request',
      longInvokeId: 0xc000_0007,
      specifications: [{ service: 'get', attribute: secret }],
      data: [NULL],
    });
    const answering = (echo?: readonly AccessSpecification[]) =>
      encodeApdu({
        type: 'access-response',
        longInvokeId: 0xc000_0007,
        ...(echo === undefined ? {} : { specifications: echo }),
        data: [octets(SECRET)],
        results: [{ service: 'get', result: 0 }],
      });
    const shown = (asked: boolean, answer: Uint8Array) => {
      const masker = new FrameMasker({ framing: 'bare' });
      if (asked) masker.feed(asking, 'client');
      const [frame] = masker.feed(answer, 'server');
      return `${toHex(frame!.octets)} ${JSON.stringify(frame!.node)}`;
    };
    expect(shown(true, answering())).not.toContain(toHex(SECRET));
    expect(shown(true, answering([{ service: 'get', attribute: energy }]))).not.toContain(toHex(SECRET));
    expect(shown(false, answering([{ service: 'get', attribute: secret }]))).not.toContain(toHex(SECRET));
    expect(shown(false, answering([{ service: 'get', attribute: energy }]))).toContain(toHex(SECRET));
  });
});
