import { ANNOUNCED, type Command, define, type Io } from 'cosem/command';
import { addFolderOptions } from './commission.js';

/** Options by which the meter of an order, or of none, is reached. */
function addMeterOptions(command: Command): Command {
  return command
    .option('--yes', 'answer with Yes, for nobody at the keyboard: the order or the credit must still allow it')
    .option('--url <address>', "where finished records go (the policy's)")
    .option('--serial <path>', 'the port that the probe is at')
    .option('--tcp <host:port>', 'the meter is on a network')
    .option('--baud <n>', 'speed of the serial port')
    .option('--framing <name>', 'hdlc, wrapper or mode-e, where the configuration does not say')
    .option('--counters <file>', 'where invocation counters are kept')
    .option('--timeout <seconds>', 'how long the meter may stay silent (10)')
    .option('--patience <seconds>', 'how long a lost line is tried anew; 0 not at all (60)')
    .option('--trace', 'show the frames, decoded, on stderr; keys and secrets are masked');
}

/** `cosem reconnect` */
export function defineReconnect(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.reconnect,
      description:
        'Reads the meter in a few seconds and says in words why the house is dark: relay, account, load limit, tampering, line, clock.\n' +
        "With an order of the utility the relay is closed where the order or the meter's own credit allows it and you say so: never after " +
        'tampering, never without credit, never twice. A signed page says what was found and done.\n' +
        "Without an order nothing is closed, unless the meter's own credit allows it.\n" +
        'The guide in English and Hindi: docs/reconnection.md.',
      examples: [
        'cosem reconnect RC-11 --folder ~/lucknow',
        'cosem reconnect --config ~/lucknow/meters.json --connection utility --serial /dev/ttyUSB0',
      ],
    },
    async (run, [order]) => (await import('../reconnect.js')).reconnect(run, order),
  );
  addMeterOptions(addFolderOptions(command))
    .option('--config <file>', 'without an order: a configuration file of cosem')
    .option('--connection <name>', 'without an order: the connection in it, with the rights of the utility')
    .option('--expect <number>', 'without an order: the serial number that the meter must have');
}

/** `cosem payment-mode` */
export function definePaymentMode(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED['payment-mode'],
      description:
        'Reads payment mode and metering mode, changes the payment mode as the order says, reads it back, and keeps what the meter itself ' +
        'logged of it. A signed page proves it.',
      examples: ['cosem payment-mode PM-3 --folder ~/lucknow'],
    },
    async (run, [order]) => (await import('../payment-mode.js')).paymentMode(run, order as string),
  );
  addMeterOptions(addFolderOptions(command));
}

/** `cosem compare-meters` */
export function defineCompareMeters(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED['compare-meters'],
      description:
        'Reads the load profile of a meter and of a check meter that counts the same energy, one after the other, and compares what they ' +
        'counted in the same hours: the difference in percent, and whether it is within the accuracy classes of both.\n' +
        'Hours without rows, and hours before a clock was set, are not compared; you are asked whether the longest part without them will do.\n' +
        'With an order a signed page says what was found. Without one nothing is signed.\n' +
        'The guide in English and Hindi: docs/meter-comparison.md.',
      examples: [
        'cosem compare-meters CM-4 --folder ~/lucknow --serial /dev/ttyUSB0',
        'cosem compare-meters --config meters.json --connection utility --check-connection check --accuracy 1 --check-accuracy 0.5S',
      ],
    },
    async (run, [order]) => (await import('../compare-meters.js')).compareMetersBy(run, order),
  );
  addMeterOptions(addFolderOptions(command))
    .option('--accuracy <class>', 'accuracy class on the name plate of the meter under test: 0.2S, 0.5S, 1 or 2')
    .option('--check-accuracy <class>', 'accuracy class on the name plate of the check meter')
    .option('--check-serial <path>', 'the check meter has a probe of its own at this port')
    .option('--check-tcp <host:port>', 'the check meter is on a network')
    .option('--hours <n>', 'without an order: over how many of the last hours, 1 to 840 (168)')
    .option('--config <file>', 'without an order: a configuration file of cosem')
    .option('--connection <name>', 'without an order: the connection in it to the meter under test')
    .option('--check-config <file>', 'without an order: the configuration file of the check meter, where it is another')
    .option('--check-connection <name>', 'without an order: the connection in it to the check meter');
}
