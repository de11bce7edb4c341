/** The utility's services, on this machine alone. */

import { join } from 'node:path';
import { aborted, type Run, stateFolder, wholeIn } from 'cosem/command';
import { counted } from 'cosem/inspect';
import type { ShortMessage } from '../src/index.js';

/** Serves until the signal. What a telephone would show is shown here. @throws UsageError, LinkError */
export async function serveVerification({ io, output }: Run, named?: string): Promise<void> {
  const { createVerificationService } = await import('../src/index.js');
  const port = named === undefined ? 0 : wholeIn(named, '--verification-service', 0, 65_535);
  const send = ({ workOrder, mobileLast4, code, expires }: ShortMessage) => {
    output.documentLine({ event: 'message', workOrder, mobileLast4, otp: code.reveal(), expires: iso(expires) });
    output.line(
      `Short message to ******${mobileLast4} (${workOrder}): your OTP is ${code.reveal()}. The meter is free of charge.`,
    );
  };
  const attempts = join(stateFolder(io), 'verification-service');
  const service = await createVerificationService({ port, send, attempts });
  try {
    output.documentLine({ event: 'ready', service: service.url, port: service.port });
    output.heading(
      'Test verification service: its short messages go to this screen. For tests and demonstrations alone.',
    );
    output.line(`Listening on ${service.url}. Ctrl-C stops it.`);
    output.line();
    output.line('Use it with');
    output.line(`  ${output.style('bold', `cosem commission ORDER --verifier ${service.url} --url ${service.url}`)}`);
    await aborted(io.signal);
  } finally {
    await service.close();
  }
  output.note(`The service has stopped. It had taken ${counted(service.records.length, 'record')}.`);
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
