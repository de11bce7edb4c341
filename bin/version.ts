import { readFileSync } from 'node:fs';

/** The version of the package `cosem`. */
export function cosemVersion(): string {
  // From a chunk of dist, from dist/bin and from bin alike: the nearest package.json above is ours.
  for (const up of ['../package.json', '../../package.json', '../../../package.json']) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (manifest.name === 'cosem') return manifest.version;
    } catch {
      // Not there: one step up.
    }
  }
  return 'unknown';
}
