/** `npm run bench`: every measurement beside its reference from the same run, with its target. */

import { fleet } from './fleet.js';
import { print, type Row } from './harness.js';
import { hdlc } from './hdlc.js';
import { line } from './line.js';
import { memory } from './memory.js';
import { profile } from './profile.js';
import { tcp } from './tcp.js';

const benches: readonly (() => Row[] | Promise<Row[]>)[] = [line, hdlc, profile, memory, tcp, fleet];

const rows: Row[] = [];
for (const bench of benches) rows.push(...(await bench()));
print(rows);
if (rows.some(({ ok }) => !ok)) process.exitCode = 1;
