import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '../..');
export const examples = join(root, 'examples');

/** The programs of an example as JavaScript that this Node runs, in a folder from which they find their packages. */
export interface BuiltExample extends AsyncDisposable {
  readonly program: (name: string) => string;
  /** For what they write. */
  readonly folder: string;
}

export async function builtExample(name: string): Promise<BuiltExample> {
  const cache = join(root, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, `example-${name}-`));
  const from = join(examples, name);
  await build({
    entryPoints: readdirSync(from)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(from, file)),
    outdir: folder,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  return {
    program: (program) => join(folder, `${program}.mjs`),
    folder,
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
