"""The story as it is really typed: "denied, code, allowed, denied", then policies and what they prove."""

from __future__ import annotations

from watchword.tour import people
from watchword.tour.people import USER
from watchword.tour.second_act import SECOND_ACT
from watchword.tour.step import Answer, Step

_SANDBOX = "A local AWS"
_ADMINISTRATOR = "The administrator prepares"
_DENIED = "The key alone is refused"
_ENROL = "The user enrols a phone"
_ALLOWED = "A code opens the door"
_ONCE = "A code serves once"
_ENDS = "A session ends"
_BY_HAND = "The same by hand, with the aws command alone"
_BETWEEN = "Between the acts"
_DOWN = "The end"

_REGIONS = "aws ec2 describe-regions --region eu-west-1 --query 'Regions[].RegionName' --output text"
_REFUSED_BY_EC2 = "(UnauthorizedOperation) when calling the DescribeRegions operation"
_INVALID_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code."
_ASKED_FOR_CODE = r"code[^\n]*: "
_ASKED_YES_OR_NO = r"\[y/N\] "

FIRST_ACT: tuple[Step, ...] = (
    Step(
        part=_SANDBOX,
        title="start a sandbox: an AWS endpoint on this machine that checks signatures, codes and policies",
        command="watchword sandbox up",
        expectation="it listens on 127.0.0.1 only",
        says=("http://127.0.0.1:",),
    ),
    Step(
        part=_SANDBOX,
        title="point this shell at it",
        command="""eval "$(watchword sandbox env)" && env | grep -i '^aws_\\|^no_proxy\\|^watchword'""",
        expectation="the shell has an endpoint and files of its own; ~/.aws is not used",
        says=("AWS_ENDPOINT_URL=http://127.0.0.1:", "AWS_CONFIG_FILE=", "AWS_SHARED_CREDENTIALS_FILE="),
        remember=people.note_environment,
    ),
    Step(
        part=_ADMINISTRATOR,
        title="create a user",
        command=f"aws iam create-user --user-name {USER} --profile root",
        expectation="the user is there, without any permission",
        says=(f"arn:aws:iam::123456789012:user/{USER}",),
    ),
    Step(
        part=_ADMINISTRATOR,
        title="create an access key for the user",
        command=f"aws iam create-access-key --user-name {USER} --profile root",
        expectation="a long-term key: the thing that leaks",
        says=("AKIA",),
        remember=people.note_key,
    ),
    Step(
        part=_ADMINISTRATOR,
        title="store the key in a profile",
        command=f"aws configure --profile {USER}",
        expectation="the key stands in the sandbox's own credentials file",
        answers=(
            Answer(
                prompt=r"Access Key ID \[.*\]: ",
                text=people.from_notes("access key id"),
                typed="the access key ID",
            ),
            Answer(
                prompt=r"Secret Access Key \[.*\]: ",
                text=people.from_notes("secret access key"),
                typed="the secret access key",
            ),
            Answer(prompt=r"region name \[.*\]: ", text=people.literally("eu-west-1"), typed="eu-west-1"),
            Answer(prompt=r"output format \[.*\]: ", text=people.literally("json"), typed="json"),
        ),
    ),
    Step(
        part=_ADMINISTRATOR,
        title="look at the policy: it allows one call, and only after a code",
        command="cat describe-regions-with-mfa.json",
        expectation="an Allow whose condition is met only by a session that was opened with a code",
        says=('"aws:MultiFactorAuthPresent": "true"',),
    ),
    Step(
        part=_ADMINISTRATOR,
        title="make it a managed policy",
        command=(
            "aws iam create-policy --policy-name DescribeRegionsWithMfa"
            " --policy-document file://describe-regions-with-mfa.json --profile root"
        ),
        expectation="the account has it; nobody is subject to it yet",
        says=("arn:aws:iam::123456789012:policy/DescribeRegionsWithMfa",),
    ),
    Step(
        part=_ADMINISTRATOR,
        title="attach it to the user",
        command=(
            f"aws iam attach-user-policy --user-name {USER}"
            " --policy-arn arn:aws:iam::123456789012:policy/DescribeRegionsWithMfa --profile root"
        ),
        expectation="no output, as AWS has it",
    ),
    Step(
        part=_DENIED,
        title="call EC2 with the key alone",
        command=f"{_REGIONS} --profile {USER}",
        expectation="refused: a long-term key carries no MFA, so `Bool … true` is not met",
        exit_codes=(254, 255),
        says=(_REFUSED_BY_EC2, "You are not authorized to perform this operation."),
    ),
    Step(
        part=_DENIED,
        title="list one's MFA devices with the key alone",
        command=f"aws iam list-mfa-devices --profile {USER}",
        expectation="refused too: nothing allows it yet",
        exit_codes=(254, 255),
        says=(
            "(AccessDenied)",
            f"User: arn:aws:iam::123456789012:user/{USER} is not authorized to perform: iam:ListMFADevices",
            "because no identity-based policy allows the iam:ListMFADevices action",
        ),
    ),
    Step(
        part=_ENROL,
        title="look at two more policies: what a user may do to enrol, and after that",
        command="cat list-devices-and-describe-with-mfa.json enrol-own-device.json",
        expectation="enrolling works without a code, for oneself only; describing EC2 needs one",
        says=("iam:ListMFADevices", "iam:EnableMFADevice", "${aws:username}"),
    ),
    Step(
        part=_ENROL,
        title="the administrator lets the user list devices, and describe EC2 after a code",
        command=(
            f"aws iam put-user-policy --user-name {USER} --policy-name ListDevices"
            " --policy-document file://list-devices-and-describe-with-mfa.json --profile root"
        ),
        expectation="no output, as AWS has it",
    ),
    Step(
        part=_ENROL,
        title="and lets the user enrol a device",
        command=(
            f"aws iam put-user-policy --user-name {USER} --policy-name EnrolOwnDevice"
            " --policy-document file://enrol-own-device.json --profile root"
        ),
        expectation="no output, as AWS has it",
    ),
    Step(
        part=_ENROL,
        title="list one's MFA devices again",
        command=f"aws iam list-mfa-devices --profile {USER}",
        expectation="allowed, and there is none",
        says=('"MFADevices": []',),
    ),
    Step(
        part=_ENROL,
        title="enrol: scan the QR code, type two codes (the sandbox's phone has scanned it)",
        command=f"watchword device enroll --profile {USER}",
        expectation="a QR code is shown, two codes in a row are taken, and one of them opens a session",
        says=("█", f"arn:aws:iam::123456789012:mfa/{USER}", "signed in until"),
        answers=(
            Answer(prompt=_ASKED_FOR_CODE, text=people.code, typed="the code that the phone shows"),
            Answer(prompt=_ASKED_FOR_CODE, text=people.next_code, typed="the code after it"),
            Answer(
                prompt=_ASKED_YES_OR_NO, text=people.literally("n"), typed="no, no other tool is used here"
            ),
        ),
    ),
    Step(
        part=_ENROL,
        title="what the phone shows",
        command=f"watchword sandbox phone --user {USER}",
        expectation="the code of now and the time left",
        says=(f"mfa/{USER}",),
    ),
    Step(
        part=_ALLOWED,
        title="sign in anew; mistype the code first",
        command=f"watchword login {USER} --force",
        expectation="the wrong code is refused in AWS's words and asked again; the right one opens a session",
        says=(_INVALID_CODE,),
        answers=(
            Answer(prompt=_ASKED_FOR_CODE, text=people.wrong_code, typed="a wrong code"),
            Answer(prompt=_ASKED_FOR_CODE, text=people.unused_code, typed="the code that the phone shows"),
        ),
    ),
    Step(
        part=_ALLOWED,
        title="see the session",
        command="watchword status",
        expectation="who, with which device, until when",
        says=(USER,),
    ),
    Step(
        part=_ALLOWED,
        title="run the refused command inside the session",
        command=f"watchword exec {USER} -- {_REGIONS}",
        expectation="allowed: the regions are listed, and no code is asked",
        says=("eu-west-1", "us-east-1"),
    ),
    Step(
        part=_ALLOWED,
        title="or take the session into this shell",
        command=f'eval "$(watchword env {USER})" && {_REGIONS}',
        expectation="allowed as well",
        says=("eu-west-1", "us-east-1"),
    ),
    Step(
        part=_ONCE,
        title="sign in anew, and type the code that has been used already",
        command=f"watchword login {USER} --force",
        expectation="the used code is not sent to AWS: watchword waits for the next one and takes that",
        answers=(
            Answer(prompt=_ASKED_FOR_CODE, text=people.last_code, typed="the code that was used already"),
            Answer(prompt=_ASKED_FOR_CODE, text=people.unused_code, typed="the code that the phone shows"),
        ),
        never_says=(_INVALID_CODE,),
    ),
    Step(
        part=_ONCE,
        title="what the sandbox decided, and why",
        command="watchword sandbox log --last 4",
        expectation="principal, MFA state, action, resource and the deciding statement",
        says=("ec2:DescribeRegions", "sts:GetSessionToken"),
    ),
    Step(
        part=_ENDS,
        title="five hours later …",
        command="watchword sandbox clock move +5h",
        expectation="the sandbox's clock has moved; the session lived four hours",
    ),
    Step(
        part=_ENDS,
        title="the session is over",
        command=f"watchword exec {USER} -- {_REGIONS}",
        expectation="refused: expired",
        exit_codes=(254, 255),
        says=("(RequestExpired)", "Request has expired."),
    ),
    Step(
        part=_ENDS,
        title="sign out",
        command=f"watchword logout {USER}",
        expectation="the session is forgotten on this machine",
    ),
    Step(
        part=_ENDS,
        title="what is left is the key alone",
        command=f"{_REGIONS} --profile {USER}",
        expectation="refused again, as at the beginning",
        exit_codes=(254, 255),
        says=(_REFUSED_BY_EC2,),
    ),
    Step(
        part=_BY_HAND,
        title="find the device, hand the code over in a file (not as an argument), use the answer",
        command=(
            "set -e; umask 077\n"
            f"MFA=$(aws iam list-mfa-devices --profile {USER}"
            " --query 'MFADevices[0].SerialNumber' --output text)\n"
            f"CODE=$(watchword sandbox phone --user {USER} --next --code)\n"
            """printf '{"DurationSeconds": 900, "SerialNumber": "%s", "TokenCode": "%s"}' \\\n"""
            """  "$MFA" "$CODE" > request.json\n"""
            f"SESSION=$(aws sts get-session-token --profile {USER} --cli-input-json file://request.json \\\n"
            "  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)\n"
            "rm request.json\n"
            "read -r AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN <<END\n"
            "$SESSION\n"
            "END\n"
            "export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN\n"
            "aws sts get-caller-identity --query Arn --output text\n"
            "aws ec2 describe-instances --region eu-west-1"
        ),
        expectation="allowed: any EC2 describe call, with credentials made from a code, for 15 minutes",
        says=(f"arn:aws:iam::123456789012:user/{USER}", '"Reservations": []'),
    ),
    Step(
        part=_BY_HAND,
        title="the same call with the key alone",
        command=f"aws ec2 describe-instances --region eu-west-1 --profile {USER}",
        expectation="refused",
        exit_codes=(254, 255),
        says=("(UnauthorizedOperation) when calling the DescribeInstances operation",),
    ),
    Step(
        part=_BETWEEN,
        title="stop the sandbox: this account is not needed any more",
        command="watchword sandbox down",
        expectation="nothing is left running",
    ),
)
_LAST = Step(
    part=_DOWN,
    title="stop the sandbox",
    command="watchword sandbox down",
    expectation="nothing is left running",
)
STEPS: tuple[Step, ...] = (*FIRST_ACT, *SECOND_ACT, _LAST)
