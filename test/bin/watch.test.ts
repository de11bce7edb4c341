import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONNECT_WORDS } from '../../bin/connect-words.js';
import { columnsOf } from '../../bin/format.js';
import { fragmentsOf } from '../../bin/watch/page.js';
import { inKilo, usageLines } from '../../bin/watch/show.js';
import { CosemDateTime, Decimal, LinkError, type Usage } from '../../src/index.js';
import { browserPath, launchBrowser } from '../support/browser.js';
import { running, type Simulated, simulated } from './ran.js';

/** The consumer's view of a virtual meter, over a real socket; the page in a real browser where there is one. */

const folder = mkdtempSync(join(tmpdir(), 'cosem-watch-'));
const config = join(folder, 'meter.json');
let meter: Simulated;

beforeAll(async () => {
  meter = await simulated('--write-config', config, '--seed', '7');
});
afterAll(async () => {
  await meter.stop();
  rmSync(folder, { recursive: true });
});

function start(line: string, connection = 'reader') {
  const words = `${`watch ${line}`.trim()} --config ${config} --connection ${connection}`;
  const { io, ended } = running(words, { XDG_STATE_HOME: join(folder, 'state') });
  return { io, exit: ended };
}

describe('cosem watch', () => {
  it('--once shows now, today, the month, the days as bars, balance and days left with their rate', async () => {
    const { io, exit } = start('--once');
    expect([await exit, io.stderr.text]).toEqual([0, '']);
    const out = io.stdout.text;
    expect(out).toMatch(/^Meter \d+ {2}\d\d-\d\d-\d{4} \d\d:\d\d:\d\d$/m);
    expect(out).toMatch(/^Now +[\d.]+ kW +[\d.]+ V, [\d.]+ A$/m);
    expect(out).toMatch(/^Today +[\d.]+ kWh$/m);
    expect(out).toMatch(/^This month +[\d.]+ kWh/m);
    expect(out).toMatch(/^Balance +₹ \d+\.\d\d +counted /m);
    expect(out).toMatch(/^Lasts about +/m);
    // Numbers stand with their points in one column: behind 1.42 there is one blank more than behind 1.421. Early in a day there is no bar yet.
    const days = out.match(/^ {2}\d\d-\d\d \w+ +[\d.]+(?: {2,}[█▏▎▍▌▋▊▉]+)?$/gm) ?? [];
    expect(days).toHaveLength(15);
    expect(new Set(days.slice(0, 14).map((line) => line.search(/[█▏▎▍▌▋▊▉]/))).size).toBe(1);
    expect(days[0]).toMatch(/[█▏▎▍▌▋▊▉]$/);
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('--once --json is one document of exact numbers', async () => {
    const { io, exit } = start('--once --json --days 3 --price 6.50');
    expect(await exit).toBe(0);
    const document = io.document() as Record<string, never>;
    expect(document).toMatchObject({
      command: 'watch',
      todayWh: expect.stringMatching(/^\d+$/),
      days: { length: 3 },
      account: { prepaid: true, balanceINR: expect.stringMatching(/^\d+\.\d\d$/) },
      daysLeft: { days: expect.stringMatching(/^\d+\.\d$/), basis: { type: 'price', priceINR: '6.50', wholeDays: 3 } },
    });
  });

  it('goes on until Ctrl-C, releases the meter and ends with 0', async () => {
    const { io, exit } = start('--json --interval 1');
    await io.stdout.until(/\n\{"command":"watch"/);
    io.interrupt();
    expect(await exit).toBe(0);
    for (const line of io.stdout.text.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ command: 'watch' });
    // The meter takes the next one at once.
    expect(await start('--once --json').exit).toBe(0);
  });

  it.each([
    ['--once --web', 2, '--once and --web at once'],
    ['--port 8080', 2, '--port without --web'],
    ['--price abc', 2, "--price 'abc' is no price"],
    ['--days 0', 2, '--days'],
  ])('%s ends with %i', async (line, code, words) => {
    const { io, exit } = start(line);
    expect(await exit).toBe(code);
    expect(io.stderr.text).toContain(words);
  });

  it('tells a client that may not read energy that it is refused', async () => {
    const { io, exit } = start('--once', 'public');
    expect(await exit).toBe(4);
    expect(io.stderr.text).toMatch(/1\.0\.1\.8\.0\.255/);
  });
});

/** What may be in a Hindi screen beside Hindi: names of phases, units, and the key that ends it. */
const LATIN = new Set(['kW', 'kWh', 'V', 'A', 'R', 'Y', 'B', 'q', 'Ctrl', 'C']);

function latinIn(text: string): string[] {
  return [...stripVTControlCharacters(text).matchAll(/[A-Za-z]+/g)].flatMap(([word]) =>
    LATIN.has(word) ? [] : [word],
  );
}

describe('cosem watch --language hi', () => {
  it('--once is Hindi but for units', async () => {
    const { io, exit } = start('--once --language hi --days 3');
    expect([await exit, io.stderr.text]).toEqual([0, '']);
    expect(io.stdout.text).toMatch(/^मीटर \d+ {2}\d\d-\d\d-\d{4}/m);
    expect(io.stdout.text).toMatch(/^शेष राशि +₹ \d+\.\d\d +गणना /m);
    expect(io.stdout.text).toMatch(/^ {2}\d\d-\d\d आज /m);
    expect(latinIn(io.stdout.text)).toEqual([]);
  });

  it('on a terminal the screen and its foot are, and what is told on the way', async () => {
    const words = `watch --language hi --interval 1 --config ${config} --connection reader`;
    const { io, ended } = running(words, { XDG_STATE_HOME: join(folder, 'state') }, '', { isTTY: true, columns: 80 });
    Object.assign(io.stdout, { rows: 24 });
    const terminal = { isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
    Object.assign(io.stderr, terminal);
    Object.assign(io.stdin, { isTTY: true, setRawMode: () => io.stdin });
    await io.stdout.until(/हर 1 सेकंड पर/);
    io.interrupt();
    expect(await ended).toBe(0);
    expect(latinIn(io.stdout.text)).toEqual([]);
    expect(io.stderr.text).toContain('से जुड़ रहे हैं');
    expect(io.stderr.text).toContain('पढ़ रहे हैं');
    expect(latinIn(io.stderr.text.replaceAll(/tcp 127\.0\.0\.1/g, ''))).toEqual([]);
  });

  it('a failure is told in Hindi, with what to try', async () => {
    const { io, exit } = start('--once --language hi', 'public');
    expect(await exit).toBe(4);
    expect(io.stderr.text).toMatch(/^cosem: [^\n]*[\u0900-\u097f][^\n]*।\n/m);
    expect(io.stderr.text).toContain('उपाय: ');
  });

  it('what is said of a meter that is lost, and there again, is Hindi', () => {
    const { lost, resumed } = CONNECT_WORDS.hi;
    const error = new LinkError('transport', 'the line is gone');
    const said = [lost(60), resumed({ error, lost: 1500, attempts: 1 }), resumed({ error, lost: 1500, attempts: 3 })];
    expect(latinIn(said.join(' '))).toEqual([]);
    expect(said[2]).toBe('1.5 सेकंड बाद फिर जुड़ गए, 3 कोशिशों में');
  });
});

describe('cosem watch --web', () => {
  let site: ReturnType<typeof start>;
  let url: string;
  let browser: Browser;
  beforeAll(async () => {
    site = start('--web --json --interval 1');
    [, url = ''] = await site.io.stdout.until(/"url":"([^"]+)"/);
    if (browserPath !== undefined) browser = await launchBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    site.io.interrupt();
    expect(await site.exit).toBe(0);
  });

  it('serves a page that needs nothing from elsewhere, its data, and news of it', async () => {
    const page = await fetch(url);
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'/);
    const html = await page.text();
    expect(html).not.toMatch(/(?:src|href)="(?!data:,)|https?:|@import/);
    expect(html).toContain('Balance');
    expect(html).toContain('शेष राशि');
    const usage = (await (await fetch(`${url}usage.json`)).json()) as { serial: string; days: unknown[] };
    expect(html).toContain(`<b>${usage.serial}</b>`);
    expect(usage.days).toHaveLength(14);
    const events = (await fetch(`${url}events`)).body!.getReader();
    const { value } = await events.read();
    expect(Object.keys(JSON.parse(new TextDecoder().decode(value).replace(/^data: /, '')) as object)).toEqual([
      'en',
      'hi',
    ]);
    await events.cancel();
  });

  it('is for browsers of this machine, by its own name, and for reading', async () => {
    expect(new URL(url).hostname).toBe('127.0.0.1');
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(url, { headers: { host: 'elsewhere.example' } }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(421);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(`${url}else`)).status).toBe(404);
  });

  describe.skipIf(browserPath === undefined)(
    'in a browser (skipped without chromium: apt-get install chromium)',
    () => {
      it.each([
        ['phone, English', 360, 'en-IN', 'Balance'],
        ['phone, Hindi', 360, 'hi-IN', 'शेष राशि'],
        ['desktop, English', 1280, 'en-IN', 'Balance'],
        ['desktop, Hindi', 1280, 'hi-IN', 'शेष राशि'],
      ])('%s: shows the data, nothing overflows, and it is kept up to date', async (_, width, locale, word) => {
        const context = await browser.newContext({ viewport: { width, height: 800 }, locale });
        const page = await context.newPage();
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(String(error)));
        page.on('console', (message) => {
          if (message.type() === 'error') faults.push(message.text());
        });
        await page.goto(url);
        const main = page.locator('main:not([hidden])');
        expect(await main.innerText()).toContain(word);
        const usage = (await (await fetch(`${url}usage.json`)).json()) as {
          serial: string;
          account: { balanceINR: string };
        };
        expect(await main.locator('.balance .value').innerText()).toBe(`₹\u00A0${usage.account.balanceINR}`);
        expect(await main.locator('.charts section').first().locator('rect').count()).toBe(15);
        const wide = await page.evaluate(() =>
          [...document.querySelectorAll('body, main:not([hidden]) *')]
            .filter(
              (part) =>
                !(part instanceof SVGElement) && part.scrollWidth > part.clientWidth + 1 && part.clientWidth > 0,
            )
            .map((part) => `${part.tagName}.${part.className}`),
        );
        expect(wide).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        const read = await main.locator('footer p').first().innerText();
        await page.waitForFunction(
          (before) => document.querySelector('main:not([hidden]) footer p')?.textContent !== before,
          read,
        );
        await page.locator('#language').click();
        expect(await page.locator('main:not([hidden])').innerText()).not.toContain(word);
        expect(faults).toEqual([]);
        await context.close();
      });
    },
  );
});

describe('lines for a terminal', () => {
  const time = CosemDateTime.fromDate(new Date(Date.UTC(2026, 10, 23, 10)), 0).with({ deviation: -330 });
  const bare: Usage = {
    time,
    serial: undefined,
    connected: false,
    power: undefined,
    phases: [],
    total: new Decimal(0n),
    today: undefined,
    month: undefined,
    days: [{ date: '2026-11-22', energy: undefined }],
    blocks: [],
    account: undefined,
    daysLeft: { days: undefined, reason: 'not-prepaid' },
  };

  it('say what is not known, and that the supply is off', () => {
    const lines = usageLines(bare, 80, (_, text) => text);
    expect(lines).toContain('The supply is off');
    expect(lines).toContain('Today       not known');
    expect(lines.join('\n')).not.toContain('Balance');
    expect(lines).toContain('  22-11 Sun    –');
  });

  it('cut nothing off: what is beside a value goes on in the next line', () => {
    const moment = (day: number) =>
      new CosemDateTime({ year: 2026, month: 11, dayOfMonth: day, hour: 0, minute: 0, second: 0 });
    const daysLeft: Usage['daysLeft'] = {
      days: Decimal.parse('46.2'),
      perDay: Decimal.parse('48.99'),
      basis: { type: 'since-recharge', spent: Decimal.parse('1009.63'), from: moment(10), to: moment(30) },
    };
    const lines = usageLines({ ...bare, daysLeft }, 80, (_, text) => text);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    const text = lines.join(' ').replace(/ +/g, ' ');
    expect(text).toContain('spent since the recharge of 10-11-2026');
    expect(text).not.toContain('…');
  });

  const moment = (day: number) =>
    new CosemDateTime({ year: 2026, month: 11, dayOfMonth: day, hour: 0, minute: 0, second: 0 });
  const rate = { days: Decimal.parse('46.2'), perDay: Decimal.parse('48.99') };
  const account = { prepaid: true, balance: Decimal.parse('812.40'), balanceTime: time } as Usage['account'];
  const full: Usage = {
    ...bare,
    serial: '10000007',
    connected: true,
    power: Decimal.parse('1234'),
    phases: ['R', 'Y', 'B'].map((phase) => ({ phase, voltage: Decimal.parse('230.1'), current: Decimal.parse('4.5') })),
    today: { energy: Decimal.parse('4567') } as Usage['today'],
    month: { energy: Decimal.parse('123456'), since: '2026-11-10' } as Usage['month'],
    days: Array.from({ length: 14 }, (_, i) => ({
      date: `2026-11-${String(9 + i).padStart(2, '0')}`,
      energy: Decimal.parse(`${5000 + 300 * i}`),
    })),
    account,
    daysLeft: {
      ...rate,
      basis: { type: 'since-recharge', spent: Decimal.parse('1009.63'), from: moment(10), to: moment(30) },
    },
  };
  const reasons = ['no-balance', 'recharged-lately', 'nothing-spent', 'not-prepaid'] as const;
  const screens: [string, Usage][] = [
    ['nothing known, supply off', bare],
    ['everything known', full],
    [
      'days left by the price',
      { ...full, daysLeft: { ...rate, basis: { type: 'price', price: Decimal.parse('6.5'), wholeDays: 7 } } },
    ],
    ...reasons.map((reason): [string, Usage] => [reason, { ...full, daysLeft: { days: undefined, reason } }]),
  ];

  it.each(['en', 'hi'] as const)('on a screen of 24 lines today is there, in %s', (language) => {
    const lines = usageLines(full, 80, (_style, text) => text, language, 22);
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toMatch(/^ {2}23-11 (?:today|आज) /);
    expect(lines.join('\n')).toContain('22-11');
  });

  it('days left are a sentence in Hindi: a verb that stands behind them', () => {
    const text = usageLines(full, 120, (_style, text) => text, 'hi').join('\n');
    expect(text).toMatch(/^यह राशि +लगभग 46\.2 दिन चलेगी /m);
    expect(fragmentsOf(full).hi).toContain('यह राशि <b>लगभग 46.2 दिन चलेगी</b>');
  });

  it.each(['en', 'hi'] as const)(
    'dates are day, month and year, on the terminal and on the page, in %s',
    (language) => {
      const recharged = { ...account, lastRecharge: { amount: Decimal.parse('500'), time } } as Usage['account'];
      const usage: Usage = { ...full, account: recharged };
      for (const text of [
        usageLines(usage, 120, (_style, text) => text, language).join('\n'),
        fragmentsOf(usage)[language],
      ]) {
        expect(text).toContain('23-11-2026');
        expect(text).toContain('10-11-2026');
        expect(text).not.toMatch(/2026-|11-2[23]\b(?!-)/);
      }
    },
  );

  it.each(screens)(
    'in Hindi, %s: no Latin words but names and units, within 80 columns, columns in line',
    (_, usage) => {
      const lines = usageLines(usage, 80, (_style, text) => text, 'hi');
      expect(latinIn(lines.join('\n'))).toEqual([]);
      expect(lines.join('')).toMatch(/\p{Script=Devanagari}/u);
      expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(80);
      const days = lines.filter((line) => /^ {2}\d\d-\d\d /.test(line));
      const begins = days.map((line) => columnsOf(/^.*?(?=[█▏▎▍▌▋▊▉])/.exec(line)?.[0] ?? ''));
      if (usage.days.length > 1) expect(new Set(begins).size).toBe(1);
      const heads = lines.slice(2).flatMap((line) => /^(\S.*? {2,})\S/.exec(line)?.[1] ?? []);
      expect(new Set(heads.map(columnsOf)).size).toBe(1);
    },
  );

  it.each([
    ['8646795', '8646.795'],
    ['1000', '1'],
    ['0', '0'],
    ['1500', '1.5'],
    ['120000', '120'],
    ['-20', '-0.02'],
  ])('%s Wh are %s kWh', (wh, kwh) => {
    expect(inKilo(Decimal.parse(wh))).toBe(kwh);
  });
});
