import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPorts } from '../../src/transport/node-ports.js';

let root: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cosem-ports-'));
  await mkdir(join(root, 'dev/serial/by-id'), { recursive: true });
  for (const name of ['ttyUSB10', 'ttyUSB2', 'ttyS0', 'ttyS1', 'tty0', 'null'])
    await writeFile(join(root, 'dev', name), '');
  await symlink('../../ttyUSB2', join(root, 'dev/serial/by-id/usb-FTDI_FT232R-if00-port0'));
  for (const [name, type] of [
    ['ttyS0', '4'],
    ['ttyS1', '0'],
  ] as const) {
    await mkdir(join(root, 'sys/class/tty', name), { recursive: true });
    await writeFile(join(root, 'sys/class/tty', name, 'type'), `${type}\n`);
  }
});

afterAll(() => rm(root, { recursive: true }));

describe('the list of ports', () => {
  it('has what udev tells, without UARTs that are none', async () => {
    const list = async () => [
      { path: '/dev/ttyS0' },
      { path: '/dev/ttyS1' },
      {
        path: '/dev/ttyUSB2',
        manufacturer: 'FTDI',
        serialNumber: 'A9',
        vendorId: '0403',
        productId: '6001',
        pnpId: 'x',
        locationId: undefined,
      },
    ];
    expect(await listPorts({ list, root })).toEqual({
      ports: [
        { path: '/dev/ttyS0' },
        {
          path: '/dev/ttyUSB2',
          stablePath: '/dev/serial/by-id/usb-FTDI_FT232R-if00-port0',
          manufacturer: 'FTDI',
          serialNumber: 'A9',
          vendorId: '0403',
          productId: '6001',
        },
      ],
    });
  });

  it('has the names in /dev where udevadm is missing, and says so', async () => {
    const list = () => Promise.reject(Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' }));
    const { ports, note } = await listPorts({ list, root });
    expect(ports).toEqual([
      { path: '/dev/ttyS0' },
      { path: '/dev/ttyUSB2', stablePath: '/dev/serial/by-id/usb-FTDI_FT232R-if00-port0' },
      { path: '/dev/ttyUSB10' },
    ]);
    expect(note).toMatch(/udevadm is not installed.*apt install udev/);
  });

  it('is empty where there is nothing, and never throws', async () => {
    const list = () => Promise.reject(new Error('broken'));
    expect((await listPorts({ list, root: join(root, 'nowhere') })).ports).toEqual([]);
    const real = await listPorts();
    expect(Array.isArray(real.ports)).toBe(true);
  });
});

it('names what to install where serialport is not there', async () => {
  const list = () =>
    Promise.reject(Object.assign(new Error("Cannot find package 'serialport'"), { code: 'ERR_MODULE_NOT_FOUND' }));
  expect((await listPorts({ list })).note).toContain('npm install serialport');
});
