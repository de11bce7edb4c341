/** The recordings of other implementations (shared/transcripts/peers, short-names): one file a conversation. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { concat, fromHex } from '../../src/base/bytes.js';
import { decodeFrame, type HdlcFrame } from '../../src/link/hdlc-frame.js';
import { stripLlc } from '../../src/link/hdlc-llc.js';
import { decodeWpdu } from '../../src/link/wrapper-link.js';
import { sharedFolder } from '../support/vectors.js';

const folderOf = (of: Folder) => `${sharedFolder}transcripts/${of}/`;
const namesIn = (of: Folder): readonly string[] =>
  existsSync(folderOf(of)) ? readdirSync(folderOf(of)).filter((name) => name.endsWith('.txt')) : [];
export const havePeers = existsSync(folderOf('peers'));
export const peerNames = namesIn('peers');
/** Conversations by short names. */
export const shortNamePeers = namesIn('short-names');

type Folder = 'peers' | 'short-names';

/** Octets as they crossed the line, one frame. */
export interface Line {
  readonly fromClient: boolean;
  readonly octets: Uint8Array;
}

/** A whole APDU of either side, or what happens to the data link. */
export interface Message {
  readonly kind: 'payload' | 'connect' | 'disconnect';
  readonly fromClient: boolean;
  readonly client: number;
  readonly octets: Uint8Array;
}

/** One client's part of a conversation: with HDLC from SNRM to DISC. */
export interface Connection {
  readonly client: number;
  readonly lines: readonly Line[];
  readonly messages: readonly Message[];
}

export interface Recording {
  readonly name: string;
  readonly framing: 'hdlc' | 'wrapper';
  readonly connections: readonly Connection[];
  readonly serverTitle: Uint8Array;
  /** Password or HLS secret. */
  readonly secret: Uint8Array | undefined;
  readonly preEstablished: boolean;
}

export const EK = fromHex('000102030405060708090A0B0C0D0E0F');
export const AK = fromHex('D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF');

export function readRecording(name: string, of: Folder = 'peers'): Recording {
  const text = readFileSync(`${folderOf(of)}${name}`, 'utf8').split('\n');
  const header = text.filter((line) => line.startsWith('#')).join(' ');
  const framing = name.includes('wrapper') ? 'wrapper' : 'hdlc';
  const lines = text
    .filter((line) => (framing === 'hdlc' ? /^[<>] 7e/ : /^[<>] 0001/).test(line))
    .map((line) => ({ fromClient: line[0] === '>', octets: fromHex(line.slice(2)) }));
  const title = /(?:server system title|\(system title) ([0-9A-F]{16})/i.exec(header)?.[1] ?? '0000000000000000';
  const secret =
    /(?:password|secret|LLS) '([^']+)'/i.exec(header)?.[1] ?? (name.includes('cipher-high') ? 'Gurux' : undefined);
  return {
    name,
    framing,
    connections: (framing === 'hdlc' ? hdlcConnections(lines) : wrapperConnections(lines)).map((of) => {
      const messages = framing === 'hdlc' ? hdlcMessages(of) : of.map(wrapperMessage);
      return { client: (messages[0] as Message).client, lines: of, messages };
    }),
    serverTitle: fromHex(title),
    secret: secret === undefined ? undefined : new TextEncoder().encode(secret),
    preEstablished: name.includes('preestablished'),
  };
}

function hdlcConnections(lines: readonly Line[]): Line[][] {
  const connections: Line[][] = [];
  for (const line of lines) {
    if (decodeFrame(line.octets).control.type === 'SNRM') connections.push([]);
    connections.at(-1)?.push(line);
  }
  return connections;
}

function wrapperConnections(lines: readonly Line[]): Line[][] {
  const byClient = new Map<number, Line[]>();
  for (const line of lines) {
    const { client } = wrapperMessage(line);
    byClient.set(client, [...(byClient.get(client) ?? []), line]);
  }
  return [...byClient.values()];
}

function wrapperMessage({ fromClient, octets }: Line): Message {
  const { source, destination, apdu } = decodeWpdu(octets);
  return { kind: 'payload', fromClient, client: fromClient ? source : destination, octets: apdu };
}

function hdlcMessages(lines: readonly Line[]): Message[] {
  const messages: Message[] = [];
  const parts: { true: Uint8Array[]; false: Uint8Array[] } = { true: [], false: [] };
  for (const { fromClient, octets } of lines) {
    const frame: HdlcFrame = decodeFrame(octets);
    const client = (fromClient ? frame.source : frame.destination).upper;
    const kind = frame.control.type === 'SNRM' ? 'connect' : frame.control.type === 'DISC' ? 'disconnect' : undefined;
    if (kind !== undefined) messages.push({ kind, fromClient, client, octets });
    if (frame.control.type !== 'I') continue;
    const joined = parts[`${fromClient}`];
    joined.push(frame.information);
    if (frame.segmented) continue;
    const payload = stripLlc(concat(...joined), fromClient ? 'command' : 'any');
    if (payload === undefined) throw new Error('an I frame without LLC header');
    messages.push({ kind: 'payload', fromClient, client, octets: payload });
    joined.length = 0;
  }
  return messages;
}

/** A request with its answer. */
export interface Exchanged {
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

/** The requests of a connection with their answers, in order. */
export function exchanges({ messages }: Connection): Exchanged[] {
  const payloads = messages.filter((message) => message.kind === 'payload');
  const list: Exchanged[] = [];
  for (let i = 0; i < payloads.length; i += 2) {
    const [request, answer] = payloads.slice(i, i + 2);
    if (request?.fromClient !== true || answer?.fromClient !== false)
      throw new Error('requests and answers do not alternate');
    list.push({ request: request.octets, answer: answer.octets });
  }
  return list;
}
