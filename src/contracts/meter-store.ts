/**
 * Where virtual meters keep what must survive a restart: texts by meter and name. `MemoryMeterStore` of `cosem/simulator` keeps them while the
 * process runs, `openMeterStore` of `cosem/node` keeps them in a file.
 */
export interface MeterStore {
  /** The texts that were saved of a meter, by name; empty for an unknown meter. */
  load(meter: string): ReadonlyMap<string, string>;
  /**
   * Writes texts of a meter. Texts under other names stay as they are. They are durable when it returns; when it throws, either all or none
   * of them were written.
   */
  save(meter: string, texts: ReadonlyMap<string, string>): void;
}
