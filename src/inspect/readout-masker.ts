/** Hides the passwords of IEC 62056-21 in octets as they cross the line. */

import { toLatin1 } from '../base/bytes.js';

/** What a direction is within: `P`, `P1` or `P2`, one more character (STX), and a value in brackets. */
type State = 'text' | 'p' | 'command' | 'begun' | 'value';

/**
 * The text of a readout for people, with the passwords in it hidden: what stands in brackets behind P1 or P2. Octets may come in any pieces, and
 * also back from the line (echo): make one for a conversation, and give it the octets of each direction in their order.
 */
export class ReadoutMasker {
  readonly #states = new Map<string, State>();

  /** @returns the text of these octets without parity, with `***` in place of a password. */
  text(direction: 'sent' | 'received', octets: Uint8Array): string {
    let state = this.#states.get(direction) ?? 'text';
    let text = '';
    for (const character of toLatin1(octets.map((octet) => octet & 0x7f))) {
      if (state === 'value') {
        if (character !== ')') continue;
        state = 'text';
      } else if (character === '(' && (state === 'command' || state === 'begun')) {
        text += '(***';
        state = 'value';
        continue;
      } else state = after(state, character);
      text += character;
    }
    this.#states.set(direction, state);
    return text;
  }
}

function after(state: State, character: string): State {
  if (state === 'p' && (character === '1' || character === '2')) return 'command';
  if (state === 'command') return 'begun';
  return character === 'P' ? 'p' : 'text';
}
