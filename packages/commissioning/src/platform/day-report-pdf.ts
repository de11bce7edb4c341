import type { Millis } from 'cosem';
import { dateText, visibleText } from 'cosem/inspect';
import { clockText, type DayReport, type DayReportRow, reportTotals } from '../day-report.js';
import { type Message, messages } from '../messages.js';
import type { Policy } from '../policy.js';
import { newPdf } from './pdf-document.js';
import { PdfPen, type TextStyle } from './pdf-pen.js';

const PAGE = { width: 595.28, height: 841.89 };
const MARGIN = 34;
const WIDTH = PAGE.width - 2 * MARGIN;
const BOTTOM = PAGE.height - 46;
const GREEN = '#0b6b3a';
const GREY = '#4c525d';
const SMALL: TextStyle = { size: 8, leading: 1.25 };

/** Parts of the width. */
const COLUMNS = [
  { title: 'report-order', part: 0.2 },
  { title: 'report-consumer', part: 0.2 },
  { title: 'report-time', part: 0.12 },
  { title: 'report-outcome', part: 0.13 },
  { title: 'report-reason', part: 0.35 },
] as const;

/** The report of a day as PDF, as many pages of A4 as it needs: fonts inside, tagged, so that its text can be read aloud and copied. */
export async function dayReportPdf(report: DayReport, policy: Policy, now: Millis): Promise<Uint8Array> {
  const title = messages['report-title'];
  const { pdf, octets } = await newPdf({
    title: `${title.hi} / ${title.en} ${dateText(report.day)}`,
    author: visibleText(report.utility),
    at: new Date(now),
  });
  const whole = pdf.struct('Document');
  pdf.addStructure(whole);
  const pages = new Pages(new PdfPen(pdf, true, whole));
  pages.head(report, policy);
  for (const row of report.rows) pages.row(row, policy);
  whole.end();
  pdf.end();
  return new Uint8Array(await octets);
}

/** Draws downwards, and goes on to the next page where one is full. */
class Pages {
  readonly #pen: PdfPen;
  #y = MARGIN;
  #page = 1;

  constructor(pen: PdfPen) {
    this.#pen = pen;
  }

  head(report: DayReport, policy: Policy): void {
    const title = messages['report-title'];
    const day = dateText(report.day);
    this.#line(report.utility, { size: 10.5, bold: true, color: GREEN });
    this.#line(`${title.hi} ${day}`, { size: 18, bold: true, role: 'H1' });
    this.#line(`${title.en} ${day}, ${report.installer}`, { size: 10.5, color: GREY });
    for (const { hi, en } of reportTotals(report, policy)) {
      this.#line(hi, { size: 10 });
      this.#line(en, { size: 9, color: GREY });
    }
    this.#y += 6;
    this.#headings();
  }

  row(row: DayReportRow, policy: Policy): void {
    const cells = cellsOf(row, policy);
    const height = this.#cells(cells, false);
    if (this.#y + height > BOTTOM) this.#next();
    this.#cells(cells, true);
    this.#y += height;
    this.#pen.rule(MARGIN, this.#y - 2, WIDTH, '#d7dfda', 0.4);
  }

  #next(): void {
    this.#pen.pdf.addPage();
    this.#page++;
    this.#y = MARGIN;
    this.#line(String(this.#page), { size: 8, color: GREY, align: 'right' });
    this.#headings();
  }

  #headings(): void {
    const cells = COLUMNS.map(({ title }) => [messages[title]]);
    this.#y += this.#cells(cells, true, { bold: true, color: GREEN });
    this.#pen.rule(MARGIN, this.#y - 2, WIDTH, GREEN, 1);
  }

  /** @returns the height of the row. */
  #cells(cells: readonly (readonly (Message | string)[])[], draws: boolean, style: Partial<TextStyle> = {}): number {
    const pen = this.#pen.as(draws);
    let x = MARGIN;
    const heights = COLUMNS.map(({ part }, i) => {
      const width = WIDTH * part - 6;
      let y = this.#y + 2;
      for (const text of cells[i] ?? []) {
        if (typeof text === 'string') y += pen.text(visibleText(text), x, y, width, { ...SMALL, ...style });
        else {
          y += pen.text(visibleText(text.hi), x, y, width, { ...SMALL, ...style });
          if (text.en !== text.hi)
            y += pen.text(visibleText(text.en), x, y, width, { ...SMALL, size: 7.4, color: GREY });
        }
      }
      x += WIDTH * part;
      return y - this.#y;
    });
    return Math.max(...heights) + 4;
  }

  #line(text: string, style: TextStyle): void {
    this.#y += this.#pen.text(visibleText(text), MARGIN, this.#y, WIDTH, style);
  }
}

function cellsOf(row: DayReportRow, policy: Policy): readonly (readonly (Message | string)[])[] {
  const [from, to] = [clockText(row.from, policy), clockText(row.to, policy)];
  const filled = (...texts: readonly (Message | string | undefined)[]) =>
    texts.filter((text): text is Message | string =>
      typeof text === 'string' ? text !== '' : (text?.en ?? '') !== '',
    );
  return [
    filled(row.order, row.kind),
    filled(row.consumer, row.meter === 'any' ? '' : row.meter),
    filled(from === '' ? '' : from === to ? from : `${from}–${to}`),
    filled(row.words),
    filled(row.reason),
  ];
}
