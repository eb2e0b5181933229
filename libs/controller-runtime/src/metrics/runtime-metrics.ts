import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Metrics under the names of Go's controller-runtime and client-go, so that public dashboards show them. */
export class RuntimeMetrics {
  readonly requests: Counter<'code' | 'method'>;
  readonly requestSeconds: Histogram<'verb'>;
  readonly rateLimitSeconds: Histogram<'verb'>;
  readonly reconciles: Counter<'controller' | 'result'>;
  readonly reconcileErrors: Counter<'controller'>;
  readonly terminalErrors: Counter<'controller'>;
  readonly reconcileSeconds: Histogram<'controller'>;
  readonly activeWorkers: Gauge<'controller'>;
  readonly maximumWorkers: Gauge<'controller'>;
  readonly queueDepth: Gauge<'name'>;
  readonly queueAdds: Counter<'name'>;
  readonly queueRetries: Counter<'name'>;
  readonly queueSeconds: Histogram<'name'>;
  readonly workSeconds: Histogram<'name'>;
  readonly unfinishedSeconds: Gauge<'name'>;
  readonly longestSeconds: Gauge<'name'>;
  readonly leader: Gauge<'name'>;
  readonly watchEvents: Counter<'kind' | 'type'>;
  readonly relists: Counter<'kind' | 'reason'>;
  readonly handlerErrors: Counter<'kind'>;
  readonly webhookRequests: Counter<'webhook' | 'code'>;

  constructor(registry: Registry) {
    const registers = [registry];
    const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) => new Counter({ name, help, labelNames, registers });
    const gauge = <Label extends string>(name: string, help: string, labelNames: Label[]) => new Gauge({ name, help, labelNames, registers });
    const seconds = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
      new Histogram({ name, help, labelNames, registers, buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] });
    this.requests = counter('rest_client_requests_total', 'API requests by status code and method', ['code', 'method']);
    this.requestSeconds = seconds('rest_client_request_duration_seconds', 'Time that API requests take', ['verb']);
    this.rateLimitSeconds = seconds('rest_client_rate_limiter_duration_seconds', "Time that API requests wait for the client's own rate limit", ['verb']);
    this.reconciles = counter('controller_runtime_reconcile_total', 'Reconciles by result: success, error, requeue_after', ['controller', 'result']);
    this.reconcileErrors = counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed', ['controller']);
    this.terminalErrors = counter('controller_runtime_terminal_reconcile_errors_total', 'Reconciles that failed and are not tried again', ['controller']);
    this.reconcileSeconds = seconds('controller_runtime_reconcile_time_seconds', 'Time that reconciles take', ['controller']);
    this.activeWorkers = gauge('controller_runtime_active_workers', 'Reconciles under way', ['controller']);
    this.maximumWorkers = gauge('controller_runtime_max_concurrent_reconciles', 'Reconciles that may be under way', ['controller']);
    this.queueDepth = gauge('workqueue_depth', 'Keys that wait', ['name']);
    this.queueAdds = counter('workqueue_adds_total', 'Keys added', ['name']);
    this.queueRetries = counter('workqueue_retries_total', 'Keys added again after a failure', ['name']);
    this.queueSeconds = seconds('workqueue_queue_duration_seconds', 'Time that keys wait', ['name']);
    this.workSeconds = seconds('workqueue_work_duration_seconds', 'Time that keys are worked on', ['name']);
    this.unfinishedSeconds = gauge('workqueue_unfinished_work_seconds', 'Sum of the time that keys under way have taken', ['name']);
    this.longestSeconds = gauge('workqueue_longest_running_processor_seconds', 'Time that the longest key under way has taken', ['name']);
    this.leader = gauge('leader_election_master_status', 'Whether this process leads', ['name']);
    this.watchEvents = counter('controller_runtime_watch_events_total', 'Watch events by kind and type', ['kind', 'type']);
    this.relists = counter('controller_runtime_relists_total', 'Lists read anew by kind and why', ['kind', 'reason']);
    this.handlerErrors = counter('controller_runtime_event_handler_errors_total', 'Event handlers that threw', ['kind']);
    this.webhookRequests = counter('controller_runtime_webhook_requests_total', 'Admission requests by webhook and code', ['webhook', 'code']);
  }
}
