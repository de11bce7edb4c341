// A meter of one's own: a temperature logger that any DLMS client reads. `node examples/temperature-logger.js [PORT]`

import { CosemDateTime } from 'cosem';
import { i16, octets, Register } from 'cosem/classes';
import { tcpServer } from 'cosem/node';
import { LogicalDevice, lls, object, profile, publicClient, serve } from 'cosem/server';

const TEMPERATURE = '0.0.96.9.0.255';
const CLOCK = '0.0.1.0.0.255';

// In place of a sensor: tenths of a degree, warmer by day.
const measured = () => i16(Math.round(180 + 60 * Math.sin((Date.now() / 86_400_000) * 2 * Math.PI)));
const now = () => CosemDateTime.fromDate(new Date(), 0);
const log = [];
const capture = () => {
  log.push([octets(now().toBytes()), measured()]);
  if (log.length > 1440) log.shift();
};
capture();
setInterval(capture, 60_000).unref();

const everybody = { read: ['public', 'reader'] };
const password = process.env.LOGGER_PASSWORD ?? 'ABCDEFGH';
const device = new LogicalDevice({
  name: 'TMP0000001',
  associations: [publicClient(), lls({ client: 32, password })],
});
device.add(object(Register, TEMPERATURE, { value: measured, scalerUnit: { scaler: -1, unit: '°C' } }, everybody));
const columns = [`8:${CLOCK}:2`, `3:${TEMPERATURE}:2`];
device.add(profile('1.0.99.1.0.255', { columns, rows: () => log, period: 60, capacity: 1440 }, everybody));

const { host, port } = await serve(device, tcpServer({ port: Number(process.argv[2] ?? 4059) }));
console.log(`listening on ${host}:${port}`);
