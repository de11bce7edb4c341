// A customer port to try the bridge with: a ciphered P1 telegram every second, as in Luxembourg, with the values of a virtual meter.
//   socat pty,raw,echo=0,link=/tmp/meter pty,raw,echo=0,link=/tmp/home &
//   node port.ts /tmp/meter
import { createCipheriv } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { fromHex, open, systemClock } from 'cosem';
import { createMeter, openOptionsOf } from 'cosem/simulator';

const [path = '/tmp/meter'] = process.argv.slice(2);
const KEY = fromHex('000102030405060708090A0B0C0D0E0F');
const AUTHENTICATION = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');
const TITLE = fromHex('5341470000000001');

/** The sum at the end of a telegram: CRC-16, reflected. */
function crc16(octets: Uint8Array): string {
  let crc = 0;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

function telegram(lines: readonly string[]): Buffer {
  const text = `/SAG5SAG-METER\r\n\r\n${lines.join('\r\n')}\r\n!`;
  return Buffer.from(`${text}${crc16(Buffer.from(text, 'latin1'))}\r\n`, 'latin1');
}

/** General-glo-ciphering as P1 companions have it: tag, title, length, security control, counter, ciphertext, tag of 12 octets. */
function sealed(plain: Buffer, counter: number): Buffer {
  const frame = Buffer.alloc(4);
  frame.writeUInt32BE(counter);
  const control = Buffer.of(0x30);
  const cipher = createCipheriv('aes-128-gcm', KEY, Buffer.concat([TITLE, frame]), { authTagLength: 12 });
  cipher.setAAD(Buffer.concat([control, AUTHENTICATION]));
  const content = Buffer.concat([control, frame, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  const length = Buffer.of(0x82, content.length >> 8, content.length & 255);
  return Buffer.concat([Buffer.of(0xdb, TITLE.length), TITLE, length, content]);
}

const virtual = createMeter('is15959-1ph', { clock: systemClock, seed: 7 });
const meter = await open(await virtual.line({ framing: 'wrapper' }), {
  framing: 'wrapper',
  ...openOptionsOf(virtual, 'reader'),
});
const kilo = async (name: string) => ((await meter.reading(name)).value?.toNumber() ?? 0) / 1000;

const out = createWriteStream(path);
const timer = setInterval(async () => {
  const energy = (await kilo('1.0.1.8.0.255')).toFixed(3).padStart(10, '0');
  const power = (await kilo('1.0.1.7.0.255')).toFixed(3).padStart(6, '0');
  out.write(
    sealed(
      telegram([`1-0:1.8.0(${energy}*kWh)`, `1-0:1.7.0(${power}*kW)`, '1-0:32.7.0(230.1*V)']),
      Math.floor(Date.now() / 1000),
    ),
  );
}, 1000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    clearInterval(timer);
    await meter.close();
    virtual.stop();
    out.end();
  });
}
