/** Under it Node's `console.log` finds how an object is shown (`util.inspect.custom`). Browsers show its fields. */
export const INSPECT = Symbol.for('nodejs.util.inspect.custom');
