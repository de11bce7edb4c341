import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { decodeQR } from 'qr/decode.js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lanAddress, type OwnAddress, qrLines } from '../../bin/watch/lan.js';
import { LAN_WORDS } from '../../bin/watch/lan-words.js';
import { browserPath, launchBrowser } from '../support/browser.js';
import type { FakeIo } from './fake-io.js';
import { running, type Simulated, simulated } from './ran.js';

/** The consumer's telephone: all sockets are on loopback, which stands for the Wi-Fi. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-lan-'));
const config = join(folder, 'meter.json');
let meter: Simulated;

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

function start(line: string, terminal?: { isTTY: boolean; columns: number }) {
  const words = `watch ${line} --config ${config} --connection reader`;
  const { io, ended } = running(words, { XDG_STATE_HOME: join(folder, 'state') }, '', terminal);
  return { io, exit: ended };
}

describe('an address for the page', () => {
  const of = (address: string, name: string, internal = false): OwnAddress => ({ address, name, internal });
  const lo = of('127.0.0.1', 'lo', true);
  const wifi = of('192.168.1.7', 'wlan0');

  it('is the one that there is', () => {
    expect(lanAddress(undefined, [lo, wifi, of('203.0.113.9', 'eth0')])).toBe('192.168.1.7');
    expect(lanAddress('192.168.1.7', [lo, wifi, of('10.8.0.2', 'tun0')])).toBe('192.168.1.7');
    expect(lanAddress('127.0.0.1', [lo])).toBe('127.0.0.1');
  });

  it.each([
    ['none', undefined, [lo], 'this machine is in no local network'],
    ['two', undefined, [wifi, of('10.8.0.2', 'tun0')], 'this machine is in more than one network'],
    ['one of the internet', '203.0.113.9', [wifi, of('203.0.113.9', 'eth0')], 'is an address of the internet'],
    ['one of another machine', '192.168.1.8', [wifi], '--lan 192.168.1.8 is no address of this machine'],
    ['all of them', '0.0.0.0', [wifi], '--lan 0.0.0.0 is no address of this machine'],
  ])('is refused where it is %s', (_, told, own, words) => {
    expect(() => lanAddress(told, own)).toThrow(words);
  });
});

it.each([...'0123456789'].map((_, i) => `http://192.168.${100 + i}.100:65535/#${'A-z_'.repeat(5)}${i}9`))(
  'the code of %s is what a telephone reads, in less than 24 lines and 80 columns',
  async (text) => {
    const lines = (await qrLines(text))!;
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
    expect(read(lines)).toBe(text);
  },
);

/** Reads a code off the lines of a terminal, four pixels a module. */
function read(lines: readonly string[]): string {
  const light = lines.flatMap((line) => [
    [...line].map((half) => half === '█' || half === '▀'),
    [...line].map((half) => half === '█' || half === '▄'),
  ]);
  const side = light[0]!.length;
  const data = new Uint8Array(side * 4 * side * 4 * 4).fill(255);
  for (let y = 0; y < side * 4; y++) {
    for (let x = 0; x < side * 4; x++) {
      const value = light[y >> 2]?.[x >> 2] === true ? 255 : 0;
      data.fill(value, (y * side * 4 + x) * 4, (y * side * 4 + x) * 4 + 3);
    }
  }
  return decodeQR({ width: side * 4, height: side * 4, data });
}

describe('cosem watch --web --lan', () => {
  const open: { io: FakeIo; exit: Promise<number> }[] = [];
  afterEach(async () => {
    for (const { io, exit } of open.splice(0)) {
      io.interrupt();
      expect(await exit).toBe(0);
    }
  });

  async function lan(more = '') {
    const site = start(`--web --lan 127.0.0.1 --json --interval 1${more}`);
    open.push(site);
    const [, text = ''] = await site.io.stdout.until(/(\{"event":"ready".*\})\n/);
    const { url, link } = JSON.parse(text) as { url: string; link: string };
    return { ...site, url, link, key: link.split('#')[1]! };
  }

  const enter = (url: string, key: unknown, headers: Record<string, string> = {}) =>
    fetch(`${url}enter`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ key }),
    });

  it('shows nothing of the meter without the cookie, which the key gives once', async () => {
    const { url, link, key, io } = await lan();
    expect(link).toBe(`${url}#${key}`);
    expect(Buffer.from(key, 'base64url')).toHaveLength(16);
    const closed = async (headers: Record<string, string> = {}) => {
      const page = await fetch(url, { headers });
      expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
      const html = await page.text();
      expect(html).toContain(LAN_WORDS.hi.locked);
      expect(html).not.toMatch(/kWh|₹|\d{8}/);
      for (const path of ['usage.json', 'events', 'else', '%2e/usage.json', '/usage.json', 'enter']) {
        expect([path, (await fetch(`${url}${path}`, { headers })).status]).toEqual([path, 401]);
      }
    };
    await closed();
    await closed({ cookie: 'cosem=; cosem=x; cosem' });
    for (const wrong of [undefined, '', 1, {}, [key], `${key}A`, key.slice(1), key.toLowerCase()]) {
      expect((await enter(url, wrong)).status).toBe(403);
    }
    const entered = await enter(url, key);
    expect(entered.status).toBe(200);
    const set = entered.headers.get('set-cookie')!;
    expect(set).toMatch(/^cosem=[\w-]{22}; Path=\/; HttpOnly; SameSite=Strict$/);
    const cookie = set.split(';')[0]!;
    expect(cookie).not.toContain(key);
    expect((await enter(url, key)).status).toBe(403);
    await io.stdout.until(/"event":"entered"/);
    await io.stderr.until(/The code is used up/);
    await closed();
    expect(await (await fetch(url, { headers: { cookie: `a=b; ${cookie}` } })).text()).toContain('Balance');
    expect((await fetch(`${url}usage.json`, { headers: { cookie } })).status).toBe(200);
    expect((await fetch(`${url}usage.json`, { method: 'POST', headers: { cookie } })).status).toBe(405);
  });

  it('is there for its own address alone, and takes no key from pages of others or in large bodies', async () => {
    const { url, key } = await lan();
    const { request } = await import('node:http');
    const asked = (host: string) =>
      new Promise((resolve) => {
        request(url, { headers: { host } }, (response) => resolve(response.statusCode)).end();
      });
    expect(await asked('meter.example')).toBe(421);
    expect(await asked(`localhost:${new URL(url).port}`)).toBe(421);
    expect((await enter(url, key, { origin: 'http://meter.example' })).status).toBe(403);
    expect((await enter(url, 'x'.repeat(300))).status).toBe(413);
    expect((await enter(url, key, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await enter(url, key)).status).toBe(200);
  });

  it('ends with the command', async () => {
    const { url, io, exit } = await lan();
    io.interrupt();
    expect(await exit).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(open.splice(0)).toHaveLength(1);
  });

  it.each(['en', 'hi'] as const)(
    'on a terminal draws the code and says who can read along, in %s',
    async (language) => {
      const site = start(`--web --lan 127.0.0.1 --language ${language}`, { isTTY: true, columns: 80 });
      open.push(site);
      await site.io.stderr.until(/Ctrl-C/);
      const lines = stripVTControlCharacters(site.io.stdout.text).trimEnd().split('\n');
      const link = read(lines);
      expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{22}$/);
      const told = site.io.stderr.text.replace(/\s+/g, ' ');
      expect(told).toContain(LAN_WORDS[language].warning);
      expect(told).toContain(link);
    },
  );

  it('needs --web', async () => {
    const { io, exit } = start('--lan');
    expect(await exit).toBe(2);
    expect(io.stderr.text).toContain('--lan without --web');
  });

  describe.skipIf(browserPath === undefined)('in a browser (skipped without chromium)', () => {
    it('opens by the link, once', async () => {
      const browser = await launchBrowser();
      const { link, url } = await lan();
      for (const width of [360, 1280]) {
        const context = await browser.newContext({ viewport: { width, height: 800 }, locale: 'hi-IN' });
        const page = await context.newPage();
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(String(error)));
        await page.goto(link);
        await page.waitForSelector(width === 360 ? 'main:not([hidden])' : '#used:not([hidden])');
        expect(page.url()).toBe(url);
        if (width === 360) expect(await page.innerText('main:not([hidden])')).toContain('शेष राशि');
        else expect(await page.innerText('#used')).toContain(LAN_WORDS.hi.used);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        expect(faults).toEqual([]);
        await context.close();
      }
      await browser.close();
    }, 120_000);
  });
});

/** A line to the meter that can be cut and mended. */
class Cuttable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #whole = true;

  constructor(port: number) {
    this.#server = createServer((socket) => {
      socket.on('error', () => undefined);
      if (!this.#whole) return void socket.destroy();
      const onward = dial(port, '127.0.0.1');
      onward.on('error', () => socket.destroy());
      this.#sockets.add(socket);
      socket.pipe(onward).pipe(socket);
      socket.on('close', () => onward.destroy());
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => resolve((this.#server.address() as { port: number }).port));
    });
  }

  cut(): void {
    this.#whole = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#whole = true;
  }

  close(): void {
    this.cut();
    this.#server.close();
  }
}

describe('a meter that is away is told at once, and tried until it is there again', () => {
  async function cuttable() {
    const [, port] = /"port":(\d+)/.exec(meter.io.stdout.text) ?? [];
    const line = new Cuttable(Number(port));
    return { line, options: `--interval 1 --patience 0 --tcp 127.0.0.1:${await line.listen()}` };
  }

  it('on the page', async () => {
    const { line, options } = await cuttable();
    const { io, exit } = start(`--web --json ${options}`);
    const [, url = ''] = await io.stdout.until(/"url":"([^"]+)"/);
    const usage = async () => (await (await fetch(`${url}usage.json`)).json()) as { away?: boolean };
    expect(await usage()).not.toHaveProperty('away');
    line.cut();
    await io.stdout.until(/"event":"away"/);
    await io.stderr.until(/The meter does not answer/);
    expect(await usage()).toMatchObject({ away: true });
    expect(await (await fetch(url)).text()).toContain('class="alarm" role="status">');
    line.mend();
    while ((await usage()).away === true);
    expect(await (await fetch(url)).text()).toContain('class="alarm" role="status" hidden>');
    expect(io.stdout.text.match(/"event":"away"/g)).toHaveLength(1);
    io.interrupt();
    expect(await exit).toBe(0);
    line.close();
  }, 60_000);

  it('on the screen, where q ends it also then', async () => {
    const { line, options } = await cuttable();
    const { io, exit } = start(`--language hi ${options}`, { isTTY: true, columns: 80 });
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
    Object.assign(io, { stdin });
    Object.assign(io.stdout, { rows: 24 });
    // What came after a place in the text.
    const shows = (what: RegExp, from: number) => io.stdout.until(new RegExp(`^[^]{${from},}${what.source}`));
    await io.stdout.until(/हर 1 सेकंड पर/);
    line.cut();
    await io.stdout.until(/मीटर उत्तर नहीं दे रहा/);
    const before = io.stdout.text.length;
    line.mend();
    await shows(/मीटर \d+/, before);
    line.cut();
    await shows(/उत्तर नहीं दे रहा/, before);
    stdin.write('q');
    expect(await exit).toBe(0);
    line.close();
  }, 60_000);
});
