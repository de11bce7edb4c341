/** What an editor shows of a value: its fields, and none of the machinery that types it. */
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
/** Stands in no file; each constant is hovered over. */
const FILE = join(root, 'test/types/hovered.ts');
const CODE = `
import { ActivityCalendar, ProfileGenericV1, Register } from '../../src/classes.js';
import type { Meter, ProfileRow } from '../../src/index.js';
declare const meter: Meter;
declare const row: ProfileRow;
const energy = meter.register('1.0.1.8.0.255');
export const scalerUnit = await meter.get(energy.scalerUnit);
export const [value, second] = await meter.get(energy.value, energy.scalerUnit);
export const outcome = await meter.tryGet(energy.scalerUnit);
export const captured = await meter.get(meter.object(ProfileGenericV1, '1.0.99.1.0.255').captureObjects);
export const seasons = await meter.get(meter.object(ActivityCalendar, '0.0.13.0.0.255').seasonProfileActive);
export const days = await meter.get(meter.object(ActivityCalendar, '0.0.13.0.0.255').dayProfileTableActive);
export const picked = row.pick({ energy: '1.0.1.8.0.255' });
export const register = meter.object(Register, '1.0.1.8.0.255').scalerUnit;
`;

/** The machinery: names that nobody is to see. */
const MACHINERY = /\b(?:StructureValue|Infer|TypeOf|StructureOf|Shape|Type<number>)\b/;

function hover(names: readonly string[]): Map<string, string> {
  const parsed = ts.getParsedCommandLineOfConfigFile(
    join(root, 'tsconfig.json'),
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => undefined,
    },
  );
  const service = ts.createLanguageService({
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const text = file === FILE ? CODE : ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getCompilationSettings: () => ({ ...parsed?.options, noErrorTruncation: true }),
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === FILE || ts.sys.fileExists(file),
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  expect(service.getSemanticDiagnostics(FILE).map(({ messageText }) => messageText)).toEqual([]);
  return new Map(
    names.map((name) => {
      const place = new RegExp(`export const \\[?(?:value, )?${name}\\b`).exec(CODE);
      const at = (place?.index ?? 0) + (place?.[0].lastIndexOf(name) ?? 0);
      const parts = service.getQuickInfoAtPosition(FILE, at)?.displayParts ?? [];
      return [name, ts.displayPartsToString(parts).replace(/\s+/g, ' ')] as const;
    }),
  );
}

it('values of typed attributes are shown by their fields', { timeout: 120_000 }, () => {
  const names = ['scalerUnit', 'value', 'second', 'outcome', 'captured', 'seasons', 'days', 'picked', 'register'];
  const shown = hover(names);
  for (const [name, text] of shown) expect(text, name).not.toMatch(MACHINERY);
  expect(Object.fromEntries(shown)).toEqual({
    scalerUnit: 'const scalerUnit: { readonly scaler: number; readonly unit: Unit; }',
    value: 'const value: Data',
    second: 'const second: { readonly scaler: number; readonly unit: Unit; }',
    outcome: 'const outcome: Outcome<{ readonly scaler: number; readonly unit: Unit; }>',
    captured:
      'const captured: readonly { readonly classId: number; readonly logicalName: string; readonly attributeIndex: number; readonly dataIndex: number; }[]',
    seasons: expect.stringMatching(/^const seasons: readonly \{ readonly \w+: /),
    days: expect.stringMatching(
      /^const days: readonly \{ readonly dayId: number; readonly \w+: readonly \{ readonly \w+: /,
    ),
    picked: 'const picked: { readonly energy: Reading; }',
    register: expect.stringMatching(
      /^const register: AttributeRef<\{ readonly scaler: number; readonly unit: Unit; \}/,
    ),
  });
});
