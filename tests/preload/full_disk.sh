# A recorder whose file system of 512 KiB is full for a while: $1 is the recorder. The log ends up in ./logs, what it said in ./messages.
# Ends with the status of the recorded program, or 77 where nothing can be mounted.
mkdir disk
mount -t tmpfs -o size=512k none disk || exit 77
head -c 450000 /dev/zero > disk/ballast
"$1" record --interval 1ms -o disk/logs -- sh -c 'until [ -e stop ]; do sleep 0.01; done; exit 42' 2> messages &
recorder=$!
# Every wait has an end: 6000 times 10 ms.
wait_for() {
    turns=6000
    until "$@"; do
        sleep 0.01
        turns=$((turns - 1))
        [ $turns -gt 0 ] || { echo "waited too long for: $*" >&2; exit 1; }
    done
}
says() { grep -q "$1" "$2" 2> /dev/null; }
logs_say() { cat disk/logs/*.jsonl 2> /dev/null | grep -q "$1"; }
wait_for says "can't be written" messages
rm disk/ballast
wait_for logs_say '"cause":"disk_full"'
touch stop
wait "$recorder"
status=$?
cp -r disk/logs logs
exit $status
