/** Offsets of members among short names: what the Blue Book's tables say of a few classes, and that nothing overlaps in any. */
import { expect, it } from 'vitest';
import { ClockClass } from '../../src/cosem/classes/clock.js';
import { DisconnectControlV0 } from '../../src/cosem/classes/disconnect-control.js';
import { MBusClientV1 } from '../../src/cosem/classes/field-networks.js';
import { PushSetupV1 } from '../../src/cosem/classes/push-setup.js';
import { SecuritySetupV0 } from '../../src/cosem/classes/security-setup.js';
import { AssociationSnV3 } from '../../src/cosem/classes/short-names.js';
import { DataClass, ProfileGenericV1, Register } from '../../src/cosem/classes/storage.js';
import { SpecialDaysTable } from '../../src/cosem/classes/time.js';
import { classes } from '../../src/cosem/registry.js';
import { attributeOffset, memberAt, methodOffset, shortNameSpan } from '../../src/cosem/short-names.js';

it.each([
  ['Register reset', Register, 1, 0x28],
  ['Profile generic capture', ProfileGenericV1, 2, 0x60],
  ['Clock shift_time', ClockClass, 6, 0x88],
  ['Association SN read_by_logicalname', AssociationSnV3, 3, 0x30],
  ['Association SN change_secret', AssociationSnV3, 5, 0x40],
  ['Association SN reply_to_HLS_authentication', AssociationSnV3, 8, 0x58],
  ['Disconnect control remote_reconnect', DisconnectControlV0, 2, 0x28],
  ['Security setup global_key_transfer', SecuritySetupV0, 2, 0x38],
  ['Special days table, whose methods follow at once', SpecialDaysTable, 1, 0x10],
  ['M-Bus client of version 1, which has two attributes more than the table of version 0', MBusClientV1, 1, 0x70],
  ['Push setup of version 1, whose attributes reach beyond 38', PushSetupV1, 1, 0x50],
])('%s', (_, cosem, id, offset) => {
  expect(methodOffset(cosem, id)).toBe(offset);
  expect(memberAt(cosem, offset)).toEqual({ methodId: id });
});

it('gives each member of every class a place of its own, in steps of 8, within its span', () => {
  expect(classes.length).toBeGreaterThan(30);
  for (const cosem of classes) {
    const attributes = [...cosem.attributeNames.keys()].map(attributeOffset);
    const methods = [...cosem.methodNames.keys()].map((id) => methodOffset(cosem, id));
    const all = [...attributes, ...methods];
    expect(new Set(all).size, cosem.name).toBe(all.length);
    expect(all.every((offset) => offset % 8 === 0 && offset + 8 <= shortNameSpan(cosem))).toBe(true);
  }
});

it('knows no member at other places', () => {
  expect(shortNameSpan(DataClass)).toBe(0x10);
  for (const offset of [-8, 4, 0x18, 0x20, 0x30, 0xffff]) expect(memberAt(Register, offset)).toBeUndefined();
  expect(memberAt(Register, 0x10)).toEqual({ attributeId: 3 });
});
