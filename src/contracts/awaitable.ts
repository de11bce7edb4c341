/** A value, or the promise of one. A value that is there already is used at once. */
export type Awaitable<T> = T | Promise<T>;
