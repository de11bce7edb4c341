/** docs/classes/: a page for each class and a list of them, made from the declarations. */

import type { Type } from '../../src/codec/type.js';
import type { AccessRole } from '../../src/cosem/access.js';
import type { Attribute, CosemClass, Method } from '../../src/cosem/class.js';
import { classes, className } from '../../src/cosem/registry.js';
import { defaultRights } from '../../src/cosem/rights.js';
import type { Selectors } from '../../src/cosem/selection.js';
import { zero } from '../../src/cosem/types.js';
import { units } from '../../src/cosem/units.js';

const MADE = 'Made from the declarations in `src/cosem/classes/`: `npm run docs:classes` makes it anew.';

const ids = [...new Set(classes.map(({ id }) => id))];

/** Names of the pages and their texts. */
export function classPages(): ReadonlyMap<string, string> {
  return new Map([['README.md', index()], ...ids.map((id): [string, string] => [fileOf(id), page(id)])]);
}

function fileOf(id: number): string {
  const name = className(id)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  return `${id}-${name}.md`;
}

const versionsOf = (id: number) => classes.filter((cosem) => cosem.id === id);

function index(): string {
  const lines = ids.map((id) => {
    const versions = versionsOf(id);
    const clause = versions.at(-1)?.clause ?? '';
    return `| ${id} | [${className(id)}](${fileOf(id)}) | ${versions.map(({ version }) => version).join(', ')} | ${clause} |`;
  });
  return text([
    '# Interface classes',
    '',
    'The classes of the Blue Book (IEC 62056-6-2) that this library knows by name: attributes and methods with their types, what is a secret, what',
    'can be read in parts, what a role may do by default. Any other class is read and written by numbers. [A class of your own](../library.md) is',
    `declared in the same way. ${MADE}`,
    '',
    'Clauses are those of edition 12 and later, where the newest version of a class stands; earlier versions are in clause 5 of the book. Where none',
    'stands here, it is not known to us.',
    '',
    '| class_id | class | versions | clause |',
    '|---|---|---|---|',
    ...lines,
  ]);
}

function page(id: number): string {
  const versions = versionsOf(id);
  const clause = versions.at(-1)?.clause;
  return text([
    `# ${className(id)} (class ${id})`,
    '',
    `${clause === undefined ? '' : `Blue Book clause ${clause}. `}[All classes](README.md). ${MADE}`,
    ...versions.toReversed().flatMap(version),
  ]);
}

function version(cosem: CosemClass): string[] {
  const { attributes, methods, attributeNames, methodNames, extras = {} } = cosem;
  const attributeRows = [...attributeNames.values()].map((name) => attributeRow(cosem, name, attributes[name]));
  const methodRows = [...methodNames.values()].map((name) => methodRow(cosem, name, methods[name]));
  const hidden = Object.entries(extras).map(([name, { id }]) => `\`${name}\` (attribute ${id})`);
  return [
    '',
    `## Version ${cosem.version}`,
    '',
    '| id | attribute | type | unit | static | secret | read in parts by | default rights |',
    '|---|---|---|---|---|---|---|---|',
    ...attributeRows,
    '',
    ...(methodRows.length === 0
      ? ['No methods.']
      : ['| id | method | takes | gives | secret | default rights |', '|---|---|---|---|---|---|', ...methodRows]),
    ...(hidden.length === 0 ? [] : ['', `Masked too, where a maker has it beyond the standard: ${hidden.join(', ')}.`]),
  ];
}

const ROLES: readonly AccessRole[] = ['public', 'reader', 'utility'];

function attributeRow(
  cosem: CosemClass,
  name: string,
  { id, type, ...of }: Attribute<unknown, Selectors> = raise(name),
): string {
  const selectors = Object.entries(of.selectors ?? {}).map(
    ([by, { id: number, parameters }]) => `\`${by}\` (${number}): ${words(parameters)}`,
  );
  const unit = of.unit ?? (of.scaledBy === undefined ? '' : `by \`${of.scaledBy}\``);
  const modes = ROLES.map((role) => [role, defaultRights(cosem, role).attributes[id] ?? 'no-access'] as const);
  return row([
    id,
    titled(name, of.clause),
    words(type),
    unit,
    of.static ? 'static' : '',
    of.secret ? 'secret' : '',
    selectors.join('; '),
    rights(modes),
  ]);
}

function methodRow(cosem: CosemClass, name: string, of: Method<unknown, unknown> = raise(name)): string {
  const modes = ROLES.map((role) => [role, defaultRights(cosem, role).methods[of.id] ?? 'no-access'] as const);
  return row([
    of.id,
    titled(name, of.clause),
    words(of.parameter),
    of.returns === undefined ? '' : words(of.returns),
    of.secret ? 'secret' : '',
    rights(modes),
  ]);
}

function titled(name: string, clause: string | undefined): string {
  return clause === undefined ? `\`${name}\`` : `\`${name}\` (clause ${clause})`;
}

/** `read-only`, or what each role may where they differ. */
function rights(modes: readonly (readonly [role: AccessRole, mode: string])[]): string {
  const [first] = modes;
  if (modes.every(([, mode]) => mode === first?.[1])) return first?.[1] ?? '';
  return modes
    .filter(([, mode]) => mode !== 'no-access')
    .map(([role, mode]) => `${role} ${mode}`)
    .join(', ');
}

/** A type in words. */
export function words(type: Type<unknown>): string {
  const { name, shape } = type;
  if (type === zero) return 'nothing (integer 0)';
  switch (shape.kind) {
    case 'data':
      return 'CHOICE: any type';
    case 'scalar':
      return shape.length === undefined ? name : `${name} of ${shape.length}`;
    case 'enum':
      if (shape.values === units) return 'enum, a unit';
      return `enum: ${Object.entries(shape.values)
        .map(([word, value]) => `${value} ${word}`)
        .join(', ')}`;
    case 'logical-name':
      return `${name} (logical name)`;
    case 'date-time':
    case 'date':
    case 'time':
      return name;
    case 'array':
      return `array of ${shape.length === undefined ? '' : `${shape.length} `}${inner(shape.element)}`;
    case 'structure':
      return `structure of ${Object.entries(shape.fields)
        .map(([field, type]) => `\`${field}\`: ${inner(type)}`)
        .join(', ')}`;
    case 'choice':
      return shape.options.map(inner).join(' or ');
  }
}

/** In brackets what would run into what follows. */
function inner(type: Type<unknown>): string {
  const said = words(type);
  return /^(structure|enum:|CHOICE)| or /.test(said) ? `(${said})` : said;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`.replace(/ {2,}/g, ' ');
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}

function raise(name: string): never {
  throw new Error(`'${name}' is not declared`);
}
