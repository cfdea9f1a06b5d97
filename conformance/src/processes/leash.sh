#!/bin/sh
# leash.sh GRACE COMMAND... : COMMAND, whose process group ends when nobody holds the other end of fd 3 any more.
#
# The caller starts this in a process group of its own and keeps fd 3 open. When that end closes, by the caller's will or
# because it died of whatever cause, the group gets SIGTERM and, after GRACE milliseconds, SIGKILL. A number written to
# fd 3 before it closes replaces GRACE. COMMAND replaces this process, so its pid, exit code and standard streams are its own.

watch() {
  trap '' HUP INT TERM # this watcher is a member of the group that it ends
  # The watcher must not hold the streams open: readers of COMMAND's output wait for their end.
  exec </dev/null >/dev/null 2>&1

  while read -r line <&3; do grace=$line; done
  alone && exit

  kill -TERM "-$$"
  waited=0
  while [ "$waited" -lt "$grace" ]; do
    sleep 0.05 || sleep 1 # POSIX knows whole seconds only
    alone && exit
    waited=$((waited + 50))
  done
  kill -KILL "-$$"
}

# Whether the group holds nothing but this watcher (and the processes it starts for the question itself).
alone() {
  # $$ is the group's id in here too; the watcher's own pid has to be asked for.
  if [ -r /proc/self/stat ]; then
    read -r watcher _ </proc/self/stat
    for stat in /proc/[0-9]*/stat; do
      read -r line <"$stat" || continue # gone meanwhile
      # pid (name) state parent group: the name may hold anything, so it is cut at its last parenthesis
      # shellcheck disable=SC2086
      set -- ${line%% *} ${line##*) }
      [ "$4" != "$$" ] || [ "$2" = Z ] || [ "$1" = "$watcher" ] || return 1
    done
  else
    watcher=$(exec sh -c 'echo "$PPID"')
    members=$(ps -A -o pid=,ppid=,pgid=,stat= | while read -r pid parent group state; do
      case $group:$pid:$parent:$state in
        "$$:$watcher:"* | "$$:"*":$watcher:"* | *:Z*) ;;
        "$$:"*) echo "$pid" ;;
      esac
    done)
    [ -z "$members" ]
  fi
}

grace=$1
shift
watch &
exec 3<&-
exec "$@"
