// Reads a meter from within the page: a virtual one, or one on an optical probe by Web Serial.
import {
  CosemError,
  fromHex,
  is15959,
  type Meter,
  type OpenOptions,
  open,
  type ProfileRow,
  readingsOf,
  systemClock,
} from 'cosem';
import { createMeter, openOptionsOf } from 'cosem/simulator';
import { type WebSerialPort, webSerial } from 'cosem/web';

const element = <E extends Element>(selector: string): E => {
  const found = document.querySelector<E>(selector);
  if (found === null) throw new Error(`the page has no ${selector}`);
  return found;
};
/** What is used of Web Serial here; the package `@types/w3c-web-serial` has all of it. */
const { serial } = navigator as { readonly serial?: { requestPort(): Promise<WebSerialPort> } };
const form = element<HTMLFormElement>('#how');
const status = element<HTMLElement>('#status');

const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });

async function openVirtual(): Promise<Meter> {
  return open(await virtual.line(), openOptionsOf(virtual, 'reader'));
}

async function openProbe(fields: FormData): Promise<Meter> {
  // The browser asks the user which port; that needs the click that led here.
  if (serial === undefined) throw new Error('this browser has no Web Serial');
  const port = await serial.requestPort();
  // Control lines power most probes.
  return open(webSerial(port, { baudRate: 9600, dtr: 'on', rts: 'on' }), connectionOf(fields));
}

/** The public client, or client 32 where there are keys. */
function connectionOf(fields: FormData): OpenOptions {
  const text = (name: string) => String(fields.get(name) ?? '');
  if (text('encryptionKey') === '') return { client: 16 };
  const encryptionKey = fromHex(text('encryptionKey'));
  return {
    client: 32,
    password: text('password'),
    security: {
      systemTitle: fromHex('45584D0000000002'), // ours: eight octets
      encryptionKey,
      authenticationKey: text('authenticationKey') === '' ? encryptionKey : fromHex(text('authenticationKey')),
      policy: 'encryption',
      readInvocationCounter: '0.0.43.1.2.255', // the meter keeps the counter: a page forgets
    },
  };
}

async function show(meter: Meter): Promise<void> {
  const values = element<HTMLElement>('#values');
  values.replaceChildren();
  element<HTMLElement>('#result').hidden = false;
  element<HTMLElement>('#load').hidden = true;
  for await (const outcome of meter.readings([
    ...readingsOf(is15959, 'nameplate'),
    ...readingsOf(is15959, 'clock'),
    ...readingsOf(is15959, 'energy'),
  ])) {
    if (!outcome.ok) continue; // this client may not see it
    const term = document.createElement('dt');
    const value = document.createElement('dd');
    term.textContent = outcome.value.name;
    value.textContent = outcome.value.text;
    values.append(term, value);
  }
  try {
    draw(await meter.profile('1.0.99.1.0.255').rows({ last: 48 }));
  } catch (error) {
    if (!(error instanceof CosemError) || error.code !== 'access') throw error; // the public client sees no load
  }
}

function draw(rows: readonly ProfileRow[]): void {
  const energies = rows.map((row) => row.get('1.0.1.29.0.255').value?.toNumber() ?? 0);
  const most = Math.max(...energies, 1);
  const width = 480 / rows.length;
  const bars = energies.map((energy, index) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    const height = (100 * energy) / most;
    for (const [name, value] of Object.entries({ x: index * width, y: 100 - height, width: width * 0.8, height }))
      bar.setAttribute(name, String(value));
    return bar;
  });
  element('#blocks').replaceChildren(...bars);
  const [from, to] = document.querySelectorAll('#span span');
  if (from && to)
    [from.textContent, to.textContent] = [rows[0]?.time?.toText() ?? '', rows.at(-1)?.time?.toText() ?? ''];
  element<HTMLElement>('#load').hidden = false;
}

function sentenceOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'NotFoundError') return 'No port was chosen.';
  if (error instanceof CosemError) return error.text;
  return String(error);
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const button = element<HTMLButtonElement>('#read');
  button.disabled = true;
  status.className = '';
  status.textContent = 'Reading …';
  try {
    const meter = await (fields.get('meter') === 'serial' ? openProbe(fields) : openVirtual());
    try {
      await show(meter);
    } finally {
      await meter.close();
    }
    status.textContent = `Read at ${new Date().toLocaleTimeString()}.`;
  } catch (error) {
    status.className = 'failed';
    status.textContent = sentenceOf(error);
  } finally {
    button.disabled = false;
  }
});

form.addEventListener('change', () => {
  element<HTMLElement>('#keys').hidden = new FormData(form).get('meter') !== 'serial';
});
if (serial === undefined) {
  element<HTMLInputElement>('input[value=serial]').disabled = true;
  element<HTMLElement>('#no-serial').hidden = false;
}
