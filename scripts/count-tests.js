/**
 * Prints `PASSED FAILED` of a vitest JSON report. A run that went wrong without a failed test (a file that does not load, no report
 * at all, an exit code that is not 0) counts as failed.
 *
 * node scripts/count-tests.js REPORT EXIT-CODE
 */
import { existsSync, readFileSync } from 'node:fs';

const [path = '', status = '1'] = process.argv.slice(2);
const report = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
const passed = report?.numPassedTests ?? 0;
const unloaded = (report?.testResults ?? []).filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
);
let failed = (report?.numFailedTests ?? 0) + unloaded.length;
if (failed === 0 && (status !== '0' || passed === 0)) failed = 1;
console.log(`${passed} ${failed}`);
