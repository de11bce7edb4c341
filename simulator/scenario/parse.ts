/** Scenarios as text. Only this file needs YAML, so it has an entry of its own. */

import { isMap, isScalar, isSeq, LineCounter, type Node } from 'yaml';
import { StateError } from '../../src/base/errors.js';
import { parseStep, type Scenario, type ScenarioStep } from './steps.js';
import { WordError } from './words.js';
import { composed } from './yaml.js';

const KEYS = ['name', 'steps'];
const FORM = 'WHEN VERB …, such as at 18:00 magnet on';

/**
 * Reads a scenario from YAML text: a list of steps, or a map with a `name` and the `steps`. Docs: `docs/scenarios.md`.
 * ```ts
 * const scenario = parseScenario('- at 18:00 magnet on for 20m\n- every day at 07:00 recharge 500');
 * ```
 * @param file how messages call it.
 * @throws StateError that begins with file, line and column, and says what is wrong and how to write it.
 */
export function parseScenario(text: string, file = 'scenario'): Scenario {
  const lines = new LineCounter();
  const document = composed(text, lines, file);
  const place = (offset: number) => {
    const { line, col } = lines.linePos(Math.max(0, Math.min(offset, text.length)));
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`;
  };
  const fail = (message: string, offset: number, hint: string): never => {
    throw new StateError(`${place(offset)}: ${message}`, { hint });
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    fail(`this is not YAML: ${broken.message.split(/ at line|\n/)[0]}`, broken.pos[0], 'a list: - at 18:00 magnet on');
  }
  const offsetOf = (node: unknown) => (node as Node | null)?.range?.[0] ?? 0;
  let list: unknown = document.contents;
  let name: string | undefined;
  if (isMap(list)) {
    const map = list;
    for (const { key, value } of map.items) {
      const known = isScalar(key) ? String(key.value) : '';
      if (!KEYS.includes(known)) fail(`'${known}' is not known here`, offsetOf(key), `known are ${KEYS.join(' and ')}`);
      if (known === 'name' && isScalar(value)) name = String(value.value);
    }
    list = map.get('steps', true);
  }
  if (!isSeq(list)) return fail('there are no steps', offsetOf(list), 'a list: - at 18:00 magnet on');
  const steps = list.items.map((item): ScenarioStep => {
    const start = offsetOf(item);
    if (!isScalar(item) || typeof item.value !== 'string') return fail('a step is one line of text', start, FORM);
    const quoted = item.type === 'QUOTE_DOUBLE' || item.type === 'QUOTE_SINGLE' ? 1 : 0;
    try {
      return { ...parseStep(item.value), text: item.value.trim(), place: place(start) };
    } catch (error) {
      if (!(error instanceof WordError)) throw error;
      return fail(error.message, start + quoted + error.at, error.hint);
    }
  });
  return { name, steps };
}
