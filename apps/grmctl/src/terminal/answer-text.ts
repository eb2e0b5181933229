import { type Answer, type AnswerRequest, type AnswerRound, defaults } from '@grm/protocol';
import { judgementLines } from './judgement-text.ts';
import { printable, short } from './printable.ts';
import { table } from './table.ts';
import type { Colours } from './terminal.ts';

const columns = [{ title: 'ROUND', align: 'right' }, { title: 'FROM' }, { title: 'MEAN', align: 'right' }, { title: 'RESULT' }, { title: 'TEXT' }] as const;

/** An answer for people: what each round judged, what was criticised, how it ended, and the answer. */
export function answerText(request: AnswerRequest, answer: Answer, colours: Colours): string {
  const { rounds, model, usage, timings } = answer;
  const written = rounds.reduce((sum, round) => sum + round.written, 0);
  const drawn = rounds.reduce((sum, { verdict }) => sum + verdict.samples.drawn, 0);
  return [
    table(columns, rounds.flatMap((round, number) => rowsOf(round, number, colours)), colours),
    ...rounds.flatMap(({ critique }, number) => (critique === undefined ? [] : ['', `${colours.bold(`Critique after round ${number + 1}`)}  ${printable(critique)}`])),
    ...rounds.flatMap(({ verdict }) => (verdict.judgements ?? []).flatMap((judgement, index) => ['', ...judgementLines(judgement, index, colours)])),
    '',
    endingLine(request, answer, colours),
    `${written} different answers written, ${drawn} judgements drawn; ${usage.completionTokens} tokens in ${timings.totalMs.toFixed(0)} ms by ${model.name}`,
    '',
    ...answer.answer.split('\n').map(printable),
  ].join('\n');
}

function rowsOf({ candidates, written, verdict, dropped }: AnswerRound, round: number, colours: Colours): string[][] {
  const others = candidates.length - written;
  return candidates.map((text, index) => [
    String(round + 1),
    index >= others ? 'model' : round === 0 ? 'you' : 'best so far',
    (verdict.meanScores[index] ?? 0).toFixed(2),
    index === verdict.best ? colours.green('best') : dropped.includes(index) ? colours.yellow('dropped') : 'kept',
    short(text),
  ]);
}

/** `Accepted: 8.00 of 6.00 wanted, from round 2` */
function endingLine({ threshold = defaults.answer.threshold }: AnswerRequest, { accepted, score, round, ended, stalledBy }: Answer, colours: Colours): string {
  const word = accepted ? colours.green('Accepted') : colours.yellow('Not accepted');
  const reason = ended === 'stalled' ? `; no further round: ${printable(stalledBy ?? '')}` : '';
  return `${word}: ${score.toFixed(2)} of ${threshold.toFixed(2)} wanted, from round ${round + 1}${reason}`;
}
