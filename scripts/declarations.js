import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { entriesOf, inDist } from './workspace.js';

/** Below the folder that is built. Beside the declarations the compiler of a stranger would take sources in their place. */
const SOURCES = 'sources';

/**
 * Keeps the declarations that an entry of the package leads to, drops the others, and puts the sources that their maps name into `dist`: from a
 * name an editor goes to where it is written.
 * @param built the folder that becomes `dist`.
 */
export function leadToSources(folder, built) {
  const reached = reachedFrom(entriesOf(folder).map(([, { types }]) => join(built, inDist(types))));
  for (const file of readdirSync(built, { recursive: true }).map((path) => join(built, path))) {
    const declaration = /\.d\.ts(?:\.map)?$/.test(file) ? file.replace(/\.map$/, '') : undefined;
    if (declaration !== undefined && !reached.has(declaration)) rmSync(file);
  }
  for (const file of reached) {
    const source = relative(built, file).replace(/\.d\.ts$/, '.ts');
    const copy = join(built, SOURCES, source);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(folder, source), copy);
    const map = JSON.parse(readFileSync(`${file}.map`, 'utf8'));
    const sources = [relative(dirname(file), copy).replaceAll('\\', '/')];
    writeFileSync(`${file}.map`, JSON.stringify({ ...map, sources }));
  }
}

/** Those files, and whatever they import, directly or not. */
function reachedFrom(files) {
  const reached = new Set();
  const ahead = [...files];
  for (let file = ahead.pop(); file !== undefined; file = ahead.pop()) {
    if (reached.has(file)) continue;
    reached.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles) {
      if (fileName.startsWith('.')) ahead.push(resolve(dirname(file), fileName.replace(/\.js$/, '.d.ts')));
    }
  }
  return reached;
}
