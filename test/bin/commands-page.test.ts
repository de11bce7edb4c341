import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { program } from '../../bin/program.js';
import { commandSections, commandTable, withGenerated } from './commands-page.js';
import { FakeIo } from './fake-io.js';

const PAGE = resolve(import.meta.dirname, '../../docs/commands.md');

/** Made anew by `npx vitest run test/bin/commands-page.test.ts -u`. */
test('docs/commands.md tells every command as its help does', async () => {
  const commands = await program(new FakeIo());
  // Those of a package where the help shows them while the package is not loaded.
  const order = (await program(new FakeIo(), [])).commands.map((command) => command.name());
  const sorted = commands
    .createHelp()
    .visibleCommands(commands)
    .filter((command) => command.name() !== 'help')
    .sort((a, b) => order.indexOf(a.name()) - order.indexOf(b.name()));
  const page = readFileSync(PAGE, 'utf8');
  const anew = withGenerated(
    withGenerated(page, 'table of commands', commandTable(sorted)),
    'commands',
    commandSections(sorted),
  );
  await expect(anew).toMatchFileSnapshot(PAGE);
});

test('each link to a command leads to its section', () => {
  const page = readFileSync(PAGE, 'utf8');
  const sections = new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  const links = [...page.matchAll(/\]\(#([\w-]+)\)/g)].map(([, to]) => to);
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter((to) => !sections.has(to as string))).toEqual([]);
});
