import { describe, expect, it } from 'vitest';
import { chartFolder, helm, kubeVersion, renderChart } from '../../support/index.ts';
import { valueSets, valuesOf } from './value-sets.ts';

describe.each(valueSets)('the chart with the values %s', (name) => {
  it('passes helm lint --strict', async () => {
    const { code, stdout, stderr } = await helm(['lint', '--strict', '--quiet', chartFolder, ...kubeVersion, '--values', valuesOf(name)]);
    expect({ code, said: `${stdout}${stderr}`.trim() }).toEqual({ code: 0, said: '' });
  });

  it('renders what its golden file says (vitest -u writes it)', async () => {
    const { text } = await renderChart(['--values', valuesOf(name)]);
    await expect(inReadingOrder(text)).toMatchFileSnapshot(`golden/${name}.yaml`);
  });

  it('renders objects that all say whose they are, each once', async () => {
    const { objects } = await renderChart(['--values', valuesOf(name)]);
    const ids = objects.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { metadata } of objects) {
      expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/name': 'grm', 'app.kubernetes.io/instance': 'grm', 'app.kubernetes.io/managed-by': 'Helm' });
    }
  });
});

/** By the template that they come from: versions of helm differ in the order and the blank lines. Dashboards, which are files of the chart already, are left out. */
function inReadingOrder(text: string): string {
  const documents = text.split(/^---$/mu).map((document) => document.trim().replaceAll(/(^  [\w-]+\.json: \|\n)(?:    .*\n?|\n)+/gmu, '$1    ...\n').trim());
  return documents.filter((document) => document !== '').toSorted().map((document) => `---\n${document}\n`).join('');
}
