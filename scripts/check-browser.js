/**
 * Bundles the isomorphic entries for a browser: anything of Node that an entry reaches makes this fail, and so does a bundle that grew beyond its
 * budget. Counted is all that a page loads to do so much, with what is loaded on the way: until `open` gives a meter in clear, the code of its
 * framing too. `open` is taken from where it is written: bundlers that see through the re-exports of an entry, as Rollup does, leave the others
 * out, and esbuild does not. What a page gets from the built package (`dist`) by Rollup is bounded too.
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { rollup } from 'rollup';

const OPEN = `
import { openKnowing } from './src/client/quirks/apply.js';
import { platform } from './src/platform.js';
export const open = (transport, options) => openKnowing(platform, transport, options);
`;
/** Octets, compressed, of what a page loads at the least to do so much. Where it grows for a reason, the budget grows in the same change. */
const BUDGETS = [
  { what: 'open over the wrapper', code: OPEN, loads: /platform\/wrapper\.ts$/, most: 70_000 },
  { what: 'open over HDLC', code: OPEN, loads: /platform\/hdlc\.ts$/, most: 77_000 },
  {
    what: 'open over HDLC by Web Serial',
    code: `${OPEN} export { webSerial } from './src/transport/web-serial.js';`,
    loads: /platform\/hdlc\.ts$/,
    most: 78_500,
  },
  { what: 'a virtual meter', code: "export { createMeter } from 'cosem/simulator'", most: 147_500 },
  { what: 'all of cosem/simulator', code: "export * from 'cosem/simulator'", most: 161_000 },
];
const BUILT_OPEN = "export { open } from 'cosem'";
/** The same from the built package, as Rollup and Vite bundle it: the framing is a file that is loaded later. */
const BUILT = [
  { what: 'open over the wrapper, of dist', code: BUILT_OPEN, loads: /^wrapper-/, most: 58_000 },
  { what: 'open over HDLC, of dist', code: BUILT_OPEN, loads: /^hdlc-/, most: 64_500 },
  { what: 'a virtual meter, of dist', code: "export { createMeter } from 'cosem/simulator'", most: 145_500 },
];
/** What no page loads that has not asked for it. */
const LATER =
  /\/(@noble\/|causes\/|companion\/|cosem\/(names|registry)|security\/|session\/protection|src\/transport\/builtin-crypto|client\/(calls|discover\/discover|profile-reader|readout|readings))/;

const root = resolve(import.meta.dirname, '..');

async function bundle(entry, options) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    ...options,
    bundle: true,
    // With platform `browser` nothing provides Node's modules, with or without `node:`.
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    splitting: true,
    outdir: 'bundle',
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const { outputs } = metafile;
  const external = Object.values(outputs).flatMap(({ imports }) =>
    imports.filter((one) => one.external === true).map(({ path }) => path),
  );
  if (external.length > 0) throw new Error(`${entry} leaves imports in the bundle: ${external.join(', ')}`);
  return { outputs, outputFiles };
}

for (const entry of ['index', 'protocol', 'classes', 'inspect', 'tools', 'server', 'web'].map(
  (name) => `src/${name}.ts`,
)) {
  const { outputFiles } = await bundle(entry, { entryPoints: [entry] });
  const size = outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
  if (size === 0) throw new Error(`${entry} makes an empty bundle`);
  console.log(`${entry}: ${Math.round(size / 1024)} KiB`);
}

for (const { what, code, loads, most } of BUDGETS) {
  const { outputs, outputFiles } = await bundle(what, { stdin: { contents: code, resolveDir: root, loader: 'ts' } });
  const loaded = new Set();
  const load = (path) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const { path: next, kind } of outputs[path].imports) if (kind === 'import-statement') load(next);
  };
  load(Object.keys(outputs).find((path) => outputs[path].entryPoint === '<stdin>'));
  if (loads !== undefined) load(Object.keys(outputs).find((path) => loads.test(outputs[path].entryPoint ?? '')));
  const octets = outputFiles
    .filter(({ path }) => [...loaded].some((one) => resolve(root, one) === path))
    .reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  const all = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents, { level: 9 }).length, 0);
  console.log(
    `${what}: ${(octets / 1000).toFixed(1)} kB compressed, of ${most / 1000}; ${(all / 1000).toFixed(1)} with all that is loaded later`,
  );
  if (octets > most) throw new Error(`${what} takes ${octets} octets compressed, more than ${most}`);
  if (!what.startsWith('open')) continue;
  const early = [...loaded]
    .flatMap((path) => Object.keys(outputs[path].inputs))
    .filter((file) => LATER.test(`/${file}`));
  if (early.length > 0) throw new Error(`${what} loads what not every line needs: ${early.join(', ')}`);
}

for (const { what, code: page, loads, most } of BUILT) {
  const files = new Map((await builtForPage(page)).map((file) => [file.fileName, file]));
  const loaded = new Set();
  const load = (name) => {
    if (!files.has(name) || loaded.has(name)) return;
    loaded.add(name);
    files.get(name).imports.forEach(load);
  };
  const [first] = files.keys();
  load(first);
  if (loads !== undefined) {
    const framing = [...files.keys()].find((name) => loads.test(name));
    if (framing === undefined) throw new Error(`${what}: no file is called like ${loads}`);
    load(framing);
  }
  let octets = 0;
  for (const name of loaded) {
    const { code } = await transform(files.get(name).code, { minify: true });
    octets += gzipSync(code, { level: 9 }).length;
  }
  console.log(`${what}: ${(octets / 1000).toFixed(1)} kB compressed, of ${most / 1000}`);
  if (octets > most) throw new Error(`${what} takes ${octets} octets compressed, more than ${most}`);
}

/** The files of a page made with the built package, which says that nothing happens when its files are loaded. */
async function builtForPage(code) {
  const inDist = (id) => ({ id, moduleSideEffects: false });
  const bundling = await rollup({
    input: 'page',
    plugins: [
      {
        name: 'built',
        resolveId(name, importer) {
          if (name === 'page') return name;
          if (name.startsWith('.')) return inDist(resolve(dirname(importer), name));
          return inDist(fileURLToPath(import.meta.resolve(name)));
        },
        load: (id) => (id === 'page' ? code : undefined),
      },
    ],
  });
  const { output } = await bundling.generate({ format: 'esm', generatedCode: 'es2015' });
  await bundling.close();
  return output;
}
