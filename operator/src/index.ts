export { newNatsAccount, type NatsAccount } from './nats-account/new-nats-account.ts';
export { accountSigner, AccountSeedError, type AccountSigner } from './nats/users/account-signer.ts';
export { type IssuedUser, issueUser, type IssueUserOptions, userLifetimeSeconds } from './nats/users/issue-user.ts';
export { type RenewalReason, renewalReason, secondsUntilRenewal, type WantedUser } from './nats/users/renewal-reason.ts';
export { credentialsKey, type UserSecret, userSecret, userSecretType } from './nats/users/user-secret.ts';
export { parseOperatorConfiguration, type OperatorConfiguration } from './configuration/operator-configuration.ts';
export { Operator } from './process/operator.ts';
