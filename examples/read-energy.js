// Reads the energy of an Indian meter over TCP as client 48, ciphered. Keys come from the environment, in hexadecimal:
//   METER_SECRET=… METER_EK=… METER_AK=… OUR_TITLE=… node examples/read-energy.js 192.168.1.10:4059
import { CosemError, fromHex, is15959, open, readingsOf, StateError } from 'cosem';
import { FileCounterStore, tcp } from 'cosem/node';

const [host, port = '4059'] = (process.argv[2] ?? '192.168.1.10:4059').split(':');

function octets(name) {
  const hex = process.env[name];
  if (!hex) throw new StateError(`${name} is not set`, { hint: 'it holds hexadecimal digits' });
  return fromHex(hex);
}

async function readEnergy() {
  const meter = await open(tcp(host, Number(port)), {
    framing: 'wrapper',
    client: 48,
    secret: octets('METER_SECRET'), // hls2; lls has `password` instead
    security: {
      systemTitle: octets('OUR_TITLE'), // eight octets, ours
      encryptionKey: octets('METER_EK'),
      authenticationKey: octets('METER_AK'),
      counters: new FileCounterStore(process.env.COUNTERS ?? 'counters'), // under a live key no counter may come twice
      readInvocationCounter: '0.0.43.1.3.255', // read first, as the public client; 0.0.43.1.2.255 for client 32
    },
  });
  try {
    for (const outcome of await meter.readings(readingsOf(is15959, 'energy'))) {
      if (outcome.ok) console.log(`${outcome.value.name}: ${outcome.value.text}`);
      else console.error(outcome.error.message);
    }
  } finally {
    await meter.close(); // releases the association, disconnects, closes the line
  }
}

// What is wrong with the options is told by the same errors as what is wrong with the meter.
try {
  await readEnergy();
} catch (error) {
  if (!(error instanceof CosemError)) throw error;
  console.error(error.text);
  process.exitCode = 1;
}
