/** The account of a meter that has the classes of payment metering (IEC 62056-6-2 clause 4.6). Most Indian meters have not. */

import { given } from '../../base/given.js';
import { visibleText } from '../../base/words.js';
import { Decimal } from '../../codec/decimal.js';
import { clientObject } from '../../cosem/class.js';
import { Account, Credit, TokenGateway } from '../../cosem/classes/payment.js';
import type { Meter } from '../meter.js';
import type { CallOptions } from '../meter-calls.js';
import type { SupplyCredit, SupplyToken } from './evidence.js';

const ACCOUNT = clientObject(Account, '0.0.19.0.0.255');
const GATEWAY = clientObject(TokenGateway, '0.0.19.40.0.255');
/** More credits than this no account has; a list of a hostile meter may be longer. */
const MOST_CREDITS = 8;
const LONGEST_NAME = 8;
/** token_status: the token was carried out, and the four ways in which it failed. */
const CARRIED_OUT = 3;
const FAILED = [4, 5, 6, 7];

/** What such objects tell; all undefined where the meter has none. */
export async function readAccount(
  meter: Meter,
  options: CallOptions,
): Promise<Pick<SupplyCredit, 'prepaid' | 'emergency' | 'balanceText'> & { balance?: Decimal; token?: SupplyToken }> {
  const wanted = [
    ACCOUNT.accountModeAndStatus,
    ACCOUNT.availableCredit,
    ACCOUNT.currency,
    ACCOUNT.creditReferenceList,
  ] as const;
  const [mode, available, currency, credits] = await meter.tryGetAll(wanted, options);
  const [time, status] = await meter.tryGetAll([GATEWAY.tokenTime, GATEWAY.tokenStatus] as const, options);
  const scale = currency.ok && currency.value.unit === 'monetary' ? currency.value.scale : undefined;
  // Without its scale an amount is no amount.
  const money = (amount: number) => (scale === undefined ? undefined : new Decimal(BigInt(amount), scale));
  const named = currency.ok ? visibleText(currency.value.name).slice(0, LONGEST_NAME) : '';
  const said = (amount: Decimal) => (named === 'INR' ? `₹ ${amount}` : `${amount} ${named}`);
  const balance = available.ok ? money(available.value) : undefined;
  const code = status.ok ? status.value.statusCode : undefined;
  const come = time.ok ? time.value.toText().slice(0, 19) : '';
  const token: SupplyToken = {
    amount: undefined,
    time: /^\d{4}(-\d\d){2} \d\d(:\d\d){2}$/.test(come) ? come : undefined,
    accepted: code === CARRIED_OUT ? true : code !== undefined && FAILED.includes(code) ? false : undefined,
  };
  return {
    prepaid: mode.ok ? mode.value.mode === 'prepayment' : undefined,
    balanceText: balance === undefined ? undefined : said(balance),
    ...given({ balance, token: time.ok || status.ok ? token : undefined }),
    emergency: credits.ok
      ? await emergencyOf(
          meter,
          credits.value.slice(0, MOST_CREDITS),
          (amount) => {
            const exact = money(amount);
            return exact === undefined ? '' : said(exact);
          },
          options,
        )
      : undefined,
  };
}

/** The emergency credit that waits to be selected, for people; empty where its amount is not told. */
async function emergencyOf(
  meter: Meter,
  names: readonly string[],
  said: (amount: number) => string,
  options: CallOptions,
): Promise<string | undefined> {
  for (const name of names) {
    const credit = clientObject(Credit, name);
    const refs = [credit.creditType, credit.creditStatus, credit.presetCreditAmount] as const;
    const [type, status, preset] = await meter.tryGetAll(refs, options);
    if (!type.ok || type.value !== 'emergency' || !status.ok || status.value !== 'selectable') continue;
    return preset.ok ? said(preset.value) : '';
  }
  return undefined;
}
