/** Every exit code and what it means; `grmctl help exit-codes` prints this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: 'it worked' },
  failure: { code: 1, meaning: 'something failed while it was done; the message says what' },
  usage: { code: 2, meaning: 'the command line, a manifest or an input file is wrong' },
  unreachable: { code: 3, meaning: 'no NATS server, or nobody answers there for the service or run' },
  refused: { code: 4, meaning: 'the service answered with an error' },
  timeout: { code: 5, meaning: 'no answer, or not ready, within the time given' },
  doesNotFit: { code: 6, meaning: 'a planned run needs more memory than its devices have' },
  suspended: { code: 75, meaning: 'the run that was watched is suspended; started again it goes on' },
  interrupted: { code: 130, meaning: 'ended by Ctrl-C or SIGTERM' },
} as const;

export type ExitCode = keyof typeof EXIT_CODES;
