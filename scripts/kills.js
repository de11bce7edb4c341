// Kills a client and a meter at every write of theirs, a thousand times, and plays back after each what was recorded: the test of
// test/simulator/kill-replay.test.ts, which does fewer by itself.
//
//   npm run kills            1000 kills
//   npm run kills -- 5000
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [vitest, 'run', 'test/simulator/kill-replay.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, COSEM_KILLS: process.argv[2] ?? '1000' },
});
process.exitCode = status ?? 1;
