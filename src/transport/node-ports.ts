import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { given } from '../base/given.js';
import { checkOptions } from '../base/known-options.js';
import { systemErrorCode } from '../base/system-error.js';

/** A serial port of this machine. */
export interface SerialPortInfo {
  /** Path or name to open it by: `/dev/ttyUSB0`, `COM3`. */
  readonly path: string;
  /** A path that stays the same when adapters are plugged in another order, where the system gives one. */
  readonly stablePath?: string;
  /** Manufacturer of the adapter, where the system knows it. */
  readonly manufacturer?: string;
  /** Serial number of the adapter, where the system knows it. */
  readonly serialNumber?: string;
  /** USB vendor id, four hexadecimal digits. */
  readonly vendorId?: string;
  /** USB product id, four hexadecimal digits. */
  readonly productId?: string;
}

/** The serial ports of this machine. */
export interface PortList {
  /** The ports, in the order of the system. */
  readonly ports: readonly SerialPortInfo[];
  /** Why the list may be incomplete, as a sentence for people. */
  readonly note?: string;
}

/** USB vendors of the adapters in optical probes and RS-485 cables. */
const ADAPTERS: ReadonlyMap<string, string> = new Map([
  ['0403', 'FTDI'],
  ['10c4', 'CP210x'],
  ['1a86', 'CH340'],
  ['067b', 'PL2303'],
]);

/** The chip of a port's USB adapter, if it is one that probes are built with; else undefined. */
export function adapterOf({ vendorId }: Pick<SerialPortInfo, 'vendorId'>): string | undefined {
  return vendorId === undefined ? undefined : ADAPTERS.get(vendorId.toLowerCase());
}

/** Ports with the likely probes first: known adapters, other USB devices, then the rest, Bluetooth last. */
export function likelyFirst(ports: readonly SerialPortInfo[]): SerialPortInfo[] {
  const rank = (port: SerialPortInfo) => {
    if (adapterOf(port) !== undefined) return 0;
    if (/bluetooth|rfcomm/i.test(port.path)) return 4;
    if (port.vendorId !== undefined) return 1;
    return /usb|acm/i.test(port.path) ? 2 : 3;
  };
  // On macOS a port has two names; only the one for calling out (cu) opens without a carrier.
  const calling = ports.map((port) => ({ ...port, path: port.path.replace(/^\/dev\/tty\.(?=.)/, '/dev/cu.') }));
  return calling
    .map((port, i) => ({ port, i }))
    .sort((a, b) => rank(a.port) - rank(b.port) || a.i - b.i)
    .map(({ port }) => port);
}

/** The function `SerialPort.list` of the package `serialport`. */
export type PortLister = () => Promise<
  readonly {
    /** Path or name to open it by. */
    path: string;
    /** Manufacturer of the adapter. */
    manufacturer?: string | undefined;
    /** Serial number of the adapter. */
    serialNumber?: string | undefined;
    /** Plug-and-play id of the system. */
    pnpId?: string | undefined;
    /** USB vendor id, hexadecimal. */
    vendorId?: string | undefined;
    /** USB product id, hexadecimal. */
    productId?: string | undefined;
  }[]
>;

/** Options of {@link listPorts}, for tests and other packages. */
export interface ListPortsOptions {
  /** The function that lists ports. Default that of the package `serialport`. */
  readonly list?: PortLister;
  /** The root of the file system. Default `/`. */
  readonly root?: string;
}

/**
 * The serial ports of this machine. The `serialport` package asks udev; where that is missing (containers), the names in /dev are
 * listed, and a note says so. @throws StateError for an option that there is not, nothing else.
 */
export async function listPorts(options: ListPortsOptions = {}): Promise<PortList> {
  checkOptions(options, { list: true, root: true }, 'listPorts');
  const root = options.root ?? '/';
  const stable = await stablePaths(root);
  try {
    const found = await (options.list ?? (await systemList()))();
    // udev also lists UARTs that the kernel provides for but that do not exist in hardware.
    const real = await Promise.all(found.map(async ({ path }) => hasHardware(root, path)));
    return { ports: found.filter((_, i) => real[i]).map((port) => describe(port, stable)) };
  } catch (error) {
    const ports = (await devicesIn(root)).map((path) => describe({ path }, stable));
    if (isAbsent(error))
      return { ports, note: 'the names in /dev are listed; with makers and serial numbers: npm install serialport' };
    const missing = /udevadm|ENOENT/.test(String(error)) ? 'udevadm is not installed' : String(error);
    return {
      ports,
      note: `${missing}, so the names in /dev are listed, without makers and serial numbers (Debian: apt install udev)`,
    };
  }
}

/** `serialport` is an optional dependency. */
function isAbsent(error: unknown): boolean {
  return systemErrorCode(error) === 'ERR_MODULE_NOT_FOUND';
}

async function systemList(): Promise<PortLister> {
  const { SerialPort } = await import('serialport');
  return SerialPort.list;
}

function describe(port: Awaited<ReturnType<PortLister>>[number], stable: ReadonlyMap<string, string>): SerialPortInfo {
  const { path, manufacturer, serialNumber, vendorId, productId } = port;
  const stablePath = stable.get(path);
  return {
    path,
    ...given({ stablePath, manufacturer, serialNumber, vendorId, productId }),
  };
}

/** /dev/ttyUSB0 -> /dev/serial/by-id/usb-FTDI_... */
async function stablePaths(root: string): Promise<Map<string, string>> {
  const folder = '/dev/serial/by-id';
  const paths = new Map<string, string>();
  for (const name of await entries(join(root, folder))) {
    try {
      paths.set(`/dev/${basename(await readlink(join(root, folder, name)))}`, `${folder}/${name}`);
    } catch {
      // It is not a link, so it cannot be used as a stable name.
    }
  }
  return paths;
}

async function devicesIn(root: string): Promise<string[]> {
  const names = (await entries(join(root, 'dev'))).filter((name) =>
    /^(tty(S|USB|ACM|AMA|WCH|O|XRUSB|MFD)\d+|rfcomm\d+|cu\..+)$/.test(name),
  );
  const paths = names.map((name) => `/dev/${name}`).sort(byNumber);
  const real = await Promise.all(paths.map((path) => hasHardware(root, path)));
  return paths.filter((_, i) => real[i]);
}

/** Whether a port has hardware: the kernel makes /dev/ttyS0...31 in any case, and a type of 0 means that there is no UART. */
async function hasHardware(root: string, path: string): Promise<boolean> {
  if (!/^\/dev\/ttyS\d+$/.test(path)) return true;
  try {
    return (await readFile(join(root, 'sys/class/tty', basename(path), 'type'), 'utf8')).trim() !== '0';
  } catch {
    return true;
  }
}

async function entries(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
