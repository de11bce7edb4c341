// A customer port to try the bridge with: the ciphered P1 telegrams of a virtual meter, as in Luxembourg, one a second.
//   socat pty,raw,echo=0,link=/tmp/meter pty,raw,echo=0,link=/tmp/home &
//   node port.ts /tmp/meter
import { createWriteStream } from 'node:fs';
import { fromHex, systemClock, type Transport } from 'cosem';
import { createMeter } from 'cosem/simulator';

const [path = '/tmp/meter'] = process.argv.slice(2);
const keys = {
  encryption: fromHex('000102030405060708090A0B0C0D0E0F'),
  authentication: fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF'),
};

const out = createWriteStream(path);
/** A line that only sends. */
const line: Transport = {
  name: path,
  open: async () => {},
  write: (octets) => {
    out.write(octets);
  },
  close: async () => {
    out.end();
  },
};

const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
await virtual.customerPort(line, { form: 'p1-lu', keys, interval: 1000 });
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => virtual.stop());
