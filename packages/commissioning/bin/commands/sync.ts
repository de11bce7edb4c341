import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';
import { addFolderOptions } from './commission.js';

/** `cosem sync` */
export function defineSync(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.sync,
      description:
        'Each goes until it is taken, under its own key, so that it counts once. The queue is on disk. COSEM_RECORDS_TOKEN is the ' +
        "bearer token of the utility's endpoint (docs/commissioning-records.openapi.yaml).",
      examples: [
        'cosem sync --folder ~/lucknow',
        'cosem sync --folder ~/lucknow --url https://meters.example.in/api --now',
      ],
    },
    async (run) => (await import('../sync.js')).syncFolder(run),
  );
  addFolderOptions(command)
    .option('--url <address>', "where they go (COSEM_RECORDS, or the policy's services.records)")
    .option('--now', 'do not wait for the time after a failure');
}
