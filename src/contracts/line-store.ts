/** Lines of text that outlive the process, each whole or not there. A file-backed one comes with `cosem/node`. */
export interface LineStore {
  /** What errors call it: the path of a file. */
  readonly name: string;
  /** The lines that were there when it was opened. */
  readonly lines: readonly string[];
  /** Puts a line behind them. The line holds no line end. */
  append(line: string): void;
}
