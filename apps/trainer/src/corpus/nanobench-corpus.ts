import { promptText } from '@grm/language-model';
import {
  demonstrate,
  drill,
  nanobenchCategories,
  nanobenchItems,
  plainText,
  questionAnswer,
  seededRandom,
  singleResponseItem,
  type NanobenchCategory,
  type NanobenchItem,
  type NanobenchProblemItem,
  type Random,
} from '@grm/preferences';
import { sampleSeed, type PromptTemplate } from '@grm/spct';
import type { Corpus, CorpusDocument } from './corpus.ts';

/** Loss weights: prompts are context, drills are random but for their verdicts, and verdicts decide. */
const weights = { prompt: 0.1, written: 1, verdict: 3, drill: 0.05 };

/** Share of the tokens in which drills lead and demonstrations have no fault: comparing must be learnt first. */
const easyStart = 0.12;

type Shares<Name extends string> = readonly (readonly [Name, share: number])[];

type DocumentKind = 'demonstration' | 'drill' | 'plain' | 'questions' | 'revisions';

const mixtures: Readonly<Record<'early' | 'late', Shares<DocumentKind>>> = {
  early: [['demonstration', 0.35], ['drill', 0.45], ['plain', 0.13], ['questions', 0.05], ['revisions', 0.02]],
  late: [['demonstration', 0.6], ['drill', 0.12], ['plain', 0.11], ['questions', 0.11], ['revisions', 0.06]],
};

type DemonstrationKind = 'usual' | 'hinted' | 'referenced' | 'single' | 'unprincipled';

/** Those with a hint or a reference have no fault, so that both are worth following. */
const demonstrations: Shares<DemonstrationKind> = [
  ['usual', 0.73],
  ['hinted', 0.08],
  ['referenced', 0.08],
  ['single', 0.08],
  ['unprincipled', 0.03],
];

/** Where knowing the reference saves a derivation. */
const referencedCategories: Shares<NanobenchCategory> = [['reasoning', 0.45], ['chat-hard', 0.35], ['chat', 0.15], ['safety', 0.05]];

/** What a judgement without principles begins behind; its prompt holds it instead. */
const analysisMark = '\nAnalysis:';

/** An endless source of training items of the wanted category, of all by turns where none is. */
type ItemSource = (category?: NanobenchCategory) => NanobenchItem;

function itemSource(seed: number): ItemSource {
  const options = { split: 'train', references: true } as const;
  const all = nanobenchItems({ ...options, seed: sampleSeed(seed, 0) });
  const byCategory = new Map(
    nanobenchCategories.map((category, index) => [category, nanobenchItems({ ...options, category, seed: sampleSeed(seed, index + 1) })]),
  );
  return (category) => {
    const value = (category === undefined ? all : byCategory.get(category))?.next().value;
    if (value === undefined) throw new Error('nanobench came to an end, which it never does without a count');
    return value;
  };
}

/** What documents are made from. */
interface Making {
  readonly template: PromptTemplate;
  readonly random: Random;
  readonly nextItem: ItemSource;
  readonly noise: number;
}

function judgedItem(kind: DemonstrationKind, { random, nextItem }: Making): NanobenchProblemItem {
  if (kind === 'referenced') return nextItem(random.weighted(referencedCategories));
  return kind === 'single' ? singleResponseItem(nextItem(), random) : nextItem();
}

/** A judged item: the prompt, then the judgement as the template writes it. */
function demonstration(kind: DemonstrationKind, making: Making): CorpusDocument {
  const { template, random } = making;
  const { reference, ...item } = judgedItem(kind, making);
  const order = random.shuffle(item.responses.map((_, index) => index));
  const referenced = kind === 'referenced' && reference !== undefined;
  const input = { conversation: [...item.conversation], responses: [...item.responses], ...(referenced ? { reference } : {}) };
  const hint = kind === 'hinted' && item.best !== null ? item.best : undefined;
  const options = { hint, principles: kind !== 'unprincipled' };
  const parts = demonstrate(item, order, random, { noise: hint === undefined ? making.noise : 0, reference: referenced });
  const judgement = template.renderJudgement(parts);
  const begins = kind === 'unprincipled' ? judgement.indexOf(analysisMark) + analysisMark.length : 0;
  return [
    { text: promptText(template.renderPrompt(input, order, options)), weight: weights.prompt },
    { text: judgement.slice(begins), weight: weights.written, verdictWeight: weights.verdict, ends: true },
  ];
}

/** A wrong answer, a careful judgement's words about it, and the right answer. */
function revision({ template, random, nextItem }: Making): CorpusDocument {
  const item = nextItem();
  const wrong = random.pick(item.responses.map((_, index) => index).filter((index) => index !== item.best));
  const [draft = '', answer = ''] = [item.responses[wrong], item.responses[item.best]];
  const alone = { ...item, responses: [draft], positions: item.positions.slice(wrong, wrong + 1) };
  const { analysis } = demonstrate(alone, [0], random, { noise: 0 });
  return [
    { text: promptText(template.renderAnswer(item.conversation, { draft, critique: analysis })), weight: weights.prompt },
    { text: ` ${answer}`, weight: weights.written, ends: true },
  ];
}

function plain(random: Random): CorpusDocument {
  const lines = Array.from({ length: random.integer(2, 8) }, () => plainText(random));
  return [{ text: lines.join('\n'), weight: weights.written, ends: true }];
}

function questions(template: PromptTemplate, random: Random): CorpusDocument {
  return Array.from({ length: random.integer(1, 4) }, () => questionAnswer(random)).flatMap(({ query, answer }) => [
    { text: promptText(template.renderAnswer([{ role: 'user', content: query }])), weight: weights.prompt },
    { text: ` ${answer}`, weight: weights.written, ends: true },
  ]);
}

function document(kind: DocumentKind, making: Making): CorpusDocument {
  const { template, random } = making;
  switch (kind) {
    case 'demonstration':
      return demonstration(random.weighted(demonstrations), making);
    case 'drill':
      return [{ text: ` ${drill(random, random.integer(2, 8))}`, weight: weights.drill, verdictWeight: weights.verdict, ends: true }];
    case 'plain':
      return plain(random);
    case 'questions':
      return questions(template, random);
    case 'revisions':
      return Array.from({ length: random.integer(1, 3) }, () => revision(making)).flat();
  }
}

const generalKinds = mixtures.late.filter(([kind]) => kind === 'plain' || kind === 'questions');

/** A document that judges nothing: facts, or questions with answers, as often as the corpus has them. */
export const generalDocument = (template: PromptTemplate, random: Random): CorpusDocument =>
  random.weighted(generalKinds) === 'plain' ? plain(random) : questions(template, random);

/**
 * Judgements of nanobench's training items among drills, facts, answers and better answers. Every kind of document
 * varies in length, so that batches of like length hold all kinds.
 * @param seed unsigned 32-bit
 */
export function nanobenchCorpus(template: PromptTemplate, seed: number): Corpus {
  const random = seededRandom(sampleSeed(seed, 0));
  const nextItem = itemSource(sampleSeed(seed, 1));
  return {
    draw: (progress) => {
      const early = progress < easyStart;
      const kind = random.weighted(mixtures[early ? 'early' : 'late']);
      return document(kind, { template, random, nextItem, noise: early ? 0 : 1 });
    },
  };
}
