import type { VirtualClock } from '../../src/index.js';

/** Virtual time passes while something waits for it; what is loaded or written in real time is waited for. */
export async function passing<T>(clock: VirtualClock, work: Promise<T>): Promise<T> {
  let open = true;
  const over = () => {
    open = false;
  };
  work.then(over, over);
  while (open) {
    for (let turn = 0; turn < 3 && open; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (open) clock.step();
  }
  return work;
}
