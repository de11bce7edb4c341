/**
 * The entry for scenarios as text (YAML): `parseScenario` turns text into a scenario that a virtual meter plays.
 *
 * ```ts
 * const meter = createMeter('is15959-1ph', { clock, seed: 1, scenario: parseScenario('- at 18:00 magnet on for 30m') });
 * ```
 *
 * @module cosem/scenario
 */

export { parseScenario } from './scenario/parse.js';
export type { Scenario, ScenarioStep, When } from './scenario/steps.js';
