import type { Answer, AnswerRequest } from '@grm/protocol';
import { type RequestContext, ServiceHandler } from '@grm/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { AnswerService } from './answer.service.ts';

@Controller()
export class AnswerController {
  constructor(@Inject(AnswerService) private readonly service: AnswerService) {}

  @ServiceHandler('answer')
  answer(@Payload() request: AnswerRequest, @Ctx() context: RequestContext): Promise<Answer> {
    return this.service.answer(request, context);
  }
}
