/** `cosem sync`: finished records on their way to the utility. */

import { systemClock } from 'cosem';
import { Ended, EXIT, languageOf, type Run, UsageError } from 'cosem/command';
import { HttpRecordSender, inEach, type SyncReport, say, sync, type Workspace } from '../src/index.js';
import { folderLanguage, folderOf, openFolder, Remembered } from './folder.js';

function sender({ io }: Run, url: string, retries: number): HttpRecordSender {
  return new HttpRecordSender({
    url,
    fetch,
    clock: systemClock,
    retries,
    token: () => io.env.COSEM_RECORDS_TOKEN || undefined,
  });
}

function addressOf({ io, options }: Run, workspace: Workspace): string | undefined {
  const named = typeof options.url === 'string' ? options.url : io.env.COSEM_RECORDS || undefined;
  return named ?? workspace.policy.services.records ?? undefined;
}

/** Sends what waits, once and without fuss: what does not go now goes later. Undefined where nobody takes records. */
export async function sendWaiting(run: Run, workspace: Workspace): Promise<SyncReport | undefined> {
  const url = addressOf(run, workspace);
  if (url === undefined) return undefined;
  run.output.progress(say(languageOf(run.io), 'sync-sending-one'));
  // Once more, for a connection kept from the OTP may have been closed by the service meanwhile.
  try {
    return await sync(workspace.outbox, sender(run, url, 1), systemClock, { signal: run.io.signal });
  } finally {
    run.output.endProgress();
  }
}

/** `cosem sync` */
export async function syncFolder(run: Run): Promise<void> {
  const { output, options } = run;
  const folder = folderOf(run);
  const language = await folderLanguage(run, new Remembered(folder), false);
  using workspace = await openFolder(run, folder, language);
  const url = addressOf(run, workspace);
  if (url === undefined) {
    throw new UsageError(inEach('sync-nobody'), inEach('sync-nobody-try'));
  }
  output.progress(say(language, 'sync-sending', { url }));
  const report = await sync(workspace.outbox, sender(run, url, 2), systemClock, {
    now: options.now === true,
    signal: run.io.signal,
  });
  output.endProgress();
  const { refused } = workspace.outbox;
  const waiting = workspace.outbox.waiting.map(({ id, queuedAt, tries, notBefore }) => ({
    id,
    queuedAt: new Date(queuedAt).toISOString(),
    tries,
    notBefore: new Date(notBefore).toISOString(),
  }));
  output.document({ command: 'sync', url, sent: report.sent, waiting, refused: [...refused] });
  output.text(say(language, 'sync-done', { sent: report.sent, waiting: report.waiting }));
  const next = waiting.find(({ tries }) => tries > 0);
  if (next !== undefined) output.text(say(language, 'sync-later', { at: Date.parse(next.notBefore) }));
  for (const id of refused) output.text(say(language, 'sync-refused', { id }));
  if (report.waiting > 0) throw new Ended(EXIT.notConnected);
  if (report.refused > 0) throw new Ended(EXIT.refused);
}
