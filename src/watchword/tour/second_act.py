"""The second act: published policies that force MFA, what a bare key reaches all the same, and the fix."""

from __future__ import annotations

from watchword.tour import people
from watchword.tour.people import ADMINISTRATOR
from watchword.tour.step import Answer, Step

_ACCOUNT = "An account with published policies"
_PROVE = "What a bare key reaches"
_FIX = "The fix"
_PROVED = "Proved"

_ASKED_FOR_CODE = r"code[^\n]*: "
_ATTACH = (
    "aws iam attach-user-policy --user-name dev"
    " --policy-arn arn:aws:iam::aws:policy/AdministratorAccess --profile dev"
)
_DETACH = _ATTACH.replace("attach-user", "detach-user").replace("--profile dev", "--profile root")

_FIXED = (
    ("ForceMFA", "ForceMFA"),
    ("Developers", "RequireMFA"),
    ("RolesList", "RolesList"),
)


def _put(group: str, policy: str) -> str:
    return (
        f"aws iam put-group-policy --group-name {group} --policy-name {policy}"
        f" --policy-document file://{group}-{policy}.json"
    )


SECOND_ACT: tuple[Step, ...] = (
    Step(
        part=_ACCOUNT,
        title="another account, with the groups of four walk-throughs and somebody in each",
        command="""watchword sandbox up --scenario groups.yaml && eval "$(watchword sandbox env)" && env | grep -i '^aws_\\|^no_proxy\\|^watchword'""",  # noqa: E501 - one line at the prompt
        expectation="groups that force MFA, a role behind MFA, and an administrator who has nothing without",
        says=("AWS_ENDPOINT_URL=http://127.0.0.1:",),
        remember=people.note_environment,
    ),
    Step(
        part=_ACCOUNT,
        title="one of them: it denies everything without MFA, it says",
        command="tail -n 14 ForceMFA.json",
        expectation="but for IAM, so that people can enrol a device",
        says=('"NotAction": "iam:*"',),
    ),
    Step(
        part=_ACCOUNT,
        title="read the account",
        command="watchword account snapshot -o before.json --profile root",
        expectation="one file with everybody, every policy, every key and device",
        says=("before.json",),
    ),
    Step(
        part=_PROVE,
        title="who reaches what without MFA?",
        command="watchword prove before.json --fixes fixes",
        expectation="not proved: each way in, with the statement that lets it through and the smallest fix",
        exit_codes=(3,),
        says=(
            "Not proved",
            "AdministratorAccess",
            "let through by",
            "say `BoolIfExists` instead of `Bool`",
            '"NotAction": "iam:*"',
            "written to `fixes`",
        ),
    ),
    Step(
        part=_PROVE,
        title="is it so? the key of `dev` makes `dev` an administrator",
        command=_ATTACH,
        expectation="no output: it is so",
    ),
    Step(
        part=_PROVE,
        title="undo it",
        command=_DETACH,
        expectation="no output, as AWS has it",
    ),
    Step(
        part=_FIX,
        title="store the policies as the proof has them",
        command=(
            "cd fixes && export AWS_PROFILE=root && set -e\n"
            + "\n".join(_put(group, policy) for group, policy in _FIXED)
        ),
        expectation="no output, as AWS has it",
    ),
    Step(
        part=_FIX,
        title="no policy binds root: its key goes, as the proof says",
        command=(
            "aws iam delete-access-key --profile root --access-key-id"
            " $(aws iam list-access-keys --profile root"
            " --query 'AccessKeyMetadata[0].AccessKeyId' --output text)"
        ),
        expectation="no output; from now on the administrator signs in, with a code",
    ),
    Step(
        part=_PROVED,
        title="read the account again, as the administrator",
        command=f"watchword account snapshot -o after.json --profile {ADMINISTRATOR}",
        expectation="a code is asked for, since without one nothing is allowed",
        says=("after.json",),
        answers=(
            Answer(prompt=_ASKED_FOR_CODE, text=people.administrators_code, typed="the administrator's code"),
        ),
    ),
    Step(
        part=_PROVED,
        title="what has changed?",
        command="watchword account diff before.json after.json",
        expectation="the three policies, statement by statement",
        says=("ForceMFA", "RequireMFA", "RolesList"),
    ),
    Step(
        part=_PROVED,
        title="who reaches what without MFA now?",
        command="watchword prove after.json",
        expectation="proved: nobody reaches anything but enrolling their own device",
        says=("Proved",),
    ),
    Step(
        part=_PROVED,
        title="and the key of `dev`?",
        command=_ATTACH,
        expectation="refused",
        exit_codes=(254, 255),
        says=("(AccessDenied)", "with an explicit deny in an identity-based policy"),
    ),
)
