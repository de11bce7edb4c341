import { toHex } from '../../src/index.js';
import { counted } from '../../src/inspect.js';
import { listenOn } from '../../src/tools.js';
import { type PortSearch, portFormatText } from './port-search.js';

export { listenOn };

/** For people: what was received when no message was found. */
export function heardText({ heard }: PortSearch): string[] {
  const some = heard.filter(({ octets }) => octets > 0);
  if (some.length === 0)
    return ['Nothing came: is the port switched on by the utility, and is the adapter of the right kind?'];
  return some.map(
    ({ format, octets, beginning }) =>
      `${portFormatText(format)}: ${counted(octets, 'octet')} came and no message; they begin with ${toHex(beginning)}`,
  );
}
