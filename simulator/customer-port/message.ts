import type { Millis } from '../../src/base/clock.js';
import type { PortMoment } from './form.js';
import type { CustomerPortForm } from './forms.js';
import { austrianList, norwegianList, norwegianPower } from './lists.js';
import type { PortPlatform } from './platform.js';
import { dutchLines, luxembourgLines, swedishLines } from './telegrams.js';

/** Seals what is to be sent under the key of the customer. */
type Seal = (content: Uint8Array) => Uint8Array;

const TEN_SECONDS = 10_000;
const HOUR = 3_600_000;

/** The first line of telegrams: three letters, 5 for 9600 baud as all P1 ports write, and a name. */
const HEAD = 'CSM5\\2COSEM-VIRTUAL';

/**
 * What a port sends at a moment.
 * @param at the moment by the clock of the line, a multiple of the interval.
 */
export function portMessage(
  form: CustomerPortForm,
  platform: PortPlatform,
  moment: PortMoment,
  at: Millis,
  seal: Seal,
): readonly Uint8Array[] {
  switch (form) {
    case 'p1':
      return [platform.telegram(HEAD, dutchLines(moment))];
    case 'p1-se':
      return [platform.telegram(HEAD, swedishLines(moment))];
    case 'p1-lu':
      return [seal(platform.telegram(HEAD, luxembourgLines(moment)))];
    case 'han-no': {
      const list = at % TEN_SECONDS === 0 ? norwegianList(moment, at % HOUR === 0) : norwegianPower(moment);
      return platform.hdlc(platform.notification(list));
    }
    case 'mbus-at':
      return platform.mbus(seal(platform.notification(austrianList(moment))));
  }
}
