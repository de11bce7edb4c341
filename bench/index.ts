/** `npm run bench`: every measurement beside its reference from the same run, with its target. */

import { print, type Row } from './harness.js';
import { profile } from './profile.js';

const benches: readonly (() => Row[] | Promise<Row[]>)[] = [profile];

const rows: Row[] = [];
for (const bench of benches) rows.push(...(await bench()));
print(rows);
if (rows.some(({ ok }) => !ok)) process.exitCode = 1;
