import { type OpenOptions, systemClock, type Transport } from 'cosem';
import { nodeCrypto } from 'cosem/node';
import { memoryPair } from 'cosem/protocol';
import type { DeviceObject } from 'cosem/server';
import { createMeter, openOptionsOf } from 'cosem/simulator';

/** A virtual meter at the other end of a line of this process, and how its utility association is opened. */
export function connections(...objects: readonly DeviceObject[]): [Transport, OpenOptions] {
  const meter = createMeter('is15959-1ph', { clock: systemClock, crypto: nodeCrypto, seed: 7, objects });
  const [client, server] = memoryPair();
  void meter.attach(server, { framing: 'wrapper' }).catch(() => undefined);
  return [client, { ...openOptionsOf(meter, 'utility'), framing: 'wrapper', crypto: nodeCrypto }];
}
