import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main, program } from '../../bin/program.js';
import { FakeIo } from './fake-io.js';
import { ran } from './ran.js';

const COMMANDS = ['read', 'profile', 'relay', 'clock', 'objects', 'get', 'set', 'call', 'listen', 'ports'];

describe('help', () => {
  it('lists every command', async () => {
    const { exit, out } = await ran('--help');
    expect(exit).toBe(0);
    for (const name of COMMANDS) expect(out).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  it.each(COMMANDS)('of %s shows an example and --json', async (name) => {
    const { exit, out } = await ran([name, '--help']);
    expect(exit).toBe(0);
    expect(out).toContain(`$ cosem ${name}`);
    expect(out).toContain('--json');
  });

  it('of every command, and of the commands below it, is within 80 columns', async () => {
    const commands = [await program(new FakeIo())];
    const wide: string[] = [];
    for (const command of commands) {
      commands.push(...command.commands);
      const names: string[] = [];
      for (let up = command; up.parent !== null; up = up.parent) names.unshift(up.name());
      const { out } = await ran([...names, '--help']);
      wide.push(...out.split('\n').filter((line) => line.length > 80));
    }
    expect(commands.length).toBeGreaterThan(30);
    expect(wide).toEqual([]);
  });

  it('says of each command what the command says of itself', async () => {
    const lines = async (argv?: readonly string[]) => {
      const root = await program(new FakeIo(), argv);
      const help = root.createHelp();
      return help.visibleCommands(root).map((command) => `${help.subcommandTerm(command)}: ${command.summary()}`);
    };
    expect((await lines([])).sort()).toEqual((await lines()).sort());
  });

  it('loads the command that is called alone', async () => {
    const root = await program(new FakeIo(), ['clock', 'sync']);
    expect(root.commands.filter((command) => command.options.length > 1).map((command) => command.name())).toEqual([
      'clock',
    ]);
  });

  it('without a command goes to stderr and is a wrong use', async () => {
    const { exit, out, err } = await ran([]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('Usage: cosem');
  });

  it('tells the version of the package', async () => {
    expect((await ran('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong use: exit code 2, one sentence, what to try', () => {
  it.each([
    ['raed', "unknown command 'raed' (did you mean read?)"],
    ['read --speed 5', "unknown option '--speed'"],
    ['help nosuch', "unknown command 'nosuch'"],
    ['read enrgy', "did you mean 'energy'?"],
    ['profile 1.0.99.1.0.255 --last 0', '--last'],
    ['read heat', "there is no topic 'heat'"],
    ['read', 'which meter?'],
    ['get', "missing required argument 'target'"],
    ['get 3:1.0.1.8:2 --tcp a', "'1.0.1.8' is not a logical name (OBIS code)"],
    ['get 3:1.0.1.8.0.255 --tcp a', 'is not CLASS:OBIS:ATTRIBUTE'],
    ['set 1:1.0.0.8.0.255:2 unsigned=256 --tcp a', '256 is no value of unsigned'],
    ['set 1:1.0.0.8.0.255:2 colour=red --tcp a', "'colour' is no type of Data"],
    ['set 1:1.0.0.8.0.255:2 {"unsigned": --tcp a', 'the value is not JSON'],
    ['call 70:0.0.96.3.10.255:1 5 --tcp a', 'does not say its type'],
    ['profile 1.0.99.1.0.255 --last x --tcp a', "--last 'x' is not a whole number"],
    ['profile 1.0.99.1.0.255 --last 1 --from 2026-01-01 --tcp a', '--last and a range at once'],
    ['profile 1.0.99.1.0.255 --from 2026-02-30 --tcp a', 'a day or time that there is not'],
    ['profile 1.0.99.1.0.255 --from lately --tcp a', "'lately' is no date"],
    ['relay open --tcp a', "there is no action 'open'"],
    ['listen --tcp a:b', 'is not an address'],
    ['read --tcp a --companion mars', "no companion specification 'mars'"],
  ])('%s', async (line, words) => {
    const { exit, out, err } = await ran(line);
    expect(err).toContain(words);
    expect(err).toMatch(/^cosem: .+\n( {7}hint: .+\n)?$/);
    expect([exit, out]).toEqual([2, '']);
  });

  it('is a document with --json', async () => {
    const { exit, io } = await ran('read --json');
    expect(exit).toBe(2);
    expect(io.document()).toEqual({
      error: { code: 'usage', message: 'which meter?', hint: expect.stringContaining('--tcp HOST:PORT') },
      exit: 2,
    });
    expect(io.stderr.text).toContain('which meter?');
  });
});

describe('no meter: exit code 3', () => {
  let silent: Server;
  let garbage: Server;
  let port: (server: Server) => number;
  beforeAll(async () => {
    silent = createServer(() => {});
    garbage = createServer((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')).on('error', () => {}),
    );
    for (const server of [silent, garbage]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    port = (server) => (server.address() as { port: number }).port;
  });
  afterAll(() => {
    for (const server of [silent, garbage]) server.close();
  });

  it('a port where nothing listens', async () => {
    const { exit, err } = await ran('read --tcp 127.0.0.1:1');
    expect([exit, err]).toEqual([3, expect.stringContaining('the connection was refused')]);
  });

  it('a serial port that there is not', async () => {
    const { exit, err } = await ran('read --serial /dev/ttyNONE7 --json');
    expect([exit, err]).toEqual([3, expect.stringContaining('there is no such port')]);
  });

  it.each(['hdlc', 'wrapper'])('a listener that says nothing (%s)', async (framing) => {
    const { exit, err } = await ran(`read --tcp 127.0.0.1:${port(silent)} --framing ${framing} --timeout 0.4`);
    expect(exit).toBe(3);
    expect(err).toContain('hint: ');
  });

  it.each(['hdlc', 'wrapper'])('somebody who answers something else is a bad answer, 5 (%s)', async (framing) => {
    const { exit, err } = await ran(`read --tcp 127.0.0.1:${port(garbage)} --framing ${framing} --timeout 0.4`);
    expect(exit).toBe(5);
    expect(err).toContain('framing');
  });

  it('ends on Ctrl-C with 130', async () => {
    const io = new FakeIo();
    const ended = main(['read', '--tcp', `127.0.0.1:${port(silent)}`, '--timeout', '60'], io);
    await new Promise<void>((done) => silent.once('connection', () => done()));
    io.interrupt();
    expect(await ended).toBe(130);
  });
});

describe('an error on a terminal', () => {
  const long = ['read', '--tcp', '127.0.0.1:1', '--connection', 'x'.repeat(30)];
  const told = async (isTTY: boolean, columns?: number) => {
    const io = new FakeIo();
    Object.assign(io.stderr, { isTTY, columns });
    expect(await main(long, io)).toBe(2);
    return io.stderr.text.trimEnd().split('\n');
  };

  it('is broken between words, what goes on below its beginning', async () => {
    const lines = await told(true, 40);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(40 + 30);
    expect(lines[0]).toMatch(/^cosem: \S/);
    expect(lines[1]).toMatch(/^ {7}\S/);
    const whole = await told(false);
    expect(lines.map((line) => line.trim()).join(' ')).toBe(whole.map((line) => line.trim()).join(' '));
    expect(whole).toHaveLength(2);
  });
});
