import { type PodDefaults, usualPods } from '@grm/workloads';
import { z } from 'zod';

const strings = z.record(z.string().min(1), z.string()).default({});
const className = z.string().min(1);

const tolerations = z.array(
  z.strictObject({
    key: z.exactOptional(z.string()),
    operator: z.exactOptional(z.enum(['Exists', 'Equal'])),
    value: z.exactOptional(z.string()),
    effect: z.exactOptional(z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])),
    tolerationSeconds: z.exactOptional(z.number().int()),
  }),
);

const { gpuPool: usualPool } = usualPods;

/** Only labels that nothing selects by. */
const labels = strings.refine((given) => Object.keys(given).every((label) => !/^(app\.kubernetes\.io|grm\.dev)\//u.test(label)), 'labels of app.kubernetes.io/ and grm.dev/ are the operator\'s own');

const PodDefaultsObject = z.strictObject({
  nodeSelector: strings,
  tolerations: tolerations.default([]),
  priorityClassName: z.exactOptional(className),
  labels,
  annotations: strings,
  gpuPool: z
    .strictObject({
      nodeLabel: z.string().min(1).default(usualPool.nodeLabel),
      products: strings,
      nodeSelector: strings,
      tolerations: tolerations.default([...usualPool.tolerations]),
      priorityClassName: z.exactOptional(className),
      runtimeClassName: z.exactOptional(className),
    })
    .prefault({}),
});

/** `PodDefaults` as JSON, each part with its default; the empty text is `usualPods`. */
export const PodDefaultsText = z
  .string()
  .default('{}')
  .transform((text, context): PodDefaults => {
    const result = PodDefaultsObject.safeParse(jsonOf(text));
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) context.addIssue({ code: 'custom', message: `${path.length === 0 ? 'expected JSON of an object' : path.join('.')}: ${message}` });
    return z.NEVER;
  });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
