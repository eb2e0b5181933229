import { Command } from 'commander';
import { registerAnswer } from './commands/answer.ts';
import { registerBench } from './commands/bench.ts';
import { registerGate } from './commands/gate.ts';
import { registerJudge } from './commands/judge.ts';
import { registerLocalDown } from './commands/local-down.ts';
import { registerLocalLogs } from './commands/local-logs.ts';
import { registerLocalStatus } from './commands/local-status.ts';
import { registerLocalSupervise } from './commands/local-supervise.ts';
import { registerLocalUp } from './commands/local-up.ts';
import { registerModelConvert } from './commands/model-convert.ts';
import { registerModelInspect } from './commands/model-inspect.ts';
import { registerModelPull } from './commands/model-pull.ts';
import { registerModelPush } from './commands/model-push.ts';
import { registerRunCompare } from './commands/run-compare.ts';
import { registerRunPlan } from './commands/run-plan.ts';
import { registerRunSuspend } from './commands/run-suspend.ts';
import { registerRunWatch } from './commands/run-watch.ts';
import { EXIT_CODES } from './exit-code.ts';
import { coloursFor, type Terminal } from './terminal/terminal.ts';

/** The whole command line. Each command is one file under `commands/` and one line here. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('grmctl')
    .description('Ask judges, measure them, look at their models, and run them on this machine.')
    .version('0.1.0')
    .configureOutput({
      writeOut: (text) => terminal.output.write(text),
      writeErr: (text) => terminal.errors.write(text),
      getOutHasColors: () => coloursFor(terminal.output, terminal.environment).isColorSupported,
      getErrHasColors: () => coloursFor(terminal.errors, terminal.environment).isColorSupported,
    })
    .showHelpAfterError('(add --help for what this command takes)')
    .exitOverride()
    .addHelpText('after', exitCodesText());
  registerJudge(program, terminal);
  registerAnswer(program, terminal);
  registerBench(program, terminal);
  registerGate(program, terminal);
  const model = program.command('model').description('Look at models, convert and copy them.');
  registerModelInspect(model, terminal);
  registerModelPull(model, terminal);
  registerModelPush(model, terminal);
  registerModelConvert(model, terminal);
  const run = program.command('run').description('Reckon training runs before they start, watch and suspend them, compare what came of them.');
  registerRunPlan(run, terminal);
  registerRunWatch(run, terminal);
  registerRunSuspend(run, terminal);
  registerRunCompare(run, terminal);
  const local = program.command('local').description('Run manifests on this machine, without a cluster.');
  registerLocalUp(local, terminal);
  registerLocalStatus(local, terminal);
  registerLocalLogs(local, terminal);
  registerLocalDown(local, terminal);
  registerLocalSupervise(local, terminal);
  return program;
}

function exitCodesText(): string {
  const rows = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`);
  return `\nExit codes:\n${rows.join('\n')}`;
}
