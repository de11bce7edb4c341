// Breaks the code on purpose, a small mutation at a time, and says which of them no test noticed (StrykerJS). Each room is judged
// by the tests nearest to it first; what survives those is judged once more by all tests that run in this process. What is known
// from an earlier run is not run again: reports/mutation/ROOM.json. Takes hours for everything; a room or a file is the usual way.
//
//   npm run mutation                              security, session, link and the kept state of the virtual meter
//   npm run mutation -- src/security src/link/wrapper-link.ts
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The rooms, each with the tests that judge it first. */
const ROOMS = {
  'src/security': ['test/security/*', 'test/session/*', 'test/push/*', 'test/inspect/which-key*', 'test/hostile/*'],
  'src/session': ['test/session/*', 'test/hostile/*', 'test/server/*'],
  'src/link': ['test/link/*', 'test/hostile/lines*'],
  'simulator/state': ['test/simulator/{state,started-anew,kill-replay,process-end,reconcile}*'],
};

const root = fileURLToPath(new URL('..', import.meta.url));
const stryker = join(
  dirname(createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')),
  'bin/stryker.js',
);

const places = process.argv.slice(2);
for (const place of places)
  if (roomOf(place) === undefined) {
    console.error(`${place} stands in no room of ${Object.keys(ROOMS).join(', ')}`);
    process.exit(2);
  }

const reports = [];
for (const [room, tests] of Object.entries(ROOMS)) {
  const own = places.length === 0 ? [room] : places.filter((place) => roomOf(place) === room);
  if (own.length === 0) continue;
  const name = room.replaceAll('/', '-');
  const first = run(
    own.map((place) => (place.endsWith('.ts') ? place : `${place}/**/*.ts`)),
    `reports/mutation/${name}`,
    tests,
  );
  const again = survivorsOf(first).map(({ file, location: { start, end } }) =>
    // Stryker counts columns of a range from 0, those of its report from 1.
    [file, `${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`].join(':'),
  );
  const second = again.length === 0 ? undefined : run(again, `reports/mutation/${name}-again`);
  reports.push({ room, first, second });
}

console.log('\nMutations that a test noticed (a time-out is noticed too), of those that a test runs into or should:');
for (const { room, first, second } of reports) {
  const left = second === undefined ? [] : survivorsOf(second);
  const all = mutantsOf(first).filter(
    ({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status),
  ).length;
  console.log(`${room}: ${all - left.length} of ${all} (${(((all - left.length) / all) * 100).toFixed(1)} %)`);
  for (const { file, location, mutatorName, replacement } of left)
    console.log(`  ${file}:${location.start.line}:${location.start.column} ${mutatorName}: ${oneLine(replacement)}`);
}

function roomOf(place) {
  return Object.keys(ROOMS).find((room) => place === room || place.startsWith(`${room}/`));
}

/** One run of Stryker; the path of its report. Ends the process when it could not judge. */
function run(mutate, name, tests) {
  const report = `${name}.report.json`;
  const args = ['run', '--mutate', mutate.join(','), '--incrementalFile', `${name}.json`];
  const { status } = spawnSync(process.execPath, [stryker, ...args], {
    cwd: root,
    stdio: 'inherit',
    // The tests run in a copy of the project, which has no ../shared beside it.
    env: {
      COSEM_SHARED: join(root, '../shared/'),
      ...process.env,
      COSEM_MUTATION_REPORT: report,
      ...(tests === undefined ? {} : { COSEM_MUTATION_TESTS: JSON.stringify(tests) }),
    },
  });
  if (status !== 0 || !existsSync(join(root, report))) process.exit(status || 1);
  return report;
}

function mutantsOf(report) {
  const { files } = JSON.parse(readFileSync(join(root, report), 'utf8'));
  return Object.entries(files).flatMap(([file, { mutants }]) => mutants.map((mutant) => ({ file, ...mutant })));
}

function survivorsOf(report) {
  return mutantsOf(report).filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
}

function oneLine(text = '') {
  return text.replaceAll(/\s+/g, ' ').slice(0, 100);
}
