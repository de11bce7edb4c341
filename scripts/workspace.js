import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** The folders of the packages beside `cosem`. */
export function packages(root) {
  const folder = join(root, 'packages');
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name));
}

/** A place that a manifest names, as it is called below the folder that is built. */
export const inDist = (place) => place.replace(/^(?:\.\/)?dist\//, '');

/** What can be imported of a package: specifier, and where its types and code stand. */
export function entriesOf(folder) {
  const { name, exports } = manifestOf(folder);
  return Object.entries(exports)
    .filter(([path]) => path !== './package.json')
    .map(([path, places]) => [name + path.slice(1), places]);
}
