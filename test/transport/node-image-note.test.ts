/** Which image is being transferred to a meter, from one run of a program to the next. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileImageNote } from '../../src/transport/node-image-note.js';

const METER = new TextEncoder().encode('../SN 42');
const image = { identification: Uint8Array.of(1, 2), octets: Uint8Array.of(1, 2, 3, 4) };
const folder = () => join(mkdtempSync(join(tmpdir(), 'cosem-note-')), 'firmware');

test('knows its image again, and any other one as another', () => {
  const at = folder();
  const note = new FileImageNote(at, METER, image);
  expect(note.read()).toBe('none');
  note.write();
  expect(new FileImageNote(at, METER, image).read()).toBe('this');
  for (const other of [
    { ...image, identification: Uint8Array.of(1, 3) },
    { ...image, octets: Uint8Array.of(1, 2, 3, 5) },
    { ...image, octets: Uint8Array.of(1, 2, 3) },
  ])
    expect(new FileImageNote(at, METER, other).read()).toBe('another');
  expect(new FileImageNote(at, Uint8Array.of(1), image).read()).toBe('none');
  note.remove();
  note.remove();
  expect(note.read()).toBe('none');
});

test('is a file of its owner alone, in its folder whatever the meter is called, without the image', () => {
  const at = folder();
  expect(existsSync(at)).toBe(false);
  new FileImageNote(at, METER, image).write();
  const [name, ...more] = readdirSync(at);
  expect([name, more]).toEqual(['2E2E2F534E203432.json', []]);
  if (process.platform !== 'win32') expect(statSync(join(at, name as string)).mode & 0o77).toBe(0);
  expect(Object.keys(JSON.parse(readFileSync(join(at, name as string), 'utf8')))).toEqual([
    'identification',
    'octets',
    'sha256',
  ]);
});

test.each([
  ['', 'none'],
  ['{"identification"', 'none'],
  ['null', 'another'],
  ['[]', 'another'],
])('a damaged note %j is %s: nothing is continued', (text, found) => {
  const at = folder();
  const note = new FileImageNote(at, METER, image);
  note.write();
  writeFileSync(join(at, '2E2E2F534E203432.json'), text);
  expect(note.read()).toBe(found);
});
