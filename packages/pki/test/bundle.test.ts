import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');

test('what is built loads reflect-metadata before the library that needs it', () => {
  const built = mkdtempSync(join(tmpdir(), 'cosem-pki-built-'));
  try {
    const bundling = `import('./scripts/bundle.js').then(({ bundle }) => bundle(${JSON.stringify(join(root, 'packages/pki'))}, ${JSON.stringify(built)}))`;
    execFileSync(process.execPath, ['-e', bundling], { cwd: root });
    const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'));
    const texts = files.map((name) => readFileSync(join(built, name), 'utf8'));
    const needing = texts.filter((text) => text.includes("from '@peculiar/x509'"));
    expect(needing.length).toBeGreaterThan(0);
    for (const text of needing) {
      const first = text.indexOf("import 'reflect-metadata'");
      expect(first).toBeGreaterThanOrEqual(0);
      expect(first).toBeLessThan(text.indexOf("from '@peculiar/x509'"));
    }
  } finally {
    rmSync(built, { recursive: true });
  }
});
