import type { OpenOptions } from './options.js';

/** The same line and link, but as the public client and without anything secret. */
export function asPublic(options: OpenOptions, client: number): OpenOptions {
  const {
    security: _security,
    password: _password,
    secret: _secret,
    keysOf: _keysOf,
    authentication: _authentication,
    conformance: _conformance,
    userId: _userId,
    preEstablished: _preEstablished,
    onNotification: _onNotification,
    cache: _cache,
    ...rest
  } = options;
  return { ...rest, client };
}
