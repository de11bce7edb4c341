import type { ConformanceName } from '../apdu/conformance.js';
import type { Clock } from '../base/clock.js';
import type { Remark } from '../base/remark.js';
import type { Procedure } from '../contracts/procedure.js';
import type { AttributeRef, MethodRef } from '../cosem/class.js';
import type { ClockObject } from '../cosem/classes/clock.js';
import type { DataObject } from '../cosem/classes/storage.js';
import type { AssociationView } from '../session/client-config.js';
import type { ClientCore } from '../session/client-core.js';
import type { RunOptions } from './connection.js';
import type { Outcome, OutcomesOf, ValuesOf } from './outcome.js';

/** Options of every call. */
export interface CallOptions {
  /** Ends the call with its reason. A running exchange is still completed on the line. */
  readonly signal?: AbortSignal;
}

/** Options of a call that reads attributes. */
export interface GetOptions extends CallOptions {
  /** With the option `inFlight` of `open`: the call goes before others that wait, and the meter is told so. Normal unless given. */
  readonly priority?: 'high';
}

/** What parts of a meter need of it. `Meter` implements it and knows the parts, and they only know this. */
export interface MeterCalls {
  readonly connected: boolean;
  readonly association: AssociationView | undefined;
  /** @internal */
  readonly timer: Clock;
  supports(name: ConformanceName): boolean;
  getAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: CallOptions): Promise<ValuesOf<R>>;
  tryGet<T>(ref: AttributeRef<T>, options?: CallOptions): Promise<Outcome<T>>;
  tryGetAll<const R extends readonly AttributeRef<unknown>[]>(refs: R, options?: CallOptions): Promise<OutcomesOf<R>>;
  set<T>(ref: AttributeRef<T>, value: T, options?: CallOptions): Promise<void>;
  call<P, R>(
    ref: MethodRef<P, R>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a method without a parameter is one whose parameter is void
    ...[parameter, options]: [P] extends [void]
      ? [parameter?: undefined, options?: CallOptions]
      : [parameter: P, options?: CallOptions]
  ): Promise<R>;
  /** @internal */
  run<T>(make: (session: ClientCore) => Procedure<T>, options?: RunOptions): Promise<T>;
  /** @internal */
  remark(remark: Remark): void;
  data(name: string): DataObject;
  clock(name?: string): ClockObject;
}
