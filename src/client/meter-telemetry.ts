import { type Clock, type Millis, systemClock } from '../base/clock.js';
import { CosemError } from '../base/errors.js';
import type { Listeners } from '../base/listeners.js';
import { type LogEntry, type OnLog, type OnMetric, tell } from '../base/telemetry.js';
import type { MeterEvents } from './meter-events.js';
import type { OpenOptions } from './options.js';

/** Logs and metrics of one meter: see docs/logging.md. */
export class MeterTelemetry {
  readonly #onLog: OnLog | undefined;
  readonly #onMetric: OnMetric | undefined;
  readonly #clock: Clock;
  readonly #fields: LogEntry['fields'];
  readonly #begun: Millis;

  constructor(line: string, { onLog, onMetric, clock = systemClock, client = 16, framing = 'hdlc' }: OpenOptions) {
    this.#onLog = onLog;
    this.#onMetric = onMetric;
    this.#clock = clock;
    this.#fields = { line, client, framing };
    this.#begun = clock.now();
  }

  now(): Millis {
    return this.#clock.now();
  }

  /** The options, extended so that it hears what it counts. */
  hearing(options: OpenOptions): OpenOptions {
    const { onRemark, trace } = options;
    return {
      ...options,
      onRemark: (remark) => {
        onRemark?.(remark);
        const { code, target = '', weight } = remark;
        // The text may contain what a meter says about itself.
        this.#log('debug', 'meter.remark', `a remark: ${code}`, { code, target, weight });
      },
      trace: (event) => {
        trace?.(event);
        if (event.type === 'octets')
          this.#measure('cosem.octets', 'count', event.bytes.length, { direction: event.direction });
      },
    };
  }

  listen(events: Listeners<MeterEvents>): void {
    events.on('lost', ({ error }) => {
      this.#log('warn', 'meter.lost', error.message, { code: error.code }, error);
      this.#measure('cosem.meter.lost', 'count', 1, { code: error.code });
    });
    events.on('resumed', ({ lost, attempts }) => {
      this.#log('info', 'meter.resumed', `the meter was reached again after ${lost} ms`, { lost, attempts });
      this.#measure('cosem.meter.outage', 'duration', lost, {});
    });
    events.on('closed', ({ error }) => {
      if (error === undefined) this.#log('info', 'meter.closed', 'the meter was closed', {});
      else
        this.#log(
          'warn',
          'meter.closed',
          `the meter was closed: ${wordsOf(error)}`,
          { code: errorClassOf(error) },
          error,
        );
    });
  }

  opened(): void {
    const duration = this.now() - this.#begun;
    this.#log('info', 'meter.opened', `the meter was opened within ${Math.round(duration)} ms`, { duration });
    this.#measure('cosem.open.duration', 'duration', duration, { outcome: 'ok', code: 'none' });
  }

  notOpened(error: unknown): void {
    const duration = this.now() - this.#begun;
    const code = errorClassOf(error);
    this.#log('error', 'meter.not-opened', `the meter was not opened: ${wordsOf(error)}`, { duration, code }, error);
    this.#measure('cosem.open.duration', 'duration', duration, { outcome: 'failed', code });
  }

  /** Called when a call that began at this time is over. */
  called(begun: Millis, failed?: { readonly error: unknown }): void {
    const duration = this.now() - begun;
    const code = failed === undefined ? 'none' : errorClassOf(failed.error);
    if (failed !== undefined) {
      const { error } = failed;
      this.#log('debug', 'call.failed', `a call failed: ${wordsOf(error)}`, { duration, code }, error);
    }
    const outcome = failed === undefined ? 'ok' : 'failed';
    this.#measure('cosem.call.duration', 'duration', duration, { outcome, code });
  }

  #log(level: LogEntry['level'], event: string, text: string, fields: LogEntry['fields'], error?: unknown): void {
    if (this.#onLog === undefined) return;
    const entry = { level, event, text, time: this.now(), fields: { ...this.#fields, ...fields } };
    tell(this.#onLog, error === undefined ? entry : { ...entry, error });
  }

  #measure(name: string, kind: 'count' | 'duration', value: number, labels: Readonly<Record<string, string>>): void {
    tell(this.#onMetric, { name, kind, value, labels });
  }
}

function errorClassOf(error: unknown): string {
  return error instanceof CosemError ? error.code : 'other';
}

/** Our own errors contain nothing secret; other errors may. */
function wordsOf(error: unknown): string {
  return error instanceof CosemError ? error.message : 'for a reason of the caller';
}
