/** Lets a file be run as a command, as npm does when it links or installs it: a new build must not undo that. */
import { chmodSync } from 'node:fs';

for (const file of process.argv.slice(2)) chmodSync(file, 0o755);
