/** `cosem simulate --customer-port`: the port for the customer, on a serial line or for connections. */

import {
  CUSTOMER_PORTS,
  type CustomerPortForm,
  type CustomerPortOptions,
  customerPorts,
} from '../../simulator/index.js';
import type { Transport } from '../../src/index.js';
import { listenTcp, serial } from '../../src/node.js';
import { keyOctets } from '../../src/tools.js';
import type { Run } from '../command.js';
import { asUsage, failureOf, UsageError } from '../failure.js';
import { MAX_CONNECTIONS } from '../limits.js';
import { hostAndPort, lineText, oneOf } from '../settings.js';
import type { SimulatedMeter } from '../simulated.js';
import { isVirtual } from './ui/ui.js';

/** A customer port that is served. */
export interface ServedCustomerPort {
  /** Where it is: `127.0.0.1:2001` or the path of a serial line. */
  readonly where: string;
  /** Which port it is. */
  readonly form: CustomerPortForm;
  close(): Promise<void>;
}

/** What `--customer-port` and the options beside it ask for; undefined where nothing does. @throws UsageError */
export function customerPortOf({ options, io }: Run): { where: string; port: CustomerPortOptions } | undefined {
  const { customerPort: where, customerForm } = options;
  const { customerEk = io.env.COSEM_CUSTOMER_EK, customerAk = io.env.COSEM_CUSTOMER_AK } = options;
  if (typeof where !== 'string') {
    if (customerForm !== undefined || options.customerEk !== undefined || options.customerAk !== undefined)
      throw new UsageError('a customer port where?', 'add --customer-port HOST:PORT, or the path of a serial line');
    return undefined;
  }
  const form = oneOf(typeof customerForm === 'string' ? customerForm : 'p1', '--customer-form', CUSTOMER_PORTS);
  const key = (text: unknown, what: string) =>
    typeof text === 'string' ? asUsage(() => keyOctets(text, what)) : undefined;
  const [encryption, authentication] = [key(customerEk, '--customer-ek'), key(customerAk, '--customer-ak')];
  if (encryption === undefined && authentication !== undefined)
    throw new UsageError('--customer-ak without --customer-ek', 'both keys belong together');
  if (encryption !== undefined && customerPorts[form].protection === 'none')
    throw new UsageError(`the port ${form} has no keys`, 'leave --customer-ek out, or name a form that ciphers: p1-lu');
  if (encryption === undefined) return { where, port: { form } };
  const keys = { encryption, ...(authentication === undefined ? {} : { authentication }) };
  return { where, port: { form, keys } };
}

/** Serves the port until it is closed. @throws UsageError, LinkError */
export async function serveCustomerPort(run: Run, meter: SimulatedMeter): Promise<ServedCustomerPort | undefined> {
  const asked = customerPortOf(run);
  if (asked === undefined) return undefined;
  if (!isVirtual(meter)) throw new UsageError('a recorded meter has no customer port', 'leave out --template');
  const { where, port } = asked;
  const { form } = port;
  if (!/:\d+$/.test(where)) {
    const { baud, format } = customerPorts[form].line;
    const line = serial(where, { baudRate: baud, parity: format === '8E1' ? 'even' : 'none' });
    const served = await meter.customerPort(line, port);
    return { where, form, close: () => served.close() };
  }
  const onPeer = (transport: Transport) => {
    meter
      .customerPort(transport, port)
      .catch((error) => run.output.note(`${transport.name}: ${failureOf(error).message}`));
  };
  const listener = await listenTcp({ ...hostAndPort(where, '--customer-port'), maxPeers: MAX_CONNECTIONS }, onPeer);
  const place = lineText({ type: 'tcp', host: listener.host, port: listener.port });
  return { where: place, form, close: () => listener.close() };
}
