import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { durableReplace } from '../../src/transport/node-durable.js';
import { KeyFile } from '../../src/transport/node-key-file.js';
import { ModelDisk } from '../support/model-disk.js';

/** Replaces `/f` again and again, the power cut once in each life. @returns how often it was cut. */
function liveThrough(
  lives: readonly number[],
  fates: Iterator<number>,
  judge: (disk: ModelDisk) => void,
  replace: Replace,
) {
  const disk = new ModelDisk();
  let cuts = 0;
  let at = 0;
  replace(disk, `${at}`);
  for (const cut of lives) {
    disk.cutAfter(cut);
    try {
      for (let i = 0; i < 4; i++) {
        // Whole texts of other lengths, in more than one write.
        replace(disk, `${++at}`);
      }
    } catch (error) {
      if (!disk.dead) throw error;
      cuts++;
    }
    disk.restart(() => fates.next().value as number);
    judge(disk);
  }
  return cuts;
}

type Replace = (disk: ModelDisk, mark: string) => void;

const LIVES = fc.array(fc.nat(40), { minLength: 1, maxLength: 6 });
const FATES = fc.infiniteStream(fc.nat(2));

describe('a file that is replaced', () => {
  test('is the old one or the new one as a whole, wherever the power is cut, and what was replaced lasts', () => {
    let cuts = 0;
    fc.assert(
      fc.property(LIVES, FATES, (lives, fates) => {
        let last = -1;
        let begun = -1;
        const judge = (disk: ModelDisk) => {
          const text = disk.text('/f') ?? '';
          const mark = Number(text.split(' ', 1)[0]);
          expect(text).toBe(contentOf(`${mark}`));
          expect(mark).toBeGreaterThanOrEqual(last);
          expect(mark).toBeLessThanOrEqual(begun);
        };
        cuts += liveThrough(lives, fates, judge, (disk, mark) => {
          begun = Number(mark);
          durableReplace('/f', contentOf(mark), disk.fs);
          last = Number(mark);
        });
      }),
      { numRuns: 2000 },
    );
    expect(cuts).toBeGreaterThan(1000);
  });

  test('so the file of keys', () => {
    fc.assert(
      fc.property(LIVES, FATES, (lives, fates) => {
        const start = { connections: { c: { ek: 'text:THE-OLD-16-OCTET', note: 'x'.repeat(150) } } };
        let made: ModelDisk | undefined;
        const judge = (disk: ModelDisk) => {
          const file = new KeyFile('/f', disk.fs);
          expect(file.names).toEqual(['c']);
          // Whoever comes next goes on from there.
          if (file.pending.length > 0) file.commit(['c']);
          expect(file.values('c').ek).toMatch(/^text:(THE-OLD-16-OCTET|\d+)$/);
        };
        liveThrough(lives, fates, judge, (disk, mark) => {
          if (made === undefined) disk.put('/f', JSON.stringify(start));
          made = disk;
          const file = new KeyFile('/f', disk.fs);
          file.begin(['c'], { ek: `text:${mark}` });
          file.commit(['c']);
        });
      }),
      { numRuns: 500 },
    );
  });

  test('is as it was on a full disk, wherever it becomes full, and nothing stays beside it', () => {
    for (let room = 0; ; room++) {
      const disk = new ModelDisk();
      durableReplace('/f', contentOf('1'), disk.fs);
      disk.fullAfter(room);
      let full = false;
      try {
        durableReplace('/f', contentOf('2'), disk.fs);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
        full = true;
      }
      expect([...disk.names.keys()]).toEqual(['/f']);
      expect([contentOf('1'), contentOf('2')]).toContain(disk.text('/f'));
      if (full) continue;
      expect(room).toBeGreaterThan(5);
      break;
    }
  });
});

function contentOf(mark: string): string {
  return `${mark} ${mark.repeat(120)}`;
}
