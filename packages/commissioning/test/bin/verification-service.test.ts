/** The test verification service of `cosem simulate`, stopped and started again. */
import { expect, test } from 'vitest';
import { ran, serving } from '../../../../test/bin/ran.js';

const SERVICE = /"service":"([^"]+)"/;

/** The service, ready; stops at the end of its scope. */
async function served() {
  const service = await serving(['simulate', '--verification-service', '0', '--json'], SERVICE);
  const { io } = service;
  const [, url = ''] = SERVICE.exec(io.stdout.text) ?? [];
  let key = 0;
  return {
    async post(path: string, body: object): Promise<{ readonly status: number; readonly body: unknown }> {
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': `${url} ${key++}` },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: await answer.json() };
    },
    async code(): Promise<string> {
      return (await io.stdout.until(/"otp":"(\d{6})"/))[1] as string;
    },
    [Symbol.asyncDispose]: service.stop,
  };
}

const ORDER = { workOrder: 'WO-9', consumerNumber: '1100220033' };

test('tries at codes are kept in the state folder, and a second service beside it is told of the first', async () => {
  {
    await using service = await served();
    expect((await service.post('/v1/codes', { ...ORDER, mobileLast4: '4321' })).status).toBe(202);
    const wrong = (await service.code()) === '000001' ? '000002' : '000001';
    expect(await service.post('/v1/verifications', { ...ORDER, code: wrong })).toMatchObject({
      status: 403,
      body: { triesLeft: 4 },
    });
    const beside = await ran(['simulate', '--verification-service', '0']);
    expect(beside.exit).not.toBe(0);
    expect(beside.err).toContain('is in use by process');
  }
  await using again = await served();
  expect((await again.post('/v1/codes', { ...ORDER, mobileLast4: '4321' })).status).toBe(202);
  const right = await again.code();
  const wrong = right === '000001' ? '000002' : '000001';
  const { status, body } = await again.post('/v1/verifications', { ...ORDER, code: wrong });
  // Two seconds lie between two tries, over restarts too.
  expect([status, body]).toBeOneOf([
    [429, { reason: 'rate-limited' }],
    [403, { reason: 'wrong', triesLeft: 3 }],
  ]);
});
