// For a browser, through any bundler: a button that reads a meter on an optical probe by Web Serial.

import { open } from 'cosem';
import { webSerial } from 'cosem/web';

document.querySelector('button').addEventListener('click', async () => {
  const port = await navigator.serial.requestPort();
  const meter = await open(webSerial(port, { baudRate: 9600 }), { client: 16 });
  try {
    const time = await meter.get(meter.clock().time);
    document.querySelector('output').textContent = time.toText();
  } finally {
    await meter.close();
  }
});
