import { configDefaults, defineConfig } from 'vitest/config';
import { alias } from './vitest.alias.js';

/**
 * The tests that judge mutations: those that run in this process and in the virtual clock. The tests of the command start
 * programs that run from `dist`, which a mutation does not reach; those of endurance take too long to run for each mutation.
 */
const all = [
  'test/{apdu,base,client,codec,cosem,hostile,inspect,link,push,security,server,session,simulator}/**/*.test.ts',
];
/** Those that judge the room first (scripts/mutation.js), as globs without the ending; all of them when it names none. */
const nearest = process.env.COSEM_MUTATION_TESTS;

export default defineConfig({
  resolve: { alias },
  test: {
    include: nearest === undefined ? all : (JSON.parse(nearest) as string[]).map((tests) => `${tests}.test.ts`),
    exclude: [
      ...configDefaults.exclude,
      'test/simulator/{year,fleet,load,kill}.test.ts',
      'test/hostile/{fuzz/**,linear-work.test.ts}',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
