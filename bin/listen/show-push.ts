import type { CaptureColumn } from '../../src/classes.js';
import {
  type Companion,
  type Data,
  dataText,
  type Push,
  type PushEvent,
  type Reading,
  toHex,
} from '../../src/index.js';
import { visibleText } from '../../src/inspect.js';
import { dataToJson, gatewayText, logicalNameFromBytes } from '../../src/protocol.js';
import type { Run } from '../command.js';
import { failureOf } from '../failure.js';
import { columnTitle } from '../format.js';
import type { Json } from '../output.js';

/** A push as the document of `--json`, and for people. */
export function showPush({ output }: Run, push: Push, from: string, companion: Companion): void {
  const { message, protection, list, time } = push;
  const readings = push.readings.map((reading) => ({
    reading,
    title: titleOf(reading, companion),
    text: textOf(reading),
  }));
  output.documentLine({
    event: 'notification',
    from,
    type: message.type,
    framing: push.framing,
    protection,
    authenticated: push.authenticated,
    sender: push.sender ?? null,
    systemTitle: push.systemTitle ?? null,
    gateway: push.gateway === undefined ? null : gatewayText(push.gateway),
    device: push.device ?? null,
    time: time?.toText() ?? null,
    push: list?.title ?? null,
    list: list === undefined ? null : { id: list.id, trust: list.trust },
    remarks: push.remarks.map(({ code, text }): Json => ({ code, text })),
    values: [
      ...readings.map(
        ({ reading, title, text }): Json => ({
          object: `${reading.classId}:${reading.logicalName}:${reading.attributeId}`,
          name: title,
          text,
          value: reading.value?.toString() ?? null,
          unit: reading.unit ?? null,
          scaler: reading.scaler ?? null,
          data: dataToJson(reading.data),
        }),
      ),
      ...push.unnamed.map((data): Json => ({ object: null, name: null, text: dataText(data), data: dataToJson(data) })),
    ],
  });
  const whose = push.sender === undefined ? '' : `, meter ${push.sender}`;
  const safety = safetyOf(push);
  const what = list?.title ?? message.type;
  output.heading(`${what} from ${from}${whose}, ${safety}${time === undefined ? '' : `, ${time.toText()}`}`);
  const rows = [
    ...readings.map(({ reading: { classId, logicalName, attributeId }, title, text }) => [
      title,
      output.style('bold', text),
      output.style('dim', `${classId}:${logicalName}:${attributeId}`),
    ]),
    ...push.unnamed.map((data, i) => [
      `value ${i + 1}, not named`,
      output.style('bold', dataText(data)),
      output.style('dim', data.type),
    ]),
  ];
  output.table([{ title: '' }, { title: '' }, { title: '' }], rows, '  ');
  for (const { code, text } of push.remarks) output.line(output.style('dim', `  ~ ${code}: ${text}`));
  output.line();
}

function safetyOf({ protection, authenticated }: Push): string {
  if (protection === 'none') return 'not protected';
  if (authenticated) return protection;
  return `${protection}, NOT VERIFIED (${protection === 'encryption' ? 'it has no tag' : 'no --ak'})`;
}

/** For people: what was received and is no push. */
export function refusalText(event: Exclude<PushEvent, { type: 'push' }>): string {
  if (event.type === 'refused') {
    const { message, hint } = failureOf(event.error);
    // The hint is a line of its own, after text that others may have written.
    return `${visibleText(message)}${hint === undefined ? '' : `\n  hint: ${hint}`}`;
  }
  if (event.type === 'incomplete') return event.reason;
  const { octets, reason } = event;
  const beginning = toHex(octets.subarray(0, SHOWN));
  return `${reason} (${beginning}${octets.length > SHOWN ? '…' : ''})`;
}

/** How many octets are shown of something that makes no sense. */
const SHOWN = 8;

function titleOf({ name, classId, logicalName, attributeId }: Reading, companion: Companion): string {
  if (attributeId === 2) return name;
  const column: CaptureColumn = { classId, logicalName, attributeIndex: attributeId, dataIndex: 0 };
  return columnTitle(column, companion);
}

function textOf({ attributeId, data, text }: Reading): string {
  return attributeId === 1 && isName(data) ? logicalNameFromBytes(data.value) : text;
}

function isName(data: Data): data is Extract<Data, { type: 'octet-string' }> {
  return data.type === 'octet-string' && data.value.length === 6;
}
