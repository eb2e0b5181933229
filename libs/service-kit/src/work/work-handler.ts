import { applyDecorators, UseFilters } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { RethrowFilter } from '../rethrow-filter.ts';

/** Transport id of `JetStreamWorkStrategy`. */
export const WORK_QUEUE = Symbol('grm.work-queue');

/** Marks a controller method as the handler of a `TaskKind`: `(@Payload() task, @Ctx() context: WorkContext)`. */
export function WorkHandler(pattern: string): MethodDecorator {
  return applyDecorators(MessagePattern(pattern, WORK_QUEUE), UseFilters(RethrowFilter));
}
