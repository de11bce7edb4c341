/** `npm run bench`: every measurement beside its reference from the same run, with its target. */

import { cost } from './cost.js';
import { fleet } from './fleet.js';
import { print, type Row } from './harness.js';
import { hdlc } from './hdlc.js';
import { inFlight } from './in-flight.js';
import { line } from './line.js';
import { memory } from './memory.js';
import { pool } from './pool.js';
import { profile } from './profile.js';
import { suites } from './suites.js';
import { tcp } from './tcp.js';

// Figures of the line are of virtual time, the same after everything else; before it they would unsettle what the compiler has warmed up.
const benches: readonly (() => Row[] | Promise<Row[]>)[] = [
  hdlc,
  profile,
  memory,
  suites,
  tcp,
  cost,
  pool,
  fleet,
  inFlight,
  line,
];

const rows: Row[] = [];
for (const bench of benches) rows.push(...(await bench()));
print(rows);
if (rows.some(({ ok }) => !ok)) process.exitCode = 1;
