import { describe, expect, it } from 'vitest';
import { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';

describe('the configuration', () => {
  it('has a default for everything that need not be said', () => {
    const configuration = Configuration.parse({});
    expect(configuration.nats.servers).toEqual(['nats://127.0.0.1:4222']);
    expect(configuration.http).toEqual({ host: '127.0.0.1', port: 0 });
    expect(configuration.sampling).toEqual({ samples: 8, temperature: 0.5, maxTokens: 512, stopping: 'Exact' });
    expect(configuration.limits).toEqual({ maxPending: 10_000, maxResponses: 16, maxPromptTokens: 4_096 });
    expect(configuration.engine).toEqual({ kind: 'embedded', weights: 'fp32', threads: 1 });
  });

  it('takes an empty variable as one that is not set', () => {
    expect(Configuration.parse({ GRM_CONCURRENCY: '', GRM_VOTE_KEEP: '' }).concurrency).toBe(1);
  });

  it('reads several servers', () => {
    expect(Configuration.parse({ GRM_NATS_URL: 'nats://a:4222, b:4223' }).nats.servers).toEqual(['nats://a:4222', 'b:4223']);
  });

  it('names every variable that is wrong, and what it holds', () => {
    const environment = { GRM_CONCURRENCY: 'many', GRM_STOPPING: 'exact', GRM_NATS_URL: 'nats://', GRM_TEMPERATURE: 'NaN' };
    expect(() => Configuration.parse(environment)).toThrow(ConfigurationError);
    expect(() => Configuration.parse(environment)).toThrow(
      expect.objectContaining({ variables: expect.arrayContaining(['GRM_CONCURRENCY', 'GRM_STOPPING', 'GRM_NATS_URL', 'GRM_TEMPERATURE']) }),
    );
    expect(() => Configuration.parse({ GRM_CONCURRENCY: 'many' })).toThrow(/^Invalid environment: GRM_CONCURRENCY: .*\(it is "many"\)/);
  });

  it('takes the files of a NATS user as they are, and keeps them out of what it says', () => {
    expect(Configuration.parse({}).nats).toEqual({ servers: ['nats://127.0.0.1:4222'] });
    const { nats } = Configuration.parse({ GRM_NATS_CREDENTIALS: '/etc/user.creds', GRM_NATS_CA: '/etc/ca.crt', GRM_NATS_INBOX_PREFIX: '_INBOX_x.y' });
    expect(nats).toMatchObject({ credentials: '/etc/user.creds', certificateAuthority: '/etc/ca.crt', inboxPrefix: '_INBOX_x.y' });
    expect(() => Configuration.parse({ GRM_NATS_INBOX_PREFIX: '_INBOX.>' })).toThrow('GRM_NATS_INBOX_PREFIX: expected a subject without wildcards');
  });

  it('takes a client certificate with its key, and refuses one without the other', () => {
    expect(Configuration.parse({ GRM_NATS_CERTIFICATE: '/etc/tls.crt', GRM_NATS_KEY: '/etc/tls.key' }).nats.clientCertificate).toEqual({ certificate: '/etc/tls.crt', key: '/etc/tls.key' });
    expect(() => Configuration.parse({ GRM_NATS_CERTIFICATE: '/etc/tls.crt' })).toThrow(/GRM_NATS_KEY: must be set/);
    expect(() => Configuration.parse({ GRM_NATS_KEY: '/etc/tls.key' })).toThrow(/GRM_NATS_CERTIFICATE: must be set/);
  });

  it('takes a model by its path or by its address in an object store', () => {
    expect(Configuration.parse({ GRM_MODEL: 'nats://grm-models/team-a.nano/policy' }).model).toBe('nats://grm-models/team-a.nano/policy');
    expect(() => Configuration.parse({ GRM_MODEL: 'nats://grm-models' })).toThrow("GRM_MODEL: \"nats://grm-models\" is no model's address");
  });

  it('has a server to ask where the engine is one, and keeps its key out of what it says', () => {
    const asked = { GRM_ENGINE: 'openai', GRM_SERVER_URL: 'http://vllm:8000/v1', GRM_SERVER_API_KEY: 'sesame', GRM_MODEL_NAME: 'judge' };
    expect(Configuration.parse(asked).server).toEqual({ url: 'http://vllm:8000/v1', dialect: 'VLLM', name: 'judge', apiKey: 'sesame', maxConcurrent: 64, maxWaiting: 8, startupMs: 600_000, hasPrompts: false });
    expect(Configuration.parse({ ...asked, GRM_MODEL: '/models/judge' }).server.hasPrompts).toBe(true);
    expect(() => Configuration.parse({ GRM_ENGINE: 'openai' }).server).toThrow('GRM_SERVER_URL: must be set to the address of the OpenAI-compatible server');
    expect(() => Configuration.parse({ ...asked, GRM_SERVER_URL: 'ftp://user:sesame@vllm' })).toThrow(/^Invalid environment: GRM_SERVER_URL: (?!.*sesame)/u);
    expect(() => Configuration.parse({ ...asked, GRM_RUN_NAME: 'nano' })).toThrow('a run gives its samplers new weights, which no server takes');
  });

  it('refuses to keep more samples than are drawn', () => {
    expect(() => Configuration.parse({ GRM_SAMPLES: '4', GRM_VOTE_KEEP: '5' })).toThrow('GRM_VOTE_KEEP: 5 is above GRM_SAMPLES (4)');
  });

  it('is of a service or of a run, never of both', () => {
    const run = Configuration.parse({ GRM_RUN_NAME: 'nano', GRM_NAMESPACE: 'lab' });
    expect([run.owner, run.cancelSubject, run.rollouts.stream]).toEqual(['nano', 'grm.rollout.lab.nano.cancel', 'GRM-ROLLOUT-lab-nano']);
    const service = Configuration.parse({ GRM_SERVICE: 'nano', GRM_NAMESPACE: 'lab' });
    expect([service.owner, service.cancelSubject, service.runName]).toEqual(['nano', 'grm.cancel.lab.nano', undefined]);
    expect(() => Configuration.parse({ GRM_RUN_NAME: 'nano', GRM_SERVICE: 'nano' })).toThrow('GRM_RUN_NAME: stands beside GRM_SERVICE');
  });

  it.each([
    ['GRM_RUN_NAME', (configuration: Configuration) => configuration.rollouts],
    ['GRM_SERVICE', (configuration: Configuration) => configuration.address],
    ['GRM_MODEL', (configuration: Configuration) => configuration.model],
    ['GRM_RUN', (configuration: Configuration) => configuration.run],
  ])('says that %s is missing where it is needed', (variable, read) => {
    expect(() => read(Configuration.parse({}))).toThrow(`${variable}: must be set to`);
  });
});
