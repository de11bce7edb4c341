import { present } from '../base/given.js';
import type { ReadoutPlatform } from '../client/readout.js';
import { decodeIec21, encodeCommand } from '../link/iec21.js';
import { ModeCLink } from '../link/mode-c.js';
import type { ModeCClientConfig } from '../link/mode-c-config.js';
import { decodeTelegram } from '../link/telegram.js';
import { TelegramLink } from '../link/telegram-link.js';
import { WAKE_UP } from './mode-e.js';

/** The first octet of a telegram. */
const SLASH = 0x2f;

/** The modes of IEC 62056-21 without HDLC, for the client room, which knows only contracts. */
export const readoutPlatform: ReadoutPlatform = {
  readoutLink: ({ deviceAddress, maxBaud, wakeUp, fixedBaud, fixedLine, listen, timeout }) =>
    listen === undefined
      ? new ModeCLink(
          present<ModeCClientConfig>({
            role: 'client',
            deviceAddress,
            maxBaud,
            wakeUp: wakeUp === true ? WAKE_UP : undefined,
            openingBaud: fixedBaud,
            fixedBaud: fixedBaud !== undefined,
            fixedLine,
            timeout,
            retries: undefined,
          }),
        )
      : new TelegramLink({ listen }),
  readoutMessage: (octets) =>
    octets[0] === SLASH ? { type: 'telegram', ...decodeTelegram(octets) } : decodeIec21(octets),
  readoutCommand: encodeCommand,
};
