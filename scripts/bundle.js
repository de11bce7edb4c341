import { chmodSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { transform } from 'esbuild';
import { rollup } from 'rollup';
import { inDist, manifestOf } from './workspace.js';

/**
 * What `open` needs at once stands in a chunk of its own, so that a page which imports `open` alone loads this, and not what else is used beside it.
 * What is used together by whoever speaks services, or has keys, is one file each. Files of the package `cosem`; packages that have no such
 * files get no such chunk.
 */
const TOGETHER = {
  open: ['src/client/quirks/apply.ts', 'src/platform.ts'],
  services: ['src/apdu/codec.ts'],
  keys: ['src/session/key-agreement.ts', 'src/session/decode-opened.ts', 'src/session/notification-confirm.ts'],
};

/** Packages that are imported for what their loading does: `@peculiar/x509` cannot be loaded before. */
const LOADED_FIRST = new Set(['reflect-metadata']);

/** Where what several entries share stands, below the folder that is built. */
const CHUNKS = 'src/chunks/[name]-[hash].js';

/** The sources of everything that is started or imported of a package, by the names that they get in `dist`. */
function sourcesOf(folder) {
  const { exports, bin = {} } = manifestOf(folder);
  const places = Object.values(exports).flatMap((place) => (typeof place === 'string' ? [] : [place.default]));
  const names = [...places, ...Object.values(bin)].map((place) => inDist(place).replace(/\.js$/, ''));
  return Object.fromEntries(names.map((name) => [name, join(folder, `${name}.ts`)]));
}

/** The files that each chunk of {@link TOGETHER} has: those it names and all that these import, but not what they load later. */
const together = new Map();

function chunkOf(file, folder, getModuleInfo) {
  for (const [name, begin] of Object.entries(TOGETHER)) {
    const key = join(folder, name);
    if (!together.has(key))
      together.set(
        key,
        importedBy(
          begin.map((one) => join(folder, one)),
          getModuleInfo,
        ),
      );
    if (together.get(key).has(file)) return name;
  }
  return undefined;
}

function importedBy(files, getModuleInfo) {
  const found = new Set();
  const visit = (file) => {
    const info = getModuleInfo(file);
    if (found.has(file) || info === null || info.isExternal) return;
    found.add(file);
    info.importedIds.forEach(visit);
  };
  files.forEach(visit);
  return found;
}

/**
 * Reads our sources: esbuild takes types, comments and indentation away, names stay. What people read stands in `dist/sources`. Whatever begins
 * like a package stays an import.
 */
const sources = {
  name: 'sources',
  resolveId(name, importer) {
    if (importer === undefined) return name;
    if (!name.startsWith('.')) return { id: name, external: true };
    return resolve(importer, '..', name).replace(/\.js$/, '.ts');
  },
  load: (file) => readFileSync(file, 'utf8'),
  async transform(code) {
    const tsconfigRaw = { compilerOptions: { target: 'ES2023', verbatimModuleSyntax: true } };
    const options = { loader: 'ts', target: 'node20.19', tsconfigRaw, minifyWhitespace: true, lineLimit: 120 };
    return { code: (await transform(code, options)).code, map: null };
  },
};

/**
 * Bundles all entries of a package at once: a program that starts reads a few files instead of two hundred. What entries share stands in
 * chunks, so that there is one copy of each class whichever entry it comes from. Packages stay imports. The compiler makes the declarations.
 * @param outdir the folder that becomes `dist`.
 * @returns the chunks as rollup tells of them: file, code, imports, modules.
 */
export async function bundle(folder, outdir) {
  const input = sourcesOf(folder);
  const entries = new Set(Object.values(input));
  const bundling = await rollup({
    input,
    plugins: [sources],
    // A file of ours of which nothing is used is not taken along: what loading one does (`apdu/codec.ts`) is for those who use it.
    treeshake: { moduleSideEffects: (file) => entries.has(file) || LOADED_FIRST.has(file) },
    onwarn: (warning) => {
      throw new Error(warning.message);
    },
  });
  const { output } = await bundling.write({
    dir: outdir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: CHUNKS,
    manualChunks: (file, { getModuleInfo }) => chunkOf(file, folder, getModuleInfo),
    // The chunk has just the files that are named, without what else they share with others.
    onlyExplicitManualChunks: true,
    generatedCode: 'es2015',
    hoistTransitiveImports: false,
  });
  await bundling.close();
  for (const place of Object.values(manifestOf(folder).bin ?? {})) chmodSync(join(outdir, inDist(place)), 0o755);
  return output;
}
