/** A notification of service class confirmed that comes in an association is confirmed there, as the association protects it. */

import { describe, expect, it } from 'vitest';
import { encodeApdu } from '../../src/apdu/codec.js';
import { VirtualClock } from '../../src/base/clock.js';
import { takeNotification } from '../../src/client/take-notification.js';
import { u32 } from '../../src/codec/make.js';
import { HdlcLink } from '../../src/link/hdlc-link.js';
import { ClientDriver } from '../../src/transport/driver.js';
import { memoryPair } from '../../src/transport/memory.js';
import { serveLink } from '../../src/transport/server.js';
import { rogueCiphering } from '../hostile/rogue-ciphering.js';
import { attribute, CLIENT, SERVER_TITLE, setup } from '../session/harness.js';
import { PlainLink } from '../support/plain-link.js';

const ID = 0x4000_0005;
const asking = (longInvokeId: number) => encodeApdu({ type: 'data-notification', longInvokeId, body: u32(7) });

async function association(context: 'ln' | 'ln-ciphered', framing: 'plain' | 'hdlc', confirmNotifications?: boolean) {
  const ciphered = context === 'ln-ciphered';
  const { client, server, definition } = setup({
    context,
    mechanism: ciphered ? 1 : 0,
    ...(ciphered ? { policy: 'authenticated-encryption' as const } : {}),
  });
  const clock = new VirtualClock();
  const [near, far] = memoryPair({ delivery: 'synchronous' });
  const came: Uint8Array[] = [];
  const [ours, theirs] =
    framing === 'plain'
      ? [new PlainLink('client'), new PlainLink('server')]
      : [new HdlcLink('client', { client: CLIENT, server: 1 }), new HdlcLink('server', { devices: [1] })];
  const served = await serveLink(far, theirs, clock, {
    payload: ({ bytes }) => {
      // The rest are requests.
      if ((bytes[0] === 0x10 || bytes[0] === 0xdb) && server.session(CLIENT, 1)?.confirms(bytes, ID) === true) {
        came.push(bytes);
        return 'none';
      }
      return server.handle(CLIENT, 1, bytes, 0);
    },
  });
  const order: string[] = [];
  const refused: unknown[] = [];
  const driver: ClientDriver = new ClientDriver(near, ours, clock, {
    onUnsolicited: ({ bytes }) =>
      takeNotification(
        {
          session: client,
          clock,
          received: undefined,
          driver,
          options: {
            ...(confirmNotifications === undefined ? {} : { confirmNotifications }),
            onNotification: () => order.push(`told, ${came.length} confirmed`),
            trace: (event) => refused.push(event),
          },
        },
        bytes,
      ),
  });
  await clock.run(driver.connect());
  await clock.run(driver.run(client.associate()));
  const read = () => clock.run(driver.run(client.get([attribute(3, '1.0.1.8.0.255', 2)])));
  return { driver, came, order, refused, served, read, clock, client, definition };
}

describe.each(['ln', 'ln-ciphered'] as const)('in an association of context %s', (context) => {
  it.each(['plain', 'hdlc'] as const)(
    'a notification that asks is confirmed once it was told of (%s)',
    async (framing) => {
      const { served, came, order, refused, read, clock, definition } = await association(context, framing, true);
      const notification =
        context === 'ln'
          ? asking(ID)
          : rogueCiphering(SERVER_TITLE, 1000).seal(asking(ID), 'general-glo', 'authenticated-encryption');
      served.push(notification, framing === 'hdlc' ? { client: CLIENT, server: 1, unconfirmed: true } : {});
      await clock.run(Promise.resolve());
      // In HDLC the meter speaks when it has the turn.
      definition.security?.counters.raise('server', 5000);
      expect(await read()).toEqual([{ data: u32(123456) }]);
      expect([order, refused, came.length]).toEqual([['told, 0 confirmed'], [], 1]);
    },
  );
});

describe('nothing is confirmed', () => {
  it.each([
    ['where it is not asked for', 5, true],
    ['where that is not switched on', ID, undefined],
  ] as const)('%s', async (_, id, confirm) => {
    const { served, came, order, read } = await association('ln', 'plain', confirm);
    served.push(asking(id));
    await read();
    expect([order.length, came.length]).toEqual([1, 0]);
  });

  it('after the association has ended: that is told, and ends nothing', async () => {
    const { served, refused, came, clock, client, driver } = await association('ln', 'plain', true);
    await clock.run(driver.run(client.release()));
    served.push(asking(ID));
    await clock.run(Promise.resolve());
    expect([came.length, refused.length, driver.connected]).toEqual([0, 1, true]);
  });
});
