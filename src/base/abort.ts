/** What waits for each signal. Each signal has one listener for all of them, because platforms warn of a leak from the eleventh listener on. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `action` once when the signal aborts. A signal that is aborted already calls nothing: check `signal.aborted` first.
 * @returns a function that takes it back.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const actions = waiting.get(signal) ?? begin(signal);
  // The same function may wait twice.
  const entry = () => action();
  actions.add(entry);
  return () => void actions.delete(entry);
}

function begin(signal: AbortSignal): Set<() => void> {
  const actions = new Set<() => void>();
  waiting.set(signal, actions);
  const ring = () => {
    waiting.delete(signal);
    for (const action of actions) action();
    actions.clear();
  };
  signal.addEventListener('abort', ring, { once: true });
  return actions;
}
