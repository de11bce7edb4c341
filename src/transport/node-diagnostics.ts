import { channel } from 'node:diagnostics_channel';
import type { LogEntry, Metric } from '../base/telemetry.js';

const logs = channel('cosem:log');
const metrics = channel('cosem:metric');

/**
 * Publishes logs and metrics on the channels `cosem:log` and `cosem:metric` of `node:diagnostics_channel`, for all subscribers in the
 * process. It costs almost nothing without subscribers.
 * ```ts
 * const meter = await open(line, { ...options, ...diagnostics });
 * ```
 */
export const diagnostics: {
  /** Publishes a log entry on `cosem:log`. */
  readonly onLog: (entry: LogEntry) => void;
  /** Publishes a metric on `cosem:metric`. */
  readonly onMetric: (metric: Metric) => void;
} = {
  onLog: (entry) => {
    if (logs.hasSubscribers) logs.publish(entry);
  },
  onMetric: (metric) => {
    if (metrics.hasSubscribers) metrics.publish(metric);
  },
};
