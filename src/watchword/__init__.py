"""Short-lived, MFA-checked access to AWS, and a local AWS in which MFA is really enforced."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal

    import boto3

__all__ = ["__version__", "boto3_session"]

__version__ = "0.1.0"


def boto3_session(
    profile: "str | None" = None,
    *,
    role: "str | None" = None,
    region_name: "str | None" = None,
    duration_seconds: "int | None" = None,
    ask: "Callable[[str, str], str] | Literal['terminal'] | None" = "terminal",
) -> "boto3.Session":
    """Return a boto3 Session of a profile, which renews its credentials itself and asks when it must.

    The sessions are those that `watchword login` and all other commands keep and use: whoever has signed in
    already is not asked. `profile` is None for the one in use (AWS_PROFILE, else `default`). `role`, its name
    or its ARN, is assumed beside whatever roles the profile assumes. `region_name` goes before the profile's.
    `duration_seconds` is how long a new session shall live, 900 to 129 600; None for four hours.

    A code is asked for when a client is made, or later when less than a minute of the session is left:

    - `ask="terminal"`: as the commands do it, on the terminal or from the source that the profile names;
    - `ask=f`: by calling `f(device, account)`, the device's name and the 12 digits of the account, which
      returns six digits; it is called again when AWS does not take them, three times in all;
    - `ask=None`: not at all, `SignInNeeded` is raised.

    However many threads and programs need a code at once, one is asked for.

    Errors are of `watchword.errors`, raised here for a profile that cannot be used (`WatchwordError`), and
    by the client for what comes later: `SignInNeeded`, `NoTerminal`, `AwsRefused`. Credentials in environment
    variables are not used, and a long-term key never signs anything but the request for a session.
    """
    # By name: the rooms below import this module for its version.
    from importlib import import_module

    session: boto3.Session = import_module("watchword.session.refreshing").boto3_session(
        profile,
        role=role,
        region_name=region_name,
        duration_seconds=duration_seconds,
        ask=ask,
    )
    return session
