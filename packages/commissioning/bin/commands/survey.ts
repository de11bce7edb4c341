import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';
import { addFolderOptions, addGpsOption } from './commission.js';

/** `cosem survey` */
export function defineSurvey(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.survey,
      description:
        'The visit before the meter comes: letter and card, OTP, documents, feeder, transformer and pole, the old meter, position, and a signed ' +
        'record. No meter and no keys are needed, and no network where the order brought its OTP. An installation order of the same consumer ' +
        'takes it up and asks nothing twice. Without an order: the surveys of the day.\n' +
        'The guide in English and Hindi: docs/survey.md.',
      examples: [
        'cosem survey --folder ~/lucknow',
        'cosem survey SV-2031 --folder ~/lucknow',
        'cosem survey SV-2031 --folder ~/lucknow --answers answers.json --json < otp',
      ],
    },
    async (run, [order]) => (await import('../survey.js')).survey(run, order),
  );
  addGpsOption(addFolderOptions(command))
    .option('--order <id>', 'the order: the same as the argument')
    .option(
      '--answers <file>',
      'answers to all questions, for nobody at the keyboard: docs/commissioning-answers.schema.json',
    )
    .option(
      '--verifier <where>',
      "who checks the OTP: a service's address, or offline for what the order brought (the policy's service, else offline)",
    )
    .option('--url <address>', "where finished records go (the policy's)");
}
