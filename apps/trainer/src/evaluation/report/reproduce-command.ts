import type { Dataset, EvaluationStage } from '@grm/resources';
import type { TemplateName } from '@grm/spct';

export interface ReproduceOptions extends EvaluationStage {
  readonly policy: string;
  readonly metaRM?: string;
  readonly template: TemplateName;
  readonly principles: boolean;
}

/** What a shell takes as one word. */
const word = (text: string): string => (/^[\w./:=,@%+-]+$/u.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

const suiteOf = (dataset: Dataset): string => `${dataset.name}=${'builtin' in dataset ? dataset.builtin : dataset.volume.path}`;

/** The command that measures a judge as a run's stage `evaluation` does, from the project's folder. */
export function reproduceCommand({ policy, metaRM, suites, items, samples, temperature, maxTokens, template, principles, referenceGuided }: ReproduceOptions): string {
  const words = [
    ['--policy', policy],
    ...(metaRM === undefined ? [] : [['--meta-rm', metaRM]]),
    ...suites.map((suite) => ['--suite', suiteOf(suite)]),
    ['--items', String(items)],
    ['--samples', samples.join(',')],
    ['--temperature', String(temperature)],
    ['--max-tokens', String(maxTokens)],
    ['--template', template],
    ...(principles ? [] : [['--no-principles']]),
    ...(referenceGuided ? [] : [['--no-reference']]),
    ['--into', 'evaluation'],
  ];
  return `node scripts/evaluate-judge.ts ${words.map((of) => of.map(word).join(' ')).join(' ')}`;
}
