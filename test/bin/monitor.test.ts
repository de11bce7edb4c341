import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { defineMonitor, recordingOf } from '../../bin/commands/monitor.js';
import { failureOf } from '../../bin/failure.js';
import { ptyPair } from '../../bin/pty-pair.js';
import { fromHex } from '../../src/index.js';
import { serial } from '../../src/node.js';
import { FakeIo } from './fake-io.js';

const shared = resolve(import.meta.dirname, '../../../shared/transcripts/indian-3ph-meter');
const folder = mkdtempSync(join(tmpdir(), 'cosem-monitor-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SNRM = '7EA00703619369477E';
const UA = '7EA020610373059E8180140502034006020340070400000001080400000001B7297E';

async function monitor(io: FakeIo, ...words: string[]): Promise<number> {
  const root = new Command('cosem').exitOverride().configureOutput({ writeErr: () => {} });
  defineMonitor(root, io);
  try {
    await root.parseAsync(['monitor', ...words], { from: 'user' });
    return 0;
  } catch (error) {
    return failureOf(error).exit;
  }
}

describe('cosem monitor', () => {
  it('shows a recording, with who speaks', async () => {
    const file = join(folder, 'a.txt');
    writeFileSync(file, `# a link is opened\n0.001 > ${SNRM}\n0.160 < ${UA.match(/../g)?.join(' ')}\n\n`);
    const io = new FakeIo();
    expect(await monitor(io, file)).toBe(0);
    expect(io.stdout.text).toBe('-> hdlc-frame SNRM P/F, 48 to 1\n<- hdlc-frame UA P/F, 1 to 48\n');
    const json = new FakeIo();
    expect(await monitor(json, file, '--json')).toBe(0);
    const frames = json.stdout.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(frames.map(({ from, frame }) => [from, frame.name])).toEqual([
      ['client', 'hdlc-frame'],
      ['server', 'hdlc-frame'],
    ]);
  });

  it('tells by system titles who speaks where both addresses are the same (case 14)', async () => {
    const wpdu = (apdu: string) => `000100010001${(apdu.length / 2).toString(16).padStart(4, '0')}${apdu}`;
    const general = (title: string) => wpdu(`DB08${title}1E3000000001${'00'.repeat(25)}`);
    const [ours, theirs] = ['4D4D4D0000BC614E', '5858580000000001'];
    const lines = [
      wpdu(`6029A109060760857405080103A60A0408${ours}BE10040E01000000065F1F0400001E1DFFFF`),
      wpdu(`6135A109060760857405080103A203020100A305A103020100A40A0408${theirs}BE10040E0800065F1F0400001E1D02300007`),
      general(ours),
      general(theirs),
    ];
    const io = new FakeIo({}, `${lines.join('\n')}\n`);
    expect(await monitor(io, '-')).toBe(0);
    expect(io.stdout.text.match(/^(?:->|<-|--)/gm)).toEqual(['->', '<-', '->', '<-']);
  });

  it('shows the sign-on as text', async () => {
    const io = new FakeIo({}, Buffer.from('/?!\r\n').toString('hex'));
    expect(await monitor(io, '-')).toBe(0);
    expect(io.stdout.text).toBe('-- /?!, sign-on of IEC 62056-21\n');
  });

  it.skipIf(!existsSync(shared))(
    'shows every frame of a real conversation, deciphered, each with its side',
    async () => {
      const exchanges = readFileSync(join(shared, 'us-48.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter((one) => one.request !== undefined);
      const sides: string[] = [];
      const pieces: string[] = [];
      for (const { request, responses } of exchanges) {
        for (const { dir, hex } of [request, ...responses]) {
          sides.push(dir);
          pieces.push(hex);
        }
      }
      const keys = JSON.parse(readFileSync(join(shared, 'keys.json'), 'utf8'));
      const file = join(folder, 'b.txt');
      writeFileSync(file, pieces.join('\n'));
      const io = new FakeIo();
      const { hex: ek } = keys.GUEK_global_unicast;
      const { hex: ak } = keys.GAK_authentication;
      expect(await monitor(io, file, '--ek', ek, '--ak', ak)).toBe(0);
      const lines = io.stdout.text.trim().split('\n');
      expect(lines.map((line) => (line.startsWith('->') ? 'client' : 'server'))).toEqual(sides);
      expect(lines.filter((line) => line.includes('!'))).toEqual([]);
      expect(io.stdout.text).toContain('get-response-normal');
      console.log(`${lines.length} of ${sides.length} frames shown with the right side`);
    },
  );

  it('listens at a real serial port', { timeout: 20_000 }, async ({ skip }) => {
    const pair = await ptyPair();
    if (pair === undefined) return skip('socat is not installed');
    try {
      const other = serial(pair.meter);
      await other.open({ data: () => {}, closed: () => {} });
      const io = new FakeIo();
      const done = monitor(io, '--serial', pair.reader, '--count', '2');
      await io.stderr.until(/nothing is sent/);
      for (const hex of [SNRM, UA]) other.write(fromHex(hex));
      expect(await done).toBe(0);
      expect(io.stdout.text).toMatch(/0\.\d{3} {2}-> hdlc-frame SNRM.*\n.*<- hdlc-frame UA/);
      await other.close();
    } finally {
      pair.close();
    }
  });

  it.each(['8N1', '8E1', '7E1', '7N1', '8e1'])('takes --format %s', { timeout: 20_000 }, async (format) => {
    const io = new FakeIo();
    // The port is not there: the format was understood.
    expect(await monitor(io, '--serial', join(folder, 'no-port'), '--format', format)).toBe(3);
    expect(await monitor(new FakeIo(), '--serial', join(folder, 'no-port'), '--format', `${format}x`)).toBe(2);
  });

  it('ends with 2 where it cannot be: no line, both, no such file, no hexadecimal', async () => {
    expect(await monitor(new FakeIo())).toBe(2);
    expect(await monitor(new FakeIo(), 'x', '--serial', 'y')).toBe(2);
    expect(await monitor(new FakeIo(), join(folder, 'none'))).toBe(2);
    expect(await monitor(new FakeIo({}, 'hello'), '-')).toBe(2);
  });

  it.each([
    ['2026-01-01T00:00:00.000Z > 7EA0', '7ea0'],
    ['12:00:01.5 <- 7E A0', '7ea0'],
    ['client: 7E:A0', '7ea0'],
    ['0.5 7EA0', '7ea0'],
    ['7EA0 # SNRM', '7ea0'],
  ])('reads the line %s', (line, hex) => {
    expect(recordingOf(line).map((piece) => Buffer.from(piece).toString('hex'))).toEqual([hex]);
  });
});
