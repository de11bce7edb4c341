// Reads the energy of every meter of a configuration file, many at a time. In one shell, then in another:
//   npx cosem simulate --fleet 500 --gateway --tcp 127.0.0.1:4059 --write-config town.json
//   node examples/read-town.js town.json [connection]

import { CosemError, MeterPool } from 'cosem';
import { townFrom } from 'cosem/node';

const [file = 'town.json', connection] = process.argv.slice(2);
const inWords = (error) => (error instanceof CosemError ? error.text : String(error));

try {
  const town = townFrom(file, connection ? { connection } : {});
  const pool = new MeterPool({ concurrency: 32, perGateway: 32 });
  for await (const { meter, ok, value, error } of pool.each(town, (one) => one.reading('1.0.1.8.0.255'))) {
    console.log(JSON.stringify({ meter: meter.index, ...(ok ? { energy: value.text } : { error: inWords(error) }) }));
    if (!ok) process.exitCode = 1;
  }
} catch (error) {
  console.error(inWords(error));
  process.exitCode = 1;
}
