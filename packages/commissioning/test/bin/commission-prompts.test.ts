import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Output } from '../../../../bin/output.js';
import { VirtualClock } from '../../../../src/base/clock.js';
import { FakeIo } from '../../../../test/bin/fake-io.js';
import { ran } from '../../../../test/bin/ran.js';
import { openFolder } from '../../bin/folder.js';
import { PromptedInputs, Prompts } from '../../bin/prompted.js';
import { say } from '../../src/messages.js';
import { createWorkspace } from '../../src/platform/workspace.js';
import { defaultPolicy } from '../../src/policy.js';
import { orderOf, START } from '../bench.js';

/** A person at a terminal that shows what is written to stderr. */
function terminal() {
  const io = new FakeIo();
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  Object.assign(io, { stdin });
  const kept: unknown[] = [];
  const inputs = new PromptedInputs(
    new Prompts(io, 'en'),
    { installer: INSTALLER },
    (installer) => kept.push(installer),
    { clock: new VirtualClock(START), policy: defaultPolicy, keyOwner: 'R. Sharma' },
  );
  return { io, inputs, kept, type: (text: string) => stdin.write(text) };
}

const INSTALLER = { id: 'EMP-77', name: 'R. Sharma', letter: 'AMI/118', letterValidUntil: '2026-12-31' };

test('whoever says --language means it, whatever the file of answers says', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-language-'));
  mkdirSync(join(folder, 'orders'));
  const answers = join(folder, 'answers.json');
  writeFileSync(answers, '{"language": "en"}');
  const line = `commission --folder ${folder} --answers ${answers}`;
  expect((await ran(line)).out).toContain('There is no work order');
  expect((await ran(`${line} --language hi`)).out).toContain('कोई कार्य आदेश नहीं है');
  rmSync(folder, { recursive: true });
});

test('a wrong passphrase is told, and asked for again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cosem-passphrase-'));
  createWorkspace(folder, { name: 'R. Sharma', passphrase: 'four words and more', work: { n: 2 ** 14, r: 1, p: 1 } });
  const { io, type } = terminal();
  const terminalOf = { isTTY: true, columns: 80, cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
  Object.assign(io.stderr, terminalOf);
  const opened = openFolder({ io, output: new Output(io, false), options: {} }, folder, 'hi');
  await io.stderr.until(/कुंजियों का पासवर्ड/);
  type('four words and less\r');
  await io.stderr.until(/इस पासवर्ड से कुंजियाँ नहीं खुलतीं[\s\S]*कुंजियों का पासवर्ड/);
  type('four words and more\r');
  using workspace = await opened;
  expect(workspace.keys.name).toBe('R. Sharma');
  expect(io.stderr.text + io.stdout.text).not.toMatch(/four words/);
  rmSync(folder, { recursive: true });
});

test('an answer of a meter that makes no sense is not called impossible in Hindi', () => {
  expect(say('hi', 'meter-garbled', { what: '?' })).toMatch(/^मीटर का उत्तर समझ में नहीं आया: /);
});

describe('questions on a terminal', () => {
  test('an OTP shows as dots, a wrong form is told without it', async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.code();
    await io.stderr.until(/OTP, six digits/);
    type('27491\r');
    await io.stderr.until(/The OTP has six digits/);
    type('618205\r');
    expect((await asked).reveal()).toBe('618205');
    expect(io.stderr.text + io.stdout.text).not.toMatch(/27491|618205|61820/);
    expect(io.stderr.text).toContain('▪▪▪▪▪');
  });

  test('the number of a document shows as dots', async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.documents({ ...defaultPolicy, documents: { ...defaultPolicy.documents, required: 1 } });
    await io.stderr.until(/which kind/);
    for (const kind of ['Aadhaar', 'PAN', 'voter identity card', 'driving licence'])
      expect(io.stderr.text).toContain(kind);
    expect(io.stderr.text).not.toContain('another kind');
    type('\r');
    await io.stderr.until(/Its number/);
    type('987654321021\r');
    await io.stderr.until(/no number of its kind/);
    type('\u0015987654321012\r');
    await io.stderr.until(/Another document/);
    type('\r');
    expect(await asked).toEqual([{ type: 'aadhaar', number: '987654321012' }]);
    expect(io.stderr.text + io.stdout.text).not.toContain('9876');
  });

  test('where the policy takes any document, another kind is typed', async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.documents({ ...defaultPolicy, documents: { required: 1, types: [], refuseSeen: false } });
    await io.stderr.until(/another kind/);
    type('\u001b[A\r');
    await io.stderr.until(/Which one/);
    type('ration-card\r');
    await io.stderr.until(/Its number/);
    type('R-1234\r');
    await io.stderr.until(/Another document/);
    type('\r');
    expect(await asked).toEqual([{ type: 'ration-card', number: 'R-1234' }]);
  });

  test('the supply may not be cut yet: it is asked again, or stopped', async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.supplyMayBeCut();
    await io.stderr.until(/may the supply go off now/);
    type('\r');
    await io.stderr.until(/What now/);
    io.stderr.text = '';
    type('\r');
    await io.stderr.until(/may the supply go off now/);
    type('y');
    expect(await asked).toBe(true);
  });

  test('what was typed the last time is offered, and remembered', async () => {
    const { io, inputs, kept, type } = terminal();
    const asked = inputs.installer();
    for (const question of [/employee number/, /Your name/, /authorisation letter/, /Last day/, /identity card/]) {
      await io.stderr.until(question);
      type('\r');
    }
    // Enter is No, and No asks again.
    await io.stderr.until(/Show the consumer your identity card first/);
    type('y');
    expect(await asked).toEqual({ ...INSTALLER, identityCardShown: true });
    expect(kept).toEqual([]);
    inputs.accepted('installer');
    expect(kept).toEqual([INSTALLER]);
  });

  test('a wrong answer is told at its question, and what was typed is offered again', async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.oldMeter(orderOf());
    await io.stderr.until(/Serial number on the old meter/);
    type('\r');
    await io.stderr.until(/final reading/);
    type('much\r');
    await io.stderr.until(/The final reading is no number of kWh/);
    type('\u0015184.2\r');
    await io.stderr.until(/Its condition/);
    type('good\r');
    const answer = { serial: 'OLD-5567', finalReading: '184.2', condition: 'good' };
    expect(await asked).toEqual(answer);
    io.stderr.text = '';
    const again = inputs.oldMeter(orderOf());
    for (const question of [/Serial number/, /final reading/, /Its condition/]) {
      await io.stderr.until(question);
      type('\r');
    }
    expect(await again).toEqual(answer);
  });

  test("a name that is not the key owner's and a day that is none are refused at once", async () => {
    const { io, inputs, type } = terminal();
    const asked = inputs.installer();
    await io.stderr.until(/employee number/);
    type('\r');
    await io.stderr.until(/Your name/);
    type('x\r');
    await io.stderr.until(/belongs to R\. Sharma/);
    type('\u0015R. Sharma\r');
    await io.stderr.until(/authorisation letter/);
    type('\r');
    await io.stderr.until(/Last day/);
    type('\u0015soon\r');
    await io.stderr.until(/The last day of the letter is no date/);
    type('\u001531-12-2026\r');
    await io.stderr.until(/identity card/);
    type('y');
    expect(await asked).toEqual({ ...INSTALLER, identityCardShown: true });
    expect(io.stderr.text).not.toContain('letterValidUntil');
  });

  test('Ctrl-C ends a question, typed or signalled', async () => {
    for (const how of ['typed', 'signalled']) {
      const { io, inputs, type } = terminal();
      const asked = inputs.code();
      await io.stderr.until(/OTP, six digits/);
      if (how === 'typed') type('\u0003');
      else io.interrupt();
      await expect(asked).rejects.toMatchObject({ name: 'Interrupted' });
    }
  });
});
