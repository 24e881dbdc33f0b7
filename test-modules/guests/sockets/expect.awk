# Turns the native transcript of a scenario guest into the expectation of the WASIX build:
#   awk -f expect.awk GUEST.deviations transcript
# Fails when a deviation names another Linux answer than the one in the transcript.
FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && split($0, part, / \| /) == 4) {
        linux[part[1]] = part[2]
        wasix[part[1]] = part[3]
    }
    next
}
{
    at = index($0, ": ")
    step = substr($0, 1, at - 1)
    answer = substr($0, at + 2)
    if (step in linux && answer == linux[step]) {
        answer = wasix[step]
    } else if (step in linux && answer != wasix[step]) {
        print "deviation does not fit: " $0 > "/dev/stderr"
        failed = 1
    }
    print step ": " answer
}
END {
    exit failed
}
