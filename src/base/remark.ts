/**
 * Something that was tolerated, overruled or given up while a meter was read. The result is right all the same, but a person may want to know.
 * What makes a result wrong is an error, never a remark.
 */
export interface Remark {
  /** The kind of remark, in kebab-case, for programs: `list-void`, `day-of-week`, `surplus-octets`. The table is in docs/quirks.md. */
  readonly code: string;
  /** One sentence for people, without a full stop at its end. No keys, no passwords. */
  readonly text: string;
  /** The object that it is about, as `class:obis:attribute`, where there is one. */
  readonly target?: string;
  /** `note`: tell the person who asked. `detail`: of interest only to a person who watches the line. */
  readonly weight: 'note' | 'detail';
}

/** Is called with each remark. Must not throw. */
export type OnRemark = (remark: Remark) => void;
