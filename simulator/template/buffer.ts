import { AccessError, StateError } from '../../src/base/errors.js';
import { compactArrayElements } from '../../src/codec/compact.js';
import type { Data } from '../../src/codec/data.js';
import { array } from '../../src/codec/types.js';
import type { GetAnswer } from '../../src/contracts/served-device.js';
import type { AccessSelection } from '../../src/contracts/services.js';
import { captureObject, ProfileGenericV1 } from '../../src/cosem/classes/storage.js';
import { selectionOf } from '../../src/cosem/selection.js';
import { profileBuffer } from '../../src/server/profile.js';
import { type Cell, ValueCell } from './cells.js';

const columnsType = array(captureObject);
const { selectors } = ProfileGenericV1.attributes.buffer;

/**
 * A recorded buffer. Read whole, it is given as it was recorded. For a selection of rows, values that the meter left out (null-data: the
 * same as in the row before) are filled in.
 */
export class BufferCell implements Cell {
  readonly #target: string;
  readonly #whole: ValueCell;
  readonly #captureObjects: Data | undefined;
  #source: ReturnType<typeof profileBuffer> | undefined;

  /** @param captureObjects attribute 3; without it no selection is possible. */
  constructor(target: string, buffer: Data, captureObjects: Data | undefined) {
    this.#target = target;
    this.#whole = new ValueCell(target, buffer, undefined);
    this.#captureObjects = captureObjects;
  }

  read(selection: AccessSelection | undefined): GetAnswer {
    if (selection === undefined) return this.#whole.read(undefined);
    this.#source ??= this.#selectable();
    return { octets: this.#source.octets(selectionOf(selectors, selection, this.#target)) };
  }

  write(value: Data): void {
    this.#whole.write(value);
    this.#source = undefined;
  }

  /** Method 1, reset: removes all rows. */
  clear(): void {
    this.write({ type: 'array', value: [] });
  }

  #selectable(): ReturnType<typeof profileBuffer> {
    const buffer = this.#whole.value;
    if (this.#captureObjects === undefined || buffer === undefined) {
      throw new AccessError('other-reason', this.#target, 'nothing was recorded to select by');
    }
    const columns = columnsType.decode(this.#captureObjects);
    const rows = filled(elementsOf(buffer), columns.length);
    if (rows === undefined) throw new AccessError('other-reason', this.#target, 'rows that do not fit the columns');
    return profileBuffer({
      columns,
      rows: () => ({
        length: rows.length,
        value: (row, column) => {
          const value = rows[row]?.[column];
          if (value === undefined) throw new StateError(`there is no value ${column} in row ${row}`);
          return value;
        },
      }),
    });
  }
}

function elementsOf(buffer: Data): readonly Data[] {
  if (buffer.type === 'compact-array') return compactArrayElements(buffer.value);
  return buffer.type === 'array' ? buffer.value : [];
}

/** The rows with all values filled in; undefined where a row does not have one value for each column. */
function filled(elements: readonly Data[], columns: number): (readonly Data[])[] | undefined {
  const rows: (readonly Data[])[] = [];
  for (const element of elements) {
    // A profile of one column may be an array of its values.
    const values = element.type === 'structure' ? element.value : [element];
    if (values.length !== columns) return undefined;
    const before = rows.at(-1);
    rows.push(values.map((value, i) => (value.type === 'null-data' ? (before?.[i] ?? value) : value)));
  }
  return rows;
}
