/** What it costs to read long texts, in steps. A file of its own: V8 counts blocks of what is compiled after it was told to. */
import { expect, it } from 'vitest';
import { countSteps } from '../support/steps.js';

const { readInputText } = await import('../../src/inspect/input/input.js');

/** Reads it, whatever becomes of it. */
function readable(text: string): void {
  try {
    readInputText(text);
  } catch (error) {
    expect((error as { code?: string }).code).toBe('state');
  }
}

it.each([
  ['of both kinds', 'x 00 00 00 00 zz 00112233445F '],
  ['together', '00112233445F zz '],
  ['apart', '00 00 00 00 zz '],
])('four times as many runs %s in a log line are four times the steps, not sixteen', (_, run) => {
  const steps = (count: number) => countSteps('inspect/input/log', () => readable(`hello ${run.repeat(count)}`));
  const few = steps(500);
  expect(few).toBeGreaterThan(500);
  expect(steps(2000)).toBeLessThan(6 * few);
});

it('comments that never end are looked for once', () => {
  const steps = (count: number) => countSteps('inspect/input/literals', () => readable(`hello ${'/* '.repeat(count)}`));
  expect(steps(4000)).toBeLessThanOrEqual(steps(1000));
});
