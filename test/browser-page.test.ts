import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMeter, openOptionsOf } from '../simulator/index.js';
import { systemClock, toHex } from '../src/index.js';
import { browserPath, launchBrowser } from './support/browser.js';
import { examples } from './support/example.js';

const built = existsSync(resolve(import.meta.dirname, '../dist/src/index.js'));
if (browserPath === undefined)
  console.warn('SKIPPED: the page of examples/, for want of chromium (apt-get install chromium)');

const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript' } as const;

describe.skipIf(!built)('examples/browser-page (needs `npm run build`)', () => {
  let script = '';
  let server: Server;
  let url = '';
  let browser: Browser | undefined;

  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [join(examples, 'browser-page/page.ts')],
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      logLevel: 'silent',
    });
    script = outputFiles[0]?.text ?? '';
    server = createServer(({ url: path = '/' }, response) => {
      const name = path === '/' ? 'index.html' : path.slice(1);
      const type = TYPES[name.split('.').at(-1) as keyof typeof TYPES];
      response.setHeader('content-type', `${type}; charset=utf-8`);
      response.end(name === 'dist/page.js' ? script : readFileSync(join(examples, 'browser-page', name)));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    if (browserPath !== undefined) browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    server.close();
  });

  it('needs nothing of Node', () => {
    expect(script).not.toMatch(/from ?["']node:/);
  });

  describe.skipIf(browserPath === undefined)(
    'in a browser (skipped without chromium: apt-get install chromium)',
    () => {
      /** A page and what went wrong in it. */
      async function pageOf(width: number, before?: (page: Page) => Promise<unknown>) {
        const page = await browser!.newPage({ viewport: { width, height: 800 } });
        const faults: string[] = [];
        page.on('pageerror', (error) => faults.push(String(error)));
        page.on('console', (message) => void (message.type() === 'error' && faults.push(message.text())));
        await before?.(page);
        await page.goto(url);
        return { page, faults, status: page.locator('#status') };
      }
      const done = (page: Page) =>
        page
          .locator('#status')
          .filter({ hasNotText: /^(?:Reading …)?$/ })
          .waitFor();
      const values = async (page: Page) => {
        const terms = await page.locator('dt').allInnerTexts();
        const texts = await page.locator('dd').allInnerTexts();
        return new Map(terms.map((term, i) => [term, texts[i]]));
      };

      it.each([360, 1280])('%i pixels wide: reads the virtual meter, and nothing overflows', async (width) => {
        const { page, faults, status } = await pageOf(width);
        await page.locator('#read').click();
        await done(page);
        expect(await status.innerText()).toMatch(/^Read at /);
        expect((await values(page)).get('Active energy import')).toMatch(/^\d+ Wh$/);
        expect(await page.locator('#blocks rect').count()).toBe(48);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        // No column so narrow that a word stands letter by letter.
        const lines = await page
          .locator('dd')
          .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
        expect(Math.max(...lines)).toBeLessThan(120);
        expect(faults).toEqual([]);
        await page.close();
      });

      /** Web Serial in the page; what it writes comes to Node, and what comes back is heard in the page. */
      async function withProbe(page: Page, write: (octets: number[]) => void) {
        await page.exposeFunction('toMeter', write);
        await page.addInitScript(() => {
          const window_ = window as unknown as { toMeter(octets: number[]): Promise<void>; fromMeter: unknown };
          const port = {
            readable: null as ReadableStream | null,
            writable: null as WritableStream | null,
            async open() {
              port.readable = new ReadableStream<Uint8Array>({
                start(heard) {
                  window_.fromMeter = (octets: number[]) => heard.enqueue(Uint8Array.from(octets));
                },
              });
              port.writable = new WritableStream<Uint8Array>({ write: (octets) => window_.toMeter([...octets]) });
            },
            async close() {},
            async setSignals() {},
          };
          Object.defineProperty(navigator, 'serial', { value: { requestPort: async () => port } });
        });
      }

      it('reads a meter by Web Serial: the public client its name plate, with keys its energy', async () => {
        const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 9 });
        const line = await virtual.line();
        const { page, faults, status } = await pageOf(800, (fresh) =>
          withProbe(fresh, (octets) => line.write(Uint8Array.from(octets))),
        );
        await line.open({
          data: (octets) =>
            void page.evaluate(
              (heard) => (window as unknown as { fromMeter(o: number[]): void }).fromMeter(heard),
              [...octets],
            ),
          closed() {},
        });
        await page.locator('input[value=serial]').check();
        await page.locator('#read').click();
        await done(page);
        expect(await status.innerText()).toMatch(/^Read at /);
        const plate = await values(page);
        expect(plate.get('Meter serial number')).toBe(virtual.identity.serial);
        expect(plate.has('Active energy import')).toBe(false);

        const { password, security } = openOptionsOf(virtual, 'reader');
        await page.locator('[name=password]').fill(new TextDecoder().decode(password));
        await page.locator('[name=encryptionKey]').fill(toHex(security!.encryptionKey));
        await page.locator('#read').click();
        await page.locator('dt', { hasText: 'Active energy import' }).waitFor();
        await done(page);
        expect((await values(page)).get('Active energy import')).toMatch(/^\d+ Wh$/);
        expect(faults).toEqual([]);
        await page.close();
        virtual.stop();
      });

      it('says in words that no port was chosen, and where there is no Web Serial', async () => {
        const chosen = await pageOf(800, (page) =>
          page.addInitScript(() => {
            const requestPort = () =>
              Promise.reject(new DOMException('No port selected by the user.', 'NotFoundError'));
            Object.defineProperty(navigator, 'serial', { value: { requestPort } });
          }),
        );
        await chosen.page.locator('input[value=serial]').check();
        await chosen.page.locator('#read').click();
        await done(chosen.page);
        expect(await chosen.status.innerText()).toBe('No port was chosen.');
        await chosen.page.close();

        const none = await pageOf(800, (page) =>
          page.addInitScript(() => Object.defineProperty(navigator, 'serial', { value: undefined })),
        );
        expect(await none.page.locator('#no-serial').isVisible()).toBe(true);
        expect(await none.page.locator('input[value=serial]').isDisabled()).toBe(true);
        await none.page.close();
      });
    },
  );
});
