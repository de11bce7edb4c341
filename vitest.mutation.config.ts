import { configDefaults, defineConfig } from 'vitest/config';
import { alias } from './vitest.alias.js';

/**
 * The tests that judge mutations: those that run in this process and in the virtual clock. The tests of the command start
 * programs that run from `dist`, which a mutation does not reach; those of endurance take too long to run for each mutation.
 */
export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/{apdu,base,client,codec,cosem,hostile,link,push,security,server,session,simulator}/**/*.test.ts'],
    exclude: [...configDefaults.exclude, 'test/simulator/{year,reconcile,fleet,load,kill}.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
