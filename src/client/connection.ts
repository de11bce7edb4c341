import type { ConformanceName } from '../apdu/conformance.js';
import type { Clock, Millis } from '../base/clock.js';
import {
  AccessError,
  AssociationError,
  type Came,
  type CosemError,
  DecodeError,
  LinkError,
  TimeoutError,
  UncertainError,
} from '../base/errors.js';
import { given } from '../base/given.js';
import type { Procedure } from '../contracts/procedure.js';
import type { ClientCore } from '../session/client-core.js';
import { isOfIdentity } from '../session/short-names.js';
import type { ClientDriver } from '../transport/driver.js';
import { attempted } from './attempts.js';
import type { Flight } from './flight.js';
import { IdleProbe, type IdleProbeParts } from './idle-probe.js';
import { type Course, Followed } from './signals.js';

/** A connected line and an association over it. */
export interface Established {
  readonly driver: ClientDriver;
  readonly session: ClientCore;
  /** Several requests under way at once, where that is wanted. */
  readonly flight?: Flight;
}

/** The session continues over a new connection. */
export interface Resumption {
  /** What broke it. */
  readonly error: CosemError;
  /** For how long it was lost, in milliseconds. */
  readonly lost: Millis;
  /** How many tries it took, including the successful one. */
  readonly attempts: number;
}

export interface ConnectionParts {
  readonly first: Established;
  /** Connects and associates again, for the n-th time since the loss; 0 where nothing was lost. */
  readonly again: (attempt: number, stop: AbortSignal, lost?: CosemError) => Promise<Established>;
  /** Closes the line for good. */
  readonly letGo: () => Promise<void>;
  readonly clock: Clock;
  readonly patience: Millis;
  /** The pause before the n-th try, n from 1. Some seconds by default. */
  readonly pause?: ((attempt: number) => Millis) | undefined;
  /** Whether a loss while nobody waits for an answer is repaired at once. */
  readonly background?: boolean;
  /** How an idle line is checked. */
  readonly probe?: IdleProbeParts | undefined;
  readonly onResume?: (resumption: Resumption) => void;
  /** Called once for each loss, when it is noticed. */
  readonly onLost?: (error: CosemError, since: Millis) => void;
  /** Called when the connection could not be restored. */
  readonly onOver?: (error: Error) => void;
  /** Left out where the association cannot be opened with other services. */
  readonly services?: Services;
}

/** Handles services that the meter negotiates but does not carry out. */
export interface Services {
  /** Opens the next association without the service. @returns false where that is impossible, or was already done. */
  giveUp(service: ConformanceName): boolean;
  /** Uses the service again, because the meter does not associate without it. */
  restore(service: ConformanceName): void;
  /** Called when the association was opened without it. */
  opened(service: ConformanceName, why: string): void;
  /** Called when reading then succeeded. */
  proved(service: ConformanceName): void;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * Left out for a procedure that may run again from its beginning when the line broke. Else what it changes, as `class:obis:attribute`: it
   * is not repeated when the line breaks before the answer.
   */
  readonly changes?: string | undefined;
  /** Where several requests are under way: `high` goes before others. */
  readonly priority?: 'high' | undefined;
}

/** The name of service-error 6 of an exception-response. */
const COUNTER_ERROR = 'invocation-counter-error';
/** Made once: without a reason the platform makes one with a stack for each meter, which costs as much as an exchange. */
const CLOSED = new LinkError('not-connected', 'the meter was closed');
/** Pauses before the meter is tried again; the last one is repeated. */
const PAUSES: readonly Millis[] = [0, 500, 1000, 2000, 3000];
/** A call that loses the line this often fails, even if the meter can be reached in between. */
const MOST_LOSSES = 8;
/** The number of an attempt that follows no loss. */
const REOPENED = 0;

/**
 * The driver and session of a meter, which are made again when the line breaks or the association is dropped. Procedures that only read
 * then run again. Procedures that change the meter run again only where it is certain that the meter did not carry them out.
 */
export class Connection {
  readonly #parts: ConnectionParts;
  #at: Established;
  #resuming: Promise<Error | undefined> | undefined;
  /** Set while the association is opened without a service: other calls wait for it. */
  #reopening: Promise<boolean> | undefined;
  readonly #stop = new AbortController();
  /** Why the connection cannot be used any more: patience was over once. */
  #over: Error | undefined;
  /** The line that was lost, and the error that broke it. */
  #lost: { readonly at: Established; readonly error: CosemError } | undefined;
  /** The last calls are running: a line that breaks now is not restored. */
  #ending = false;
  readonly #probe: IdleProbe | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#at = this.#watched(parts.first);
    if (parts.probe === undefined) return;
    this.#probe = new IdleProbe(parts.clock, parts.probe, (make) => this.#look(make));
  }

  get driver(): ClientDriver {
    return this.#at.driver;
  }

  get session(): ClientCore {
    return this.#at.session;
  }

  get clock(): Clock {
    return this.#parts.clock;
  }

  /**
   * Runs a procedure, which is made again for each try.
   * @throws UncertainError when it changes the meter and its answer was lost; else what broke the line, once patience is over.
   */
  async run<T>(make: (session: ClientCore) => Procedure<T>, { signal, changes, priority }: RunOptions): Promise<T> {
    let given: ConformanceName | undefined;
    this.#probe?.used();
    for (let losses = 1; ; losses++) {
      if (this.#reopening !== undefined) await this.#reopening;
      const at = this.#at;
      const course: Course = { sent: false };
      const reads = changes === undefined;
      try {
        const followed = () => new Followed(make(at.session), course, at.session, signal);
        const flight = reads && at.flight?.open === true ? at.flight : undefined;
        const value = await (flight === undefined
          ? at.driver.run(followed())
          : flight.run<T>(followed, priority === 'high'));
        if (reads && course.stopped !== undefined && (await this.#without(at, course.stopped, 'refused half way'))) {
          given = course.stopped;
          continue;
        }
        if (given !== undefined) this.#parts.services?.proved(given);
        return value;
      } catch (error) {
        if (this.#stop.signal.aborted || signal?.aborted === true) throw error;
        const { stopped } = course;
        if (!isLoss(error)) {
          // A line that breaks in the middle of a transfer says nothing about the meter.
          const broken = reads && stopped !== undefined && isOfTransfer(error);
          if (!broken || !(await this.#without(at, stopped, error.message))) throw error;
          given = stopped;
          continue;
        }
        const ciphered = at.session.config.context === 'ln-ciphered';
        const uncertain = changes !== undefined && course.sent && !isRefusedUntaken(error, ciphered);
        // As answer to the first request of a new association, it is a refusal.
        const refused = error instanceof AccessError && losses > 1 && !(error.unassociated && course.answered);
        const again = losses < MOST_LOSSES && !refused;
        const failed = again ? await this.#resume(at, error) : error;
        if (this.#stop.signal.aborted) throw error;
        // Anybody can send such an answer in clear, although the order was carried out; so the order is not repeated because of it.
        if (changes !== undefined && isCounterError(error)) throw failed ?? error;
        if (uncertain) throw uncertainty(changes, error, failed);
        if (failed !== undefined) throw failed;
      }
    }
  }

  /** Releases the association and opens it with the present options. @throws what prevents opening it. */
  async reopen(): Promise<void> {
    await this.#leave(this.#at);
    this.#at = this.#watched(await this.#parts.again(REOPENED, this.#stop.signal));
  }

  async #leave({ driver, session }: Established): Promise<void> {
    driver.onDown = undefined;
    if (driver.connected) await driver.run(session.release()).catch(() => undefined);
    await driver.close();
  }

  /**
   * Releases the association and opens it without a service that the meter cannot handle: once. Earlier calls end first.
   * @returns whether it is open without the service.
   */
  async #without(at: Established, service: ConformanceName, why: string): Promise<boolean> {
    const { services } = this.#parts;
    if (this.#at !== at || services?.giveUp(service) !== true) return false;
    this.#reopening = this.#reopen(at, service, why, services).finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(at: Established, service: ConformanceName, why: string, services: Services): Promise<boolean> {
    const { signal } = this.#stop;
    await this.#leave(at);
    try {
      this.#at = this.#watched(await this.#parts.again(REOPENED, signal));
      services.opened(service, why);
      return true;
    } catch (error) {
      services.restore(service);
      // The meter counts such attempts, and the next would fail too, so the next caller gets the error.
      if (error instanceof AssociationError && isOfIdentity(error)) return false;
    }
    try {
      this.#at = this.#watched(await this.#parts.again(REOPENED, signal));
    } catch {
      // The next caller tries again.
    }
    return false;
  }

  /** Says that no further call follows: a line that breaks from now on while nobody waits is not restored. */
  ending(): void {
    this.#ending = true;
    this.#probe?.stop();
  }

  /** Ends the connection; running calls end too. Never throws. */
  async close(): Promise<void> {
    this.ending();
    this.#stop.abort(CLOSED);
    await this.#at.driver.close();
    await this.#reopening;
    await this.#resuming;
    await this.#at.driver.close();
    await this.#parts.letGo();
  }

  /** Watches the line, to notice also what breaks it while nobody waits for an answer. */
  #watched(at: Established): Established {
    at.driver.onDown = (error) => this.#fell(at, error);
    return at;
  }

  /** The line broke by itself. A caller that waits for an answer notices it as well. */
  #fell(at: Established, error: CosemError): void {
    if (this.#at !== at || this.#ending || this.#over !== undefined) return;
    this.#tell(at, error);
    if (this.#parts.background === true) void this.#resume(at, error);
  }

  /** Checks whether the meter is still there. Only a broken line matters: a refusal shows that the meter is there. */
  async #look(make: (session: ClientCore) => Procedure<unknown>): Promise<void> {
    const at = this.#at;
    if (this.#resuming !== undefined || this.#reopening !== undefined || !at.driver.connected) return;
    try {
      await at.driver.run(make(at.session));
    } catch (error) {
      if (isLoss(error)) this.#fell(at, error);
    }
  }

  /** Reports each lost line once. */
  #tell(at: Established, error: CosemError): void {
    if (this.#lost?.at === at) return;
    this.#lost = { at, error };
    this.#parts.onLost?.(error, this.#parts.clock.now());
  }

  /** Restores the connection, in one attempt for all waiting calls. @returns why it failed. */
  async #resume(at: Established, error: CosemError): Promise<Error | undefined> {
    if (this.#over !== undefined) return this.#over;
    if (this.#at !== at) return undefined;
    this.#tell(at, error);
    if (this.#parts.patience === 0) return error;
    // The error that broke it while nobody waited says more than that it is broken.
    const why = this.#lost?.at === at ? this.#lost.error : error;
    this.#resuming ??= this.#reconnect(at, why).finally(() => {
      this.#resuming = undefined;
    });
    const over = await this.#resuming;
    if (over !== undefined && this.#over === undefined && !this.#stop.signal.aborted) {
      this.#over = over;
      this.#probe?.stop();
      await this.#parts.letGo();
      this.#parts.onOver?.(over);
    }
    return over;
  }

  async #reconnect(at: Established, error: CosemError): Promise<Error | undefined> {
    const { clock, patience, again, onResume, pause = usualPause } = this.#parts;
    const start = clock.now();
    await at.driver.close();
    const outcome = await attempted(
      async (attempt, limit) => {
        this.#at = this.#watched(await again(attempt, limit, error));
      },
      { clock, patience, pause, stop: this.#stop.signal, error },
    );
    if ('failed' in outcome) return outcome.final ? outcome.failed : outOfPatience(error, outcome.failed, patience);
    onResume?.({ error, lost: clock.now() - start, attempts: outcome.attempts });
    return undefined;
  }
}

function usualPause(attempt: number): Millis {
  return PAUSES[Math.min(attempt, PAUSES.length) - 1] as Millis;
}

/** Whether the line or the association is gone, and a new one may help. */
function isLoss(error: unknown): error is CosemError {
  if (error instanceof AccessError) return error.unassociated || isCounterError(error);
  return error instanceof LinkError || error instanceof TimeoutError;
}

/** Whether the meter did not accept our invocation counter: the association must be opened with a higher one. */
export function isCounterError(error: unknown): boolean {
  return error instanceof AccessError
    ? error.result === COUNTER_ERROR
    : error instanceof AssociationError && error.diagnostic === COUNTER_ERROR;
}

/** Whether an error may come from how a meter transfers long answers. Errors of protection never do. */
function isOfTransfer(error: unknown): error is AccessError | DecodeError {
  return error instanceof DecodeError || error instanceof AccessError;
}

/**
 * Whether a request was certainly not carried out. An exception comes in clear: after a ciphered request anybody can send one, although the
 * meter did what it was told.
 */
function isRefusedUntaken(error: CosemError, ciphered: boolean): boolean {
  return error instanceof AccessError ? !ciphered : error instanceof LinkError && error.unheard;
}

function outOfPatience(error: CosemError, last: Error, patience: Millis): Error {
  const told = last === error || last.message === error.message ? '' : `: ${last.message}`;
  const message = `${error.message}; the meter could not be reached again within ${patience / 1000} s${told}`;
  const hint = (last as CosemError).hint ?? error.hint;
  const came = cameOf(last) ?? cameOf(error);
  const details = { cause: last, came, ...given({ hint }) };
  if (error instanceof LinkError) return new LinkError(error.reason, message, details);
  return new TimeoutError(message, details);
}

function cameOf(error: Error): Came | undefined {
  return error instanceof LinkError || error instanceof TimeoutError ? error.came : undefined;
}

function uncertainty(target: string, error: CosemError, failed: Error | undefined): UncertainError {
  const ended = failed === undefined || failed === error ? '' : `, and the meter could not be reached again`;
  const what =
    error instanceof AccessError
      ? 'the answer came in clear, and says that there is no association'
      : 'the line broke before the answer came';
  return new UncertainError(
    target,
    `${target}: ${what}${ended}: it is not known whether the meter did it (${error.message})`,
    { hint: 'do not simply repeat it: read what it changes first, then decide', cause: failed ?? error },
  );
}
