/** @internal A local time, `2026-11-23 14:05:00`, in milliseconds as if it were UTC. */
export function millisOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
