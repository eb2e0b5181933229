import { waitUntil } from '@grm/controller-runtime/testing';
import { expect, it } from 'vitest';
import { judgeRequest, ServiceProcess, startJudgeService } from '../support/index.ts';
import { fetchSmolLM2 } from '../support/fetch-smollm2.ts';
import { fetchLlamaCpp } from '../support/llama-cpp/fetch-llama-cpp.ts';
import { LlamaServer } from '../support/llama-cpp/llama-server.ts';

const model = await Promise.all([fetchSmolLM2(), fetchLlamaCpp()]).then(
  ([path]) => path,
  (error: unknown) => {
    process.stdout.write(`skipped: judgements on llama.cpp's real server: ${String(error)}\n`);
    return '';
  },
);

it.skipIf(model === '')('a request is judged by samplers before a real server, which waits for it, survives it, and tells how busy it is', async () => {
  await using server = await LlamaServer.prepare({ model, alias: 'smollm2', contextLength: 4_096 });
  const asking = { GRM_ENGINE: 'openai', GRM_MODEL: model, GRM_SERVER_URL: `${server.url}/v1`, GRM_SERVER_DIALECT: 'LlamaCpp', GRM_MODEL_NAME: 'smollm2-135m' };
  await using service = await startJudgeService({ samplers: 0, environment: { GRM_TEMPLATE: 'published', GRM_MAX_TOKENS: '32' } });

  // Not ready before the model is loaded.
  await using sampler = ServiceProcess.spawn({ component: 'sampler', environment: { GRM_NATS_URL: service.nats.url, GRM_NAMESPACE: service.address.namespace, GRM_SERVICE: service.address.service, ...asking } });
  await waitUntil(() => sampler.lines.some((line) => line.includes('waiting for the server')), { what: 'the sampler to wait for the server', withinMs: 60_000 });
  expect(() => sampler.url).toThrow('does not listen yet');
  server.begin();
  await sampler.ready();

  // A model of 135 million parameters seldom ends with scores; that it was asked, in its own template, with the seeds of the request, is what matters.
  const request = judgeRequest({ responses: ['4', '5'], sampling: { samples: 2, seed: 3, temperature: 0.5 } });
  const judged = () => service.client.judge(request, { timeoutMs: 180_000 }).then(({ samples }) => samples.drawn, (error: { readonly code?: string }) => error.code);
  expect([2, 'no-valid-sample']).toContain(await judged());
  expect(await sampler.metric('grm_sampler_samples_total')).toBe(2);
  expect(await server.metric('llamacpp:tokens_predicted_total')).toBeGreaterThan(0);
  expect(await sampler.metric('gen_ai_usage_input_tokens_total')).toBeGreaterThan(500);
  expect(await sampler.metric('grm_engine_server_up')).toBe(1);
  await waitUntil(async () => (await sampler.metric('grm_engine_server_generated_tokens_total')) > 0, { what: 'the tokens of the server in our metrics' });

  // The server is killed: no task is taken, none is lost.
  await server.kill();
  await waitUntil(async () => !(await sampler.readiness()).ready, { what: 'the sampler to be not ready', withinMs: 60_000 });
  expect((await sampler.readiness()).text).toContain('cannot be reached');
  expect(await sampler.metric('grm_engine_server_up')).toBe(0);
  const waiting = service.client.judge({ ...request, sampling: { ...request.sampling, seed: 4 } }, { timeoutMs: 180_000 }).then(({ samples }) => samples.drawn, (error: { readonly code?: string }) => error.code);
  server.begin();
  expect([2, 'no-valid-sample']).toContain(await waiting);
  expect(sampler.running).toBe(true);
  expect(await sampler.metric('grm_work_tasks_total', { outcome: 'dead' })).toBe(0);
});
