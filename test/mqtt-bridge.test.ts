import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createMeter } from '../simulator/index.js';
import { logicalNameToBytes } from '../src/base/obis.js';
import { octets, structureOf, u32 } from '../src/codec/make.js';
import { systemClock, toHex } from '../src/index.js';
import { AK, ciphered, EK, notification, TELEGRAM, TITLE, wrapped } from './push/lines.js';
import { type BuiltExample, builtExample } from './support/example.js';
import { hasSocat, ptyPair } from './support/pty.js';
import { said } from './support/said.js';

/** What is used of `mqtt`, which a clone whose `npm ci` is old does not have. */
interface MqttClient {
  on(event: 'message', listener: (topic: string, payload: Buffer, packet: { readonly retain: boolean }) => void): void;
  subscribeAsync(topic: string, options?: { readonly qos: 0 | 1 }): Promise<unknown>;
  publish(topic: string, payload: string, options: { readonly retain: boolean }): void;
  endAsync(force?: boolean): Promise<void>;
}

const root = resolve(import.meta.dirname, '..');
const BROKERS = ['/usr/sbin/mosquitto', '/usr/local/sbin/mosquitto', '/opt/homebrew/sbin/mosquitto'];
const mosquitto = BROKERS.find((path) => existsSync(path));
const built = existsSync(join(root, 'dist/src/index.js'));
const installed = existsSync(join(root, 'node_modules/mqtt'));
if (mosquitto === undefined || !installed) {
  console.warn('SKIPPED: the bridge to MQTT, for want of mosquitto (apt-get install mosquitto) or of mqtt (npm ci)');
}

function connect(url: string): Promise<MqttClient> {
  const { connectAsync } = createRequire(import.meta.url)('mqtt') as {
    connectAsync(url: string, options: object, allowRetries: boolean): Promise<MqttClient>;
  };
  return connectAsync(url, {}, false);
}

const folder = mkdtempSync(join(tmpdir(), 'cosem-mqtt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

describe.skipIf(mosquitto === undefined || !installed || !built)(
  'examples/mqtt-bridge (needs mosquitto and `npm run build`)',
  () => {
    const children: ChildProcess[] = [];
    let url = '';
    let example: BuiltExample;
    let broker: ChildProcess;
    let client: MqttClient;
    let messages: { topic: string; text: string; retain: boolean }[] = [];
    let wake = () => {};

    beforeAll(async () => {
      example = await builtExample('mqtt-bridge');
      const port = await freePort();
      const file = join(folder, 'mosquitto.conf');
      writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest stderr\n`);
      broker = spawn(mosquitto as string, ['-c', file], { stdio: ['ignore', 'ignore', 'pipe'] });
      await said(broker.stderr as NodeJS.ReadableStream, /running/);
      url = `mqtt://127.0.0.1:${port}`;
      client = await connect(url);
      client.on('message', (topic, payload, { retain }) => {
        messages.push({ topic, text: payload.toString(), retain });
        wake();
      });
      await client.subscribeAsync('#', { qos: 1 });
    }, 60_000);

    afterEach(async () => {
      for (const child of children.splice(0)) await ended(child);
      for (const { topic, retain } of messages) if (retain) client.publish(topic, '', { retain: true });
      messages = [];
    });

    afterAll(async () => {
      await client?.endAsync(true);
      await ended(broker);
      await example[Symbol.asyncDispose]();
    });

    async function ended(child: ChildProcess): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill();
      await exit;
    }

    function started(place: string, env: Record<string, string>): ChildProcess {
      const child = spawn(process.execPath, [example.program('bridge'), url, place], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, ...env },
      });
      children.push(child);
      return child;
    }

    async function bridge(env: Record<string, string> = {}): Promise<{ child: ChildProcess; port: number }> {
      const child = started('tcp:127.0.0.1:0', env);
      const [, port] = await said(child.stderr as NodeJS.ReadableStream, /listening on 127\.0\.0\.1:(\d+)/);
      return { child, port: Number(port) };
    }

    const send = (port: number, ...chunks: Uint8Array[]) => {
      const socket = createConnection(port, '127.0.0.1');
      for (const chunk of chunks) socket.write(chunk);
      socket.end();
    };

    async function message(topic: RegExp, text = /^/): Promise<string> {
      for (;;) {
        const found = messages.find((one) => topic.test(one.topic) && text.test(one.text));
        if (found !== undefined) return found.text;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }

    it('tells Home Assistant of each sensor, then its values; when it is gone the broker says so', async () => {
      const { child, port } = await bridge();
      expect(await message(/bridge\/availability$/)).toBe('online');
      send(port, TELEGRAM);
      expect(JSON.parse(await message(/^cosem\/127_0_0_1\/state$/))).toEqual({
        '1_0_1_8_0_255': '317695',
        '1_0_1_7_0_255': '278',
      });
      const topic = 'homeassistant/sensor/cosem_127_0_0_1/1_0_1_8_0_255/config';
      expect(JSON.parse(await message(new RegExp(`^${topic}$`)))).toEqual({
        name: 'Active energy import',
        unique_id: 'cosem_127_0_0_1_1_0_1_8_0_255',
        state_topic: 'cosem/127_0_0_1/state',
        value_template: "{{ value_json['1_0_1_8_0_255'] }}",
        availability_topic: 'cosem/bridge/availability',
        unit_of_measurement: 'Wh',
        device_class: 'energy',
        state_class: 'total_increasing',
        device: { identifiers: ['cosem_127_0_0_1'], name: 'Meter 127_0_0_1' },
        origin: { name: 'cosem' },
      });
      expect(JSON.parse(await message(/1_0_1_7_0_255\/config$/))).toMatchObject({
        device_class: 'power',
        state_class: 'measurement',
        unit_of_measurement: 'W',
      });
      // Who comes later, as Home Assistant does after a restart, is told the same.
      const later = await connect(url);
      const kept = new Promise<boolean>((resolve) => later.on('message', (_, __, { retain }) => resolve(retain)));
      await later.subscribeAsync(topic);
      expect(await kept).toBe(true);
      await later.endAsync();
      child.kill('SIGKILL');
      expect(await message(/bridge\/availability$/, /offline/)).toBe('offline');
    }, 60_000);

    it('says that it is offline when it is ended', async () => {
      const { child } = await bridge();
      await message(/bridge\/availability$/, /online/);
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await exit).toEqual([0, null]);
      expect(await message(/bridge\/availability$/, /offline/)).toBe('offline');
    }, 60_000);

    it('passes on what proves itself alone where there are keys', async () => {
      const energy = (value: number) =>
        notification(
          structureOf([
            octets(logicalNameToBytes('1.0.1.8.0.255')),
            u32(value),
            structureOf([
              { type: 'integer', value: 0 },
              { type: 'enum', value: 30 },
            ]),
          ]),
        );
      const { child, port } = await bridge({ METER_EK: toHex(EK), METER_AK: toHex(AK) });
      const refused = said(child.stderr as NodeJS.ReadableStream, /in clear is not passed on/);
      send(port, wrapped(energy(1)), wrapped(ciphered(energy(2), { counter: 7 })));
      expect(JSON.parse(await message(new RegExp(`^cosem/${toHex(TITLE)}/state$`)))).toEqual({ '1_0_1_8_0_255': '2' });
      await refused;
      expect(messages.filter(({ topic }) => topic.endsWith('/state'))).toHaveLength(1);
    }, 60_000);

    it.skipIf(!hasSocat)(
      'hands ciphered telegrams of a serial port on, and none under a wrong key (needs socat)',
      async () => {
        const env = { METER_EK: '000102030405060708090A0B0C0D0E0F', METER_AK: 'D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF' };
        await using pair = await ptyPair();
        const title = toHex(createMeter('is15959-1ph', { clock: systemClock, seed: 7 }).identity.systemTitle);
        const port = spawn(process.execPath, [example.program('port'), pair.a], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        children.push(port);
        const stranger = started(pair.b, { ...env, METER_AK: env.METER_EK });
        await said(stranger.stderr as NodeJS.ReadableStream, /authentication (?:key|tag)/);
        await ended(stranger);
        expect(messages.filter(({ topic }) => topic.endsWith('/state'))).toEqual([]);
        started(pair.b, env);
        expect(JSON.parse(await message(new RegExp(`^cosem/${title}/state$`)))).toMatchObject({
          '1_0_1_8_0_255': expect.stringMatching(/^\d+$/),
          '1_0_32_7_0_255': expect.stringMatching(/^2\d\d\.\d$/),
        });
      },
      60_000,
    );

    it.each([
      [['mqtt://127.0.0.1:1', 'tcp:127.0.0.1:0'], /ECONNREFUSED/],
      [[], /METER_EK|hexadecimal/],
    ])(
      '%j says in a sentence what is wrong: no stack trace',
      async (args, words) => {
        const env = args.length === 0 ? { METER_EK: '00ZZ' } : {};
        const child = spawn(process.execPath, [example.program('bridge'), ...args], {
          stdio: ['ignore', 'ignore', 'pipe'],
          env: { ...process.env, ...env },
        });
        children.push(child);
        let text = '';
        child.stderr.on('data', (chunk) => {
          text += chunk;
        });
        const [code] = await once(child, 'close');
        expect([code, text]).toEqual([1, expect.stringMatching(words)]);
        expect(text).not.toMatch(/\n\s+at |00ZZ/);
      },
      60_000,
    );
  },
);
