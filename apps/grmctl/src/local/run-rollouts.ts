import { connectNats, ensureRolloutTopology, removeRolloutTopology } from '@grm/service-kit';

interface RunPlace {
  readonly natsUrl: string;
  readonly namespace: string;
  readonly name: string;
}

/** The queue and the object store between a run's trainer and its samplers. */
export const runRollouts = {
  provision: ({ natsUrl, namespace, name }: RunPlace): Promise<void> => connected(natsUrl, (connection) => ensureRolloutTopology(connection, { namespace, run: name })),
  /** For a run that is over. What cannot be removed takes up room and nothing else: the next run of that name empties it. */
  remove: ({ natsUrl, namespace, name }: RunPlace): Promise<void> =>
    connected(natsUrl, (connection) => removeRolloutTopology(connection, { namespace, run: name })).catch(() => undefined),
};

async function connected(natsUrl: string, work: (connection: Awaited<ReturnType<typeof connectNats>>) => Promise<void>): Promise<void> {
  const connection = await connectNats({ servers: [natsUrl], name: 'grmctl local' });
  try {
    await work(connection);
  } finally {
    await connection.close();
  }
}
