/**
 * Where virtual meters keep what must survive a restart: texts by meter and name. `MemoryMeterStore` of `cosem/simulator` lasts as long as
 * the process, `openMeterStore` of `cosem/node` keeps them in a file.
 */
export interface MeterStore {
  /** What was saved of a meter, by name; empty for one that is not known. */
  load(meter: string): ReadonlyMap<string, string>;
  /**
   * Writes texts of a meter, all or none of them. What was there under other names stays.
   * Durable when it returns; when it throws, nothing of it was written, or all.
   */
  save(meter: string, texts: ReadonlyMap<string, string>): void;
}
