/** What was found about the supply of a house, on the screen. */

import { type Output, wrapWords } from 'cosem/command';
import { wordSupplyCause, wordSupplyPart } from 'cosem/inspect';
import type { SupplyDiagnosis } from 'cosem/tools';
import { type Language, say } from '../src/index.js';

const LEAST_WIDTH = 20;

/** The verdict, what to do, what else was found, and what is not known. */
export function showSupply(output: Output, { verdict, also, evidence }: SupplyDiagnosis, language: Language): void {
  const { sentence, try: steps } = wordSupplyCause(verdict.id, verdict.facts, language);
  wrapped(output, '   ', sentence, (line) => output.style('bold', line));
  output.line(`   ${say(language, 'to-do')}`);
  for (const step of steps) wrapped(output, '   - ', step);
  if (also.length > 0) output.line(`   ${say(language, 'found-also')}`);
  for (const { id, facts } of also) wrapped(output, '   - ', wordSupplyCause(id, facts, language).sentence);
  const unread = evidence.unread.map((part) => wordSupplyPart(part, language)).join(', ');
  if (unread !== '') wrapped(output, '   ', say(language, 'found-unread', { what: unread }));
}

function wrapped(output: Output, mark: string, text: string, style = (line: string) => line): void {
  const lines = wrapWords(text, Math.max(output.width - mark.length, LEAST_WIDTH)).split('\n');
  output.line(...lines.map((line, i) => (i === 0 ? mark : ' '.repeat(mark.length)) + style(line)));
}

/** For programs: the sentences in each language. */
export function supplyDocument({ verdict, also, closing, evidence }: SupplyDiagnosis) {
  const said = ({ id, facts }: SupplyDiagnosis['verdict']) => ({
    id,
    sentence: { en: wordSupplyCause(id, facts, 'en').sentence, hi: wordSupplyCause(id, facts, 'hi').sentence },
    try: { en: [...wordSupplyCause(id, facts, 'en').try], hi: [...wordSupplyCause(id, facts, 'hi').try] },
  });
  return {
    verdict: said(verdict),
    also: also.map(said),
    closing: { order: closing.order ?? null, byCredit: closing.byCredit, barriers: [...closing.barriers] },
    unread: [...evidence.unread],
  };
}
