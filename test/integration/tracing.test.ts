import { createServer } from 'node:http';
import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { ask, judgeRequest, startJudgeService } from '../support/index.ts';

interface SpanRecord {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
}

const spans: SpanRecord[] = [];
/** Takes spans as a collector does (OTLP/HTTP with JSON). */
const collector = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/v1/traces') spans.push(...readSpans(JSON.parse(Buffer.concat(chunks).toString())));
    response.setHeader('content-type', 'application/json').end('{}');
  });
});
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const listening = collector.address();
if (listening === null || typeof listening === 'string') throw new Error('the collector has no port');

const service = await startJudgeService({
  environment: {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${listening.port}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '100',
  },
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  collector.closeAllConnections();
  collector.close();
});

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly (Omit<SpanRecord, 'service'> & { readonly parentSpanId?: string })[] }[];
  }[];
}

function readSpans({ resourceSpans }: Otlp): SpanRecord[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const name = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, parentSpanId: span.parentSpanId ?? '', service: name })));
  });
}

describe('a trace', () => {
  it("goes on from the caller's headers through the voter to the sampler", async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const caller = '00f067aa0ba902b7';
    await ask(service, JSON.stringify(judgeRequest()), { headers: { traceparent: `00-${traceId}-${caller}-01` } });

    const ofTrace = () => spans.filter((span) => span.traceId === traceId);
    const drawn = await waitUntil(() => ofTrace().find(({ service: name, name: span }) => name === 'grm-sampler' && span === 'process sample'), { what: "the sampler's span" });
    const judged = await waitUntil(() => ofTrace().find(({ service: name, name: span }) => name === 'grm-voter' && span === 'process judge'), { what: "the voter's span" });
    const sent = ofTrace().find(({ spanId }) => spanId === drawn.parentSpanId);
    expect(judged.parentSpanId).toBe(caller);
    expect(sent).toMatchObject({ service: 'grm-voter', name: `send ${service.names.work.sample}`, parentSpanId: judged.spanId });
  });
});
