/**
 * What was tolerated, overruled or given up while a meter was read, told beside the result: the result stands, and a person may want to
 * know. What makes a result wrong is an error, never a remark.
 */
export interface Remark {
  /** What kind of thing, in kebab-case, for programs: `list-void`, `day-of-week`, `surplus-octets`. */
  readonly code: string;
  /** One sentence for people, without a full stop at its end. No keys, no passwords. */
  readonly text: string;
  /** The object meant, as `class:obis:attribute`, where there is one. */
  readonly target?: string;
  /** `note`: whoever asked should be told. `detail`: for whoever watches the line. */
  readonly weight: 'note' | 'detail';
}

/** Hears remarks. Must not throw. */
export type OnRemark = (remark: Remark) => void;
