/** APDUs as nodes: their fields, the content of ciphered ones, and joined blocks. */

import { readActionResult } from '../apdu/action.js';
import type { Apdu, CipheredApdu, GatewayApdu } from '../apdu/apdu.js';
import { readApdu } from '../apdu/codec.js';
import { readDataField, readDataResult, readList, readPairs } from '../apdu/fields.js';
import { gatewayText } from '../apdu/gateway.js';
import { received } from '../apdu/received.js';
import { readVariableAccess, readVariables } from '../apdu/short-names.js';
import { apduTagName } from '../apdu/tags.js';
import { Reader } from '../base/cursor.js';
import { CosemError, DecodeError } from '../base/errors.js';
import { given } from '../base/given.js';
import { counted } from '../base/words.js';
import { readData } from '../codec/axdr.js';
import { SecurityControl } from '../security/ciphering.js';
import { acseFields } from './acse-node.js';
import { cipheredFields, isTelegramText, openCiphered, whyNotOpened } from './ciphered-node.js';
import type { Conversation, Joined } from './conversation.js';
import { type FieldScope, fieldNode, rawMeaning } from './field-node.js';
import { viewGeneral } from './general-node.js';
import { iec21Nodes } from './iec21-node.js';
import { type Draft, node, nodeError, seal } from './node.js';
import type { InspectOptions } from './options.js';
import { fieldsOf, TracingReader } from './trace.js';
import type { Target } from './words.js';

/** An APDU and its node. */
export interface ApduView {
  readonly draft: Draft;
  /** As it came; undefined when it does not decode. */
  readonly outer: Apdu | undefined;
  /** Without protection and blocks: what the ciphered APDU holds, or the blocks together. Undefined where it is not known. */
  readonly apdu: Apdu | undefined;
  /** Deciphered octets: those of `apdu`, or of the user-information of an ACSE APDU. */
  readonly plaintext?: Uint8Array;
  /** Whether an authentication tag proved the deciphered octets. */
  readonly authenticated?: boolean;
  /** The APDU that the blocks of a general-block-transfer make together. */
  readonly assembled?: Uint8Array;
  readonly error?: CosemError;
}

export interface ApduScope {
  readonly options: InspectOptions;
  readonly conversation: Conversation;
  /** Tells one side of the conversation from the other. */
  readonly sender: string;
  /** In how many envelopes it is. */
  readonly depth: number;
}

/** The most envelopes inside each other that are opened: block transfer, ciphering and the InitiateRequest of an AARQ are three. */
const MAX_ENVELOPES = 4;

/** Makes the node of the APDU between two offsets. Never throws because of what a peer sent. */
export function viewApdu(bytes: Uint8Array, start: number, end: number, scope: ApduScope): ApduView {
  let r = new TracingReader(bytes, start, end);
  let outer: Apdu;
  const remarks: string[] = [];
  const { strict = false } = scope.options;
  try {
    outer = received({ strict, onRemark: ({ code, text }) => remarks.push(`${code}: ${text}`) }, (options) => {
      r = new TracingReader(bytes, start, end);
      return readApdu(r, options);
    });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { draft: brokenNode(r, start, error, scope), outer: undefined, apdu: undefined, error };
  }
  const view = viewRead(outer, r, start, scope);
  if (remarks.length > 0) view.draft.remarks = remarks;
  // Surplus octets are shown, but not decoded: nothing protects them.
  if (r.offset < end) {
    view.draft.children = [...(view.draft.children ?? []), surplusNode(bytes, r.offset, end, scope.options)];
    view.draft.length = end - view.draft.offset;
  }
  return view;
}

/** A node of surplus octets after something complete. */
export function surplusNode(
  bytes: Uint8Array,
  start: number,
  end: number,
  options: InspectOptions,
  name = 'trailing',
): Draft {
  return node(name, start, end, rawMeaning(bytes.subarray(start, end), options));
}

function tagNode(bytes: Uint8Array, start: number, name: string): Draft {
  return node('tag', start, start + 1, { value: bytes[start] as number, text: name });
}

/** The node of an APDU that was decoded and ends where the reader is. */
function viewRead(outer: Apdu, r: TracingReader, start: number, scope: ApduScope): ApduView {
  const { bytes, offset: end } = r;
  const targets = scope.conversation.targetsOf(outer);
  scope.conversation.note(outer);
  if (outer.type === 'ciphered') return viewCiphered(outer, r, start, scope);
  if (outer.type === 'general-ciphering' || outer.type === 'general-signing') {
    const fields = tracedFields(r, start, [], scope);
    if (scope.depth >= MAX_ENVELOPES)
      return { draft: node(outer.type, start, end, { children: fields }), outer, apdu: undefined };
    const view = (octets: Uint8Array, from: number, to: number) =>
      viewApdu(octets, from, to, { ...scope, depth: scope.depth + 1 });
    return viewGeneral({ outer, fields, bytes, start, end, options: scope.options, view });
  }
  if (outer.type === 'gateway-request' || outer.type === 'gateway-response') return viewBehind(outer, r, start, scope);
  if (outer.type === 'aarq' || outer.type === 'aare' || outer.type === 'rlrq' || outer.type === 'rlre') {
    let inner: ApduView | undefined;
    const children = acseFields(outer, new Reader(bytes, start, end), scope.options, (from, to) => {
      inner = viewApdu(bytes, from, to, { ...scope, depth: scope.depth + 1 });
      return [inner.draft];
    });
    const draft = node(outer.type, start, end, { children });
    summarize(draft);
    return { draft, outer, apdu: outer, ...deciphered(inner), ...errorOf(inner) };
  }
  if (outer.type === 'unsupported') {
    const text = 'not supported yet';
    const meaning = scope.options.mask
      ? {
          text,
          children: [tagNode(bytes, start, outer.name), surplusNode(bytes, start + 1, end, scope.options, 'content')],
        }
      : { text, ...rawMeaning(outer.bytes, scope.options) };
    return { draft: node(outer.name, start, end, meaning), outer, apdu: outer };
  }
  const children = tracedFields(r, start, targets, scope);
  const draft = node(outer.type, start, end, { children });
  summarize(draft);
  return viewJoined(outer, draft, scope);
}

function deciphered(inner: ApduView | undefined): Pick<ApduView, 'plaintext' | 'authenticated'> {
  return given({ plaintext: inner?.plaintext, authenticated: inner?.authenticated });
}

function errorOf(inner: ApduView | undefined): { error?: CosemError } {
  return given({ error: inner?.error });
}

/** Nodes of tag, CHOICE and fields, as the decoder read them. */
function tracedFields(
  r: TracingReader,
  start: number,
  targets: readonly (Target | undefined)[],
  scope: ApduScope,
  hidden = false,
): Draft[] {
  const service = apduTagName(r.bytes[start] as number) ?? 'unknown';
  const fieldScope: FieldScope = {
    bytes: r.bytes,
    options: scope.options,
    service,
    targets,
    index: 0,
    classId: 0,
    hidden,
  };
  const fields = fieldsOf(r.marks, r.offset).filter((field) => field.end > field.start);
  const head = fields[0]?.start ?? start + 1;
  const nodes = [tagNode(r.bytes, start, service)];
  if (head > start + 1) nodes.push(node('choice', start + 1, head, { value: r.bytes[start + 1] as number }));
  return [...nodes, ...fields.map((field) => fieldNode(field, fieldScope))];
}

/** The node of an APDU that does not decode: the fields up to the fault, then the octets that are left. */
function brokenNode(r: TracingReader, start: number, error: DecodeError, scope: ApduScope): Draft {
  const tag = r.bytes[start];
  const name = (tag === undefined ? undefined : apduTagName(tag)) ?? 'unknown';
  const children = tag === undefined || name === 'unknown' ? [] : tracedFields(r, start, [], scope, scope.options.mask);
  const reached = children.at(-1);
  const from = Math.min(reached === undefined ? start : reached.offset + reached.length, r.end);
  if (from < r.end) {
    children.push(node('undecoded', from, r.end, rawMeaning(r.bytes.subarray(from, r.end), scope.options)));
  }
  if (error.reason === 'truncated' && !children.some(endsCut)) {
    const text = r.lacking > 0 ? `${counted(r.lacking, 'octet')} missing` : 'the rest is missing';
    children.push(node('cut here', r.end, r.end, { text }));
  }
  return node(name, start, r.end, { error: nodeError(error), children });
}

/** Whether a node below this one shows already where it was cut. */
function endsCut({ name, children }: Draft): boolean {
  return name === 'cut here' || children?.some(endsCut) === true;
}

/** Gives the node the text that people want to see first: its object or its result. */
function summarize(draft: Draft): void {
  const found = draft.children?.find(({ name }) => TELLING.has(name));
  // Of a list of one, as Read and Write have it, the one element tells.
  const telling =
    found !== undefined && LISTS.has(found.name) && found.children?.length === 1 ? found.children[0] : found;
  const words = telling && (telling.text ?? valueWords(telling));
  if (words !== undefined) draft.text = words;
}

const TELLING: ReadonlySet<string> = new Set([
  'attribute',
  'method',
  'attributes',
  'methods',
  'specifications',
  'result',
  'response',
  'responses',
  'results',
  'state-error',
  'service-error',
  'block',
  'block-control',
  'variables',
  'results',
]);

const LISTS: ReadonlySet<string> = new Set(['variables', 'results']);

/** The text of a result: its value, or why there is none. */
function valueWords({ children = [] }: Draft): string | undefined {
  const part = children.find(({ name }) => name === 'data' || name === 'data-access-result' || name === 'block-number');
  if (part === undefined || part.masked) return undefined;
  if (part.name === 'block-number') return `block ${part.value}`;
  return [part.type, part.text ?? shortened(part.value)].filter((word) => word !== undefined).join(' ');
}

const LONGEST_WORD = 48;

function shortened(value: Draft['value']): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = String(value);
  return text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD)}…` : text;
}

function viewCiphered(outer: CipheredApdu, r: TracingReader, start: number, scope: ApduScope): ApduView {
  const name = apduTagName(outer.tag) as string;
  const children = cipheredFields(outer, new Reader(r.bytes, start, r.offset));
  const draft = node(name, start, r.offset, { children });
  if (scope.depth >= MAX_ENVELOPES) return { draft, outer, apdu: undefined };
  const opened = openCiphered(outer, scope);
  scope.conversation.noteCounter(outer.invocationCounter);
  if ('text' in opened) {
    draft.text = opened.text;
    return { draft, outer, apdu: undefined };
  }
  if ('error' in opened) {
    draft.error = nodeError(opened.error);
    return { draft, outer, apdu: undefined, error: opened.error };
  }
  const { plaintext } = opened;
  const text = isTelegramText(plaintext) ? iec21Nodes(plaintext, 0, plaintext.length) : undefined;
  const inner: ApduView =
    text === undefined
      ? viewApdu(plaintext, 0, plaintext.length, { ...scope, depth: scope.depth + 1 })
      : { draft: node('text', 0, plaintext.length, { children: text }), outer: undefined, apdu: undefined };
  const unproved = (outer.securityControl & SecurityControl.authentication) === 0;
  // When the security control was changed on the way, the authentication tag looks like surplus octets.
  const surplus = inner.draft.remarks?.some((remark) => remark.startsWith('surplus-octets')) === true;
  if (unproved && text === undefined && (inner.outer === undefined || surplus)) {
    const error = whyNotOpened(outer, scope);
    draft.error = nodeError(error);
    return { draft, outer, apdu: undefined, error };
  }
  const plainNode = node('plaintext', 0, plaintext.length, { children: text ?? [inner.draft] });
  children.push(seal({ draft: plainNode, bytes: plaintext }));
  if (inner.draft.text !== undefined) draft.text = inner.draft.text;
  const tagged = (outer.securityControl & SecurityControl.authentication) !== 0;
  if (tagged && !opened.authenticated) {
    draft.authenticated = false;
    draft.text = ['not verified: no authentication key given', inner.draft.text].filter(Boolean).join('; ');
  }
  const { apdu } = inner;
  // A message in two envelopes is proved only if both are.
  const authenticated = opened.authenticated && inner.authenticated !== false;
  return { draft, outer, apdu, plaintext: inner.plaintext ?? plaintext, authenticated, ...errorOf(inner) };
}

/** The header of a gateway, and the APDU behind it: that of a conversation of its own with the meter. */
function viewBehind(outer: GatewayApdu, r: TracingReader, start: number, scope: ApduScope): ApduView {
  const apduStart = r.offset - outer.apdu.length;
  const children = tracedFields(r, start, [], scope).filter((field) => field.offset < apduStart);
  const meter = gatewayText(outer);
  const conversation = scope.conversation.behind(meter);
  const inner = viewApdu(r.bytes, apduStart, r.offset, { ...scope, conversation, sender: `${scope.sender} ${meter}` });
  const draft = node(outer.type, start, r.offset, { children: [...children, inner.draft] });
  const words = [inner.draft.name, inner.draft.text].filter((word) => word !== undefined);
  draft.text = `meter ${meter}: ${words.join(' ')}`;
  return { ...inner, draft, outer };
}

/** Remembers a block; with the last one, adds a node for all blocks together. */
function viewJoined(outer: Apdu, draft: Draft, scope: ApduScope): ApduView {
  let joined: Joined | undefined;
  try {
    joined = scope.conversation.join(outer, scope.sender);
  } catch (error) {
    if (!(error instanceof CosemError)) throw error;
    draft.error = nodeError(error);
    return { draft, outer, apdu: outer, error };
  }
  if (joined === undefined || scope.depth >= MAX_ENVELOPES) return { draft, outer, apdu: outer };
  const whole = node('joined', 0, joined.bytes.length, {
    text: `${counted(joined.bytes.length, 'octet')} of all blocks`,
  });
  (draft.children as Draft[]).push(whole);
  if (joined.content === 'apdu') {
    const inner = viewApdu(joined.bytes, 0, joined.bytes.length, { ...scope, depth: scope.depth + 1 });
    whole.children = [inner.draft];
    seal({ draft: whole, bytes: joined.bytes });
    return { ...inner, draft, outer, assembled: joined.bytes };
  }
  const error = addJoinedValue(whole, joined, scope);
  seal({ draft: whole, bytes: joined.bytes });
  return error === undefined ? { draft, outer, apdu: outer } : { draft, outer, apdu: outer, error };
}

const JOINED_READERS = {
  data: (r: Reader) => readDataField(r, 'data'),
  'data-list': (r: Reader) => readList(r, 'values', readData),
  'get-results': (r: Reader) => readList(r, 'results', readDataResult),
  'action-result': readActionResult,
  'action-results': (r: Reader) => readList(r, 'responses', readActionResult),
  variables: readVariables,
  assignments: (r: Reader) => readPairs(r, 'variables', readVariableAccess),
} as const;

/** Which of them to try, in this order, when the request was not seen. */
const UNKNOWN = ['data', 'get-results', 'action-result'] as const;

function addJoinedValue(whole: Draft, joined: Joined, scope: ApduScope): CosemError | undefined {
  const { bytes, content, targets } = joined;
  let failure: DecodeError | undefined;
  for (const kind of content === undefined ? UNKNOWN : [content as keyof typeof JOINED_READERS]) {
    const r = new TracingReader(bytes, 0, bytes.length);
    try {
      JOINED_READERS[kind](r);
      r.done();
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      failure ??= error;
      continue;
    }
    const service = joined.service ?? (kind.startsWith('action') ? 'action-response' : 'get-response');
    const hidden = content === undefined && scope.options.mask === true;
    const fieldScope: FieldScope = { bytes, options: scope.options, service, targets, index: 0, classId: 0, hidden };
    whole.children = fieldsOf(r.marks, r.offset).map((field) => fieldNode(field, fieldScope));
    return undefined;
  }
  if (failure !== undefined) whole.error = nodeError(failure);
  // What cannot be read may be a secret.
  if (scope.options.mask) whole.masked = true;
  return failure;
}
