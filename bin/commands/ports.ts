import type { Command } from 'commander';
import { listPorts } from '../../src/node.js';
import { ANNOUNCED } from '../announced.js';
import { define } from '../command.js';
import type { Io } from '../io.js';

/** `cosem ports` */
export function definePorts(program: Command, io: Io): void {
  define(program, io, { ...ANNOUNCED.ports, examples: ['cosem ports'] }, async ({ output }) => {
    const { ports, note } = await listPorts();
    output.document({ command: 'ports', ports: ports.map((port) => ({ ...port })) });
    if (note) output.note(note);
    if (ports.length === 0) output.line('No serial port found. Is the adapter plugged in?');
    output.table(
      [{ title: 'port' }, { title: 'made by' }, { title: 'serial number' }, { title: 'always the same name' }],
      ports.map((port) => [port.path, port.manufacturer ?? '', port.serialNumber ?? '', port.stablePath ?? '']),
    );
  });
}
