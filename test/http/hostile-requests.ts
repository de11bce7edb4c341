/** Requests that no browser and no verifier sends, and the statuses that may answer them: `closed` for none. */

export interface HostileRequest {
  readonly name: string;
  readonly octets: (port: number) => string;
  readonly expected: readonly (number | 'closed')[];
}

const END = '\r\n\r\n';
const get =
  (target: string, more = '') =>
  (port: number) =>
    `GET ${target.replace('PORT', String(port))} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;
const head =
  (line: string, more = '') =>
  (port: number) =>
    `${line.replace('PORT', String(port))} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${more}\r\n`;
const host = (name: string) => (port: number) => `GET / HTTP/1.1\r\nHost: ${name.replace('PORT', String(port))}${END}`;
const post =
  (fields: string, body = '', target = '/v1/codes') =>
  (port: number) =>
    `POST ${target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields}\r\n${body}`;
const json = (body: string, target = '/v1/codes') =>
  post(
    `Content-Type: application/json\r\nIdempotency-Key: ${'a'.repeat(64)}\r\nContent-Length: ${body.length}\r\n`,
    body,
    target,
  );

/** Targets, names, methods and framing: the same for every server. */
export const HOSTILE: readonly HostileRequest[] = [
  { name: 'GET //', octets: get('//'), expected: [404] },
  { name: 'GET ///', octets: get('///'), expected: [404] },
  { name: 'GET //[', octets: get('//['), expected: [404] },
  { name: 'GET //%', octets: get('//%'), expected: [404] },
  { name: 'GET //host.example/', octets: get('//host.example/'), expected: [404] },
  { name: 'GET //host.example:99999/', octets: get('//host.example:99999/'), expected: [404] },
  { name: 'GET /%', octets: get('/%'), expected: [404] },
  { name: 'GET /%zz%', octets: get('/%zz%'), expected: [404] },
  { name: 'percent-encoding that is no UTF-8', octets: get('/%ff%fe%c0%80'), expected: [404] },
  { name: 'an encoded zero', octets: get('/%00'), expected: [404] },
  { name: 'octets beyond ASCII', octets: get('/\u00ff\u0080'), expected: [400, 404] },
  { name: 'a query that is no query', octets: get('/none?%&=%ff&&'), expected: [404] },
  { name: 'a fragment', octets: get('/none#%'), expected: [404] },
  { name: 'up the tree', octets: get('/../../etc/passwd'), expected: [404] },
  { name: 'up the tree, encoded', octets: get('/%2e%2e/%2e%2e/etc/passwd'), expected: [404] },
  { name: 'up the tree, all encoded', octets: get('/..%2f..%2fetc%2fpasswd'), expected: [404] },
  { name: 'up the tree, backwards', octets: get('/..\\..\\etc\\passwd'), expected: [400] },
  { name: 'a prototype for a path', octets: get('/__proto__'), expected: [404] },
  { name: 'no slash', octets: get('none'), expected: [400] },
  { name: 'OPTIONS *', octets: head('OPTIONS *'), expected: [400] },
  { name: 'GET *', octets: get('*'), expected: [400] },
  { name: 'absolute-form of another', octets: get('http://elsewhere.example/'), expected: [421] },
  { name: 'absolute-form of nobody', octets: get('http://'), expected: [400] },
  { name: 'absolute-form without end', octets: get('http://[::1'), expected: [400] },
  { name: 'absolute-form, https', octets: get('https://127.0.0.1:PORT/'), expected: [400] },
  { name: 'absolute-form of ours, unknown path', octets: get('http://127.0.0.1:PORT/none'), expected: [404] },
  { name: 'another protocol', octets: get('ftp://127.0.0.1:PORT/'), expected: [400] },
  { name: 'CONNECT', octets: head('CONNECT 127.0.0.1:PORT'), expected: [405] },
  { name: 'CONNECT elsewhere', octets: head('CONNECT elsewhere.example:443'), expected: [405] },
  { name: 'TRACE', octets: head('TRACE /none'), expected: [404] },
  { name: 'an unknown method', octets: head('BREW /none'), expected: [400] },
  { name: 'HTTP/1.0 without Host', octets: () => `GET / HTTP/1.0${END}`, expected: [400] },
  { name: 'HTTP/1.1 without Host', octets: () => `GET / HTTP/1.1${END}`, expected: [400] },
  { name: 'two Hosts', octets: get('/', 'Host: elsewhere.example\r\n'), expected: [400] },
  { name: 'two Hosts, the same', octets: (port) => get('/', `Host: 127.0.0.1:${port}\r\n`)(port), expected: [400] },
  { name: 'no name', octets: host(''), expected: [400, 421] },
  { name: 'a name turned to this machine', octets: host('elsewhere.example:PORT'), expected: [421] },
  { name: 'a name that begins as ours', octets: host('127.0.0.1.elsewhere.example:PORT'), expected: [421] },
  { name: 'ours as a user', octets: host('127.0.0.1:PORT@elsewhere.example'), expected: [421] },
  { name: 'ours without the port', octets: host('127.0.0.1'), expected: [421] },
  { name: 'ours in another notation', octets: host('2130706433:PORT'), expected: [421] },
  { name: 'this machine in IPv6', octets: host('[::1]:PORT'), expected: [421] },
  { name: 'two names in one', octets: host('127.0.0.1:PORT, elsewhere.example'), expected: [421] },
  { name: 'a page of another site', octets: get('/none', 'Origin: http://elsewhere.example\r\n'), expected: [403] },
  { name: 'a page of nowhere', octets: get('/none', 'Origin: null\r\n'), expected: [403] },
  {
    name: 'an upgrade',
    octets: get(
      '/none',
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\nSec-WebSocket-Version: 13\r\n',
    ),
    expected: [404],
  },
  { name: 'HTTP/2 without asking', octets: () => `PRI * HTTP/2.0${END}SM${END}`, expected: [400] },
  { name: 'an upgrade to HTTP/2', octets: get('/none', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'), expected: [404] },
  { name: 'HTTP/9.9', octets: (port) => `GET / HTTP/9.9\r\nHost: 127.0.0.1:${port}${END}`, expected: [400] },
  { name: 'TLS', octets: () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', expected: [400] },
  { name: 'zeros', octets: () => '\0'.repeat(1000), expected: [400] },
  { name: 'a head of 9 KB', octets: get('/', `X: ${'a'.repeat(9000)}\r\n`), expected: [431] },
  {
    name: 'a head without end',
    octets: (port) => get('/')(port).slice(0, -2) + 'A: b\r\n'.repeat(6000),
    expected: [431],
  },
  { name: 'a target of 3 KB', octets: get(`/${'a'.repeat(3000)}`), expected: [414] },
  { name: 'a target of 20 KB', octets: get(`/${'a'.repeat(20_000)}`), expected: [431] },
  { name: 'a thousand fields', octets: get('/none', 'A: b\r\n'.repeat(1000)), expected: [431] },
  {
    name: 'a Host behind a thousand fields',
    octets: get('/', `${'A: b\r\n'.repeat(1000)}Host: x\r\n`),
    expected: [431],
  },
  { name: 'a field without name', octets: get('/', ': a\r\n'), expected: [400] },
  { name: 'a field with a blank before the colon', octets: get('/', 'Content-Length : 5\r\n'), expected: [400] },
  { name: 'a folded field', octets: get('/none', 'A: b\r\n c: d\r\n'), expected: [400, 404] },
  { name: 'a zero in a field', octets: get('/', 'A: \0\r\n'), expected: [400] },
  { name: 'an expectation nobody meets', octets: get('/none', 'Expect: a miracle\r\n'), expected: [417] },
  { name: 'a body with GET', octets: get('/none', 'Content-Length: 5\r\n'), expected: [404] },
  { name: 'two lengths', octets: post('Content-Length: 5\r\nContent-Length: 6\r\n', 'abcdef'), expected: [400] },
  { name: 'a length below nothing', octets: post('Content-Length: -1\r\n'), expected: [400] },
  { name: 'a length that overflows', octets: post(`Content-Length: ${'9'.repeat(30)}\r\n`), expected: [400] },
  {
    name: 'length and chunks at once',
    octets: post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expected: [400],
  },
  {
    name: 'an unknown transfer coding',
    octets: post('Transfer-Encoding: gzip\r\nConnection: close\r\n', 'abc'),
    expected: [400, 404, 415],
  },
];

/** Bodies, for what takes them. */
export const HOSTILE_BODIES: readonly HostileRequest[] = [
  {
    name: 'a chunk without size',
    octets: post('Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n', 'zz\r\n'),
    expected: [400],
  },
  {
    name: 'chunks without end',
    octets: post(
      'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n',
      `1000\r\n${'x'.repeat(4096)}\r\n`.repeat(20),
    ),
    expected: [413],
  },
  {
    name: 'a length of petabytes',
    octets: post('Content-Type: application/json\r\nContent-Length: 999999999999999\r\n'),
    expected: [413],
  },
  { name: 'a form', octets: post('Content-Type: text/plain\r\nContent-Length: 2\r\n', '{}'), expected: [415] },
  { name: 'no type', octets: post('Content-Length: 2\r\n', '{}'), expected: [415] },
  { name: 'nothing', octets: json(''), expected: [400] },
  { name: 'half of JSON', octets: json('{"workOrder":'), expected: [400] },
  { name: 'no UTF-8', octets: json('{"workOrder":"\u00ff\u00fe"}'), expected: [400] },
  { name: 'lists without end', octets: json('['.repeat(16_000)), expected: [400] },
  { name: 'lists in lists', octets: json('['.repeat(8000) + ']'.repeat(8000)), expected: [400] },
  { name: 'null', octets: json('null'), expected: [400] },
  { name: 'a number', octets: json('1e999'), expected: [400] },
  { name: 'a list', octets: json('[[],{}]'), expected: [400] },
  { name: 'a prototype', octets: json('{"__proto__":{"workOrder":"a"}}'), expected: [400] },
  {
    name: 'half a character',
    octets: json('{"workOrder":"\\ud800","consumerNumber":"1","code":"000000"}', '/v1/verifications'),
    expected: [404],
  },
  {
    name: 'a long order',
    octets: json(`{"workOrder":"${'a'.repeat(61)}","consumerNumber":"1","mobileLast4":"4321"}`),
    expected: [400],
  },
  { name: 'no record', octets: json('{}', '/v1/records'), expected: [422] },
  { name: 'a record of null', octets: json('null', '/v1/records'), expected: [422] },
  {
    name: 'a record with half a character',
    octets: json(
      `{"record":{"at":"\\ud800","consumer":{"commitment":"a"}},"hash":"aa","algorithm":"ed25519","publicKey":"aa","signature":"aa"}`,
      '/v1/records',
    ),
    expected: [422],
  },
  {
    name: 'a record in a record in a record',
    octets: json(`${'{"record":'.repeat(5000)}{}${'}'.repeat(5000)}`, '/v1/records'),
    expected: [400],
  },
  {
    name: 'a query at a path that takes a body',
    octets: json('{}', '/v1/codes?x=%'),
    expected: [400],
  },
];
