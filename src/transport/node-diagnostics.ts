import { channel } from 'node:diagnostics_channel';
import type { LogEntry, Metric } from '../base/telemetry.js';

const logs = channel('cosem:log');
const metrics = channel('cosem:metric');

/**
 * Publishes logs and metrics on the channels `cosem:log` and `cosem:metric` of `node:diagnostics_channel`, for whatever subscribes to them in the
 * process: `open(line, { ...options, ...diagnostics })`. Costs next to nothing where nobody does.
 */
export const diagnostics: {
  readonly onLog: (entry: LogEntry) => void;
  readonly onMetric: (metric: Metric) => void;
} = {
  onLog: (entry) => {
    if (logs.hasSubscribers) logs.publish(entry);
  },
  onMetric: (metric) => {
    if (metrics.hasSubscribers) metrics.publish(metric);
  },
};
