import { z } from 'zod';
import { DocumentError, type DocumentProblem, parseDocument, plainText } from '../document.js';
import { workOrderSchema } from '../work-order.js';

/** What a field of a work order is made of. */
export type FieldKind = 'text' | 'number' | 'instant';

/** Where a field of the work order comes from. */
export interface FieldSource {
  /** The heading of a column; several are joined by `join`. */
  readonly column?: string | readonly string[] | undefined;
  /** The same for every row. With a column: what stands where the cell is empty. */
  readonly constant?: string | number | undefined;
  readonly join: string;
  readonly prefix: string;
  /** What a cell may say, and what that means. */
  readonly values?: Readonly<Record<string, string | number>> | undefined;
  /** How many digits the number has: zeros that a spreadsheet dropped are put back. */
  readonly digits?: number | undefined;
  /** What a number is multiplied with: 1000 where the sheet has kW. */
  readonly times: number;
  /** In which order a date is written. */
  readonly date: 'DMY' | 'MDY' | 'YMD';
  /** The time of day of a date without one. */
  readonly time: string;
}

/** How a utility's sheet becomes work orders. */
export interface OrderMapping {
  /** The sheet of the workbook: its name, or which it is. */
  readonly sheet: string | number;
  /** The row of the headings. */
  readonly headingRow: number;
  readonly zone: string;
  readonly fields: Readonly<Record<string, FieldSource>>;
}

const heading = plainText(200);
const source = z
  .strictObject({
    column: z.union([heading, z.array(heading).min(1).max(6)]).optional(),
    constant: z.union([z.string().max(200), z.number()]).optional(),
    join: z.string().max(8).default(', '),
    prefix: z.string().max(20).default(''),
    values: z.record(z.string().max(80), z.union([z.string().max(200), z.number()])).optional(),
    digits: z.int().min(1).max(24).optional(),
    times: z.number().positive().max(1_000_000).default(1),
    date: z.enum(['DMY', 'MDY', 'YMD']).default('DMY'),
    time: z
      .string()
      .regex(/^\d\d:\d\d:\d\d$/, { error: 'is no time of day; write it as 23:59:59' })
      .default('00:00:00'),
  })
  .refine(({ column, constant }) => column !== undefined || constant !== undefined, {
    error: 'has neither column nor constant; write one of them',
  });

/** The file as somebody at the utility writes it. */
export const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    format: z.literal('cosem-order-mapping-1'),
    sheet: z.union([plainText(100), z.int().min(1).max(100)]).default(1),
    headingRow: z.int().min(1).max(100).default(1),
    zone: z
      .string()
      .regex(/^[+-]\d\d:\d\d$/, { error: 'is no offset from UTC; write it as +05:30' })
      .default('+05:30'),
    fields: z.record(z.string(), source),
  })
  .meta({ id: 'cosem-order-mapping-1', title: 'How a sheet of work orders is read' });

/** The fields of a work order that a sheet can give, by their path, and of what kind they are. Codes for OTPs come in no sheet. */
export const ORDER_FIELDS: ReadonlyMap<string, FieldKind> = fieldsOf();

/** Reads a mapping. @throws DocumentError with every field at fault. */
export function parseMapping(text: string, file: string): OrderMapping {
  const { $schema: _, format: __, ...mapping } = parseDocument(mappingSchema, text, file);
  const unknown = Object.keys(mapping.fields).filter((field) => !ORDER_FIELDS.has(field));
  const problems = unknown.map(
    (field): DocumentProblem => ({
      field: `fields.${field.slice(0, 40)}`,
      reason: 'is no field of a work order',
      fix: `write one of ${[...ORDER_FIELDS.keys()].join(', ')}`,
    }),
  );
  if (problems.length > 0) throw new DocumentError(file, problems);
  return mapping;
}

interface JsonSchema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
}

/** Taken from the schema of work orders, so that no field of it is forgotten here. */
function fieldsOf(): ReadonlyMap<string, FieldKind> {
  const fields = new Map<string, FieldKind>();
  const whole = z.toJSONSchema(workOrderSchema, { io: 'input' }) as JsonSchema;
  const walk = ({ $ref, ...schema }: JsonSchema, path: string): void => {
    const named = whole.$defs?.[$ref?.replace('#/$defs/', '') ?? ''];
    if (named !== undefined) walk(named, path);
    for (const alternative of schema.anyOf ?? schema.oneOf ?? []) walk(alternative, path);
    if (schema.type === 'number' || schema.type === 'integer') fields.set(path, 'number');
    if (schema.type === 'string') fields.set(path, schema.format === 'date-time' ? 'instant' : 'text');
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      if (path === '' && (name === '$schema' || name === 'format' || name === 'otp')) continue;
      walk(member, path === '' ? name : `${path}.${name}`);
    }
  };
  walk(whole, '');
  return fields;
}
