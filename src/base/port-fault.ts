import type { LinkError } from './errors.js';

/** What can be wrong with a serial port: it does not exist, may not be opened, is in use, is no serial port, or has disappeared. */
export type PortFault = 'missing' | 'not-permitted' | 'busy' | 'not-serial' | 'gone';

/** @internal A fault in words, with what to try. */
export interface PortExplanation {
  readonly fault: PortFault;
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: string;
}

/** @internal The port has disappeared while it was open. */
export const PORT_GONE: PortExplanation = {
  fault: 'gone',
  pattern: /no such device|input\/output error|device not configured|end of file|EIO|ENXIO/i,
  what: 'the port is gone',
  hint: 'the adapter was unplugged or lost power: plug it in and connect again',
};

/** node-serialport gives the words of the operating system, without a code. */
const EXPLANATIONS: readonly PortExplanation[] = [
  {
    fault: 'missing',
    pattern: /no such file|file not found|ENOENT/i,
    what: 'there is no such port',
    hint: 'is the adapter plugged in? `cosem ports` lists what is there; names such as /dev/serial/by-id/... stay the same',
  },
  {
    fault: 'busy',
    // Windows denies access to a port that is in use.
    pattern: /COM\d+: access denied|cannot lock|resource temporarily unavailable|resource busy|EBUSY|EAGAIN/i,
    what: 'another program has this port open',
    hint: 'close it (lsof tells which one), or stop ModemManager if it probes the adapter',
  },
  {
    fault: 'not-permitted',
    pattern: /permission denied|access denied|EACCES|EPERM/i,
    what: 'you may not open this port',
    hint:
      'on Linux join the group of the port and log in again: sudo usermod -aG dialout $USER; or add a udev rule: ' +
      'SUBSYSTEM=="tty", ATTRS{idVendor}=="0403", MODE="0660", TAG+="uaccess" (idVendor of your adapter: lsusb)',
  },
  {
    fault: 'not-serial',
    pattern: /inappropriate ioctl|not a (tty|typewriter)|ENOTTY|invalid argument|is a directory/i,
    what: 'this is not a serial port, or it does not know that speed',
    hint: 'check the path and the speed; usual speeds are 300, 2400, 9600, 19200, 38400, 57600, 115200',
  },
  PORT_GONE,
];

/** @internal Explains what the operating system says of a port; undefined where its words are not known. */
export function explainPort(words: string): PortExplanation | undefined {
  return EXPLANATIONS.find(({ pattern }) => pattern.test(words));
}

/** What is wrong with the port, from the error of a serial transport; undefined where the words of the operating system are not known. */
export function portFaultOf(error: LinkError): PortFault | undefined {
  if (error.message.includes(PORT_GONE.what)) return 'gone';
  const { cause } = error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return explainPort(message)?.fault;
}
