/** The commands that this package adds to `cosem`. */

import { type Commands, define, type Support } from 'cosem/command';
import { defineCommission } from './commands/commission.js';
import { defineDay } from './commands/day.js';
import { defineIndex } from './commands/index-command.js';
import { defineCompareMeters, definePaymentMode, defineReconnect } from './commands/reconnect.js';
import { defineSurvey } from './commands/survey.js';
import { defineSync } from './commands/sync.js';
import { defineVerify } from './commands/verify.js';

/** What `cosem support` tells of a commissioning folder: states, times and codes, nothing secret or personal. */
export const support: Support = async (run) => (await import('./support.js')).supportOf(run);

export const commands: Commands = (program, io) => {
  defineVerify(program, io);
  defineCommission(program, io);
  defineDay(program, io);
  defineReconnect(program, io);
  definePaymentMode(program, io);
  defineCompareMeters(program, io);
  defineSurvey(program, io);
  defineIndex(program, io);
  defineSync(program, io);
  define(
    program,
    io,
    {
      usage: 'verification-service [port]',
      summary: 'be the OTP service of a utility; also takes finished records',
      hidden: true,
      examples: ['cosem simulate --verification-service 8080'],
    },
    async (run, [port]) => (await import('./verification-service.js')).serveVerification(run, port),
  );
};
