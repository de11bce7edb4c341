import { LinkError } from '../base/errors.js';

/** What may be wrong with a serial port. */
export type PortFault = 'missing' | 'not-permitted' | 'busy' | 'not-serial' | 'gone';

interface Explanation {
  readonly fault: PortFault;
  readonly pattern: RegExp;
  readonly what: string;
  readonly hint: string;
}

/** node-serialport hands the system's words on, without a code. */
const EXPLANATIONS: readonly Explanation[] = [
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
  {
    fault: 'gone',
    pattern: /no such device|input\/output error|device not configured|end of file|EIO|ENXIO/i,
    what: 'the port is gone',
    hint: 'the adapter was unplugged or lost power: plug it in and connect again',
  },
];

/** A port's error in words, with what to try. `unplugged` when the port was open before. */
export function portError(error: unknown, name: string, state: 'opening' | 'unplugged' = 'opening'): LinkError {
  if (error instanceof LinkError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const known = EXPLANATIONS.find(({ pattern }) => pattern.test(message));
  if (state === 'unplugged') {
    const gone = EXPLANATIONS.at(-1) as Explanation;
    return new LinkError('transport', `${name}: ${gone.what} (${message})`, { hint: gone.hint, cause: error });
  }
  return new LinkError('transport', `${name}: ${known?.what ?? message}`, {
    hint: known?.hint ?? '`cosem ports` lists the ports',
    cause: error,
  });
}

/** What is wrong with the port, of an error that a serial transport gave; undefined where the system's words are not known. */
export function portFaultOf(error: LinkError): PortFault | undefined {
  if (error.message.includes((EXPLANATIONS.at(-1) as Explanation).what)) return 'gone';
  const { cause } = error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return EXPLANATIONS.find(({ pattern }) => pattern.test(message))?.fault;
}
