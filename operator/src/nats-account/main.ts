import { parseArgs } from 'node:util';
import { keepSecret } from './keep-secret.ts';
import { newNatsAccount } from './new-nats-account.ts';

/** `node main.js --namespace NAMESPACE --name NAME`: makes the Secret of a NATS account, unless it is there. The chart runs it once, before anything else. */
const { values } = parseArgs({ options: { namespace: { type: 'string' }, name: { type: 'string' } } });
const { namespace, name } = values;
if (namespace === undefined || name === undefined) {
  throw new Error('Usage: main.js --namespace NAMESPACE --name NAME: both say which Secret is to hold the account');
}
const account = await newNatsAccount();
const created = await keepSecret({
  namespace,
  name,
  data: { 'resolver.conf': account.resolver, 'operator.creds': account.operatorCredentials, 'account.seed': account.accountSeed },
});
process.stdout.write(`Secret ${namespace}/${name} ${created ? 'holds a new NATS account' : 'is there already and stays as it is'}\n`);
