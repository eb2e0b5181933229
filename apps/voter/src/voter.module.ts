import { Configuration, NatsServiceStrategy, SERVICE_DESCRIPTION } from '@grm/service-kit';
import { Module } from '@nestjs/common';
import { AnswerController } from './answer.controller.ts';
import { AnswerService } from './answer.service.ts';
import { AnswerRunner } from './answer/answer-runner.ts';
import { JudgeController } from './judge.controller.ts';
import { JudgeService } from './judge.service.ts';
import { JudgementRunner } from './judgement/judgement-runner.ts';
import { serviceDescription } from './service-description.ts';
import { VoterMetrics } from './voter-metrics.ts';
import { ReplyInbox } from './work/reply-inbox.ts';
import { TaskRuns } from './work/task-runs.ts';
import { WorkQueue } from './work/work-queue.ts';
import { WritingRunner } from './writing/writing-runner.ts';

/** The reward API. It alone holds a request's state, and only while the request runs. */
@Module({
  controllers: [JudgeController, AnswerController],
  providers: [
    { provide: SERVICE_DESCRIPTION, useFactory: serviceDescription, inject: [Configuration] },
    NatsServiceStrategy,
    ReplyInbox,
    WorkQueue,
    TaskRuns,
    VoterMetrics,
    JudgementRunner,
    JudgeService,
    WritingRunner,
    AnswerRunner,
    AnswerService,
  ],
})
export class VoterModule {}
