import type { LogicalName } from '../src/index.js';
import { parseLogicalName } from '../src/protocol.js';
import { UsageError } from './failure.js';
import { wholeIn } from './settings.js';

/** An attribute or a method of an object, as people write it: `3:1.0.1.8.0.255:2`. */
export interface Target {
  readonly classId: number;
  readonly logicalName: LogicalName;
  /** Attribute or method id. */
  readonly member: number;
}

/**
 * Reads `CLASS:OBIS:NUMBER`. The OBIS code may be in any of its forms, `1-0:1.8.0*255` too.
 * @throws UsageError, or StateError about the OBIS code.
 */
export function parseTarget(text: string, member: 'attribute' | 'method'): Target {
  const match = /^([^:]+):(.+):([^:]+)$/.exec(text);
  const [, classId, name, number] = match ?? [];
  if (classId === undefined || name === undefined || number === undefined) {
    throw new UsageError(`'${text}' is not CLASS:OBIS:${member.toUpperCase()}`, 'such as 3:1.0.1.8.0.255:2');
  }
  return {
    classId: wholeIn(classId, 'the class', 0, 0xffff),
    logicalName: parseLogicalName(name),
    member: wholeIn(number, `the ${member}`, member === 'attribute' ? 0 : 1, 127),
  };
}
