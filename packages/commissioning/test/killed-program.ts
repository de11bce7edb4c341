/**
 * A program that commissions a virtual meter in a folder and kills itself after so many operations on files. Its arguments: folder,
 * passphrase, operations.
 */

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const [folder = '', passphrase = '', operations = ''] = process.argv.slice(2);

/** Half of what is written arrives when the power goes in the middle of it. */
function armed(left: number): void {
  const real = { ...fs };
  const die = () => process.kill(process.pid, 'SIGKILL');
  fs.writeSync = ((file: number, bytes: Uint8Array, offset: number) => {
    if (left-- > 0) return real.writeSync(file, bytes, offset);
    real.writeSync(file, bytes, offset, Math.floor((bytes.length - offset) / 2));
    return die();
  }) as typeof fs.writeSync;
  for (const name of ['fsyncSync', 'ftruncateSync', 'renameSync', 'writeFileSync'] as const) {
    const call = real[name] as (...args: unknown[]) => unknown;
    Object.assign(fs, { [name]: (...args: unknown[]) => (left-- > 0 ? call(...args) : die()) });
  }
  syncBuiltinESMExports();
}

const { createMeter } = await import('../../../simulator/index.js');
const { VirtualClock } = await import('../../../src/base/clock.js');
const { ClientMeterPort } = await import('../src/client-meter-port.js');
const { Workspace } = await import('../src/platform/workspace.js');
const { OneTimeCode } = await import('../src/verification.js');
const { open } = await import('../../../src/index.js');
const { nodeCrypto } = await import('../../../src/transport/node-crypto.js');
const { CODE, DOCUMENTS, INSTALLER, OLD_METER, SEALS, SERIAL, START } = await import('./bench.js');

const clock = new VirtualClock(START);
armed(Number(operations));
const workspace = await Workspace.open(folder, { passphrase, clock });
// Each run is some seconds later than the one before.
clock.advance(5000 * runs());
const session = workspace.session('WO-1');
const virtual = createMeter('is15959-1ph', { clock, seed: 7, serial: SERIAL, crypto: nodeCrypto });

function runs(): number {
  const count = Number(fs.existsSync(`${folder}/runs`) ? fs.readFileSync(`${folder}/runs`, 'utf8') : 0) + 1;
  const file = fs.openSync(`${folder}/runs`, 'w');
  fs.writevSync(file, [Buffer.from(String(count))]);
  fs.closeSync(file);
  return count;
}

async function withMeter(work: (port: InstanceType<typeof ClientMeterPort>) => Promise<unknown>): Promise<unknown> {
  const { secret, security, client } = virtual.connections.find(({ name }) => name === 'utility')!;
  const doing = async () => {
    await using meter = await open(await virtual.line({ framing: 'wrapper' }), {
      framing: 'wrapper',
      client,
      clock,
      crypto: nodeCrypto,
      authentication: 'hls2',
      secret: secret!,
      security: {
        systemTitle: security!.clientTitle,
        encryptionKey: security!.encryptionKey,
        authenticationKey: security!.authenticationKey,
        readInvocationCounter: security!.invocationCounter!,
      },
    });
    return await work(new ClientMeterPort(meter, 'is15959/D1'));
  };
  return clock.run(doing());
}

const STEPS = {
  installer: () => session.installer(INSTALLER),
  consumer: () => session.consumer(OneTimeCode.parse(CODE)),
  documents: () => session.documents(DOCUMENTS),
  'old-meter': () => session.oldMeter(OLD_METER),
  'new-meter': () => withMeter((port) => session.newMeter(port, SEALS)),
  clock: () => withMeter((port) => session.clock(port)),
  relay: () => withMeter((port) => session.relay(port)),
  readings: () => withMeter((port) => session.readings(port)),
  events: () => withMeter((port) => session.events(port)),
  index: () => session.index(),
  certificate: () =>
    session.certificate(async (certificate) => {
      workspace.writeCertificate(certificate);
    }),
};

while (session.next !== undefined) {
  const result = (await STEPS[session.next]()) as { ok: boolean };
  if (!result.ok) throw new Error(JSON.stringify(result));
}
workspace.close();
