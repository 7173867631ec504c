# Read by fish in a subshell of `watchword exec`, after the user's own files: a segment before the prompt.

set -e WATCHWORD_RC

function __watchword_segment
    test -n "$WATCHWORD_PROFILE"; or return
    set -l text $WATCHWORD_PROFILE
    set -l until (string split ' ' -- "$WATCHWORD_UNTIL")
    # Another session was taken into this shell since, when the moments differ.
    if test (count $until) = 2; and test "$until[1]" = "$AWS_CREDENTIAL_EXPIRATION"
        set text $WATCHWORD_PROMPT
        set -l left (math "$until[2]" - (date +%s))
        if test $left -le 0
            set text "$text expired"
        else if test $left -lt 60
            set text "$text "$left"s"
        else if test $left -lt 3600
            set text "$text "(math "floor($left / 60)")"m"
        else
            set text "$text "(math "floor($left / 3600)")"h"(math "floor($left % 3600 / 60)")"m"
        end
    end
    printf '[%s] ' $text
end

function __watchword_status
    return $argv[1]
end

if functions -q fish_prompt
    functions -c fish_prompt __watchword_prompt_before
else
    function __watchword_prompt_before
        printf '> '
    end
end

function fish_prompt
    set -l last $status
    __watchword_segment
    __watchword_status $last
    __watchword_prompt_before
end

function __watchword_leave --on-event fish_exit
    printf '%s\n' "left the session of $WATCHWORD_PROMPT" >&2
end
