export { bringUp, type BringUpOptions } from './bring-up.ts';
export { Cluster, openCluster } from './cluster.ts';
export { type ClusterFacts, type NodeServer, nodeServers } from './cluster-facts.ts';
export { defaultClusterName, NoClusterError } from './cluster-folder.ts';
export { RequirementsError } from './requirements.ts';
export { takeDown } from './take-down.ts';
