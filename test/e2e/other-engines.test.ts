import { NoValidSampleError } from '@grm/client';
import { expect, it } from 'vitest';
import { e2eGround } from './support/ground.ts';
import { importLlamaCppImage, llamaCppImage } from './support/llama-cpp-image.ts';

it('judges by llama.cpp in the pod: the server first, ready once its model is loaded, asked for every sample', async () => {
  await using ground = await e2eGround('llama');
  await importLlamaCppImage(ground.cluster);
  await ground.serve('llama', {
    model: { served: { name: 'smollm2' } },
    template: 'Published',
    metaRM: undefined,
    vote: { metaRM: 'None' },
    sampling: { samples: 2, temperature: 0.5, maxTokens: 48 },
    sampler: {
      replicas: 1,
      concurrency: 2,
      resources: { requests: { cpu: '100m', memory: '512Mi' } },
      engine: { openAI: { dialect: 'LlamaCpp', server: { image: llamaCppImage, args: ['--parallel', '2', '--ctx-size', '8192'], resources: { requests: { cpu: '300m', memory: '1Gi' } }, startupSeconds: 120 } } },
    },
    limits: { maxResponses: 4, maxPromptTokens: 3000 },
  });
  await ground.untilServing('llama', 180_000);
  const [pod] = await ground.pods('llama', 'sampler');
  if (pod === undefined) throw new Error('no sampler');
  await using team = await ground.team('llama');
  const request = { conversation: [{ role: 'user' as const, content: 'What is 17 + 25?' }], responses: ['42', '32'], sampling: { seed: 1 } };
  const drawn = await team.judge(request, { timeoutMs: 180_000 }).then(
    ({ samples }) => samples.drawn,
    (error: unknown) => (error instanceof NoValidSampleError ? 'none that could be read' : Promise.reject(error)),
  );
  // A model of 135 million parameters seldom writes scores in a box.
  expect([2, 'none that could be read']).toContain(drawn);

  const read = `fetch('http://127.0.0.1:8080/metrics').then((answer) => answer.text()).then(console.log)`;
  const metrics = () => ground.kubectl(['exec', pod.metadata.name, '-c', 'sampler', '--', 'node', '-e', read]);
  expect(await metrics()).toMatch(/^grm_engine_server_up\S* 1$/m);
  await expect.poll(async () => Number(/^grm_engine_server_generated_tokens_total\S* (\S+)$/m.exec(await metrics())?.[1]), { timeout: 30_000 }).toBeGreaterThan(0);
}, 600_000);
