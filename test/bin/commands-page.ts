import type { Command, Option } from 'commander';

/** Options in this group are told once on the page, for all commands. */
const SHARED = 'Connection options:';

/** The part of docs/commands.md between two marks, made anew; what people wrote around it stays. */
export function withGenerated(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- generated: ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/commands.md has no marks ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

/** A line for each of these commands, with those below it. */
export function commandTable(commands: readonly Command[]): string {
  return [
    '| command | what it does |',
    '|---|---|',
    ...commands
      .flatMap(withBelow)
      .map(
        (command) =>
          `| [\`${usage(command).replaceAll('|', '\\|')}\`](#${anchor(command)}) | ${cell(command.summary())} |`,
      ),
  ].join('\n');
}

/** A section for each of these commands, with those below it: what it takes, and its examples. */
export function commandSections(commands: readonly Command[]): string {
  return commands.flatMap(withBelow).map(section).join('\n\n');
}

function section(command: Command): string {
  const help = command.createHelp();
  const shared = command.options.some(({ helpGroupHeading }) => helpGroupHeading === SHARED);
  const own = help
    .visibleOptions(command)
    .filter((option) => option.helpGroupHeading !== SHARED && !isEverywhere(option));
  const args = help.visibleArguments(command);
  return [
    `### ${names(command).join(' ')}`,
    `\`cosem ${usage(command)}\``,
    ...paragraphs(command.description()),
    ...(args.length === 0
      ? []
      : [
          table(
            'argument',
            args.map((one) => [one.name(), help.argumentDescription(one)]),
          ),
        ]),
    ...(own.length === 0
      ? []
      : [
          table(
            'option',
            own.map((one) => [one.flags, help.optionDescription(one)]),
          ),
        ]),
    ...(shared ? ['With the [connection options](#connection-options).'] : []),
    ...examples(command),
  ].join('\n\n');
}

/** `--help`, `--json` and `--log` are told for all commands at the beginning of the page. */
function isEverywhere({ long }: Option): boolean {
  return long === '--help' || long === '--json' || long === '--log';
}

function table(head: string, rows: readonly (readonly [string, string])[]): string {
  return [
    `| ${head} | meaning |`,
    '|---|---|',
    ...rows.map(([term, text]) => `| \`${term.replaceAll('|', '\\|')}\` | ${cell(text)} |`),
  ].join('\n');
}

/** The command lines that the help shows, as they stand there. */
function examples(command: Command): string[] {
  let text = '';
  command
    .configureOutput({
      writeOut: (part) => {
        text += part;
      },
    })
    .outputHelp();
  const lines = text.slice(text.lastIndexOf('\nExample')).split('\n').slice(2);
  const shown = lines.filter((line) => line.startsWith('  ')).map((line) => line.replace(/^ {2}(\$ )?/, ''));
  return shown.length === 0 ? [] : [`\`\`\`sh\n${shown.join('\n')}\n\`\`\``];
}

function paragraphs(text: string): string[] {
  return text
    .split(/\n{2,}/)
    .map((one) => escaped(one.replace(/\s+/g, ' ').trim()))
    .filter((one) => one !== '');
}

/** A command that the help shows, followed by those below it. */
function withBelow(command: Command): Command[] {
  const shown = command.createHelp().visibleCommands(command);
  return [command, ...shown.filter((one) => one.name() !== 'help').flatMap(withBelow)];
}

function names(command: Command): string[] {
  return command.parent === null ? [] : [...names(command.parent), command.name()];
}

function usage(command: Command): string {
  const args = command.registeredArguments.map((one) => {
    const name = one.argChoices?.join('|') ?? one.name();
    const dots = one.variadic ? '…' : '';
    return one.required ? `<${name}${dots}>` : `[${name}${dots}]`;
  });
  return [...names(command), ...args].join(' ');
}

function anchor(command: Command): string {
  return names(command).join('-');
}

function cell(text: string): string {
  return escaped(text).replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('\\\\|', '\\|');
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;');
}
