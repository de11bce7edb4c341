// Follows the customer port of a meter and prints a line of JSON for each push: pipe it into what your home needs.
//   node examples/follow-port.js /dev/ttyUSB0 [encryption key [authentication key]]
import { CosemError, fromHex, NotificationReceiver, PushReceiver } from 'cosem';
import { nodeCrypto, serial } from 'cosem/node';

const [path = '/dev/ttyUSB0', ek, ak = ek] = process.argv.slice(2);

async function follow() {
  const keys = ek && { encryption: fromHex(ek), authentication: fromHex(ak) };
  const receiver = new PushReceiver({
    // Many utilities encrypt alone, or give one key only: nothing proves who made such a push.
    notifications: new NotificationReceiver({ crypto: nodeCrypto, keysOf: () => keys, acceptUnauthenticated: true }),
  });
  // 2400 8E1 is that of M-Bus ports; a P1 port stands at 115200 8N1: { baudRate: 115_200 }.
  await serial(path, { baudRate: 2400, parity: 'even' }).open({
    data: (chunk) => show(receiver.receive(chunk)),
    closed: () => show(receiver.flush()),
  });
}

function show(events) {
  for (const event of events) {
    if (event.type === 'push') {
      const { sender: meter, authenticated: proved, readings } = event.push;
      const values = readings.map(({ name, text }) => [name, text]);
      console.log(JSON.stringify({ meter, proved, ...Object.fromEntries(values) }));
    } else console.error(event.error?.message ?? event.reason);
  }
}

try {
  await follow();
  console.error(`listening on ${path}`);
} catch (error) {
  if (!(error instanceof CosemError)) throw error;
  console.error(error.hint ? `${error.message}\n${error.hint}` : error.message);
  process.exitCode = 1;
}
