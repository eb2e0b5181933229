import { describe, expect, it } from 'vitest';
import type { TrainingItem } from '../../items/training-item.ts';
import type { Judgement } from '../../judgements/judgement.ts';
import { metaQuality } from './meta-quality.ts';
import { selectJudgements } from './select-judgements.ts';

const itemOf = (id: string): TrainingItem => ({ id, conversation: [{ role: 'user', content: 'which?' }], responses: ['a', 'b', 'c'], best: 1, truth: { best: 1 } });
const judgementsOf = (id: string, labels: readonly (0 | 1)[]): Judgement[] =>
  labels.map((label, seed) => ({ item: itemOf(id), order: [0, 1, 2], text: '', outcome: label === 1 ? 'right' : 'wrong', hinted: false, seed }));

describe('the judgements learnt from', () => {
  it('are all of items with mixed outcomes and those of a quarter of the others', () => {
    const judgements = [
      ...Array.from({ length: 8 }, (_, index) => judgementsOf(`right-${index}`, [1, 1])).flat(),
      ...Array.from({ length: 4 }, (_, index) => judgementsOf(`mixed-${index}`, [1, 0])).flat(),
    ];
    const ids = selectJudgements(judgements).map(({ item }) => item.id);
    expect(ids.filter((id) => id.startsWith('mixed'))).toHaveLength(8);
    expect(ids.filter((id) => id.startsWith('right'))).toHaveLength(4);
  });

  it('are all where hardly any item has mixed outcomes', () => {
    const judgements = Array.from({ length: 20 }, (_, index) => judgementsOf(`right-${index}`, [1, 1])).flat();
    expect(selectJudgements(judgements)).toHaveLength(40);
  });
});

describe('the quality of a meta RM', () => {
  it('tells ranking among items from ranking within them', () => {
    const judgements = [...judgementsOf('easy', [1, 1]), ...judgementsOf('hard', [0, 0]), ...judgementsOf('mixed', [1, 0])];
    const quality = metaQuality(judgements, [3, 3, -3, -3, -1, 1]);
    expect(quality).toMatchObject({ withinItemAreaUnderCurve: 0, withinItemPairs: 1, accuracy: 4 / 6, rightJudgements: 0.5 });
    expect(quality['areaUnderCurve']).toBeGreaterThan(0.8);
  });

  it('leaves out what cannot be measured', () => {
    expect(metaQuality(judgementsOf('easy', [1, 1]), [1, 1])).not.toHaveProperty('areaUnderCurve');
  });
});
