import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ran, simulated } from './ran.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cosem-trouble-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

function file(name: string, text: string): string {
  writeFileSync(at(name), text);
  return at(name);
}

const run = (...line: string[]) => ran(line, { XDG_STATE_HOME: folder });

const read = (config: string, ...more: string[]) =>
  run('get', '1:0.0.96.1.0.255:2', '--config', at(config), '--connection', 'public', ...more);

describe('cosem simulate --fault', () => {
  it('makes answers late, not wrong', async () => {
    await using _ = await simulated('--seed', '5', '--fault', 'delay=300ms', '--write-config', at('late.json'));
    const begun = Date.now();
    const { exit, out } = await read('late.json');
    expect([exit, out]).toEqual([0, expect.stringContaining('10000005')]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(600);
  });

  it('may be given several times; a dead line is told as one', async () => {
    await using _ = await simulated(
      '--fault',
      'delay=1ms',
      '--fault',
      'drop-frames@100%',
      '--write-config',
      at('dead.json'),
    );
    const { exit, err } = await read('dead.json', '--timeout', '0.5');
    expect([exit, err]).toEqual([3, expect.stringContaining('no answer')]);
  });

  it('refuses associations, of a recorded meter too', async () => {
    {
      await using _ = await simulated('--write-config', at('own.json'));
      const dumped = await run(
        ...['dump', '--config', at('own.json'), '--connection', 'public', '--output', at('template.json')],
      );
      expect(dumped.exit).toBe(0);
    }
    const refusing = [
      '--template',
      at('template.json'),
      '--fault',
      'refuse-association',
      '--write-config',
      at('no.json'),
    ];
    await using _ = await simulated(...refusing);
    const { exit, err } = await read('no.json');
    expect([exit, err]).toEqual([4, expect.stringContaining('rejected-transient')]);
  });

  it.each(['hdlc', 'wrapper'])('may be of one meter of a fleet, %s', async (framing) => {
    await using _ = await simulated(
      ...['--fleet', '9', '--gateway', '--framing', framing, '--write-config', at('town.json')],
      ...['--fault', '5-6:refuse-association=permanent'],
    );
    expect((await read('town.json', '--meter', '4')).exit).toBe(0);
    expect(await read('town.json', '--meter', '5')).toMatchObject({
      exit: 4,
      err: expect.stringContaining('rejected-permanent'),
    });
    for (const [fault, words] of [
      ['9:echo', 'there are meters 0 to 8'],
      ['1:nonsense', "there is no fault 'nonsense'"],
    ] as const) {
      const fleet = ['--fleet', '9', '--gateway', '--framing', framing, '--tcp', '127.0.0.1:0'];
      const { exit, err } = await run('simulate', ...fleet, '--fault', fault);
      expect([exit, err]).toEqual([2, expect.stringContaining(words)]);
    }
  });

  it('is refused with the faults there are', async () => {
    const { exit, err } = await run('simulate', '--fault', 'noise=1');
    expect([exit, err]).toEqual([2, expect.stringContaining("there is no fault 'noise'")]);
    expect(err).toMatch(/hint: known are bit-errors, .*busy/);
    expect((await run('simulate', '--help')).out).toMatch(/silence=TIME\[@RATE\] +from a frame of the meter on/);
  });
});

describe('cosem simulate --scenario', () => {
  it('happens, and says so', async () => {
    const scenario = file('quick.yaml', '- after 300ms recharge 123\n- after 400ms fault busy=1ms for 100ms\n');
    await using server = await simulated('--seed', '5', '--scenario', scenario, '--write-config', at('quick.json'));
    await server.io.stderr.until(/quick\.yaml:2:3: after 400ms fault busy=1ms for 100ms \(over\)/);
    expect(server.io.stderr.text).toContain(`${scenario}:1:3: after 300ms recharge 123\n`);
    const balance = await run('get', '1:0.0.94.96.21.255:2', '--config', at('quick.json'), '--connection', 'reader');
    expect([balance.exit, balance.out]).toEqual([0, expect.stringMatching(/12300|123\.00/)]);
  });

  it.each([
    ['- at 18:00 magnet on\n- at 19:00 magnett off\n', ":2:12: there is no verb 'magnett'", 'known are magnet, cover'],
    ['- at 18:00 fault silence\n', ':1:18: fault: fault silence: for how long?', 'write silence=TIME[@RATE]'],
    ['- [\n', ':', 'a list: - at 18:00 magnet on'],
  ])('is refused with file, line and column: %j', async (text, message, hint) => {
    const scenario = file('wrong.yaml', text);
    const { exit, out, err } = await run('simulate', '--tcp', '127.0.0.1:0', '--scenario', scenario);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain(`cosem: ${scenario}${message}`);
    expect(err).toContain(hint);
  });

  it('that needs terminals is nothing for a recorded meter', async () => {
    {
      await using _ = await simulated('--write-config', at('source.json'));
      await run(...['dump', '--config', at('source.json'), '--connection', 'public', '--output', at('recorded.json')]);
    }
    const scenario = file('magnet.yaml', '- at 18:00 fault echo\n- at 18:00 magnet on\n');
    const { exit, err } = await run('simulate', '--template', at('recorded.json'), '--scenario', scenario);
    expect([exit, err]).toEqual([2, expect.stringContaining(`${scenario}:2:3: this meter can only be given faults`)]);
  });

  it('that is not there is told so', async () => {
    const { exit, err } = await run('simulate', '--scenario', at('nothing.yaml'));
    expect([exit, err]).toEqual([
      2,
      expect.stringContaining('nothing.yaml cannot be read: there is no such file or folder (ENOENT)'),
    ]);
  });
});
