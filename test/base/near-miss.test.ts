import { describe, expect, it } from 'vitest';
import { suggestion } from '../../src/inspect.js';

describe('the word that was probably meant', () => {
  it.each([
    ['hdcl', ['hdlc', 'wrapper', 'mode-e'], 'hdlc'],
    ['enrgy', ['energy', 'balance'], 'energy'],
    ['Reeder', ['public', 'reader'], 'reader'],
    ['wrapepr', ['hdlc', 'wrapper'], 'wrapper'],
    ['no', ['on', 'off'], 'on'],
  ])('of %s is found', (written, words, meant) => {
    expect(suggestion(written, words)).toBe(`did you mean '${meant}'? one of ${words.join(', ')}`);
  });

  it.each([
    ['red', ['hdlc', 'wrapper']],
    ['ab', ['ba-long', 'xyz']],
    ['', ['on', 'off']],
  ])('of %j is not made up', (written, words) => {
    expect(suggestion(written, words)).toBe(`one of ${words.join(', ')}`);
  });
});
