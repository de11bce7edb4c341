import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { columnsOf } from '../../bin/format.js';
import { main } from '../../bin/program.js';
import { troubleshooting, UDEV_RULES } from '../../bin/troubleshooting.js';
import { createMeter } from '../../simulator/index.js';
import { systemClock } from '../../src/index.js';
import { LANGUAGES } from '../../src/inspect.js';
import { listenTcp, nodeCrypto } from '../../src/node.js';
import { FakeIo } from './fake-io.js';

const state = mkdtempSync(join(tmpdir(), 'cosem-doctor-'));
const docs = resolve(import.meta.dirname, '../../docs');

afterAll(() => rmSync(state, { recursive: true }));

describe('cosem doctor', () => {
  it('says it in words and as a document, and ends with 3', async () => {
    const io = new FakeIo();
    expect(await main(['doctor', '--serial', '/dev/not-here'], io)).toBe(3);
    expect(io.stdout.text).toContain('There is no port /dev/not-here.');
    const json = new FakeIo();
    expect(await main(['doctor', '--serial', '/dev/not-here', '--json'], json)).toBe(3);
    expect(json.document()).toMatchObject({ command: 'doctor', mistake: 'port-missing', stage: 'port' });
  });

  it('prints the rule file', async () => {
    const io = new FakeIo();
    expect(await main(['doctor', '--udev-rules'], io)).toBe(0);
    expect(io.stdout.text).toBe(UDEV_RULES);
  });

  it('says it in Hindi', async () => {
    const io = new FakeIo();
    expect(await main(['doctor', '--serial', '/dev/not-here', '--language', 'hi'], io)).toBe(3);
    expect(io.stdout.text).toContain('/dev/not-here नाम का कोई पोर्ट नहीं है।');
  });

  it('shows with --trace what it sends and hears', async () => {
    const served = createMeter('is15959-1ph', { clock: systemClock, seed: 7, crypto: nodeCrypto });
    const listener = await listenTcp({ port: 0 }, (transport) => void served.attach(transport, { framing: 'wrapper' }));
    try {
      const place = `${listener.host}:${listener.port}`;
      const shown = async (...more: string[]) => {
        const io = new FakeIo({ XDG_STATE_HOME: state });
        expect(await main(['doctor', '--tcp', place, ...more], io)).toBe(0);
        return io.stderr.text;
      };
      const trace = await shown('--trace');
      expect(trace).toMatch(/ sent 00 01 [\s\S]*aarq/);
      expect(trace).toMatch(/ received 00 01 [\s\S]*aare/);
      expect(await shown()).not.toContain('aarq');
    } finally {
      await listener.close();
      served.stop();
    }
  });

  it.each([
    ['en', 'client 16 has an association', 'Everything works.'],
    ['hi', 'क्लाइंट 16 का एसोसिएशन बन गया', 'सब कुछ ठीक चलता है।'],
  ] as const)('says in %s what is well, too', async (language, word, all) => {
    const served = createMeter('is15959-1ph', { clock: systemClock, seed: 7, crypto: nodeCrypto });
    const listener = await listenTcp({ port: 0 }, (transport) => void served.attach(transport, { framing: 'wrapper' }));
    try {
      const io = new FakeIo({ XDG_STATE_HOME: state });
      const place = `${listener.host}:${listener.port}`;
      expect(await main(['doctor', '--tcp', place, '--language', language], io)).toBe(0);
      const lines = io.stdout.text.trim().split('\n');
      expect(lines.at(-1)).toBe(all);
      for (const line of lines.slice(0, -1)) expect(line).toMatch(language === 'en' ? /^ok {3}/ : /^✔ {4}/);
      expect(lines.join(' ')).toContain(word);
      // A name of the standard stays; a sentence of ours does not.
      if (language === 'hi') expect(lines.join(' ')).not.toMatch(/works|answers|opens|has an/);
    } finally {
      await listener.close();
      served.stop();
    }
  });

  it.each(LANGUAGES)('keeps within the terminal in %s, words below each other', async (language) => {
    const io = new FakeIo();
    Object.assign(io.stdout, { isTTY: true, columns: 80 });
    expect(await main(['doctor', '--serial', '/dev/not-here', '--language', language], io)).toBe(3);
    const lines = stripVTControlCharacters(io.stdout.text).split('\n');
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(80);
    expect(lines.some((line) => /^ {4}\S/.test(line))).toBe(true);
  });

  it.each([
    ['en', 'troubleshooting.md'],
    ['hi', 'troubleshooting.hi.md'],
  ] as const)('has its table in %s in docs/%s', async (language, page) => {
    expect(existsSync(join(docs, page))).toBe(true);
    // `npx vitest run test/bin/doctor.test.ts -u` writes it anew.
    await expect(troubleshooting(language)).toMatchFileSnapshot(join(docs, page));
  });
});
