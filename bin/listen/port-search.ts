import { type PortFormat, PortSearch, portFormatText, USUAL_FORMATS } from '../../src/tools.js';
import { oneOf } from '../settings.js';

export { type PortFormat, PortSearch, portFormatText, USUAL_FORMATS };

/** How octets stand on a serial line, by the names that `--format` takes. */
const FORMATS = { '8n1': [8, 'none'], '8e1': [8, 'even'], '7e1': [7, 'even'], '7n1': [7, 'none'] } as const;

/** @throws UsageError for a name that is none of 8N1, 8E1, 7E1 and 7N1, in capitals or not. */
export function lineFormat(name: unknown): Omit<PortFormat, 'baudRate'> {
  const [dataBits, parity] = FORMATS[oneOf(String(name), '--format', Object.keys(FORMATS) as (keyof typeof FORMATS)[])];
  return { dataBits, parity };
}
