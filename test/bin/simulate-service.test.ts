import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { main } from '../../bin/program.js';
import { Fitness, serviceOptions, startService } from '../../bin/simulate/service.js';
import { FakeIo } from './fake-io.js';
import { ran } from './ran.js';

/** `cosem simulate` as a service of a CI. */

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosem-service-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const TCP = ['--tcp', '127.0.0.1:0'];

const run = (...line: string[]) => ran(['simulate', ...TCP, ...line], { ...process.env, XDG_STATE_HOME: folder });

test.each([
  ['a meter', []],
  ['a fleet', ['--fleet', '3', '--gateway']],
])('%s says its port in a file and its health on a page, and takes both back', async (_, more) => {
  const io = new FakeIo({ XDG_STATE_HOME: folder });
  const ended = main(['simulate', ...TCP, '--json', '--port-file', at('port'), '--health', '0', ...more], io);
  await io.stdout.until(/"ready".*\n/);
  const { port, health } = JSON.parse(io.stdout.text);
  expect(readFileSync(at('port'), 'utf8')).toBe(`${port}\n`);
  const answer = await fetch(health);
  expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready' }]);
  io.interrupt();
  expect(await ended).toBe(0);
  expect(existsSync(at('port'))).toBe(false);
  await expect(fetch(health)).rejects.toThrow();
});

const script = (code: string) => ['--', process.execPath, '-e', code];

test.each([0, 7])('a command against the meter that ends with %i: so does it', async (code) => {
  const { exit, out } = await run(...script(`process.exit(${code})`));
  expect([exit, out]).toEqual([code, expect.stringContaining('Listening on tcp')]);
});

test('a command that a signal ended: 128 and its number', async () => {
  const { exit } = await run(...script("process.kill(process.pid, 'SIGKILL')"));
  expect(exit).toBe(137);
});

test('the command finds the meter by its environment', async () => {
  const code = `
    const { COSEM_HOST: host, COSEM_PORT: port, COSEM_CONFIG: config } = process.env;
    const { reader } = JSON.parse(require('node:fs').readFileSync(config, 'utf8')).connections;
    if (reader.tcp !== host + ':' + port) process.exit(1);
    require('node:net').connect(Number(port), host).on('connect', () => process.exit(42));`;
  const { exit } = await run('--write-config', at('meter.json'), ...script(code));
  expect(exit).toBe(42);
});

test('a fleet ends as the command against it', async () => {
  const { exit } = await run('--fleet', '3', '--gateway', ...script('process.exit(5)'));
  expect(exit).toBe(5);
});

test('a step of the scenario that failed: health 503, the first one is told', async () => {
  const fitness = new Fitness();
  const line = { type: 'tcp', host: '127.0.0.1', port: 4059 } as const;
  const service = await startService({ health: 0, command: [] }, line, fitness);
  try {
    fitness.fail('evening.yaml:2:3: recharge 5');
    fitness.fail('evening.yaml:3:3: recharge 6');
    const answer = await fetch(service.health as string);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ status: 'failed', step: 'evening.yaml:2:3: recharge 5' });
  } finally {
    await service.close();
  }
});

test.each([
  [['--', 'no-such-program-here'], 'no-such-program-here cannot be run: there is no such file or folder (ENOENT)'],
  [['--port-file', '/no/such/folder/port'], 'cannot be written: there is no such file or folder (ENOENT)'],
  [['--health', '70000'], '--health'],
  [['--port-file', 'x', '--serial', '/dev/null'], 'a meter is at one place'],
])('%j is a wrong use, and is told', async (line, words) => {
  const { exit, err } = await run(...line);
  expect([exit, err]).toEqual([2, expect.stringContaining(words)]);
});

test.each([
  [{ portFile: 'x', serial: '/dev/ttyUSB0' }, [], 'a serial port has no number for --port-file'],
  [{ ui: true }, ['node', 'test.js'], '--ui needs the terminal that the command would have'],
  [{ health: '70000' }, [], "--health '70000' is not a whole number from 0 to 65535"],
  [{ health: 'many' }, [], '--health'],
])('the options %j with the command %j are refused', (options, command, words) => {
  expect(() => serviceOptions(options, command)).toThrow(words);
});

test('options that fit are taken', () => {
  expect(serviceOptions({ portFile: 'x', health: '0', ui: true }, [])).toEqual({
    portFile: 'x',
    health: 0,
    command: [],
  });
  expect(serviceOptions({ serial: '/dev/ttyUSB0' }, ['node'])).toEqual({ command: ['node'] });
});

test('where the port file cannot be written no health page is left behind', async () => {
  const line = { type: 'tcp', host: '127.0.0.1', port: 4059 } as const;
  const free = await startService({ health: 0, command: [] }, line, new Fitness());
  const health = Number(new URL(free.health as string).port);
  await free.close();
  const options = { health, portFile: '/no/such/folder/port', command: [] };
  await expect(startService(options, line, new Fitness())).rejects.toThrow('cannot be written');
  const again = await startService({ health, command: [] }, line, new Fitness());
  await again.close();
});
