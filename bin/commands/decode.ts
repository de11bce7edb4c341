import { existsSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import {
  type Input,
  inspectInput,
  looksLikeIec21,
  readInput,
  readInputText,
  renderText,
  walkNodes,
  wordCause,
} from '../../src/inspect.js';
import { nodeCrypto, systemErrorText } from '../../src/node.js';
import { titleOctets } from '../../src/tools.js';
import { ANNOUNCED } from '../announced.js';
import { define, Ended, type Run } from '../command.js';
import { EXIT, UsageError } from '../failure.js';
import type { Io } from '../io.js';
import { addKeyOptions, keySettings } from '../settings.js';

/** `cosem decode` */
export function defineDecode(program: Command, io: Io): void {
  const command = define(
    program,
    io,
    {
      ...ANNOUNCED.decode,
      description:
        'HEX is hexadecimal in any shape (7E A0, 0x7E, 7e:a0, \\x7e, arrays and strings of programs, dumps, base64), or a FILE: a log, the octets ' +
        'themselves, IEC 62056-21 text, a recording (pcap, pcapng). Without it, or with -, standard input is read the same way.\n' +
        'Frames that follow each other are one conversation: segments and blocks are joined, system titles remembered. Ciphered messages are ' +
        'opened with --ek and --ak; --title is the client’s where no AARQ tells it. With --ek alone they are opened too, and marked: without ' +
        '--ak nothing proves who made them.',
      examples: [
        'cosem decode 7E A0 07 03 21 93 0F 01 7E',
        'cosem decode 0203090C07EA0B17010E0500FFFEB600120005160F',
        'cosem decode --ek 000102030405060708090A0B0C0D0E0F --ak D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF < push.hex',
        'cosem decode capture.pcapng',
      ],
    },
    (run, [hex]) => decode(run, hex as unknown as readonly string[]),
  );
  command
    .option('--server-title <title>', "the meter's system title, where no AARE tells it")
    .option('--strict', 'refuse by name what deviates from the standard in its form')
    .option('--mask', 'leave passwords and keys inside the messages out');
  addKeyOptions(command);
}

async function decode({ io, output, options }: Run, words: readonly string[]): Promise<void> {
  const { companion, encryptionKey, authenticationKey, dedicatedKey, title } = keySettings(options, io);
  const serverTitle =
    typeof options.serverTitle === 'string' ? titleOctets(options.serverTitle, '--server-title') : undefined;
  const piped = words.length === 0 || (words.length === 1 && words[0] === '-');
  const input = piped ? readInput(await standardInput(io)) : givenInput(words);
  if (input.streams.every(({ pieces }) => pieces.every(({ octets }) => octets.length === 0))) throw nothing();
  for (const remark of input.remarks) output.note(`cosem: ${remark}`);
  const { node } = inspectInput(input, {
    companion,
    crypto: nodeCrypto,
    mask: options.mask === true,
    strict: options.strict === true,
    keys: {
      ...(encryptionKey === undefined ? {} : { encryption: encryptionKey }),
      ...(authenticationKey === undefined ? {} : { authentication: authenticationKey }),
      ...(dedicatedKey === undefined || dedicatedKey === 'random' ? {} : { dedicated: dedicatedKey }),
    },
    titles: {
      ...(title === undefined ? {} : { client: title }),
      ...(serverTitle === undefined ? {} : { server: serverTitle }),
    },
  });
  output.document({ command: 'decode', ...node });
  output.line(...renderText(node).split('\n'));
  const parts = [...walkNodes(node)];
  if (parts.some(({ authenticated }) => authenticated === false)) {
    const { sentence, try: steps } = wordCause('not-verified');
    output.note(`cosem: not verified: ${sentence}`, `  hint: ${steps[0]}`);
  }
  const error = parts.find((part) => part.error !== undefined)?.error;
  if (error === undefined) return;
  output.note(`cosem: not all of it could be read: ${error.message}`);
  throw new Ended(EXIT.badAnswer);
}

/** The input in the arguments: octets, or a file that contains them. */
function givenInput(words: readonly string[]): Input {
  const [name = ''] = words;
  if (words.length === 1 && !/^(?:0x)?[0-9a-f]+$/i.test(name) && existsSync(name)) return readInput(fileOctets(name));
  const path = words.find((word) => FILE.test(word) || isPlace(word));
  if (path !== undefined) {
    if (words.length === 1) throw new UsageError(`there is no file ${path}`, 'give its path from here, or its octets');
    throw new UsageError(`${path} stands beside other arguments`, 'give one file, or octets alone');
  }
  return readInputText(words.join(' '));
}

/** Whether a word is a path: `/ABC5name` is an identification, but a path has more than one slash. */
function isPlace(word: string): boolean {
  return PLACE.test(word) && (!looksLikeIec21(word) || /^\/[^\r\n]*\/[^\r\n]*$/.test(word));
}

/** A path from the root, from here or from home: of octets in text only base64 begins so, and hardly that of a meter. */
const PLACE = /^(?:\.{0,2}\/|~\/|\.{1,2}\\|[a-z]:[\\/])./i;
/** The name of a file with an extension that such files have; no octets end so. */
const FILE = /^[^"'{}[\]<>\r\n]*\.(?:pcapng|pcap|cap|log|txt|hex|bin|dat|raw|json|csv|xml|trc|dump|out)$/i;

function fileOctets(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'EISDIR') throw new UsageError(`${path} is a folder`, 'give a file in it');
    throw new UsageError(`${path} cannot be read: ${systemErrorText(error)}`, 'may you read it?');
  }
}

async function standardInput({ stdin }: Io): Promise<Uint8Array> {
  if (stdin.isTTY) throw nothing();
  return buffer(stdin);
}

function nothing(): UsageError {
  return new UsageError('there is nothing to decode', 'give hexadecimal digits or a file, or pipe them in');
}
