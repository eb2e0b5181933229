#!/bin/bash
# First process of the node: lays out its mounts and network, then waits for the supervisor and takes in what loses its parent.
# Arguments: the cluster's folder, then the supervisor's command. Runs in new mount, network and process id namespaces.
set -euo pipefail
folder=$1
shift

mount --make-rprivate /
mount --make-rshared /

# Folders that container runtimes and kubelets take for theirs are the node's own.
mount --bind "$(mkdir -p "$folder/kubelet" && echo "$folder/kubelet")" "$(mkdir -p /var/lib/kubelet && echo /var/lib/kubelet)"
for path in /var/log/pods /var/log/containers /var/lib/cni /run/netns /run/grm-node /run/xtables.lock.d; do
  mkdir -p "$path"
  mount -t tmpfs tmpfs "$path"
done
mount --make-rshared /var/lib/kubelet
mount --make-rshared /run/netns

# The kubelet sets these for the whole machine, and does not start where it cannot: here it writes to files of its own.
mkdir -p /run/grm-node/sysctl
while read -r name value; do
  [ -e "/proc/sys/$name" ] || continue
  file=/run/grm-node/sysctl/${name//\//_}
  echo "$value" >"$file"
  mount --bind "$file" "/proc/sys/$name"
done <<SYSCTLS
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SYSCTLS

# Cgroups of this node's pods: beside those of other nodes on the machine.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p "/sys/fs/cgroup/$NODE_CGROUP"
  sed 's/\(^\| \)\([a-z]\)/\1+\2/g' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control || true
  sed 's/\(^\| \)\([a-z]\)/\1+\2/g' /sys/fs/cgroup/cgroup.controllers >"/sys/fs/cgroup/$NODE_CGROUP/cgroup.subtree_control" || true
else
  for controller in /sys/fs/cgroup/*/; do
    mkdir -p "$controller$NODE_CGROUP" 2>/dev/null || continue
    for setting in cpuset.cpus cpuset.mems; do
      [ ! -e "$controller$setting" ] || cat "$controller$setting" >"$controller$NODE_CGROUP/$setting"
    done
  done
fi

ip link set lo up
# The other end of this link is in the network that the node was started from.
for _ in $(seq 200); do ip link show node0 >/dev/null 2>&1 && break; sleep 0.05; done
ip address add "$NODE_ADDRESS/24" dev node0
ip link set node0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
ulimit -n 1048576 2>/dev/null || ulimit -n "$(ulimit -Hn)"

"$@" &
supervisor=$!
trap 'kill -TERM $supervisor 2>/dev/null || true' TERM INT
while kill -0 "$supervisor" 2>/dev/null; do wait "$supervisor" || true; done
