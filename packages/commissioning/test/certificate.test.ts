import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import decodeQR from 'qr/decode.js';
import { afterAll, describe, expect, test } from 'vitest';
import { concat } from '../../../src/base/bytes.js';
import { browserPath, launchBrowser } from '../../../test/support/browser.js';
import { certificatePage } from '../src/certificate/page.js';
import { qrCode } from '../src/certificate/qr-code.js';
import { WORDS } from '../src/certificate/words.js';
import { NodeLogFile } from '../src/platform/node-log-file.js';
import { verifyFile } from '../src/platform/verify-file.js';
import { verifyFolder } from '../src/platform/verify-folder.js';
import { createWorkspace } from '../src/platform/workspace.js';
import { toBase45 } from '../src/record/base45.js';
import { chainProblems, RecordChain } from '../src/record/chain.js';
import { COMPACT_PREFIX, verifyCompact } from '../src/record/compact.js';
import { parseTrust } from '../src/record/key-file.js';
import { signRecord } from '../src/record/record.js';
import { type Certificate, commitmentOf } from '../src/record/record-base.js';
import { signedOctets } from '../src/record/signing.js';
import {
  certificatesOf,
  longCertificate,
  recordContent,
  rendered,
  SIGNER,
  sampleCertificate,
  TRUSTED,
} from './sample-certificate.js';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-certificate-'));
  folders.push(folder);
  return folder;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const sample = sampleCertificate();
const printed = await rendered(sample);

/** The texts of a page as a reader of tagged PDF gives them, and how often letters are drawn that no text tells. */
function toldIn(pdf: string): { readonly texts: string[]; readonly untold: number } {
  const marks: boolean[] = [];
  const texts: string[] = [];
  let untold = 0;
  const operators = /\/\w+ (?:<<(?:(?!BDC).)*>> )?B[DM]C\b|\bEMC\b|\bT[jJ]\b/gs;
  const [content = ''] = /stream\n(?:(?!endstream).)*BDC.*?endstream/s.exec(pdf) ?? [];
  let told: string | undefined;
  for (const [found] of content.matchAll(operators)) {
    if (found === 'EMC') marks.pop();
    else if (found === 'Tj' || found === 'TJ') untold += marks.includes(true) ? 0 : 1;
    else {
      const actual = /\/ActualText (\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>)/s.exec(found)?.[1];
      marks.push(actual !== undefined);
      told = actual;
      if (told !== undefined) texts.push(textOfPdf(told));
    }
  }
  return { texts, untold };
}

/** A text string of PDF: UTF-16 with a mark, or Latin. */
function textOfPdf(token: string): string {
  const octets = token.startsWith('<')
    ? Buffer.from(token.slice(1, -1), 'hex')
    : Buffer.from(
        token.slice(1, -1).replace(/\\([nrtbf()\\])/g, (_, one: string) => ESCAPES[one] ?? one),
        'latin1',
      );
  return octets[0] === 0xfe && octets[1] === 0xff
    ? octets.subarray(2).swap16().toString('utf16le')
    : octets.toString('latin1');
}

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

describe('a printed certificate', () => {
  test('says everything in both languages, and of the mobile its end alone', () => {
    const { html } = printed;
    for (const { hi, en } of [WORDS.title, WORDS.free, WORDS.relay, WORDS.authorisation, WORDS.see]) {
      expect(html).toContain(hi);
      expect(html).toContain(en);
    }
    for (const value of ['आशा देवी', '8646.795 kWh', '₹ 2646.66', '******4321', '1912', 'AMI/118', '31-12-2026']) {
      expect(html).toContain(value);
    }
    expect(html).toContain('सही (भार के साथ): बंद 10:30:00, चालू 10:30:02, मीटर की घड़ी से<');
    expect(html).not.toContain(WORDS.resumed.hi);
  });

  test('says that the relay test was interrupted, when the supply was off, and by whose clock', async () => {
    const { html } = await rendered(longCertificate());
    expect(html).toContain(
      '(भार के साथ): बंद 21-11-2026 10:30:00 और 22-11-2026 10:30:00 के बीच (लैपटॉप की घड़ी से), ' +
        'चालू 22-11-2026 10:30:02 (मीटर की घड़ी से), 2 बार बंद; बीच में रुकी, फिर पूरी की गई',
    );
    expect(html).toContain(
      '(under load): off between 21-11-2026 10:30:00 and 22-11-2026 10:30:00 (by the laptop&#39;s clock), ' +
        'on 22-11-2026 10:30:02 (by the meter&#39;s clock), off 2 times; interrupted, then taken up again',
    );
  });

  test('of an earlier version is still valid as JSON; its times are said to be those at which somebody looked', async () => {
    const { off: _, ...relay } = recordContent('WO-1').relay!;
    const openedAt = Date.UTC(2026, 10, 23, 5, 0, 0);
    const earlier = { ...relay, openedAt, closedAt: openedAt + 2000, resumed: true };
    const certificate = certificatesOf([{ ...recordContent('WO-1'), relay: earlier }])[0]!;
    expect(await verifyFile(bytes(JSON.stringify(certificate)), TRUSTED)).toMatchObject({
      verdict: { verdict: 'valid' },
    });
    const { html } = await rendered(certificate);
    expect(html).toContain(
      'seen off 10:30:00, seen on 10:30:02, by the laptop&#39;s clock; interrupted, then taken up',
    );
    const { openedAt: __, ...neither } = earlier;
    const without = certificatesOf([{ ...recordContent('WO-1'), relay: neither }])[0]!;
    expect(await verifyFile(bytes(JSON.stringify(without)), TRUSTED)).toMatchObject({
      verdict: { verdict: 'altered' },
    });
  });

  test('needs nothing beside it', () => {
    const [page = ''] = printed.html.split('<script');
    expect(page.replaceAll(/url\(data:font\/woff2;base64,[^)]*\)/g, '')).not.toMatch(
      /https?:|url\(|src=|href=|@import/,
    );
  });

  test('as PDF is tagged, and gives its text in the order in which people read it', () => {
    const pdf = Buffer.from(printed.pdf).toString('latin1');
    expect(pdf).toContain('/Marked true');
    expect(pdf).toContain('/StructTreeRoot');
    expect(pdf).toContain('/Lang (hi)');
    const { texts, untold } = toldIn(pdf);
    expect(untold).toBe(0);
    const page = certificatePage(sample);
    const both = ({ hi, en }: { hi: string; en: string }) => (hi === en ? [en] : [hi, en]);
    const rows = page.columns
      .flat()
      .flatMap(({ title, rows }) => [
        ...[title.hi, title.en],
        ...rows.flatMap(({ label, value }) => [
          ...[label.hi, label.en],
          ...(typeof value === 'string' ? [value] : both(value)),
        ]),
      ]);
    expect(texts.slice(0, 5)).toEqual([page.utility, page.title.hi, page.title.en, page.id, 'No. 1']);
    const from = texts.indexOf(rows[0]!);
    expect(texts.slice(from, from + rows.length)).toEqual(rows);
    expect(texts.join('\n')).toContain('उपभोक्ता\nConsumer\nनाम\nName\nआशा देवी\nपता');
    for (const role of ['Document', 'H1', 'H2', 'P', 'Figure']) expect(pdf).toContain(`/S /${role}\n`);
  });

  test('is the same each time', async () => {
    expect(await rendered(JSON.parse(JSON.stringify(sample)) as Certificate)).toEqual(printed);
  });

  test('is one page of A4 whatever is written on it, in letters that can be read', async () => {
    for (const certificate of [sample, longCertificate()]) {
      const pdf = Buffer.from((await rendered(certificate)).pdf).toString('latin1');
      expect(pdf.match(/\/Type \/Page\n/g)).toHaveLength(1);
      expect(pdf).toContain('/MediaBox [0 0 595.28 841.89]');
      const sizes = [...pdf.matchAll(/\/F\d+ ([\d.]+) Tf/g)].map(([, size]) => Number(size));
      expect(sizes.length).toBeGreaterThan(50);
      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(4.5);
    }
  });

  test('lets nobody write in it but the record', async () => {
    const person = { ...sample.person, name: '</script><script>alert(1)</script>"\'&' };
    const { html } = await rendered({ ...sample, person });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html.match(/<\/script/g)).toHaveLength(1);
  });

  test('has a QR code that scanners read', () => {
    const { size, bars } = qrCode(sample.compact);
    const scale = 3;
    const side = size * scale;
    const data = new Uint8Array(side * side * 4).fill(255);
    for (const [x, y, width] of bars) {
      for (let row = y * scale; row < (y + 1) * scale; row++) {
        for (let column = x * scale; column < (x + width) * scale; column++)
          data.fill(0, 4 * (row * side + column), 4 * (row * side + column) + 3);
      }
    }
    expect(decodeQR({ width: side, height: side, data })).toBe(sample.compact);
  });
});

describe.skipIf(browserPath === undefined)('the page in a browser (skipped without chromium)', () => {
  test('is one sheet of A4 when printed, and overflows nowhere on a telephone, whatever is written on it', async () => {
    const browser = await launchBrowser();
    try {
      for (const certificate of [sample, longCertificate()]) {
        const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
        await page.setContent((await rendered(certificate)).html);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
        await page.setViewportSize({ width: 900, height: 1200 });
        await page.emulateMedia({ media: 'print' });
        const { sheet, inside, fonts } = await page.evaluate(async () => {
          await document.fonts.ready;
          const { clientHeight, scrollHeight, clientWidth, scrollWidth } = document.querySelector(
            '.sheet',
          ) as HTMLElement;
          const statuses = [...document.fonts].map(({ status }) => status);
          return { sheet: [clientHeight, clientWidth], inside: [scrollHeight, scrollWidth], fonts: statuses };
        });
        expect(inside).toEqual(sheet);
        expect(fonts).toEqual(['loaded', 'loaded', 'loaded', 'loaded']);
        const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
        expect(pdf.toString('latin1').match(/\/Type \/Page\b(?!s)/g)).toHaveLength(1);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });
});

describe('a file', () => {
  const files: readonly (readonly [kind: string, octets: Uint8Array])[] = [
    ['html', bytes(printed.html)],
    ['pdf', printed.pdf],
    ['certificate', bytes(JSON.stringify(sample))],
    ['record', bytes(JSON.stringify(sample.signed, undefined, 2))],
    ['code', bytes(`${sample.compact}\n`)],
  ];

  test.each(files)('%s is valid, or signed by somebody unknown', async (kind, octets) => {
    expect(await verifyFile(octets, TRUSTED)).toMatchObject({ kind, verdict: { verdict: 'valid' } });
    expect(await verifyFile(octets, [])).toMatchObject({ kind, verdict: { verdict: 'unknown-signer' } });
  });

  test.each(files)('%s with any octet changed is not valid', async (kind, octets) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(octets.length - 2), fc.integer({ min: 1, max: 127 }), async (at, change) => {
        const changed = octets.slice();
        changed[at] = (changed[at] as number) ^ change;
        fc.pre(kind === 'html' || kind === 'pdf' || !isSameJson(changed, octets));
        expect((await verifyFile(changed, TRUSTED))?.verdict.verdict).not.toBe('valid');
      }),
      // Records have their thousand in records.test.ts.
      { numRuns: kind === 'pdf' ? 4 : 100 },
    );
  });

  test('with a page that says something else than its record is altered', async () => {
    const altered = {
      verdict: { verdict: 'altered', reason: 'the page is not what the signed record inside it gives' },
    };
    const forged = printed.html.replace('8646.795 kWh', '1646.795 kWh');
    expect(await verifyFile(bytes(forged), TRUSTED)).toMatchObject({ kind: 'html', ...altered });
    // What a browser would show besides: text before and behind, a style, another script, a second record.
    for (const [what, by] of [
      ['<body>', '<body>मुफ़्त नहीं'],
      ['</html>\n', '</html>\nRs. 500 paid'],
      ['</style>', '.columns{display:none}</style>'],
      ['</body>', '<script>document.body.textContent="x"</script></body>'],
      ['<!doctype html>', '<!doctype html>\n<script type="application/json" id="certificate">{}</script>'],
    ] as const) {
      expect(printed.html).toContain(what);
      expect((await verifyFile(bytes(printed.html.replace(what, by)), TRUSTED))?.verdict.verdict).toBe('altered');
    }
    // A file of PDF goes on behind its end: what stands there would be shown.
    const more = Uint8Array.from([...printed.pdf, ...bytes('1 0 obj\n<<>>\nendobj\n%%EOF\n')]);
    expect(await verifyFile(more, TRUSTED)).toMatchObject({ kind: 'pdf', ...altered });
  });

  test('with a page that this version does not make is not valid, whatever its record is', async () => {
    const other = printed.html.replace('certificate, form 2', 'certificate, form 0').replace('8646.795', '1646.795');
    expect(await verifyFile(bytes(other), TRUSTED)).toMatchObject({
      verdict: { verdict: 'unknown-page', record: { verdict: 'valid' } },
    });
    const latin1 = Buffer.from(printed.pdf).toString('latin1').replace('pdfkit 0.20.2', 'pdfkit 0.20.1');
    expect(await verifyFile(Buffer.from(latin1, 'latin1'), TRUSTED)).toMatchObject({
      verdict: { verdict: 'unknown-page', record: { verdict: 'valid' } },
    });
  });

  describe('whose JSON can be read in two ways is altered before its signature is looked at', () => {
    const json = JSON.stringify(sample);
    const half = String.raw`\ud800`;
    const cases: readonly (readonly [what: string, from: string, to: string, reason: string])[] = [
      ['a name twice, the first another', '"sanctionedLoad":', '"sanctionedLoad":9000,"sanctionedLoad":', 'twice'],
      ['a name twice, the second escaped', '"pole":', String.raw`"p\u006fle":"P-1","pole":`, 'twice'],
      ['__proto__', '"sanctionedLoad":', '"__proto__":{"helpline":"9999"},"sanctionedLoad":', '__proto__'],
      ['1e400', '"sanctionedLoad":2000', '"sanctionedLoad":1e400', 'RFC 8785'],
      ['-0', '"difference":0', '"difference":-0', 'RFC 8785'],
      ['a number in another form', '"sanctionedLoad":2000', '"sanctionedLoad":2000.0', 'RFC 8785'],
      ['more digits than are signed', '"sanctionedLoad":2000', '"sanctionedLoad":2000.00000000000000001', 'RFC 8785'],
      ['half a character', '"pole":"P-9"', `"pole":"P-9${half}"`, 'half a character'],
      ['half a character in a name', '"sanctionedLoad":', `"${half}":1,"sanctionedLoad":`, 'half a character'],
      [
        'nesting',
        '"sanctionedLoad":',
        `"x":${'['.repeat(200_000)}${']'.repeat(200_000)},"sanctionedLoad":`,
        'too deep',
      ],
    ];

    test.each(cases)('%s', async (_, from, to, reason) => {
      expect(json).toContain(from);
      const changed = json.replace(from, to);
      const altered = { verdict: { verdict: 'altered', reason: expect.stringContaining(reason) } };
      expect(await verifyFile(bytes(changed), TRUSTED)).toMatchObject({ kind: 'certificate', ...altered });
      const signed = JSON.stringify(sample.signed).replace(from, to);
      expect(await verifyFile(bytes(signed), TRUSTED)).toMatchObject({ kind: 'record', ...altered });
      const page = printed.html.replace(/(id="certificate">)[^<]*/, (_all, before: string) => before + changed);
      expect(await verifyFile(bytes(page), TRUSTED)).toMatchObject({ kind: 'html', ...altered });
    });

    test.each(['{"record":{},"__proto__":{}}', '{"__proto__":{"signed":1},"record":1}'])('%s', async (text) => {
      expect(await verifyFile(bytes(text), TRUSTED)).toMatchObject({ verdict: { verdict: 'altered' } });
    });

    test('and a code, whoever signed it', () => {
      const claims = '"c":"1","e":"","h":"","k":"0000000000000000","l":"","m":"1","r":0,"t":0';
      for (const content of [
        `{"c":"2",${claims},"w":"W"}`,
        `{${claims},"w":"W","__proto__":1}`,
        `{${claims.replace('"t":0', '"t":-0')},"w":"W"}`,
      ]) {
        const octets = bytes(content);
        const code = COMPACT_PREFIX + toBase45(concat(octets, SIGNER.sign(signedOctets('compact', octets))));
        expect(verifyCompact(code, TRUSTED)).toMatchObject({ verdict: 'altered' });
      }
    });
  });

  test('that is signed, but no record that a page can be made of, is altered', async () => {
    const record = { at: 'x', consumer: { commitment: commitmentOf(sample.person) } };
    const strange = { ...sample, signed: signRecord(record as never, SIGNER), compact: sample.compact };
    const json = JSON.stringify(strange).replaceAll('<', '\\u003c');
    const html = printed.html.replace(/(id="certificate">)[^<]*/, (_, before: string) => before + json);
    expect(await verifyFile(bytes(html), TRUSTED)).toMatchObject({ verdict: { verdict: 'altered' } });
  });

  test.each(['', 'hello', '{}', '[1]', '%PDF-1.3\n', '<!doctype html><p>x', '\u0000'])(
    '%j is nothing of ours',
    async (text) => {
      expect(await verifyFile(bytes(text), TRUSTED)).toBeUndefined();
    },
  );

  test('whatever it holds ends in an answer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom('', '%PDF-', 'COSEM1:', '<!doctype html>', '{"signed":'),
        async (octets, start) => {
          const check = await verifyFile(Uint8Array.from([...bytes(start), ...octets]), TRUSTED);
          expect(check?.verdict.verdict ?? 'altered').toBe('altered');
        },
      ),
      { numRuns: 1000 },
    );
  });
});

function isSameJson(a: Uint8Array, b: Uint8Array): boolean {
  const [first, second] = [a, b].map((octets) => {
    const text = new TextDecoder().decode(octets).trim();
    try {
      return JSON.stringify(JSON.parse(text));
    } catch {
      return text;
    }
  });
  return first === second;
}

describe('a folder', () => {
  const three = certificatesOf(['WO-1', 'WO-2', 'WO-3'].map((id) => recordContent(id)));
  const put = (folder: string, certificates: readonly Certificate[]) => {
    for (const certificate of certificates) {
      writeFileSync(join(folder, `${certificate.signed.record.workOrder.id}.json`), JSON.stringify(certificate));
    }
    return folder;
  };

  test('of certificates is whole, or says which is missing', async () => {
    const whole = await verifyFolder(put(newFolder(), three), TRUSTED);
    expect(whole.chain).toEqual({ records: 3, problems: [], unknownSigners: 0 });
    expect(whole.files.map(({ check }) => check.verdict.verdict)).toEqual(['valid', 'valid', 'valid']);
    const gap = await verifyFolder(put(newFolder(), [three[0]!, three[2]!]), TRUSTED);
    expect(gap.chain.problems).toEqual(['the record before record 3 (WO-3) is missing']);
    expect((await verifyFolder(put(newFolder(), three), [])).chain.unknownSigners).toBe(3);
  });

  test('of an installer has the chain of its log, in which each certificate is', async () => {
    const folder = newFolder();
    const paths = createWorkspace(folder, {
      name: 'R. Sharma',
      passphrase: 'correct horse',
      work: { n: 2, r: 1, p: 1 },
    });
    mkdirSync(paths.certificates, { recursive: true });
    const chain = new RecordChain(new NodeLogFile(join(paths.state, 'records.log')));
    for (const { signed } of three) {
      const { sequence: _, previous: __, ...content } = signed.record;
      chain.add(content, SIGNER);
    }
    put(paths.certificates, three.slice(0, 2));
    expect(await verifyFolder(folder, TRUSTED)).toMatchObject({
      chain: { records: 3, problems: [] },
      files: { length: 2 },
    });
    put(paths.certificates, certificatesOf([recordContent('WO-9')]));
    const strange = await verifyFolder(folder, TRUSTED);
    expect(strange.chain.problems).toEqual([expect.stringContaining('the record of WO-9 is not in')]);
    writeFileSync(join(paths.state, 'records.log'), 'x\ny\n');
    expect((await verifyFolder(folder, TRUSTED)).chain.problems[0]).toContain('line 1 of');
  });

  test('with records of two installers has two chains', () => {
    const [a, b, c] = three.map(({ signed }) => signed);
    const other = certificatesOf([recordContent('XO-1'), recordContent('XO-2')]).map(({ signed }) => signed);
    expect(chainProblems([c!, a!, b!, ...other])).toEqual([]);
    expect(chainProblems([a!, b!, { ...b!, hash: 'f'.repeat(64) }])).toEqual([
      'record 2 (WO-2) is not the only one that follows record 1',
    ]);
  });

  test.each(['keys.json', 'trusted-signers.json'])('%s tells whom to trust', (name) => {
    const folder = newFolder();
    createWorkspace(folder, { name: 'R. Sharma', passphrase: 'correct horse', work: { n: 2, r: 1, p: 1 } });
    const signers = parseTrust(readFileSync(join(folder, name), 'utf8'), name);
    expect(signers).toEqual([
      { name: 'R. Sharma', algorithm: 'ed25519', publicKey: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });
});
