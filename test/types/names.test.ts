/** One name, one meaning: what an entry gives under a name is called so nowhere else. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { readonly types: string }>;
};
const ENTRIES = Object.values(exports).flatMap((place) =>
  typeof place === 'string' ? [] : [place.types.replace('./dist/', '').replace('.d.ts', '.ts')],
);

interface Source {
  /** Names of declarations at the top, whether or not they are exported. */
  readonly declared: ReadonlySet<string>;
  readonly exported: ReadonlySet<string>;
  /** What is given of others: by the name it is given under, the file and its name there. */
  readonly given: ReadonlyMap<string, readonly [file: string, name: string]>;
}

const sources = new Map<string, Source>();

function source(file: string): Source {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const declared = new Set<string>();
  const exported = new Set<string>();
  const declare = (statement: ts.Statement, name: string) => {
    declared.add(name);
    const modifiers = (statement as { readonly modifiers?: readonly ts.ModifierLike[] }).modifiers ?? [];
    if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) exported.add(name);
  };
  const given = new Map<string, readonly [string, string]>();
  const code = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  for (const statement of code.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) declare(statement, name.text);
    } else if (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined) {
      const from = (statement.moduleSpecifier as ts.StringLiteral).text;
      const target = relative(root, resolve(root, dirname(file), from.replace(/\.js$/, '.ts')));
      if (!from.startsWith('.') || !existsSync(join(root, target))) continue;
      if (statement.exportClause === undefined) {
        const all = source(target);
        for (const name of [...all.exported, ...all.given.keys()]) given.set(name, [target, name]);
      } else if (ts.isNamedExports(statement.exportClause)) {
        for (const { name, propertyName } of statement.exportClause.elements)
          given.set(name.text, [target, (propertyName ?? name).text]);
      }
    } else {
      const { name } = statement as { readonly name?: ts.Node };
      if (name !== undefined && ts.isIdentifier(name)) declare(statement, name.text);
    }
  }
  const found = { declared, exported, given };
  sources.set(file, found);
  return found;
}

/** Where a name that a file gives is declared. */
function origin(file: string, name: string): string {
  const via = source(file).given.get(name);
  return via === undefined ? `${file}#${name}` : origin(...via);
}

const origins = new Map<string, Set<string>>();
for (const entry of ENTRIES) {
  const { exported, given } = source(entry);
  for (const name of [...given.keys(), ...exported]) {
    origins.set(name, (origins.get(name) ?? new Set()).add(origin(entry, name)));
  }
}

it('no name has two meanings among the entries, and none is another one than where it is declared', () => {
  expect(ENTRIES.length).toBeGreaterThan(5);
  expect(origins.size).toBeGreaterThan(500);
  const several = [...origins].filter(([, places]) => places.size > 1).map(([name, places]) => [name, ...places]);
  expect(several).toEqual([]);
  const renamed = [...origins].flatMap(([name, places]) => [...places].filter((place) => !place.endsWith(`#${name}`)));
  expect(renamed).toEqual([]);
});

/** Types that a contract gives and that are said once more in fewer words where they are used. */
const SAME: ReadonlySet<string> = new Set(['CounterStore', 'CryptoProvider']);

it('no type or class within is called as one that an entry gives', () => {
  const files = ['src', 'simulator'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(300);
  const twice = files.flatMap((file) =>
    [...source(file).declared]
      .filter((name) => /^[A-Z]/.test(name) && !SAME.has(name) && origins.has(name))
      .filter((name) => !origins.get(name)?.has(`${file}#${name}`))
      .map((name) => `${file}: ${name}, which is ${[...(origins.get(name) ?? [])].join()}`),
  );
  expect(twice).toEqual([]);
});
