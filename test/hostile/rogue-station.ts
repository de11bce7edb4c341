/** A station that answers each frame as it likes: built on our own frames, with no link that would keep it honest. */

import type { VirtualClock } from '../../src/base/clock.js';
import type { Transport } from '../../src/contracts/transport.js';
import { commandControl, encodeFrame, type HdlcFrame, iControl } from '../../src/link/hdlc-frame.js';
import { FrameSplitter } from '../../src/link/hdlc-splitter.js';
import { memoryPair } from '../../src/transport/memory.js';

/** What it says to a frame that gives it the turn: an I frame with information, whole or a segment, or RR, or RNR. */
type Says = { readonly information: Uint8Array; readonly segmented: boolean } | 'RR' | 'RNR';

/** The client's end of a line to a station that takes every SNRM, and answers the rest as told. `asked` counts the frames that it hears. */
export async function rogueStation(
  clock: VirtualClock,
  says: (frame: HdlcFrame, asked: number) => Says,
  delay = 100,
): Promise<{ readonly transport: Transport; readonly asked: () => number }> {
  const [transport, meter] = memoryPair({ names: ['rogue station', 'client'] });
  const splitter = new FrameSplitter(() => {});
  let [ns, nr, asked] = [0, 0, 0];
  const answer = (frame: HdlcFrame): Partial<HdlcFrame> => {
    if (frame.control.type === 'SNRM') [ns, nr] = [0, 0];
    if (frame.control.type === 'SNRM' || frame.control.type === 'DISC') return { control: commandControl('UA', true) };
    asked++;
    if (frame.control.type === 'I') nr = (frame.control.ns + 1) & 7;
    const said = says(frame, asked);
    if (typeof said === 'string') return { control: commandControl(said, true, nr) };
    const control = iControl(ns, nr, true);
    ns = (ns + 1) & 7;
    return { control, ...said };
  };
  await meter.open({
    data: (chunk) => {
      splitter.push(chunk);
      for (let frame = splitter.next(); frame !== undefined; frame = splitter.next()) {
        const { source, destination } = frame;
        const bare = { segmented: false, information: new Uint8Array(0), ...answer(frame) } as HdlcFrame;
        const octets = encodeFrame({ ...bare, source: destination, destination: source });
        clock.at(clock.now() + delay, () => meter.write(octets));
      }
    },
    closed: () => {},
  });
  return { transport, asked: () => asked };
}
