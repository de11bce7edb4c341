// Breaks the code on purpose, a small mutation at a time, and says which of them no test noticed (StrykerJS). What is known from
// an earlier run is not run again: reports/mutation/incremental.json. Takes hours for everything; a folder or a file is the usual way.
//
//   npm run mutation                              security, session, link and the kept state of the virtual meter
//   npm run mutation -- src/security src/link/wrapper-link.ts
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const places = process.argv.slice(2).map((place) => (place.endsWith('.ts') ? place : join(place, '**/*.ts')));
const stryker = join(
  dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')),
  'bin/stryker.js',
);
const { status } = spawnSync(
  process.execPath,
  [stryker, 'run', ...(places.length === 0 ? [] : ['--mutate', places.join(',')])],
  // The tests run in a copy of the project, which has no ../shared beside it.
  { cwd: root, stdio: 'inherit', env: { COSEM_SHARED: join(root, '../shared/'), ...process.env } },
);
process.exitCode = status ?? 1;
