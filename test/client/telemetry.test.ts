import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openOptionsOf } from '../../simulator/index.js';
import { fromHex, fromLatin1, toHex, toLatin1 } from '../../src/base/bytes.js';
import { encodeData } from '../../src/codec/axdr.js';
import type { LogEntry, Metric, OpenOptions } from '../../src/index.js';
import { diagnostics } from '../../src/transport/node-diagnostics.js';
import { FieldLine } from '../support/field-line.js';

const SERIAL = '0.0.96.1.0.255';
const page = readFileSync(new URL('../../docs/logging.md', import.meta.url), 'utf8');

/** A life of a meter with all that can happen: opened, refused, lost, resumed, closed. */
async function life(
  field: FieldLine,
  hooks: { onLog?: (entry: LogEntry) => void; onMetric?: (metric: Metric) => void },
) {
  const lines: string[] = [];
  await field.clock.run(
    (async () => {
      await expect(field.open('reader', { ...hooks, password: 'not-the-password' })).rejects.toThrow();
      const meter = await field.open('utility', { ...hooks, reconnect: true });
      const serial = await meter.get(meter.data(SERIAL).value);
      lines.push(toHex(encodeData(serial)).slice(4));
      await meter.get(meter.data('0.0.96.99.99.255').value).catch(() => undefined);
      field.line.unplug('a');
      field.at(1000, () => field.line.plug('a'));
      await new Promise<void>((resolve) => field.at(20_000, resolve));
      await meter.get(meter.data(SERIAL).value);
      await meter.abort(new Error('Ramesh Kumar, Pune'));
    })(),
  );
  return lines;
}

function shown(value: unknown): string {
  return JSON.stringify(value, (_, part) => {
    if (part instanceof Uint8Array) return toHex(part);
    if (part instanceof Error) return { ...part, message: part.message };
    return part;
  });
}

describe('logs and metrics of a meter', () => {
  it('say what happened, by the names that the page has', async () => {
    const field = new FieldLine();
    const [logs, metrics]: [LogEntry[], Metric[]] = [[], []];
    await life(field, { onLog: (entry) => logs.push(entry), onMetric: (metric) => metrics.push(metric) });
    const events = logs.filter(({ event }) => event !== 'meter.remark').map(({ level, event }) => `${level} ${event}`);
    expect(events).toEqual([
      'error meter.not-opened',
      'info meter.opened',
      'debug call.failed',
      'warn meter.lost',
      'info meter.resumed',
      'warn meter.closed',
    ]);
    expect(logs.find(({ event }) => event === 'meter.opened')?.fields).toMatchObject({
      line: field.line.a.name,
      client: 48,
    });
    for (const { event } of logs) expect(page).toContain(`| \`${event}\` |`);
    for (const { name } of metrics) expect(page).toContain(`| \`${name}\` |`);
    const sum = (name: string, labels: object) =>
      metrics
        .filter(
          (metric) =>
            metric.name === name && Object.entries(labels).every(([key, value]) => metric.labels[key] === value),
        )
        .reduce((total, { value }) => total + value, 0);
    expect(sum('cosem.octets', { direction: 'sent' })).toBeGreaterThan(500);
    expect(sum('cosem.octets', { direction: 'received' })).toBeGreaterThan(500);
    expect(sum('cosem.meter.lost', { code: 'link' })).toBe(1);
    expect(sum('cosem.meter.outage', {})).toBeGreaterThan(1000);
    expect(metrics.filter(({ name }) => name === 'cosem.call.duration').map(({ labels }) => labels.outcome)).toEqual([
      'ok',
      'failed',
      'ok',
    ]);
    expect(metrics.filter(({ name }) => name === 'cosem.open.duration').map(({ labels }) => labels.outcome)).toEqual([
      'failed',
      'ok',
    ]);
  });

  it.each(['onLog', 'onMetric'] as const)('disturb nothing when %s throws: that is an uncaught error', async (hook) => {
    const before = process.rawListeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const uncaught: Error[] = [];
    process.on('uncaughtException', (error) => uncaught.push(error));
    let calls = 0;
    const fault = () => {
      calls++;
      throw new Error('of the caller');
    };
    try {
      expect(await life(new FieldLine(), { [hook]: fault })).toHaveLength(1);
      while (uncaught.length < calls) await new Promise((resolve) => setImmediate(resolve));
      expect(calls).toBeGreaterThan(4);
      expect(new Set(uncaught.map(({ message }) => message))).toEqual(new Set(['of the caller']));
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener as (error: Error) => void);
    }
  });

  it('show no key, no password, no reading, no identity and no words of the caller', async () => {
    const field = new FieldLine();
    const all: unknown[] = [];
    const [serial = ''] = await life(field, {
      // The error itself is the caller's; what it says is tested where it is made.
      onLog: ({ error: _error, ...entry }) => all.push(entry),
      onMetric: (metric) => all.push(metric),
    });
    const text = shown(all).toLowerCase();
    const { security, secret, password }: OpenOptions = openOptionsOf(field.meter, 'utility');
    const secrets = [security?.encryptionKey, security?.authenticationKey, secret, password];
    const octets = secrets.filter((part) => part !== undefined);
    expect(octets.length).toBeGreaterThan(1);
    for (const part of octets) {
      const bytes: Uint8Array = typeof part === 'string' ? fromLatin1(part) : part;
      expect(text).not.toContain(toHex(bytes).toLowerCase());
      expect(text).not.toContain(toLatin1(bytes).toLowerCase());
    }
    expect(text).not.toContain('not-the-password');
    expect(text).not.toContain('ramesh');
    expect(serial.length).toBeGreaterThan(8);
    expect(text).not.toContain(serial.toLowerCase());
    expect(text).not.toContain(toLatin1(fromHex(serial)).toLowerCase());
  });

  it('come on channels of Node, where somebody subscribes', async () => {
    const heard: string[] = [];
    const onLog = (entry: unknown) => heard.push((entry as LogEntry).event);
    const onMetric = (metric: unknown) => heard.push((metric as Metric).name);
    subscribe('cosem:log', onLog);
    subscribe('cosem:metric', onMetric);
    await life(new FieldLine(), diagnostics);
    unsubscribe('cosem:log', onLog);
    unsubscribe('cosem:metric', onMetric);
    const count = heard.length;
    expect(heard).toEqual(expect.arrayContaining(['meter.lost', 'cosem.call.duration']));
    await life(new FieldLine(), diagnostics);
    expect(heard.length).toBe(count);
  });
});
