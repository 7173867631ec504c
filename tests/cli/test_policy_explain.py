from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pexpect
import pytest

from watchword.cli import watchword
from watchword.cli.failure import exit_code_of

SEEDS = Path(__file__).parent.parent / "cases" / "policies"
WATCHWORD = str(Path(sys.executable).with_name("watchword"))

FULL = {"Sid": "Full", "Effect": "Allow", "Action": "*", "Resource": "*"}
OFFICE = {**FULL, "Sid": "Office", "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
DOCUMENTS: dict[str, object] = {
    "full": FULL,
    "office": OFFICE,
    "ec2": {**FULL, "Sid": "Ec2", "Action": "ec2:*"},
    "bucket": {**FULL, "Sid": "Bucket", "Principal": "*"},
    "trust": {
        "Sid": "WithMFA",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    },
}

Explain: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in SEEDS.glob("*.json"):
        shutil.copy(path, tmp_path)
    for name, statement in DOCUMENTS.items():
        text = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
        (tmp_path / f"{name}.json").write_text(text)
    return tmp_path


@pytest.fixture
def process(folder: Path) -> Explain:
    """A process of its own."""

    def run(*arguments: str, given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [WATCHWORD, "policy", "explain", *arguments],
            cwd=folder,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def explain(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    """The same command line inside this process, which is faster."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.chdir(folder)
        code = exit_code_of(watchword, ["policy", "explain", *arguments])
        return subprocess.CompletedProcess(arguments, code, *capsys.readouterr())

    return run


@pytest.fixture
def answer(explain: Explain) -> Callable[..., dict[str, Any]]:
    def run(*arguments: str) -> dict[str, Any]:
        done = explain(*arguments, "--output", "json")
        assert (done.returncode, done.stderr) == (0, "")
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    return run


Answer: TypeAlias = Callable[..., dict[str, Any]]
ALICE = "arn:aws:iam::123456789012:user/alice"
ROLE_SESSION = ("--credential", "role-session")
REGIONS = ("--action", "ec2:DescribeRegions")
BUCKETS = ("--action", "s3:ListAllMyBuckets")


def test_it_is_a_ladder_with_a_verdict_and_the_smallest_change(explain: Explain) -> None:
    done = explain("--policy", "seed-0-force-mfa.json", "full.json", *REGIONS)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        """\
principal  arn:aws:iam::123456789012:user/alice
signs with an access key (access-key)
action     ec2:DescribeRegions
resource   *

✗ identity policies  explicitDeny: a Deny matches
    Deny  seed-0-force-mfa.json:4:1 (DenyAllExceptListedIfNoMFA) matches
          holds: BoolIfExists aws:MultiFactorAuthPresent "false"
            the request's is absent (seed-0-force-mfa.json:7:1)
    Allow full.json:4:5 (Full) matches

✗ denied (explicitDeny) by seed-0-force-mfa.json:4:1
  (DenyAllExceptListedIfNoMFA)

to have it allowed, any one of these is enough:
  1. sign with a session with MFA (session-mfa)
     or console-mfa, forwarded-mfa
  2. take away the Deny seed-0-force-mfa.json:4:1 (DenyAllExceptListedIfNoMFA)
     ! lets in without MFA: access-key, session, console, forwarded

note: no principal was named: arn:aws:iam::123456789012:user/alice stands for it
"""
    )


def test_as_data_it_names_every_layer_statement_condition_and_change(answer: Answer) -> None:
    value = answer("--policy", "seed-2-describe-regions.json", *REGIONS)
    assert value["schema"] == "watchword/policy-explain/v1"
    assert (value["outcome"], value["layer"]) == ("implicitDeny", "identity")
    layer = next(each for each in value["layers"] if each["layer"] == "identity")
    (statement,) = layer["statements"]
    assert (statement["policy"], statement["line"], statement["failed"]) == (
        "seed-2-describe-regions.json",
        4,
        "Condition",
    )
    (condition,) = statement["conditions"]
    assert condition["found"] == {"state": "absent", "value": None}
    (turn,) = value["turns"]
    assert turn["to"] == "allowed"
    assert turn["changes"][0] == {
        "outcome": "allowed",
        "steps": [{"change": "credential", "credential": "session-mfa"}],
        "without_mfa": [],
    }


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("access-key", "implicitDeny"),
        ("session", "implicitDeny"),
        ("session-mfa", "allowed"),
        ("console", "implicitDeny"),
        ("console-mfa", "allowed"),
        ("login-mfa", "undetermined"),
        ("role-session", "implicitDeny"),
        ("service-role", "implicitDeny"),
        ("forwarded", "implicitDeny"),
        ("forwarded-mfa", "allowed"),
    ],
)
def test_every_kind_of_credential_has_a_principal_that_can_have_it(
    answer: Answer, kind: str, outcome: str
) -> None:
    value = answer("--policy", "seed-2-describe-regions.json", *REGIONS, "--credential", kind)
    assert value["outcome"] == outcome


def test_a_contested_row_can_be_set_either_way(answer: Answer) -> None:
    login = ("--policy", "seed-2-describe-regions.json", *REGIONS, "--credential", "login-mfa")
    assert answer(*login, "--assume", "login_with_mfa=true")["outcome"] == "allowed"
    assert answer(*login, "--assume", "login-with-mfa=absent")["outcome"] == "implicitDeny"
    limited = (
        "--policy",
        "full.json",
        "--action",
        "sts:GetServiceBearerToken",
        "--credential",
        "session-mfa",
    )
    found = answer(*limited, "--assume", "session_with_mfa_is_limited=unknown")
    assert (found["outcome"], found["missing"]) == ("undetermined", ["session_with_mfa_is_limited"])


def test_a_key_that_nobody_gave_leaves_the_answer_open_and_says_so(explain: Explain, answer: Answer) -> None:
    office = ("--policy", "office.json", *BUCKETS)
    done = explain(*office)
    assert "? undetermined: it hangs on aws:SourceIp" in done.stdout
    assert "note: not known, so left open: aws:SourceIp." in done.stdout
    assert answer(*office, "--context", "aws:sourceip=203.0.113.9")["outcome"] == "allowed"
    assert answer(*office, "--context", "aws:SourceIp=192.0.2.9")["outcome"] == "implicitDeny"
    assert answer(*office, "--absent", "aws:SourceIp")["outcome"] == "implicitDeny"
    assert answer(*office, "--unknown", "aws:SourceIp")["missing"] == ["aws:SourceIp"]


def test_a_key_given_twice_has_two_values(answer: Answer) -> None:
    for given in (
        ("--context", "aws:TagKeys=a", "--context", "aws:TagKeys=b"),
        ("--context", "aws:TagKeys=a", "aws:TagKeys=b"),
    ):
        value = answer("--policy", "full.json", *BUCKETS, *given)
        assert value["request"]["context"]["aws:TagKeys"] == ["a", "b"]
        assert "no policy reads aws:TagKeys" in value["notes"]


def test_each_scp_option_is_a_level_with_all_its_files(answer: Answer) -> None:
    one = answer("--policy", "full.json", "--scp", "ec2.json", "full.json", *BUCKETS)
    assert one["outcome"] == "allowed"
    two = answer("--policy", "full.json", "--scp", "full.json", "--scp", "ec2.json", *BUCKETS)
    assert (two["outcome"], two["layer"]) == ("implicitDeny", "scp")
    assert [each["level"] for each in two["layers"] if each["layer"] == "scp"] == [0, 1]


def test_each_layer_is_given_by_an_option(answer: Answer) -> None:
    buckets = ("--policy", "full.json", *BUCKETS)
    assert answer(*buckets, "--boundary", "ec2.json")["layer"] == "boundary"
    assert answer(*buckets, "--session-policy", "ec2.json")["layer"] == "session"
    assert answer(*buckets, "--endpoint-policy", "bucket.json")["outcome"] == "allowed"
    other = (
        "--action",
        "s3:GetObject",
        "--resource",
        "arn:aws:s3:::b/k",
        "--resource-account",
        "210987654321",
    )
    assert answer("--policy", "full.json", *other)["layer"] == "resource"
    assert answer("--policy", "full.json", "--resource-policy", "bucket.json", *other)["outcome"] == "allowed"


def test_a_role_behind_mfa_is_assumed_with_a_code(answer: Answer) -> None:
    role = ("--action", "sts:AssumeRole", "--resource", "arn:aws:iam::123456789012:role/admin")
    without = answer("--policy", "full.json", "--trust-policy", "trust.json", *role)
    assert (without["outcome"], without["layer"]) == ("implicitDeny", "trust")
    assert without["turns"][0]["changes"][0]["steps"] == [
        {"change": "credential", "credential": "session-mfa"}
    ]
    assert {"change": "code", "sent": True} in [each["steps"][0] for each in without["turns"][0]["changes"]]
    sent = answer("--policy", "full.json", "--trust-policy", "trust.json", *role, "--with-code")
    assert sent["outcome"] == "allowed"
    untold = answer("--policy", "full.json", *role)
    assert (untold["outcome"], untold["missing"]) == ("undetermined", ["trust policy"])


def test_a_policy_that_has_no_say_is_said_to_have_none(answer: Answer) -> None:
    value = answer("--policy", "full.json", "--trust-policy", "trust.json", *BUCKETS)
    assert "the trust policy has no say in this call" in value["notes"]


def test_the_services_rules_can_be_switched_off(answer: Answer) -> None:
    users = ("--policy", "full.json", "--action", "iam:ListUsers", "--credential", "session")
    ruled = answer(*users)
    assert (ruled["outcome"], ruled["layer"], ruled["aws_code"]) == (
        "implicitDeny",
        "service",
        "InvalidClientTokenId",
    )
    assert answer(*users, "--no-service-rules")["outcome"] == "allowed"


def test_the_account_is_the_one_that_the_policies_speak_of(answer: Answer) -> None:
    value = answer("--policy", "seed-4-ForceMFA.json", "--action", "iam:ListUsers")
    assert value["request"]["principal"] == "arn:aws:iam::111122223333:user/alice"


def test_expect_makes_it_a_check_for_scripts(explain: Explain) -> None:
    regions = ("--policy", "seed-2-describe-regions.json", *REGIONS)
    assert explain(*regions, "--expect", "implicitDeny").returncode == 0
    done = explain(*regions, "--expect", "allowed")
    assert (done.returncode, done.stderr) == (3, "expected allowed, found implicitDeny\n")


def test_a_policy_may_come_on_standard_input(process: Explain) -> None:
    text = json.dumps({"Version": "2012-10-17", "Statement": [FULL]})
    done = process("--policy", "-", *BUCKETS, given=text)
    assert "allowed by stdin:1:41 (Full)" in done.stdout
    again = process("--policy", "-", "--boundary", "-", *BUCKETS, given=text)
    assert again.returncode == 1
    assert "standard input can be read only once" in again.stderr


def test_every_problem_of_every_document_has_its_place(explain: Explain, folder: Path) -> None:
    (folder / "bad.json").write_text('{"Statement": [{"Effect": "allow", "Action": "s3:*"}]}')
    done = explain("--policy", "bad.json", "seed-4-ManageMFA.json", *BUCKETS)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        """\
error: `bad.json`, `seed-4-ManageMFA.json` are not valid policies
  bad.json:1:16: expected `Resource` or `NotResource` in the statement
  bad.json:1:27: expected `"Allow"` or `"Deny"`
  seed-4-ManageMFA.json:18:9: expected `,` or `]` before `{`
hint: `watchword policy lint bad.json` explains it
see: docs/policy/index.md
"""
    )


def test_of_many_problems_a_screenful_is_shown(explain: Explain, folder: Path) -> None:
    statements = [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}] * 100
    (folder / "bad.json").write_text(json.dumps({"Statement": statements}))
    done = explain("--policy", "bad.json", *BUCKETS)
    lines = done.stderr.splitlines()
    assert len(lines) < 24
    assert "  and 85 more" in lines


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--policy", "nope.json", *BUCKETS], 1, "there is no file `nope.json`"),
        (["--policy", ".", *BUCKETS], 1, "`.` is a folder"),
        (["--policy", sys.executable, *BUCKETS], 1, "is no text in UTF-8"),
        (BUCKETS, 2, "no policy is given"),
        (["--policy", "full.json"], 2, "missing option `--action`"),
        (["--policy", "full.json", "--action", "ListUsers"], 2, "`ListUsers` is no action"),
        (["--policy", "full.json", "--action", "s3:Get*"], 2, "`s3:Get*` is a pattern"),
        (["--policy", "full.json", *BUCKETS, "--resource", "bucket"], 2, "`bucket` is no resource"),
        (["--policy", "full.json", *BUCKETS, "--resource-account", "12"], 2, "`12` is no account"),
        (["--policy", "full.json", *BUCKETS, "--credential", "key"], 2, "`key` is not one of"),
        (["--policy", "full.json", *BUCKETS, "--principal", "alice"], 2, "`alice` is not the ARN"),
        (["--policy", "full.json", *BUCKETS, "--principal", ALICE, *ROLE_SESSION], 2, "cannot sign"),
        (["--policy", "full.json", *BUCKETS, "--context", "aws:SourceIp"], 2, "`aws:SourceIp` has no value"),
        (["--policy", "full.json", *BUCKETS, "--context", "SourceIp=1"], 2, "`SourceIp` is no condition key"),
        (
            ["--policy", "full.json", *BUCKETS, "--context", "a:b=1", "--absent", "A:B"], 2,
            "`A:B` is given in two ways",
        ),
        (["--policy", "full.json", *BUCKETS, "--assume", "luck=true"], 2, "there is no assumption `luck`"),
        (["--policy", "full.json", *BUCKETS, "--assume", "login=maybe"], 2, "`login` cannot be `maybe`"),
        (["--policy", "full.json", *BUCKETS, "--with-code"], 2, "--with-code is for sts:AssumeRole"),
        ([*BUCKETS, "--resource-policy", "bucket.json", "--key-policy", "bucket.json"], 2, "has one policy"),
        (["--policy", "bucket.json", *BUCKETS], 1, "bucket.json:9:20: expected no `Principal`"),
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_says_what_to_do(
    explain: Explain, arguments: list[str], code: int, message: str
) -> None:
    done = explain(*arguments)
    assert message in done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert "see: docs/" in done.stderr


def test_a_long_sid_breaks_no_line_elsewhere(explain: Explain) -> None:
    done = explain("--policy", "seed-4-ForceMFA.json", "--action", "iam:EnableMFADevice",
                   "--resource", "arn:aws:iam::111122223333:user/alice")  # fmt: skip
    assert [line for line in done.stdout.splitlines() if len(line) > 80] == []
    assert "\n          matches\n" in done.stdout


def test_at_a_terminal_it_has_colours_and_keeps_to_80_columns(folder: Path) -> None:
    arguments = ["policy", "explain", "--policy", "office.json", "seed-0-force-mfa.json", *BUCKETS]
    child = pexpect.spawn(WATCHWORD, arguments, cwd=str(folder), dimensions=(50, 80), encoding="utf-8")
    child.expect(pexpect.EOF, timeout=60)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b[1;31m✗" in (child.before or "")
    plain = subprocess.run([WATCHWORD, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    assert "\x1b" not in plain.stdout
    # Names of files and Sids are never cut.
    assert [each for each in plain.stdout.splitlines() if len(each) > 80 and ".json:" not in each] == []


def test_an_action_that_aws_does_not_have_is_told_of(explain: Explain) -> None:
    done = explain("--policy", "full.json", "--action", "s3:GetObjekt")
    assert done.returncode == 0
    assert "note: AWS is not known to have `s3:GetObjekt` (did you mean `s3:GetObject`?)" in done.stdout
    done = explain("--policy", "full.json", "--action", "S3:getobject")
    assert "not known to have" not in done.stdout
    done = explain("--policy", "full.json", "--action", "ecs2:RunTask")
    assert "a service with the prefix `ecs2` (did you mean" in done.stdout


def test_a_file_without_an_option_is_told_which_one(explain: Explain) -> None:
    done = explain("full.json", "--action", "s3:GetObject")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[:2] == [
        "error: `full.json` stands without an option",
        "hint: a policy is given with an option that says which it is: `--policy full.json`",
    ]


@pytest.mark.parametrize(
    ("option", "document", "hint"),
    [
        ("--policy", "trust.json", "given with --resource-policy, --key-policy, --trust-policy"),
        ("--scp", "trust.json", "given with --resource-policy, --key-policy, --trust-policy"),
        ("--resource-policy", "full.json", "given with --policy, --boundary or --session-policy"),
        ("--scp", "broken.json", "`watchword policy lint --kind scp broken.json` explains it"),
        ("--key-policy", "broken.json", "`watchword policy lint --kind key broken.json` explains it"),
        ("--boundary", "broken.json", "`watchword policy lint broken.json` explains it"),
    ],
)
def test_a_policy_of_another_kind_is_told_its_option(
    explain: Explain, folder: Path, option: str, document: str, hint: str
) -> None:
    (folder / "broken.json").write_text("{")
    done = explain(option, document, "--action", "s3:GetObject")
    assert done.returncode == 1
    assert hint in done.stderr


def test_a_mistyped_command_of_a_group_is_named_with_its_group(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert exit_code_of(watchword, ["policy", "tabel"]) == 2
    assert "hint: did you mean `watchword policy table`?" in capsys.readouterr().err
    assert exit_code_of(watchword, ["policy", "xyz"]) == 2
    assert "hint: `watchword policy --help` lists them" in capsys.readouterr().err


def test_what_is_named_commands_no_terminal(explain: Explain) -> None:
    odd = "arn:aws:s3:::b\x1b]0;x\x07\u202e\nFAKE"
    asked = ("--policy", "full.json", "--action", "s3:GetObject", "--credential", "access-key")
    for output in ("text", "json"):
        result = explain(*asked, "--resource", odd, "--output", output)
        assert result.returncode == 0
        assert not {"\x1b", "\x07", "\u202e"} & {*result.stdout}
        assert "\nFAKE" not in result.stdout
