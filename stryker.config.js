/** For `npm run mutation` (scripts/mutation.js), which says what is mutated and where the report goes. */
const report = process.env.COSEM_MUTATION_REPORT ?? 'reports/mutation/report.json';

export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts', related: true },
  coverageAnalysis: 'perTest',
  mutator: { excludedMutations: ['StringLiteral'] },
  ignorePatterns: ['dist', '/bench', '/reports'],
  ignoreStatic: true,
  incremental: true,
  reporters: ['clear-text', 'progress-append-only', 'json'],
  clearTextReporter: { allowColor: false, reportTests: false, logTests: false },
  jsonReporter: { fileName: report },
  concurrency: 2,
  // A loop without end is found by its count; the time is a guard, and on a machine with much else to do a test takes ten times its own.
  timeoutMS: 90_000,
  // The first run, unmutated, takes as long as its tests beside whatever else the machine does.
  dryRunTimeoutMinutes: 60,
  tempDirName: '.stryker-tmp',
  cleanTempDir: 'always',
};
