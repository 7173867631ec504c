# Read by zsh in a subshell of `watchword exec`: the user's own file, from where the user keeps it.

__watchword_rc=$ZDOTDIR
if [[ -n ${WATCHWORD_ZDOTDIR+set} ]]; then
    export ZDOTDIR=$WATCHWORD_ZDOTDIR
    unset WATCHWORD_ZDOTDIR
else
    unset ZDOTDIR
fi
if [[ -f ${ZDOTDIR:-$HOME}/.zshenv ]]; then
    source ${ZDOTDIR:-$HOME}/.zshenv
fi
# It may have moved the others.
if [[ -n ${ZDOTDIR+set} ]]; then
    __watchword_zdotdir=$ZDOTDIR
fi
ZDOTDIR=$__watchword_rc
