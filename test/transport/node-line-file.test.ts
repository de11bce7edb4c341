import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StateError } from '../../src/index.js';
import { LineFile } from '../../src/node.js';

const folder = mkdtempSync(join(tmpdir(), 'cosem-lines-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file of lines', () => {
  it('is made where there is none, and holds what was added when it is opened again', () => {
    const path = join(folder, 'new');
    const file = new LineFile(path);
    expect(file.lines).toEqual([]);
    file.append('one');
    file.append('two');
    file.close();
    const again = new LineFile(path);
    expect(again.lines).toEqual(['one', 'two']);
    again.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  });

  it('goes on behind the last whole line, and stays as it was as long as nothing is added', () => {
    const path = join(folder, 'torn');
    writeFileSync(path, 'one\ntw');
    const looked = new LineFile(path);
    expect(looked.lines).toEqual(['one']);
    looked.close();
    expect(readFileSync(path, 'utf8')).toBe('one\ntw');
    const file = new LineFile(path);
    file.append('three');
    file.append('four');
    file.close();
    expect(readFileSync(path, 'utf8')).toBe('one\nthree\nfour\n');
  });

  it('that cannot be opened is named', () => {
    expect(() => new LineFile(join(folder, 'no', 'folder'))).toThrow(StateError);
    expect(() => new LineFile(folder)).toThrow('cannot be written: it is a folder (EISDIR)');
  });
});
