/** Case 15 through the command, and the dump: no value of a list that is shifted gets out. */
import { expect, test } from 'vitest';
import { MeterDump } from '../../src/client/dump.js';
import { commandsOn } from '../support/served-tcp.js';
import { RogueMeter, type Spoil } from './rogue-lists.js';

const later: Spoil = (results) => [results.at(-1)!, ...results.slice(0, -1)];
const sooner: Spoil = (results) => [...results.slice(1), results[0]!];
const LINE = 'read all --json --companion is15959';

async function readAll(spoil?: Spoil) {
  const [result] = await commandsOn(new RogueMeter(spoil), [LINE]);
  return result!;
}

test.each([
  ['later', later],
  ['sooner', sooner],
])('read all of a meter that shifts its lists by one, %s: right values, one line', async (_, spoil) => {
  const [honest, rogue] = [await readAll(), await readAll(spoil)];
  expect(rogue.exit).toBe(honest.exit);
  expect(rogue.io.document()).toEqual(honest.io.document());
  expect(rogue.err.match(/does not answer lists as it must/g)).toHaveLength(1);
  expect(honest.err).not.toContain('lists');
});

test.each([
  ['later', later],
  ['sooner', sooner],
])('dump of the same, %s', async (_, spoil) => {
  const dumped = async (served: RogueMeter) => {
    const dump = new MeterDump({ rows: 3, clock: served.clock });
    await served.visit((meter) => dump.add(meter, 'public', {}));
    return { template: dump.template(), codes: served.codes, lists: served.lists };
  };
  const [honest, rogue] = [await dumped(new RogueMeter()), await dumped(new RogueMeter(spoil))];
  expect(honest.lists).toBeGreaterThan(1);
  expect(rogue.template).toEqual(honest.template);
  expect([honest.codes, rogue.codes]).toEqual([[], ['list-void']]);
});
