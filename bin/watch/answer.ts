import { randomBytes } from 'node:crypto';
import type { HttpAnswer } from '../../src/http/route.js';

/** A page whose style and script are the only ones that run, because they carry the nonce. */
export function pageAnswer(page: (nonce: string) => string): HttpAnswer {
  const nonce = randomBytes(16).toString('base64');
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        `default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; ` +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    },
    body: page(nonce),
  };
}
