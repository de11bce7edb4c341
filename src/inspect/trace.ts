import { Reader } from '../base/cursor.js';

/** The offset at which a field begins. */
export interface Mark {
  readonly name: string;
  readonly offset: number;
}

/**
 * A reader that records which field a decoder reads at which offset. Decoders name the field that they read, for their errors (`Reader.field`). So
 * the code that decodes a message also tells its layout, and no second description of it is needed.
 */
export class TracingReader extends Reader {
  readonly marks: Mark[] = [];

  /** How many octets the last read lacked. */
  lacking = 0;

  constructor(bytes: Uint8Array, offset: number, end: number) {
    super(bytes, offset, end);
    let name = '';
    Object.defineProperty(this, 'field', {
      get: () => name,
      set: (next: string) => {
        name = next;
        this.marks.push({ name: next, offset: this.offset });
      },
    });
  }

  override need(n: number): void {
    if (n > this.remaining) this.lacking = n - this.remaining;
    super.need(n);
  }
}

/** A field with its place. Inner fields and elements of a list are its parts. */
export interface Field {
  readonly name: string;
  readonly start: number;
  /** Where the value itself begins: after the usage flag of an OPTIONAL field, the count of a list, or the octet of a CHOICE. */
  readonly body: number;
  readonly end: number;
  readonly parts: readonly Field[];
}

/** The fields of a message, from the marks of its decoder, in the order of the octets. @param end where the decoder stopped. */
export function fieldsOf(marks: readonly Mark[], end: number): Field[] {
  const pieces = marks.map(({ name, offset }, i) => ({ name, start: offset, end: marks[i + 1]?.offset ?? end }));
  // A decoder that fails at surplus octets has finished all fields.
  if (pieces.at(-1)?.name === '' && pieces.at(-1)?.start === end) pieces.pop();
  return new FieldBuilder(pieces).fields(() => false);
}

interface Piece {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** In the marks, a list is its name at the count, then a piece without a name before each element, then its name again. */
class FieldBuilder {
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Fields until the pieces end, or until `stop` is true for the next one. */
  fields(stop: (piece: Piece) => boolean): Field[] {
    const fields: Field[] = [];
    for (let piece = this.#peek(); piece !== undefined && !stop(piece); piece = this.#peek()) {
      this.#next++;
      const next = this.#peek();
      fields.push(next?.name === '' && !stop(next) ? this.#list(piece) : this.#field(piece));
    }
    return grouped(fields);
  }

  #peek(): Piece | undefined {
    return this.#pieces[this.#next];
  }

  /** One field. When its name comes twice in a row, the first is the usage flag. */
  #field(piece: Piece): Field {
    const again = this.#peek();
    if (again?.name !== piece.name) return { ...piece, body: piece.start, parts: [] };
    this.#next++;
    return { name: piece.name, start: piece.start, body: again.start, end: again.end, parts: [] };
  }

  #list(count: Piece): Field {
    const parts: Field[] = [];
    for (let piece = this.#peek(); piece?.name === ''; piece = this.#peek()) {
      this.#next++;
      const inner = this.fields(({ name }) => name === '' || name === count.name);
      const end = inner.at(-1)?.end ?? piece.end;
      parts.push({ name: `[${parts.length}]`, start: piece.start, body: piece.start, end, parts: inner });
    }
    if (this.#peek()?.name === count.name) this.#next++;
    return { name: count.name, start: count.start, body: count.end, end: parts.at(-1)?.end ?? count.end, parts };
  }
}

/** Groups fields whose names begin with the same step into one field with that name. */
function grouped(fields: readonly Field[]): Field[] {
  const groups: Field[] = [];
  for (let i = 0; i < fields.length; ) {
    const field = fields[i] as Field;
    const step = field.name.split('.')[0] as string;
    const inner: Field[] = [];
    let next = i + 1;
    if (field.name !== step) inner.push(tail(field, step));
    for (; fields[next]?.name.startsWith(`${step}.`); next++) inner.push(tail(fields[next] as Field, step));
    const last = inner.at(-1);
    groups.push(
      last === undefined
        ? field
        : { name: step, start: field.start, body: field.start, end: last.end, parts: grouped(inner) },
    );
    i = next;
  }
  return groups;
}

function tail(field: Field, step: string): Field {
  return { ...field, name: field.name.slice(step.length + 1) };
}
