// Reads the clock as the public client, over a serial line or TCP:
//   node examples/read-attribute.js /dev/ttyUSB0        HDLC at 9600 8N1
//   node examples/read-attribute.js 127.0.0.1:4059      wrapper over TCP

import { CosemError, open } from 'cosem';
import { serial, tcp } from 'cosem/node';

const where = process.argv[2] ?? '127.0.0.1:4059';
const [, host, port] = /^(.+):(\d+)$/.exec(where) ?? [];

try {
  const meter = await open(host ? tcp(host, Number(port)) : serial(where), {
    framing: host ? 'wrapper' : 'hdlc',
    client: 16,
  });
  try {
    const time = await meter.get(meter.clock().time);
    console.log(time.toText());
  } finally {
    await meter.close();
  }
} catch (error) {
  if (!(error instanceof CosemError)) throw error;
  console.error(error.text);
  process.exitCode = 1;
}
