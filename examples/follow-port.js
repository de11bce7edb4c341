// Follows the customer port of a meter and prints a line of JSON for each push: pipe it into what your home needs.
//   node examples/follow-port.js /dev/ttyUSB0 [encryption key [authentication key]]
import { CosemError, followPort, fromHex } from 'cosem';
import { serial } from 'cosem/node';

const [path = '/dev/ttyUSB0', ek, ak = ek] = process.argv.slice(2);

async function follow() {
  // 2400 8E1 is that of M-Bus ports; a P1 port stands at 115200 8N1: { baudRate: 115_200 }.
  const pushes = followPort(serial(path, { baudRate: 2400, parity: 'even' }), {
    ...(ek && { keys: { encryption: fromHex(ek), authentication: fromHex(ak) } }),
    // Many utilities encrypt alone, or give one key only: nothing proves who made such a push.
    acceptUnauthenticated: true,
  });
  pushes.on('refused', ({ error }) => console.error(error.message));
  pushes.on('incomplete', ({ reason }) => console.error(reason));
  pushes.on('discarded', ({ reason }) => console.error(reason));
  pushes.on('lost', ({ error }) => console.error(`${error.message}; it is tried again`));
  await pushes.listening;
  console.error(`listening on ${path}`);
  for await (const { sender: meter, authenticated: proved, readings } of pushes) {
    const values = readings.map(({ name, text }) => [name, text]);
    console.log(JSON.stringify({ meter, proved, ...Object.fromEntries(values) }));
  }
}

try {
  await follow();
} catch (error) {
  if (!(error instanceof CosemError)) throw error;
  console.error(error.text);
  process.exitCode = 1;
}
