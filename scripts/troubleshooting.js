/** Writes docs/troubleshooting.md from the table of `cosem doctor`, of the built package. */
import { writeFileSync } from 'node:fs';
import { troubleshooting } from '../dist/bin/doctor/mistakes.js';

writeFileSync(new URL('../docs/troubleshooting.md', import.meta.url), troubleshooting());
