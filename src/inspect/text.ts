/**
 * A tree as text for people: one line for each node, with offset and octets at the left, name and meaning indented at the right. Every octet is
 * shown at the innermost node to which it belongs.
 */

import { checkOptions } from '../base/known-options.js';
import { counted, visibleText } from '../base/words.js';
import { type InspectNode, walkNodes } from './node.js';

/** Options of {@link renderText}. */
export interface TextOptions {
  /** Whether offsets and octets are shown at the left. Default true. */
  readonly octets?: boolean;
  /** The most octets of a field that are shown at the left. Default 8. */
  readonly columns?: number;
  /** The number of levels below the frames that are shown: 0 gives one line for each frame. Default all. */
  readonly depth?: number;
}

/** The most octets of a value that are written out. */
const VALUE_OCTETS = 64;
const HEX_TEXT = /^(?:[0-9A-F]{2})+$/;

/**
 * The text of a tree, one line for each node, without a line feed at the end.
 *
 * @example
 * ```ts
 * console.log(renderText(inspect(octets).node, { depth: 1 }));
 * ```
 */
export function renderText(tree: InspectNode, options: TextOptions = {}): string {
  checkOptions(options, { octets: true, columns: true, depth: true }, 'renderText');
  const { octets = true, columns = 8, depth = Number.POSITIVE_INFINITY } = options;
  const lines: string[] = [];
  const write = (node: InspectNode, space: string, level: number): void => {
    if (level > depth) return;
    const digits = node.octets ?? space;
    const left = octets ? `${place(node, node.octets === undefined)}  ${shown(node, digits, columns)}  ` : '';
    lines.push(`${left}${'  '.repeat(level)}${words(node)}`.trimEnd());
    const blank = octets ? ' '.repeat(left.length) : '';
    for (const remark of node.remarks ?? []) lines.push(`${blank}${'  '.repeat(level + 1)}~ ${visibleText(remark)}`);
    if (node.error !== undefined) {
      lines.push(`${blank}${'  '.repeat(level + 1)}! ${visibleText(node.error.message)}`);
    }
    for (const child of node.children ?? []) write(child, digits, level + 1);
  };
  // The root only contains the pieces of the input: it gets no line.
  if (tree.name === 'octets') for (const child of tree.children ?? []) write(child, tree.octets ?? '', 0);
  else write(tree, tree.octets ?? '', 0);
  return lines.join('\n');
}

/**
 * A frame in one line: `hdlc-frame I N(S)=1 N(R)=1 P/F, 48 to 1 | glo-get-request | get-request-normal Clock 0.0.1.0.0.255 Clock: time`.
 */
export function renderLine(tree: InspectNode): string {
  const parts: string[] = [];
  for (const node of walkNodes(tree)) {
    if (node !== tree && !isApdu(node)) continue;
    // The content of an envelope follows as a part of its own.
    const opened = node.children?.some(({ name }) => name === 'plaintext');
    const mark = node.authenticated === false ? ' (not verified)' : '';
    parts.push(node.text === undefined || opened ? `${node.name}${mark}` : `${node.name} ${node.text}`);
    if (node.error !== undefined) parts.push(`! ${node.error.message}`);
  }
  return visibleText(parts.join(' | '));
}

/** Whether a node is an APDU: its first part is a tag. */
function isApdu({ name, children }: InspectNode): boolean {
  return children?.[0]?.name === 'tag' || ACSE.has(name);
}

const ACSE: ReadonlySet<string> = new Set(['aarq', 'aare', 'rlrq', 'rlre']);

function place({ offset, length }: InspectNode, inSpace: boolean): string {
  return inSpace && length > 0 ? offset.toString(16).toUpperCase().padStart(4, '0') : '    ';
}

/** The octets of a node itself: all of them, or those before its first part. */
function shown({ offset, length, children = [] }: InspectNode, digits: string, columns: number): string {
  const width = 3 * columns + 1;
  const part = children.find((child) => child.octets === undefined && child.length > 0);
  const own = part === undefined ? (children.length > 0 ? 0 : length) : Math.max(0, part.offset - offset);
  const pairs = digits.slice(2 * offset, 2 * (offset + Math.min(own, columns))).match(/../g) ?? [];
  return `${pairs.join(' ')}${own > columns ? ' …' : ''}`.padEnd(width);
}

function words(node: InspectNode): string {
  const parts = [node.type, node.masked ? '(masked)' : valueText(node), node.text].filter(
    (part) => part !== undefined && part !== '',
  );
  // Text of a meter must not begin new lines.
  return visibleText(parts.length === 0 ? node.name : `${node.name}: ${parts.join('  ')}`);
}

/** A value as text; undefined for octets whose meaning is given in words. */
function valueText({ value, text, type }: InspectNode): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && HEX_TEXT.test(value) && type !== 'long64' && type !== 'long64-unsigned') {
    if (text !== undefined && value.length > 2) return undefined;
    const octets = value.length / 2;
    return octets > VALUE_OCTETS ? `${value.slice(0, 2 * VALUE_OCTETS)}… (${counted(octets, 'octet')})` : value;
  }
  return value === null ? (type === undefined ? undefined : 'null') : String(value);
}
