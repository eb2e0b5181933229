import { promptText, Tokenizer } from '@grm/language-model';
import { demonstrate, nanobenchItems, seededRandom } from '@grm/preferences';
import { templateByName } from '@grm/spct';
import { beforeAll, describe, expect, it } from 'vitest';
import { textOf, type CorpusDocument } from './corpus.ts';
import { DocumentEncoder } from './encode-document.ts';
import { generalDocument, nanobenchCorpus } from './nanobench-corpus.ts';
import { specialTokens, trainCorpusTokenizer } from './train-corpus-tokenizer.ts';
import { trainingSteps } from '../stages/pretrain/training-steps.ts';

const template = templateByName('compact');
const documents = (progress: number, count: number): CorpusDocument[] => {
  const corpus = nanobenchCorpus(template, 5);
  return Array.from({ length: count }, () => corpus.draw(progress));
};
const kindOf = (document: CorpusDocument): string => {
  const text = textOf(document);
  if (text.includes('[Judge]')) return 'demonstration';
  if (text.includes('[Draft]')) return 'revisions';
  if (text.includes('[Answer]')) return 'questions';
  return text.startsWith(' Response') ? 'drill' : 'plain';
};

describe('the nanobench corpus', () => {
  it('mixes its documents as planned, drills first', () => {
    const furthestFrom = (progress: number, planned: Record<string, number>): number => {
      const groups = Map.groupBy(documents(progress, 4000).map(kindOf), (kind) => kind);
      return Math.max(...Object.entries(planned).map(([kind, share]) => Math.abs((groups.get(kind)?.length ?? 0) / 4000 - share)));
    };
    expect(furthestFrom(0, { demonstration: 0.35, drill: 0.45, plain: 0.13, questions: 0.05, revisions: 0.02 })).toBeLessThan(0.03);
    expect(furthestFrom(0.5, { demonstration: 0.6, drill: 0.12, plain: 0.11, questions: 0.11, revisions: 0.06 })).toBeLessThan(0.03);
  });

  it('gives every kind of document many lengths, so that batches of like length hold all kinds', () => {
    const lengths = Map.groupBy(documents(0.5, 4000), kindOf);
    for (const kind of ['demonstration', 'drill', 'plain', 'questions', 'revisions']) {
      const words = (lengths.get(kind) ?? []).map((document) => textOf(document).split(' ').length);
      expect(new Set(words).size).toBeGreaterThan(20);
    }
  });

  it('shows a judge all that it may be asked: hints, references, single responses, judgements without principles', () => {
    const texts = documents(0.5, 6000).map(textOf).filter((text) => text.includes('[Judge]'));
    const rate = (holds: (text: string) => boolean): number => texts.filter(holds).length / texts.length;
    expect(rate((text) => text.includes('\n[Hint] The best response is: Response'))).toBeCloseTo(0.08, 1);
    expect(rate((text) => text.includes('\n[Reference]') && text.includes('Analysis: the reference says'))).toBeCloseTo(0.08, 1);
    expect(rate((text) => !text.includes('[Response 2]') && /boxed\{(?:\d+)?\}$/u.test(text))).toBeCloseTo(0.08, 1);
    const unprincipled = texts.filter((text) => text.includes('[Judge]\nAnalysis: '));
    expect(unprincipled.length / texts.length).toBeCloseTo(0.03, 1);
    expect(unprincipled.filter((text) => text.includes('Criteria:'))).toEqual([]);
    expect(unprincipled.length).toBeGreaterThan(50);
  });

  it('revises wrong answers by what a careful judge said of them', () => {
    const parts = documents(0.5, 2000).filter((document) => kindOf(document) === 'revisions').flat();
    for (const { text } of parts.filter(({ weight }) => weight < 1)) {
      expect(text).toMatch(/^\[Query\] [^\n]+\n\[Draft\] [^\n]+\n\[Critique\] [^\n]+ Response 1 [^\n]+: wrong\.\n\[Answer\]$/u);
    }
    const sums = parts.flatMap(({ text }, index) => {
      const wanted = text.match(/what is \d+ . \d+\?[^]* want (\d+): wrong/u)?.[1];
      return wanted === undefined ? [] : [(parts[index + 1]?.text ?? '').includes(`${wanted}`)];
    });
    expect(sums.length).toBeGreaterThan(20);
    expect(sums).not.toContain(false);
  });

  it('holds no question of held-out items, of kinds whose questions are held out', () => {
    const known = new Set<string>();
    for (const split of ['test', 'dev'] as const) {
      for (const { kind, conversation, responses, best } of nanobenchItems({ split, seed: 3 }).take(10_000)) {
        // Of a pair of things it is the answer that makes the question one that is held out.
        if (kind.heldOut === 'question') known.add([conversation[0]?.content, ...(kind.name === 'same-color' ? [responses[best]] : [])].join('|'));
      }
    }
    // Each begins with a question, or with a line of another kind; its responses and answers follow.
    const blocks = documents(0.5, 20_000).flatMap((document) => textOf(document).split(/\[Query\] |\n(?!\[)/u));
    const leaked = blocks.filter((block) => {
      const question = block.match(/^[^?.]*[?.]/u)?.[0] ?? '';
      const answers = block.matchAll(/\[(?:Answer|Draft|Response \d)\] ([^\n]+)/gu).map(([, answer]) => `${question}|${answer}`);
      return known.has(question) || answers.some((answered) => known.has(answered));
    });
    expect(known.size).toBeGreaterThan(5000);
    expect(leaked).toEqual([]);
  });

  it('gives its facts and its questions apart, for stages that must not unlearn them', () => {
    const random = seededRandom(1);
    const general = Array.from({ length: 1000 }, () => kindOf(generalDocument(template, random)));
    expect(general.filter((kind) => kind === 'questions').length / 1000).toBeCloseTo(0.5, 1);
    expect(new Set(general)).toEqual(new Set(['plain', 'questions']));
  });

  it('is the same for the same seed', () => {
    expect(documents(0.5, 50)).toEqual(documents(0.5, 50));
  });
});

describe('its tokens', () => {
  let tokenizer: Tokenizer;
  let encoder: DocumentEncoder;

  beforeAll(() => {
    tokenizer = new Tokenizer(trainCorpusTokenizer(nanobenchCorpus(template, 1), 1200));
    encoder = new DocumentEncoder(tokenizer, tokenizer.specialTokens.get(specialTokens.endOfText) ?? -1);
  }, 300_000);

  it('say the document again, every word of it whole', () => {
    for (const document of documents(0.5, 300)) {
      const { tokens } = encoder.encode(document);
      expect(tokenizer.decode(Array.from(tokens))).toBe(textOf(document));
      expect(tokens.length).toBeLessThan(1.2 * textOf(document).split(/(?=[ \n\p{P}\d])/u).length + 5);
    }
    expect(tokenizer.size).toBeLessThan(1200);
  });

  it('of one item with its judgement are few, however many responses it has', () => {
    const random = seededRandom(2);
    const lengths = nanobenchItems({ split: 'train', seed: 2 }).take(4000).map((item) => {
      const order = item.responses.map((_, index) => index);
      const prompt = promptText(template.renderPrompt({ conversation: [...item.conversation], responses: [...item.responses] }, order));
      return tokenizer.encode(prompt + template.renderJudgement(demonstrate(item, order, random, { noise: 0 }))).length;
    });
    expect(Math.max(...lengths)).toBeLessThan(230);
  });

  it('of a judgement: the prompt counts little, what is written fully, verdicts most, and the text ends', () => {
    const [document] = documents(0, 50).filter((candidate) => textOf(candidate).includes('[Response 2]'));
    const { tokens, weights } = encoder.encode(document ?? []);
    const pieces = Array.from(tokens).map((token) => tokenizer.decode([token], { keepSpecial: true }));
    const judge = pieces.indexOf('\n[Judge]');
    const verdicts = Array.from(weights).filter((_, index) => [' right', ' wrong'].includes(pieces[index] ?? ''));
    expect(new Set(Array.from(weights).slice(0, judge + 1))).toEqual(new Set([0.1]));
    expect(new Set(Array.from(weights).slice(judge + 1))).toEqual(new Set([1, 3]));
    expect(verdicts.length).toBeGreaterThan(1);
    expect(new Set(verdicts)).toEqual(new Set([3]));
    expect(pieces.at(-1)).toBe(specialTokens.endOfText);
  });

  it('come in steps of two micro-batches within the padded size, cut at the longest row', () => {
    const options = { corpus: nanobenchCorpus(template, 2), encode: (document: CorpusDocument) => encoder.encode(document), totalTokens: 1e5, batchTokens: 2048, longestRow: 100, seed: 1 };
    const steps = trainingSteps(options, () => 0.5).take(50).toArray();
    const batches = steps.flat();
    const padded = batches.map((batch) => batch.length * Math.max(...batch.map(({ tokens }) => tokens.length)));
    expect(Math.max(...padded)).toBeLessThanOrEqual(1024);
    expect(Math.max(...batches.flat().map(({ tokens }) => tokens.length))).toBe(100);
    expect(batches.every((batch) => batch.every(({ tokens, weights }) => tokens.length === weights.length))).toBe(true);
  });
});
