#!/bin/sh
# The agent without a service manager: started again until it ends in order, or for a reason that starting again can't
# mend. For init scripts, containers and test beds.
#
#   run-agent.sh [WORDS OF sriov agent...]
#
# Signals: TERM and INT end the agent and this script, HUP has the configuration read anew. With runit or s6 no script
# like this is needed: their `run` file is one line, `exec sriov agent --config /etc/sriov/agent.yaml 2>&1`.
set -u

wait_s=2
agent=''
ending=''
trap 'ending=yes; [ -z "$agent" ] || kill -TERM "$agent" 2>/dev/null' TERM INT
trap '[ -z "$agent" ] || kill -HUP "$agent" 2>/dev/null' HUP

while [ -z "$ending" ]; do
  # One of them is root's uid without root's powers, as in the systemd unit; setpriv is in util-linux.
  setpriv --bounding-set=-all,+net_admin --inh-caps=-all --no-new-privs \
    sriov agent "${@:---config=/etc/sriov/agent.yaml}" &
  agent=$!
  # A signal that is trapped ends wait, not the agent.
  status=0
  wait "$agent" || status=$?
  while kill -0 "$agent" 2>/dev/null; do
    status=0
    wait "$agent" || status=$?
  done
  agent=''
  case $status in
  # In order; a wrong configuration; a host that can't or may not.
  0 | 64 | 69 | 77) exit "$status" ;;
  esac
  [ -n "$ending" ] && exit "$status"
  echo "sriov agent ended with $status; starting it again in $wait_s s" >&2
  sleep "$wait_s"
done
