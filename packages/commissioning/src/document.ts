import { CosemError } from 'cosem';
import { counted, type Sentence, visibleText } from 'cosem/inspect';
import { z } from 'zod';
import { views } from './messages-views.js';
import { faultOfText } from './strict-json.js';

/** What is wrong with one field of a file that a person or a system wrote. It never contains the field's value. */
export interface DocumentProblem {
  /** The path of the field: `consumer.mobile`; empty for the file as a whole. */
  readonly field: string;
  readonly reason: string;
  /** What to do. */
  readonly fix: string;
}

/** A work order, a policy or another file that does not have the right form. `problems` names every field at fault. */
export class DocumentError extends CosemError {
  readonly code = 'document';
  readonly file: string;
  readonly problems: readonly DocumentProblem[];

  constructor(file: string, problems: readonly DocumentProblem[]) {
    const [first] = problems;
    super(
      problems.map((problem) => sentence(file, problem)).join('\n'),
      first === undefined ? {} : { hint: first.fix },
    );
    this.file = file;
    this.problems = problems;
  }

  /** In each language: in Hindi the fields at fault, for the rest of it is there in English alone. */
  get words(): { readonly message: Sentence; readonly hint: Sentence } {
    const fields = this.problems.flatMap(({ field }) => (field === '' ? [] : [`'${visibleText(field)}'`]));
    const { en, hi } = views[fields.length === 0 ? 'document-faulty' : 'document-fields'];
    const told = (text: string) => text.replace('{file}', this.file).replace('{fields}', fields.join(', '));
    return { message: { en: told(en), hi: told(hi) }, hint: views['document-try'] };
  }
}

/** One line for people. The names of fields may come from anybody, so they are made visible text. */
function sentence(file: string, { field, reason, fix }: DocumentProblem): string {
  return visibleText(field === '' ? `${file} ${reason}: ${fix}` : `${file}: ${field} ${reason}: ${fix}`);
}

/** Text of a given form; `says` is `reason; what to do`. */
export function formed(form: RegExp, says: string) {
  return z.string().regex(form, { error: says });
}

/** Text that a person may write: no control characters, some length. */
export function plainText(longest: number) {
  return z
    .string()
    .trim()
    .min(1, { error: 'is empty; write it' })
    .max(longest, { error: `is longer than ${counted(longest, 'character')}; shorten it` })
    .regex(/^\P{Cc}*$/u, { error: 'has a control character; write plain text on one line' });
}

/** An instant with its offset from UTC. */
export const instant = z.iso
  .datetime({ offset: true, error: 'is no date and time; write it as 2026-11-23T10:30:00+05:30' })
  .meta({ description: 'ISO 8601 date and time with its offset from UTC' });

const LARGEST = 4_000_000;

/**
 * Reads a JSON file by its schema.
 * @param file its name, for messages.
 * @throws DocumentError with every field at fault; none of its values is repeated.
 */
export function parseDocument<T>(schema: z.ZodType<T>, text: string, file: string): T {
  if (text.length > LARGEST) throw whole(file, 'is too large', 'give a file of at most 4 MB');
  const json = text.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw whole(file, `is not JSON${lineOf(error, text)}`, 'compare it with the example in the guide');
  }
  // Of two lines with the same name a person sees both, but a program uses only one.
  const fault = faultOfText(json, { numbers: false });
  if (fault !== undefined) throw whole(file, `is not right: ${fault}`, 'correct it at this place');
  return checkDocument(schema, value, file);
}

/** As {@link parseDocument}, of a value that was read already. @throws DocumentError. */
export function checkDocument<T>(schema: z.ZodType<T>, value: unknown, file: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new DocumentError(
    file,
    result.error.issues.flatMap((issue) => problemsOf(issue, value)),
  );
}

function whole(file: string, reason: string, fix: string): DocumentError {
  return new DocumentError(file, [{ field: '', reason, fix }]);
}

/** The parser's own message would quote the text, which may hold secrets or personal data. */
function lineOf(error: unknown, text: string): string {
  const position = /position (\d+)/.exec(String(error))?.[1];
  return position === undefined ? '' : ` in line ${text.slice(0, Number(position)).split('\n').length}`;
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): DocumentProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field: [...issue.path, key.slice(0, 40)].join('.'),
      reason: 'is not known',
      fix: 'remove it, or correct its name',
    }));
  }
  const field = issue.path.map(String).join('.');
  const { reason, fix } = words(issue, at(value, issue.path));
  return [{ field, reason, fix }];
}

function words(issue: z.core.$ZodIssue, value: unknown): Pick<DocumentProblem, 'reason' | 'fix'> {
  const [said, fix] = issue.message.split('; ');
  if (fix !== undefined) return { reason: said as string, fix };
  if (value === undefined) return { reason: 'is missing', fix: 'add it' };
  switch (issue.code) {
    case 'invalid_type':
      return { reason: `is no ${issue.expected === 'int' ? 'whole number' : issue.expected}`, fix: 'correct it' };
    case 'invalid_value':
      return { reason: 'is not one of the allowed values', fix: `write one of ${issue.values.join(', ')}` };
    case 'invalid_union':
      return { reason: 'is not one of the allowed forms', fix: 'compare it with the schema' };
    case 'too_small':
      return { reason: 'is too small or too short', fix: `at least ${issue.minimum}` };
    case 'too_big':
      return { reason: 'is too large or too long', fix: `at most ${issue.maximum}` };
    default:
      return { reason: 'is not right', fix: 'compare it with the schema' };
  }
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value;
  for (const step of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined;
  return here;
}
