import { describe, expect, test } from 'vitest';
import { createMeter, openOptionsOf } from '../../simulator/index.js';
import { VirtualLine } from '../../simulator/line.js';
import { toLatin1 } from '../../src/base/bytes.js';
import { VirtualClock } from '../../src/base/clock.js';
import type { Transport } from '../../src/contracts/transport.js';
import { open } from '../../src/index.js';
import type { TraceEvent } from '../../src/tools.js';

/** The client's end as a serial server or a modem gives it: octets go through, the speed is nobody's to change. */
const unchangeable = (end: Transport): Transport => ({
  name: end.name,
  open: (handler) => end.open(handler),
  write: (bytes) => end.write(bytes),
  close: () => end.close(),
});

describe('mode E behind a serial server', () => {
  test('the meter is asked to stay at the speed of its sign-on, and is read there', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 10, 23, 3, 30));
    const line = new VirtualLine(clock, { baudRate: 300, fifo: 1 });
    const meter = createMeter('is15959-1ph', { seed: 7, clock });
    await meter.attach(line.b, { framing: 'mode-e' });
    const sent: string[] = [];
    const trace = (event: TraceEvent) => {
      if (event.type === 'octets' && event.direction === 'sent')
        sent.push(toLatin1(event.bytes.map((octet) => octet & 0x7f)));
    };
    const opened = await clock.run(
      open(unchangeable(line.a), { ...openOptionsOf(meter, 'public'), framing: 'mode-e', clock, trace }),
    );
    const name = await clock.run(opened.get(opened.data('0.0.96.1.0.255').value));
    expect(name.type).toBe('visible-string');
    expect(sent.slice(0, 2)).toEqual(['/?!\r\n', '\x06202\r\n']);
    await clock.run(opened.close());
  });
});
