// Hands what a customer port sends to an MQTT broker, with discovery for Home Assistant.
//   node bridge.ts mqtt://127.0.0.1:1883 /dev/ttyUSB0           a serial port, at the usual settings
//   node bridge.ts mqtt://127.0.0.1:1883 tcp:0.0.0.0:4059       meters that push over a network
// Keys come by the environment: METER_EK and, where there is one, METER_AK; user and password of the broker by MQTT_USERNAME, MQTT_PASSWORD.
import { CosemError, fromHex, type ReceivedPush } from 'cosem';
import { type ListenPushesOptions, listenPushes } from 'cosem/node';
import { connectAsync, type MqttClient } from 'mqtt';
import { discoveryOf, idOf, sensorOf, stateTopic } from './sensors.ts';

const AVAILABILITY = 'cosem/bridge/availability';
/** Whoever can write to the line can call himself as he likes. */
const MOST_METERS = 16;

const [broker = 'mqtt://127.0.0.1:1883', port = '/dev/ttyUSB0'] = process.argv.slice(2);

/** `tcp:HOST:PORT`, or the path of a serial port. */
function placeOf(text: string): ListenPushesOptions {
  const [, host, number] = /^tcp:(.+):(\d+)$/.exec(text) ?? [];
  return host === undefined ? { serial: text } : { tcp: { host, port: Number(number) } };
}

function keysOf({
  METER_EK: ek,
  METER_AK: ak,
}: NodeJS.ProcessEnv): Pick<ListenPushesOptions, 'keys' | 'acceptUnauthenticated'> {
  if (ek === undefined) return {};
  const encryption = fromHex(ek);
  // With one key alone nothing proves who sent a push.
  return ak === undefined
    ? { keys: { encryption }, acceptUnauthenticated: true }
    : { keys: { encryption, authentication: fromHex(ak) } };
}

class Bridge {
  readonly #client: MqttClient;
  readonly #meters = new Set<string>();
  /** What Home Assistant was told, by topic. */
  readonly #discoveries = new Map<string, string>();

  constructor(client: MqttClient) {
    this.#client = client;
    // Again after each reconnection: the broker may have been set up anew.
    client.on('connect', () => this.#hello());
    this.#hello();
  }

  #hello(): void {
    for (const [topic, payload] of this.#discoveries) this.#retain(topic, payload);
    this.#retain(AVAILABILITY, 'online');
  }

  #retain(topic: string, payload: string): void {
    this.#client.publish(topic, payload, { retain: true, qos: 1 });
  }

  pass({ from, sender, readings }: ReceivedPush): void {
    // Telegrams in clear do not name their meter as a rule: then it is the port, or the host that they came from.
    const meter = idOf(sender ?? /^tcp (.+):\d+$/.exec(from)?.[1] ?? port);
    this.#meters.add(meter);
    if (this.#meters.size > MOST_METERS) {
      this.#meters.delete(meter);
      throw new RangeError(`more than ${MOST_METERS} meters; ${meter} is left out`);
    }
    const sensors = readings.flatMap((reading) => sensorOf(reading) ?? []);
    for (const sensor of sensors) {
      const { topic, payload } = discoveryOf(meter, sensor, AVAILABILITY);
      if (this.#discoveries.has(topic)) continue;
      this.#discoveries.set(topic, payload);
      this.#retain(topic, payload);
    }
    // While the broker is away nothing is kept: a newer value follows.
    const state = JSON.stringify(Object.fromEntries(sensors.map(({ id, value }) => [id, value])));
    if (this.#client.connected) this.#client.publish(stateTopic(meter), state);
  }
}

async function run(): Promise<void> {
  const { MQTT_USERNAME: username, MQTT_PASSWORD: password } = process.env;
  const security = keysOf(process.env);
  const pushes = listenPushes({ ...placeOf(port), ...security, reconnect: { first: true } });
  pushes.on('refused', ({ from, error }) => console.error(`${from}: ${error.message}`));
  pushes.on('incomplete', ({ from, reason }) => console.error(`${from}: ${reason}`));
  pushes.on('discarded', ({ from, reason }) => console.error(`${from}: ${reason}`));
  pushes.on('lost', ({ from, error }) => console.error(`${from}: ${error.message}; it is tried again`));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void pushes.close());

  const will = { topic: AVAILABILITY, payload: Buffer.from('offline'), retain: true, qos: 1 } as const;
  const login = { ...(username && { username }), ...(password && { password }) };
  let client: MqttClient | undefined;
  try {
    client = await connectAsync(broker, { ...login, will }, false);
    client.on('error', ({ message }) => console.error(`${broker}: ${message}`));
    const bridge = new Bridge(client);
    const places = await pushes.listening;
    const names = places.map((place) => ('host' in place ? `${place.host}:${place.port}` : place.name));
    console.error(`listening on ${names.join()}`);
    for await (const push of pushes) {
      try {
        if (security.keys && push.protection === 'none')
          throw new RangeError('a push in clear is not passed on, as there are keys');
        bridge.pass(push);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        console.error(`${push.from}: ${error.message}`);
      }
    }
    await client.publishAsync(AVAILABILITY, 'offline', { retain: true, qos: 1 });
  } finally {
    await pushes.close();
    await client?.endAsync();
  }
}

try {
  await run();
} catch (error) {
  if (!(error instanceof Error) || !(error instanceof CosemError || 'code' in error)) throw error;
  console.error(error instanceof CosemError ? error.text : error.message || error);
  process.exitCode = 1;
}
