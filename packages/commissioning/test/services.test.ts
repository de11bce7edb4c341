import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, VirtualClock } from '../../../src/base/clock.js';
import { FileAttemptStore } from '../src/attempts.js';
import type { Json } from '../src/canonical.js';
import { HttpRecordSender, Outbox, type RecordSender, type SendOutcome, sync } from '../src/outbox.js';
import { createVerificationService } from '../src/platform/verification-server.js';
import { type Fetch, HttpClient } from '../src/service/http.js';
import { HttpVerifier } from '../src/service/http-verifier.js';
import { RecordReceiver } from '../src/service/record-receiver.js';
import { type ShortMessage, VerificationService } from '../src/service/verification-service.js';
import { OneTimeCode } from '../src/verification.js';
import { countedRandom, START } from './bench.js';
import { MemoryDisk, PowerCut } from './memory-file.js';
import { certificatesOf, recordContent } from './sample-certificate.js';

const URL_ = 'http://127.0.0.1:8080/api/';
const CONSUMER = { workOrder: 'WO-1', consumerNumber: '1100220033', mobileLast4: '4321' };
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A fetch that answers by a list: a status with a body, or nothing at all. */
function answering(
  ...answers: (
    | readonly [status: number, body?: unknown, headers?: Record<string, string>]
    | 'nothing'
    | 'silence'
    | 'refused'
    | 'both refused'
    | 'one refused'
  )[]
) {
  const asked: { url: string; init: RequestInit }[] = [];
  const fetch: Fetch = async (url, init) => {
    asked.push({ url, init });
    const answer = answers[Math.min(asked.length, answers.length) - 1]!;
    if (answer === 'nothing') throw new TypeError(`fetch failed for ${String(init.body)}`);
    const because = (code: string) => Object.assign(new Error(code), { code });
    const failed = (cause: Error) => new TypeError('fetch failed', { cause });
    if (answer === 'refused') throw failed(because('ECONNREFUSED'));
    if (answer === 'both refused') throw failed(new AggregateError([because('ECONNREFUSED'), because('ECONNREFUSED')]));
    if (answer === 'one refused') throw failed(new AggregateError([because('ECONNREFUSED'), because('ENETUNREACH')]));
    if (answer === 'silence')
      return new Promise((_, reject) => init.signal!.addEventListener('abort', () => reject(init.signal!.reason)));
    const [status, body, headers] = answer;
    return new Response(body === undefined ? null : JSON.stringify(body), { status, ...(headers && { headers }) });
  };
  return { fetch, asked };
}

function verifier(...answers: Parameters<typeof answering>) {
  const clock = new VirtualClock(START);
  const { fetch, asked } = answering(...answers);
  const http = new HttpVerifier({ url: URL_, fetch, clock, token: () => 'T0KEN' });
  const verify = () => clock.run(http.verify(CONSUMER, OneTimeCode.parse('042137'), 'key-1'));
  return { asked, clock, http, verify };
}

describe('the verifier over HTTP', () => {
  test('sends the code in the body, under the key and the token, and follows nowhere', async () => {
    const { asked, verify } = verifier([200, { verified: true, reference: 'R-1' }]);
    expect(await verify()).toEqual({ verified: true, method: 'http', reference: 'R-1', at: START });
    const [{ url, init }] = asked as [{ url: string; init: RequestInit }];
    expect(url).toBe('http://127.0.0.1:8080/api/v1/verifications');
    expect(init).toMatchObject({
      method: 'POST',
      redirect: 'error',
      headers: { 'idempotency-key': 'key-1', authorization: 'Bearer T0KEN' },
      body: '{"workOrder":"WO-1","consumerNumber":"1100220033","code":"042137"}',
    });
  });

  test.each<[string, Parameters<typeof answering>[number], object]>([
    ['wrong', [403, { reason: 'wrong', triesLeft: 3 }], { reason: 'wrong', triesLeft: 3 }],
    ['expired', [410, { reason: 'expired', triesLeft: 2 }], { reason: 'expired', triesLeft: 2 }],
    ['locked', [423, { reason: 'locked', triesLeft: 0 }], { reason: 'locked', triesLeft: 0 }],
    ['too fast', [429, undefined, { 'retry-after': '30' }], { reason: 'rate-limited', retryAt: START + 30_000 }],
    ['not provisioned', [404, { reason: 'not-provisioned' }], { reason: 'not-provisioned' }],
    ['another code under the key', [422, { reason: 'conflict' }], { reason: 'conflict' }],
    ['a page of a captive portal', [200, '<html>'], { reason: 'service-error' }],
    ['a wrong token', [401, { error: 'no' }], { reason: 'service-error' }],
    ['no network', 'nothing', { reason: 'no-network' }],
    ['nobody on the machine', 'refused', { reason: 'service-down' }],
    ['nobody on it at either address', 'both refused', { reason: 'service-down' }],
    ['nobody at one, no way to the other', 'one refused', { reason: 'no-network' }],
    ['a server in trouble', [503], { reason: 'service-error' }],
  ])('%s', async (_, answer, expected) => {
    const { verify } = verifier(answer);
    expect(await verify()).toEqual({ verified: false, ...expected });
  });

  test('repeats under the same key when no answer came, after a pause, and gives up after ten seconds each', async () => {
    const { asked, clock, verify } = verifier('silence', [502], [200, { verified: true, reference: 'R-1' }]);
    expect(await verify()).toMatchObject({ verified: true });
    expect(asked.map(({ init }) => (init.headers as Record<string, string>)['idempotency-key'])).toEqual([
      'key-1',
      'key-1',
      'key-1',
    ]);
    expect(clock.now() - START).toBe(10_000 + 1000 + 2000);
    const dead = verifier('nothing');
    await dead.verify();
    expect(dead.asked.length).toBe(3);
  });

  test('a service that starts again is waited for', async () => {
    const starting = verifier('refused', 'refused', 'refused', [200, { verified: true, reference: 'R-1' }]);
    expect(await starting.verify()).toMatchObject({ verified: true });
    expect(starting.clock.now() - START).toBe(7000);
  });

  test('a service that echoes the code gets it masked, an answer without end is cut', async () => {
    expect(await verifier([200, { verified: true, reference: 'code 042137 ok' }]).verify()).toMatchObject({
      reference: 'code ****** ok',
    });
    expect(await verifier([200, { verified: true, reference: 'x'.repeat(100_000) }]).verify()).toMatchObject({
      reason: 'service-error',
    });
  });

  test('is for https, or this machine', () => {
    const options = { fetch: answering('nothing').fetch, clock: new VirtualClock() };
    for (const url of ['https://a.example/x', 'http://localhost:1', 'http://[::1]:9/'])
      expect(() => new HttpClient({ ...options, url })).not.toThrow();
    for (const url of [
      'http://a.example',
      'ftp://127.0.0.1',
      'nonsense',
      'https://user:pass@a.example',
      'http://127.0.0.1.evil.example',
    ]) {
      expect(() => new HttpClient({ ...options, url })).toThrow('neither https nor on this machine');
    }
  });
});

describe('the test verification service', () => {
  function service() {
    const clock = new VirtualClock(START);
    const sent: ShortMessage[] = [];
    const made = new VerificationService({ clock, random: countedRandom(), send: (message) => sent.push(message) });
    let key = 0;
    const post = (path: string, body: unknown, idempotencyKey = `k${key++}`) =>
      made.handle({ method: 'POST', path, headers: { 'idempotency-key': idempotencyKey }, body });
    const verify = (code: string, idempotencyKey?: string) => {
      clock.advance(2000);
      return post('/v1/verifications', { workOrder: 'WO-1', consumerNumber: '1100220033', code }, idempotencyKey);
    };
    return { clock, post, sent, verify, made };
  }

  test('sends a code once under a key, takes it once, within its time', () => {
    const { clock, post, sent, verify } = service();
    expect(post('/v1/codes', CONSUMER, 'a')).toMatchObject({ status: 202, body: { sent: true } });
    expect(post('/v1/codes', CONSUMER, 'a')).toMatchObject({ status: 202 });
    expect(sent.length).toBe(1);
    const code = sent[0]!.code.reveal();
    expect(JSON.stringify(sent)).not.toContain(code);
    expect(verify(code, 'b')).toMatchObject({ status: 200, body: { verified: true } });
    expect(verify(code, 'b')).toMatchObject({ status: 200 });
    expect(verify(code)).toMatchObject({ status: 410, body: { reason: 'used' } });
    expect(verify('000000', 'b')).toMatchObject({ status: 422, body: { reason: 'conflict' } });
    clock.advance(30_000);
    post('/v1/codes', CONSUMER);
    clock.advance(600_000);
    expect(verify(sent[1]!.code.reveal())).toMatchObject({ status: 410, body: { reason: 'expired' } });
  });

  test('locks after five, limits both kinds of questions, and knows what it does not', () => {
    const { post, sent, verify, clock, made } = service();
    expect(verify('111111')).toMatchObject({ status: 404, body: { reason: 'not-provisioned' } });
    post('/v1/codes', CONSUMER);
    expect(post('/v1/codes', CONSUMER)).toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
    const wrong = sent[0]!.code.reveal() === '111111' ? '222222' : '111111';
    expect([1, 2, 3, 4].map(() => verify(wrong).body.triesLeft)).toEqual([4, 3, 2, 1]);
    expect(post('/v1/verifications', { ...CONSUMER, code: wrong })).toMatchObject({ status: 429 });
    expect(verify(wrong)).toMatchObject({ status: 423, body: { reason: 'locked', triesLeft: 0 } });
    expect(verify(sent[0]!.code.reveal())).toMatchObject({ status: 423 });
    clock.advance(60_000);
    expect(post('/v1/codes', CONSUMER)).toMatchObject({ status: 423 });
    expect(post('/v1/codes', {})).toMatchObject({ status: 400 });
    expect(post('/v1/verifications', { code: 'x' })).toMatchObject({ status: 400 });
    expect(post('/else', {})).toMatchObject({ status: 404 });
    expect(made.handle({ method: 'GET', path: '/v1/codes', headers: {}, body: undefined })).toMatchObject({
      status: 405,
    });
    expect(made.handle({ method: 'POST', path: '/v1/codes', headers: {}, body: CONSUMER })).toMatchObject({
      status: 400,
    });
  });

  test('listens on this machine, and the verifier over HTTP gets along with it', async () => {
    const sent: ShortMessage[] = [];
    const server = await createVerificationService({ send: (message) => sent.push(message) });
    closers.push(server.close);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    const clock = { now: () => START, at: () => () => undefined };
    const http = new HttpVerifier({ url: server.url, fetch: (url, init) => fetch(url, init), clock, retries: 0 });
    expect(await http.request(CONSUMER, 'a')).toEqual({ sent: true });
    expect(await http.request(CONSUMER, 'a')).toEqual({ sent: true });
    expect(sent.length).toBe(1);
    expect(await http.verify(CONSUMER, sent[0]!.code, 'b')).toMatchObject({ verified: true, method: 'http' });
    expect(await http.verify(CONSUMER, sent[0]!.code, 'c')).toMatchObject({ verified: false, reason: 'rate-limited' });
    const big = await fetch(`${server.url}/v1/codes`, { method: 'POST', body: 'x'.repeat(20_000) });
    expect(big.status).toBe(413);
    await expect(createVerificationService({ send: () => {}, port: server.port })).rejects.toThrow(
      'cannot listen on port',
    );
    await server.close();
    expect(await http.verify(CONSUMER, sent[0]!.code, 'd')).toEqual({ verified: false, reason: 'service-down' });
  });

  test('refuses options that there are not', async () => {
    const mistyped = { send: () => {}, lifeTime: 1000 };
    await expect(createVerificationService(mistyped as never)).rejects.toThrow(
      "createVerificationService has no option 'lifeTime'",
    );
  });

  test('knows a bounded number of orders, and forgets none that a code or a wrong one belongs to', () => {
    const { clock, post, sent, verify } = service();
    for (let i = 0; i < 5000; i++) {
      const body = { workOrder: `asked ${i}`, consumerNumber: '1', code: '000000' };
      expect(post('/v1/verifications', body)).toMatchObject({ status: 404 });
    }
    post('/v1/codes', CONSUMER);
    const wrong = sent[0]!.code.reveal() === '111111' ? '222222' : '111111';
    for (let i = 0; i < 5; i++) verify(wrong);
    expect(verify(wrong)).toMatchObject({ status: 423 });
    clock.advance(600_000);
    const fill = (name: string) =>
      Array.from({ length: 1200 }, (_, i) => post('/v1/codes', { ...CONSUMER, workOrder: `${name} ${i}` }).status);
    const first = fill('a');
    expect(first.filter((status) => status === 202)).toHaveLength(999);
    expect(first.filter((status) => status === 507)).toHaveLength(201);
    expect(post('/v1/codes', { ...CONSUMER, workOrder: 'a 0' })).toMatchObject({ status: 429 });
    // When their codes have expired there is room again; the locked one stays so.
    clock.advance(600_000);
    expect(fill('b').filter((status) => status === 202)).toHaveLength(999);
    expect(verify(wrong)).toMatchObject({ status: 423 });
    expect(post('/v1/codes', CONSUMER)).toMatchObject({ status: 423 });
  });

  test('counts by work order: another consumer number has no tries of its own', () => {
    const { clock, post, sent, verify } = service();
    post('/v1/codes', CONSUMER);
    const right = sent[0]!.code.reveal();
    for (let i = 0; i < 5; i++) {
      clock.advance(2000);
      post('/v1/verifications', { workOrder: 'WO-1', consumerNumber: `other ${i}`, code: right });
    }
    expect(verify(right)).toMatchObject({ status: 423 });
    clock.advance(60_000);
    expect(post('/v1/codes', { ...CONSUMER, consumerNumber: 'another' })).toMatchObject({ status: 423 });
  });

  test('gives no tries back at a restart, nor after a power cut between a try and its answer', () => {
    const disk = new MemoryDisk();
    const clock = new VirtualClock(START);
    const started = () => {
      const sent: ShortMessage[] = [];
      const attempts = new FileAttemptStore(disk.file('attempts'));
      const made = new VerificationService({ clock, random: countedRandom(), send: (it) => sent.push(it), attempts });
      let key = 0;
      const post = (path: string, body: unknown) =>
        made.handle({ method: 'POST', path, headers: { 'idempotency-key': `k${key++}` }, body });
      return { sent, post };
    };
    const left: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const { post, sent } = started();
      post('/v1/codes', CONSUMER);
      const wrong = sent[0]!.code.reveal() === '111111' ? '222222' : '111111';
      clock.advance(2000);
      left.push(post('/v1/verifications', { ...CONSUMER, code: wrong }).body.triesLeft);
    }
    expect(left).toEqual([4, 3, 2, 1]);
    const { post, sent } = started();
    post('/v1/codes', CONSUMER);
    clock.advance(2000);
    disk.fault = { kind: 'power', at: disk.writes, after: 1000 };
    expect(() => post('/v1/verifications', { ...CONSUMER, code: sent[0]!.code.reveal() })).toThrow(PowerCut);
    disk.restart();
    expect(started().post('/v1/codes', CONSUMER)).toMatchObject({ status: 423, body: { reason: 'locked' } });
    expect(disk.text()).not.toContain(sent[0]!.code.reveal());
  });

  test('is the one that docs/verification-service.openapi.yaml describes', () => {
    const yaml = readFileSync(
      join(resolve(import.meta.dirname, '../docs'), 'verification-service.openapi.yaml'),
      'utf8',
    );
    for (const path of ['/v1/codes:', '/v1/verifications:']) expect(yaml).toContain(path);
    const statuses = new Set([...yaml.matchAll(/^ {8}'(\d{3})':/gm)].map(([, status]) => status));
    expect([...statuses].sort().join(' ')).toBe('200 202 400 403 404 410 413 415 421 422 423 429 507');
    for (const reason of ['wrong', 'expired', 'used', 'locked', 'rate-limited', 'not-provisioned', 'conflict'])
      expect(yaml).toContain(reason);
  });
});

describe('the receiver of records', () => {
  const [certificate, second, third] = certificatesOf(['WO-1', 'WO-2', 'WO-3'].map((id) => recordContent(id)));
  const send = (receiver: RecordReceiver, body: unknown, key?: string) =>
    receiver.handle({ method: 'POST', headers: key === undefined ? {} : { 'idempotency-key': key }, body });

  test('takes a record under its hash, once, and no certificate: it names a person', () => {
    const receiver = new RecordReceiver();
    const { signed } = certificate!;
    expect(send(receiver, certificate)).toEqual({ status: 400, body: { reason: 'idempotency-key' } });
    expect(send(receiver, certificate, signed.hash)).toEqual({ status: 400, body: { reason: 'certificate' } });
    expect(send(receiver, signed)).toMatchObject({ status: 400 });
    expect(send(receiver, signed, '')).toMatchObject({ status: 400 });
    expect(send(receiver, signed, 'undefined')).toMatchObject({ status: 400 });
    expect(send(receiver, signed, second!.signed.hash)).toMatchObject({ status: 400 });
    expect(send(receiver, { ...signed, hash: undefined })).toMatchObject({ status: 400 });
    expect(send(receiver, { ...signed, hash: second!.signed.hash }, second!.signed.hash)).toMatchObject({
      status: 422,
    });
    expect(receiver.records).toEqual([]);
    expect(send(receiver, signed, signed.hash)).toMatchObject({ status: 201 });
    expect(send(receiver, signed, signed.hash)).toMatchObject({ status: 409 });
    expect(receiver.records).toEqual([signed]);
  });

  test('keeps a bounded number of them and of their characters, and says that it is full', () => {
    const records = [certificate!, second!, third!].map(({ signed }) => signed);
    const size = JSON.stringify(records[0]).length;
    for (const limits of [{ records: 2 }, { characters: size * 2 + 100 }]) {
      const receiver = new RecordReceiver(limits);
      expect(records.map((signed) => send(receiver, signed, signed.hash).status)).toEqual([201, 201, 507]);
      expect(send(receiver, records[0], records[0]!.hash)).toMatchObject({ status: 409 });
      expect(receiver.records).toHaveLength(2);
    }
  });

  test('is the one that docs/commissioning-records.openapi.yaml describes', () => {
    const yaml = readFileSync(
      join(resolve(import.meta.dirname, '../docs'), 'commissioning-records.openapi.yaml'),
      'utf8',
    );
    const statuses = [...yaml.matchAll(/^ {8}'(\w{3})':/gm)].map(([, status]) => status);
    for (const status of ['201', '400', '409', '413', '415', '421', '422', '507']) expect(statuses).toContain(status);
  });
});

describe('the queue of records', () => {
  const body = (n: number): Json => ({ n });

  test('sends what waits, each until it is taken; a refused one is set aside', async () => {
    const clock = new VirtualClock(START);
    const disk = new MemoryDisk();
    const outbox = new Outbox(disk.file('outbox'), clock);
    for (const n of [1, 2, 3]) outbox.add(`id-${n}`, body(n));
    outbox.add('id-1', body(1));
    expect(outbox.waiting.length).toBe(3);
    const { fetch, asked } = answering([201], [422], [503]);
    const sender = new HttpRecordSender({ url: URL_, fetch, clock, retries: 0 });
    expect(await clock.run(sync(outbox, sender, clock))).toEqual({ sent: 1, refused: 1, waiting: 1 });
    expect(asked.map(({ init }) => [(init.headers as Record<string, string>)['idempotency-key'], init.body])).toEqual([
      ['id-1', '{"n":1}'],
      ['id-2', '{"n":2}'],
      ['id-3', '{"n":3}'],
    ]);
    const again = new Outbox(disk.file('outbox'), clock);
    expect(again.refused).toEqual(['id-2']);
    expect(['id-1', 'id-2', 'id-3', 'id-4'].map((id) => again.status(id))).toEqual([
      'sent',
      'refused',
      'waiting',
      undefined,
    ]);
    expect(again.waiting).toMatchObject([{ id: 'id-3', tries: 1 }]);
  });

  test('waits longer after each failure, six hours at most, unless told to try now', async () => {
    const clock = new VirtualClock(START);
    const outbox = new Outbox(new MemoryDisk().file('outbox'), clock);
    outbox.add('id', body(1));
    const offline: RecordSender = { send: async () => ({ result: 'later', status: null }) };
    const pauses: number[] = [];
    for (let i = 0; i < 12; i++) {
      await sync(outbox, offline, clock);
      const wait = outbox.waiting[0]!.notBefore - clock.now();
      pauses.push(wait / 60_000);
      clock.advance(wait - 1);
      await sync(outbox, offline, clock);
      expect(outbox.waiting[0]!.tries).toBe(i + 1);
      clock.advance(1);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
    const taking: RecordSender = { send: async () => ({ result: 'taken' }) };
    await sync(outbox, offline, clock);
    expect(await sync(outbox, taking, clock)).toMatchObject({ sent: 0, waiting: 1 });
    expect(await sync(outbox, taking, clock, { now: true })).toEqual({ sent: 1, refused: 0, waiting: 0 });
  });

  test.each<[number, SendOutcome['result']]>([
    [200, 'taken'],
    [201, 'taken'],
    [202, 'taken'],
    [409, 'taken'],
    [400, 'refused'],
    [404, 'refused'],
    [422, 'refused'],
    [401, 'later'],
    [403, 'later'],
    [408, 'later'],
    [429, 'later'],
    [500, 'later'],
    [301, 'later'],
  ])('an answer %i: %s', async (status, result) => {
    const clock = new VirtualClock(START);
    const { fetch } = answering([status]);
    const sender = new HttpRecordSender({ url: URL_, fetch, clock, retries: 0 });
    expect((await clock.run(sender.send('id', {}))).result).toBe(result);
  });

  test('whatever power and network do, each arrives at least once, and under its key counts once', async () => {
    const cut = fc.record({
      at: fc.nat(6),
      after: fc.nat(300),
      answers: fc.array(fc.constantFrom('taken', 'lost', 'down'), { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(cut, { maxLength: 6 }), async (count, cuts) => {
        const clock = new VirtualClock(START);
        const disk = new MemoryDisk();
        const arrived = new Map<string, Json>();
        let down: readonly string[] = [];
        let i = 0;
        const sender: RecordSender = {
          send: async (id, item) => {
            const answer = down.length === 0 ? 'taken' : down[i++ % down.length];
            if (answer === 'down') return { result: 'later', status: null };
            arrived.set(id, item);
            return answer === 'lost' ? { result: 'later', status: null } : { result: 'taken' };
          },
        };
        const run = async () => {
          const outbox = new Outbox(disk.file('outbox'), clock);
          for (let n = 0; n < count; n++) outbox.add(`id-${n}`, body(n));
          await sync(outbox, sender, clock, { now: true });
          return outbox;
        };
        for (const { at, after, answers } of cuts) {
          down = answers;
          disk.fault = { kind: 'power', at: disk.writes + at, after };
          await run().catch((error) => expect(error).toBeInstanceOf(PowerCut));
          disk.restart();
        }
        down = [];
        const outbox = await run();
        expect(outbox.waiting).toEqual([]);
        expect(arrived).toEqual(new Map(Array.from({ length: count }, (_, n) => [`id-${n}`, body(n)])));
      }),
      { numRuns: 1000 },
    );
  });

  test('over a real socket that breaks in the middle of the answer', async () => {
    const taken = new Set<string>();
    let breaks = 2;
    const server = createServer((request, response) => {
      request.resume().on('end', () => {
        taken.add(String(request.headers['idempotency-key']));
        if (breaks-- > 0) response.destroy();
        else response.writeHead(201).end('{}');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    closers.push(() => new Promise((done) => server.close(() => done())));
    const { port } = server.address() as { port: number };
    // Pauses pass at once; the time allowed for a request does not.
    const clock: Clock = {
      now: () => START,
      at: (time, action) => {
        if (time - START < 5000) setImmediate(action);
        return () => {};
      },
    };
    const sender = new HttpRecordSender({
      url: `http://127.0.0.1:${port}`,
      fetch: (url, init) => fetch(url, init),
      clock,
    });
    expect(await sender.send('id-1', { n: 1 })).toEqual({ result: 'taken' });
    expect(taken).toEqual(new Set(['id-1']));
    server.closeAllConnections();
  });
});
