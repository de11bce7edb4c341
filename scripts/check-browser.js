/** Bundles the isomorphic entries for a browser: anything of Node that an entry reaches makes this fail. */
import { resolve } from 'node:path';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
for (const entry of ['index', 'protocol', 'classes', 'inspect', 'tools', 'server', 'web'].map(
  (name) => `src/${name}.ts`,
)) {
  // With platform `browser` nothing provides Node's modules, with or without `node:`.
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'error',
  });
  const external = Object.values(result.metafile.outputs).flatMap((output) => output.imports.map((i) => i.path));
  if (external.length > 0) throw new Error(`${entry} leaves imports in the bundle: ${external.join(', ')}`);
  const size = result.outputFiles[0].contents.length;
  if (size === 0) throw new Error(`${entry} makes an empty bundle`);
  console.log(`${entry}: ${Math.round(size / 1024)} KiB`);
}
