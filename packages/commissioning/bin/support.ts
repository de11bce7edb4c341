/** The part of this package in a support file. */

import { readFileSync } from 'node:fs';
import type { Support } from 'cosem/command';
import { folderSupport } from '../src/index.js';

export const supportOf: Support = async ({ io, options }) => {
  const folder = typeof options.folder === 'string' ? options.folder : io.env.COSEM_FOLDER || '.';
  return { version: versionOf(), ...(folderSupport(folder) as object) };
};

function versionOf(): string {
  for (const up of ['../package.json', '../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'));
      if (name === 'cosem-commissioning') return version;
    } catch {
      // Not there: one step up.
    }
  }
  return 'unknown';
}
