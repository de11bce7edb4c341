import type { Command } from 'commander';
import { listPorts } from '../../src/node.js';
import { ANNOUNCED } from '../announced.js';
import { define } from '../command.js';
import type { Io } from '../io.js';
import { languageOf } from '../language.js';
import { PORTS_WORDS } from '../read-words.js';

/** `cosem ports` */
export function definePorts(program: Command, io: Io): void {
  define(program, io, { ...ANNOUNCED.ports, examples: ['cosem ports'] }, async ({ output, io: { signal, env } }) => {
    const words = PORTS_WORDS[languageOf({ signal, env })];
    const { ports, note } = await listPorts();
    output.document({ command: 'ports', ports: ports.map((port) => ({ ...port })) });
    if (note) output.note(note);
    if (ports.length === 0) output.line(words.none);
    output.table(
      words.titles.map((title) => ({ title })),
      ports.map((port) => [port.path, port.manufacturer ?? '', port.serialNumber ?? '', port.stablePath ?? '']),
    );
  });
}
