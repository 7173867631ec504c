# Read by zsh in a subshell of `watchword exec`: the user's own file, then a segment before the prompt.

if [[ -n ${__watchword_zdotdir+set} ]]; then
    ZDOTDIR=$__watchword_zdotdir
else
    unset ZDOTDIR
fi
# A file of the system's may have put the history beside this file.
if [[ ${HISTFILE-} == $__watchword_rc/* ]]; then
    HISTFILE=${ZDOTDIR:-$HOME}/${HISTFILE:t}
fi
unset __watchword_zdotdir __watchword_rc
if [[ -f ${ZDOTDIR:-$HOME}/.zshrc ]]; then
    source ${ZDOTDIR:-$HOME}/.zshrc
fi

__watchword_segment() {
    psvar[9]=
    [[ -n ${WATCHWORD_PROFILE-} ]] || return 0
    local text=$WATCHWORD_PROFILE end=${WATCHWORD_UNTIL##* } left
    # Another session was taken into this shell since, when the moments differ.
    if [[ ${WATCHWORD_UNTIL% *} == "${AWS_CREDENTIAL_EXPIRATION-}" && $end == <-> ]]; then
        text=$WATCHWORD_PROMPT
        left=$((end - $(date +%s)))
        if ((left <= 0)); then
            text="$text expired"
        elif ((left < 60)); then
            text="$text ${left}s"
        elif ((left < 3600)); then
            text="$text $((left / 60))m"
        else
            text="$text $((left / 3600))h$((left % 3600 / 60))m"
        fi
    fi
    psvar[9]="[$text] "
}

__watchword_prompt() {
    emulate -L zsh
    __watchword_segment
    # The user's own prompt may be made anew each time. What psvar holds is shown, never run.
    if [[ $PROMPT != '%9v'* ]]; then
        PROMPT="%9v$PROMPT"
    fi
}

__watchword_leave() {
    print -r -u 2 -- "left the session of $WATCHWORD_PROMPT"
}

typeset -ga precmd_functions zshexit_functions
precmd_functions+=(__watchword_prompt)
zshexit_functions+=(__watchword_leave)
