import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Debian and others put it; `CHROMIUM` says where else. */
const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser of this machine; undefined where there is none. */
export const browserPath = PLACES.find((path) => path !== undefined && existsSync(path));

export function launchBrowser(): Promise<Browser> {
  if (browserPath === undefined) throw new Error('no chromium');
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu'], timeout: 60_000 });
}
