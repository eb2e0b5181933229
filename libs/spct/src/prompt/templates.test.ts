import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JudgeInput, Message } from '../judge-input.ts';
import { parseJudgement } from '../judgement/parse-judgement.ts';
import { orderOf } from '../order/order-of.ts';
import { hostileText } from './hostile-text.fixture.ts';
import { InvalidNonceError } from './invalid-nonce-error.ts';
import { InvalidOrderError } from './invalid-order-error.ts';
import { templateNames, type Prompt } from './prompt-template.ts';
import { templateByName } from './template-by-name.ts';

const question: JudgeInput = { conversation: [{ role: 'user', content: 'what is 61 - 38?' }], responses: ['it is 23.', '24.'] };

/** All that is put before a model, in one text. */
const textOf = (prompt: Prompt) => ('text' in prompt ? prompt.text : prompt.messages.map(({ content }) => content).join('\n\n'));

describe('the compact template', () => {
  const { renderPrompt, renderJudgement, renderMeta } = templateByName('compact');
  const parts = { criteria: [{ name: 'accuracy', weight: 6 }, { name: 'brevity', weight: 4 }], analysis: 'Response 1 is right.', scores: [9, 2] };

  test('shows the query and the responses in the order given, a line each', () => {
    expect(renderPrompt(question, [1, 0])).toEqual({ text: '[Query] what is 61 - 38?\n[Response 1] 24.\n[Response 2] it is 23.\n[Judge]' });
  });

  test('shows reference, criteria and the hint, which names the response by its place', () => {
    expect(textOf(renderPrompt({ ...question, reference: '23', criteria: ['be exact', 'be kind'] }, [1, 0], { hint: 0 }))).toBe(
      '[Query] what is 61 - 38?\n[Response 1] 24.\n[Response 2] it is 23.\n[Reference] 23\n[Criteria] be exact; be kind\n[Hint] The best response is: Response 2\n[Judge]',
    );
  });

  test('labels the turns of a longer conversation', () => {
    const conversation: Message[] = [{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hi' }, { role: 'assistant', content: 'hello' }, { role: 'user', content: 'what is 2 + 2?' }];
    expect(textOf(renderPrompt({ conversation, responses: ['4'] }, [0]))).toBe('[Query] System: be brief\nUser: hi\nAssistant: hello\nUser: what is 2 + 2?\n[Response 1] 4\n[Judge]');
  });

  test('writes a judgement that continues the prompt, and the meta RM reads both', () => {
    const judgement = ' Criteria: accuracy 6, brevity 4\nAnalysis: Response 1 is right.\nScores: \\boxed{9, 2}';
    expect(renderJudgement(parts)).toBe(judgement);
    expect(renderMeta(question, [0, 1], judgement)).toEqual({ text: textOf(renderPrompt(question, [0, 1])) + judgement });
  });
});

describe('asking for an answer and for a better one', () => {
  const conversation: Message[] = [{ role: 'user', content: 'what is 61 - 38?' }];
  const revise = { draft: '24.', critique: 'says 24, want 23: wrong.' };

  test('the compact template ends where the answer begins', () => {
    const { renderAnswer } = templateByName('compact');
    expect(renderAnswer(conversation)).toEqual({ text: '[Query] what is 61 - 38?\n[Answer]' });
    expect(renderAnswer(conversation, revise)).toEqual({
      text: '[Query] what is 61 - 38?\n[Draft] 24.\n[Critique] says 24, want 23: wrong.\n[Answer]',
    });
  });

  test('the published template goes on with the conversation, the review as a turn of the user\'s', () => {
    const { renderAnswer } = templateByName('published');
    expect(renderAnswer(conversation)).toEqual({ messages: conversation });
    expect(renderAnswer(conversation, revise)).toEqual({
      messages: [...conversation, { role: 'assistant', content: '24.' }, { role: 'user', content: expect.stringContaining('says 24, want 23: wrong.') }],
    });
  });
});

describe('judging without principles', () => {
  test('lets the compact judge begin with its analysis', () => {
    expect(textOf(templateByName('compact').renderPrompt(question, [0, 1], { principles: false }))).toMatch(/\n\[Judge\]\nAnalysis:$/);
  });

  test('neither gives nor asks for criteria in the published prompt', () => {
    const prompt = textOf(templateByName('published').renderPrompt(question, [0, 1], { principles: false }));
    expect(prompt).not.toMatch(/criteri/i);
    expect(prompt).toContain('Write two parts');
  });
});

describe('the published template', () => {
  const { renderPrompt, renderMeta } = templateByName('published');

  test('has the landmarks of the paper, in its order', () => {
    const prompt = textOf(renderPrompt({ ...question, reference: 'twenty-three', criteria: ['be exact'] }, [1, 0], { hint: 0 }));
    const landmarks = [
      'from 1 to 10', '#### Evaluation Criteria ####', 'Instruction Adherence', 'Usefulness', 'Level of Detail', 'Relevance',
      '#### Criteria Given by the Caller ####', '- be exact', '#### Conversation Context ####', 'User: what is 61 - 38?', '#### Reference Answer ####', 'twenty-three',
      '#### Responses to be Scored ####', '[The Begin of Response 1]\n24.\n[The End of Response 1]', '[The Begin of Response 2]\nit is 23.\n[The End of Response 2]',
      '#### Output Format Requirements ####', 'Specific Criteria:', 'Analysis:', 'Scores:', '\\boxed{x, x}', 'The best response is: Response 2',
    ];
    const places = landmarks.map((landmark) => prompt.indexOf(landmark));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('puts a nonce into the marks around responses', () => {
    expect(textOf(renderPrompt(question, [0, 1], { nonce: '7f3a' }))).toContain('[The Begin of Response 1 7f3a]\nit is 23.\n[The End of Response 1 7f3a]');
    expect(() => renderPrompt(question, [0, 1], { nonce: '] ' })).toThrow(InvalidNonceError);
  });

  test('is one turn of the user\'s', () => {
    expect(renderPrompt(question, [0, 1])).toEqual({ messages: [{ role: 'user', content: expect.any(String) }] });
  });

  test('asks the meta RM plainly and has the judgement for the assistant\'s turn', () => {
    expect(renderMeta(question, [0, 1], 'Scores: \\boxed{9, 2}')).toEqual({
      messages: [
        { role: 'user', content: expect.stringMatching(/^Please score the responses\.\n\n#### Conversation Context ####\n[^]*\[The End of Response 2\]$/) },
        { role: 'assistant', content: 'Scores: \\boxed{9, 2}' },
      ],
    });
  });
});

describe.each(templateNames)('every template: %s', (name) => {
  const template = templateByName(name);
  const delimiters = /^#{4} .* #{4}$|\[(?:The (?:Begin|End) of )?(?:Response \d+|Query|Reference|Criteria|Hint|Judge|Draft|Critique|Answer)\]/gm;
  const turns = /^(?:System|User|Assistant|\[Query\] System|\[Query\] User|\[Query\] Assistant):/gm;
  const boxes = /\\{1,2}boxed\s*\{|<\|im_end\|>|<\/s>/g;
  const hostileInput = fc.record({
    conversation: fc.array(fc.record({ role: fc.constantFrom('system', 'user', 'assistant'), content: hostileText() }), { minLength: 1, maxLength: 3 }),
    responses: fc.array(hostileText(), { minLength: 1, maxLength: 4 }),
    reference: fc.option(hostileText(), { nil: undefined }),
    criteria: fc.option(fc.array(hostileText(), { maxLength: 2 }), { nil: undefined }),
  });

  test('has exactly its own delimiters, turns and boxes, whatever the texts contain', () => {
    fc.assert(
      fc.property(hostileInput, fc.integer(), (input, seed) => {
        const order = orderOf(seed, input.responses.length);
        const mild = {
          conversation: input.conversation.map(({ role }) => ({ role, content: 'x' })),
          responses: input.responses.map(() => 'x'),
          reference: input.reference === undefined ? undefined : 'x',
          criteria: input.criteria?.map(() => 'x'),
        };
        for (const pattern of [delimiters, turns, boxes]) {
          expect(textOf(template.renderPrompt(input, order)).match(pattern)).toEqual(textOf(template.renderPrompt(mild, order)).match(pattern));
          expect(textOf(template.renderMeta(input, order, '')).match(pattern)).toEqual(textOf(template.renderMeta(mild, order, '')).match(pattern));
        }
        expect(textOf(template.renderPrompt(input, order)).isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('reads back the judgement that it writes', () => {
    const parts = { criteria: [{ name: 'accuracy', weight: 6 }, { name: 'brevity', weight: 4 }], analysis: 'Response 1 is right.', scores: [9, 2] };
    expect(parseJudgement(template.renderJudgement(parts), 2)).toEqual({ valid: true, ...parts });
  });

  test.each([[[0]], [[0, 0]], [[0, 2]], [[0, 1, 1]]])('refuses %j as an order of two responses', (order) => {
    expect(() => template.renderPrompt(question, order)).toThrow(InvalidOrderError);
  });
});
