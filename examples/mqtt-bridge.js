// Hands what a customer port or a push line brings to MQTT, with discovery for Home Assistant.
//   npm install cosem mqtt
//   node mqtt-bridge.js mqtt://127.0.0.1:1883 /dev/ttyUSB0        a serial port, at the usual settings
//   node mqtt-bridge.js mqtt://127.0.0.1:1883 tcp:0.0.0.0:4059    meters that push over a network
// Keys come by the environment: METER_EK and, where there is one, METER_AK; user and password of the broker by MQTT_USERNAME and MQTT_PASSWORD.
import { CosemError, fromHex } from 'cosem';
import { listenPushes } from 'cosem/node';
import { connectAsync } from 'mqtt';

const [broker = 'mqtt://127.0.0.1:1883', port = '/dev/ttyUSB0'] = process.argv.slice(2);
const { METER_EK, METER_AK, MQTT_USERNAME: username, MQTT_PASSWORD: password } = process.env;
const AVAILABILITY = 'cosem/bridge/availability';
/** Whoever can write to the line can call himself as he likes. */
const MOST_METERS = 16;

/** Device classes of Home Assistant by unit, for numbers that rise for ever and for those of a moment. */
const TOTALS = { Wh: 'energy', varh: 'reactive_energy', 'm³': undefined };
const MOMENTS = {
  W: 'power',
  VA: 'apparent_power',
  var: 'reactive_power',
  V: 'voltage',
  A: 'current',
  Hz: 'frequency',
};
/** By the medium, the first number of a logical name. */
const VOLUMES = { 7: 'gas', 8: 'water', 9: 'water' };

/** What Home Assistant is told of a reading; undefined for what is no number with a unit. */
function sensorOf({ logicalName, unit, value }) {
  if (value === undefined || unit === undefined || unit === 'none') return undefined;
  const [medium, , , quantity] = logicalName.split('.');
  // Group D: 8 is a total since the meter was made; 29 and others begin anew each interval.
  if (Object.hasOwn(TOTALS, unit)) {
    const total = medium !== '1' || quantity === '8';
    return { class: VOLUMES[medium] ?? TOTALS[unit], state: total ? 'total_increasing' : undefined, unit };
  }
  return { class: MOMENTS[unit], state: 'measurement', unit };
}

const topicPart = (text) => text.replace(/[^\w-]/g, '_').slice(0, 64);

async function bridge() {
  const keys = METER_EK && {
    encryption: fromHex(METER_EK),
    ...(METER_AK && { authentication: fromHex(METER_AK) }),
  };
  const pushes = listenPushes({
    ...placeOf(port),
    ...(keys && { keys }),
    acceptUnauthenticated: METER_AK === undefined,
    reconnect: { first: true },
  });
  pushes.on('refused', ({ from, error }) => console.error(`${from}: ${error.message}`));
  pushes.on('incomplete', ({ from, reason }) => console.error(`${from}: ${reason}`));
  pushes.on('lost', ({ from, error }) => console.error(`${from}: ${error.message}; it is tried again`));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => pushes.close());
  const will = { topic: AVAILABILITY, payload: 'offline', retain: true, qos: /** @type {const} */ (1) };
  let client;
  try {
    client = await connectAsync(broker, { username, password, will }, false);
    const sensors = new Map();
    const announce = ([topic, config]) => client.publish(topic, config, { retain: true, qos: 1 });
    const online = () => {
      // A broker that was set up anew knows of nothing.
      for (const sensor of sensors) announce(sensor);
      client.publish(AVAILABILITY, 'online', { retain: true, qos: 1 });
    };
    client.on('connect', online);
    client.on('error', ({ message }) => console.error(`${broker}: ${message}`));
    online();
    const places = await pushes.listening;
    console.error(
      `listening on ${places.map((place) => ('host' in place ? `${place.host}:${place.port}` : place.name)).join()}`,
    );
    const meters = new Set();
    for await (const push of pushes) {
      // Where meters have keys, what comes in clear proves nothing.
      if (keys && push.protection === 'none') {
        console.error(`${push.from}: a push in clear is not passed on, as there are keys`);
        continue;
      }
      // Telegrams do not name their meter as a rule: then it is the port, or the host that they came from.
      const meter = topicPart(push.sender ?? /^tcp (.+):\d+$/.exec(push.from)?.[1] ?? port);
      if (!meters.has(meter) && meters.size >= MOST_METERS) {
        console.error(`${push.from}: more than ${MOST_METERS} meters; ${meter} is left out`);
        continue;
      }
      meters.add(meter);
      const values = {};
      for (const reading of push.readings) {
        const sensor = sensorOf(reading);
        if (sensor === undefined) continue;
        const object = topicPart(reading.logicalName);
        // Text, so that no digit is lost.
        values[object] = reading.value.toString();
        const topic = `homeassistant/sensor/cosem_${meter}/${object}/config`;
        if (sensors.has(topic)) continue;
        sensors.set(topic, configOf({ meter, object, reading, sensor }));
        announce([topic, sensors.get(topic)]);
      }
      // While the broker is away nothing is kept: a newer value follows.
      if (client.connected) client.publish(`cosem/${meter}/state`, JSON.stringify(values));
    }
    await client.publishAsync(AVAILABILITY, 'offline', { retain: true, qos: 1 });
  } finally {
    await pushes.close();
    await client?.endAsync();
  }
}

/** As https://www.home-assistant.io/integrations/sensor.mqtt/ has it. */
function configOf({ meter, object, reading, sensor }) {
  return JSON.stringify({
    name: reading.name,
    unique_id: `cosem_${meter}_${object}`,
    state_topic: `cosem/${meter}/state`,
    value_template: `{{ value_json['${object}'] }}`,
    availability_topic: AVAILABILITY,
    unit_of_measurement: sensor.unit,
    device_class: sensor.class,
    state_class: sensor.state,
    device: { identifiers: [`cosem_${meter}`], name: `Meter ${meter}` },
    origin: { name: 'cosem' },
  });
}

/** `tcp:HOST:PORT`, or the path of a serial port. */
function placeOf(text) {
  const [, host, number] = /^tcp:(.+):(\d+)$/.exec(text) ?? [];
  return number === undefined ? { serial: text } : { tcp: { host, port: Number(number) } };
}

try {
  await bridge();
} catch (error) {
  // What is wrong at the broker has a code, as Node's errors do; anything else is a fault of this program.
  const { code, message, hint } = /** @type {{ code?: string; message: string; hint?: string }} */ (error ?? {});
  if (!(error instanceof CosemError) && code === undefined) throw error;
  console.error(message === '' ? `${broker}: ${code}` : message);
  if (hint) console.error(hint);
  process.exitCode = 1;
}
