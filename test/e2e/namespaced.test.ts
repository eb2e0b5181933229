import { expect, it } from 'vitest';
import { e2eGround } from './support/ground.ts';
import { requestFor } from './support/judged-items.ts';
import { chart, release, rolledOut, values } from './support/release.ts';

const port = 30_423;

it('is installed for one namespace, serves there, is upgraded and removed; CRDs, the account and the data stay', async () => {
  await using ground = await e2eGround('team', port);
  const { cluster, namespace } = ground;
  const helm = (words: readonly string[]) => cluster.helm([...words, '--namespace', namespace], { timeoutMs: 200_000 });
  const settings = (...more: readonly string[]) => values(port, [`watch.namespaces={${namespace}}`, 'userRoles.create=false', 'operator.replicas=1', ...more]);
  const others = (replicas: number) => cluster.kubectl(['-n', release.namespace, 'scale', 'deployment/grm-operator', `--replicas=${replicas}`]);
  // The operator of the whole cluster would make true what is in this namespace as well.
  await others(0);
  try {
    await helm(['install', 'team', chart, '--skip-crds', '--wait', '--timeout', '3m', ...settings()]);
    expect(await cluster.kubectl(['get', 'clusterroles,clusterrolebindings', '-l', 'app.kubernetes.io/instance=team', '-o', 'name'])).toBe('');
    await ground.serve('nano');
    await ground.untilServing('nano');
    await using team = await ground.team('nano');
    const before = await team.judge(requestFor(1));
    const uids = async () => (await ground.pods('nano')).map(({ metadata }) => metadata.uid).toSorted();
    const pods = await uids();

    await helm(['upgrade', 'team', chart, '--skip-crds', '--wait', '--timeout', '3m', ...settings('operator.logLevel=debug')]);
    await rolledOut(cluster, namespace, 'deployment/team-grm-operator');
    expect(await ground.kubectl(['get', 'deployment', 'team-grm-operator', '-o', 'jsonpath={.spec.template.spec.containers[0].env[?(@.name=="GRM_LOG_LEVEL")].value}'])).toBe('debug');
    await ground.untilServing('nano');
    expect(await uids()).toEqual(pods);
    expect((await team.judge(requestFor(1))).scores).toEqual(before.scores);

    await ground.kubectl(['delete', 'grmsvc', 'nano', '--timeout=90s'], { timeoutMs: 100_000 });
    await helm(['uninstall', 'team', '--wait', '--timeout', '2m']);
    expect(await ground.kubectl(['get', 'deployments,statefulsets,services', '-o', 'name'])).toBe('');
    expect((await ground.kubectl(['get', 'secrets,pvc', '-o', 'name'])).trim().split('\n')).toEqual(expect.arrayContaining(['secret/team-grm-nats-account', 'persistentvolumeclaim/data-team-grm-nats-0']));
    expect(await cluster.kubectl(['get', 'crds', '-o', 'name'])).toContain('grminferenceservices.grm.dev');
  } finally {
    await others(2);
    await rolledOut(cluster, release.namespace, 'deployment/grm-operator');
  }
}, 600_000);
