import { defineConfig } from 'vitest/config';
import { alias } from './vitest.alias.js';

/** Where CI wants the results as JSON, so that it can count them. */
const report = process.env.COSEM_TEST_REPORT;

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts', 'examples/*/*.test.ts'],
    // Vitest leaves one core to itself; on the two of a CI machine that is half of them.
    maxWorkers: '100%',
    // A guard against what never ends, no measure: on a machine with much else to do, a long test takes ten times its time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
  },
});
