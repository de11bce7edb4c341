import { Composer, type CST, type Document, Lexer, type LineCounter, Parser } from 'yaml';
import { StateError } from '../../src/base/errors.js';
import { counted } from '../../src/base/words.js';

/** Longest text of a scenario in characters: a thousand steps need less than half of it. */
const MOST = 65_536;
/** A list in a map is nested in three levels. The YAML library recurses once for each level, and a stack overflow would end the process. */
const MAX_DEPTH = 16;
const HINT = 'a list: - at 18:00 magnet on';

/**
 * Reads the YAML of a scenario. Its length is checked before it is parsed; parsing ends at the first error; and it is only composed when it
 * is nested no deeper than a scenario is.
 * @throws StateError that begins with the file.
 */
export function composed(text: string, lines: LineCounter, file: string): Document {
  if (text.length > MOST) {
    throw new StateError(`${file}: ${counted(text.length, 'character')}, and a scenario has ${MOST} at most`, {
      hint: 'cut it into several files, or let steps repeat: every 30m',
    });
  }
  const composer = new Composer({ prettyErrors: false });
  const [document, more] = composer.compose(tokens(text, lines, file), true, text.length);
  if (more !== undefined)
    throw new StateError(`${file}: several documents (---), and a scenario is one`, { hint: HINT });
  if (document === undefined) throw new StateError(`${file}:1:1: there are no steps`, { hint: HINT });
  return document;
}

function* tokens(text: string, lines: LineCounter, file: string): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === 'error') return;
    }
    if (parser.stack.length > MAX_DEPTH) {
      const { line, col } = lines.linePos(parser.offset);
      throw new StateError(`${file}:${line}:${col}: nested in more than ${MAX_DEPTH} levels`, { hint: HINT });
    }
  }
  yield* parser.end();
}
