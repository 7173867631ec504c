"""The results of `policy test`, as data, text and XML, from real decisions."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

from watchword.iam.cases import BrokenCase, CaseProblem, read_case_file
from watchword.report.junit import junit_text
from watchword.report.policy_test import FileResult, ResultsValue, results_value
from watchword.report.policy_test_case import broken_value, case_value
from watchword.report.policy_test_text import results_text
from watchword.report.style import Style

ALL = {
    "Version": "2012-10-17",
    "Statement": {"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"},
}
NO_KEYS = {
    "Version": "2012-10-17",
    "Statement": {
        "Sid": "DenyWithoutMfa",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
}
OWN = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "iam:GetUser",
        "Resource": "arn:aws:iam::*:user/${aws:username}",
    },
}
PLAIN = Style(color=False)


def fields(name: str, **changed: object) -> dict[str, object]:
    return {
        "name": name,
        "identity_policies": [ALL, NO_KEYS],
        "principal": "arn:aws:iam::123456789012:user/alice",
        "credential": "session-mfa",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::bucket/key",
        "expect": "allowed",
        **changed,
    }


def results(*cases: object, name: str = "c.json") -> ResultsValue:
    def read(path: str) -> str:
        raise FileNotFoundError(2, "No such file", path)

    entries = read_case_file(json.dumps(cases, indent=1), name=name, read=read)
    values = (
        broken_value(entry) if isinstance(entry, BrokenCase) else case_value(entry, entry.decide())
        for entry in entries
    )
    return results_value([FileResult(name=name, cases=tuple(values))])


def xml_of(value: ResultsValue) -> ET.Element:
    return ET.fromstring(junit_text(value))  # noqa: S314 our own text


PASSES = fields("with MFA")
FAILS = fields("with a key", credential="access-key")
BROKEN = fields("no such field", scp="red")


def text(value: ResultsValue, *, verbose: bool = False) -> list[str]:
    return results_text(value, PLAIN, verbose=verbose).splitlines()


def test_the_value_says_of_each_case_what_was_expected_and_what_came() -> None:
    value = results(PASSES, FAILS)
    assert value["schema"] == "watchword/policy-test/v1"
    passed, failed = value["cases"]
    assert (passed["name"], passed["expected"], passed["actual"], passed["passed"]) == (
        "with MFA",
        "allowed",
        "allowed",
        True,
    )
    assert (failed["name"], failed["expected"], failed["actual"], failed["passed"]) == (
        "with a key",
        "allowed",
        "explicitDeny",
        False,
    )
    assert passed["reason"].startswith("`All` at c.json:")
    assert failed["reason"].startswith("`DenyWithoutMfa` at c.json:")
    assert failed["reason"].endswith(" denies it (identity policies)")
    assert value["summary"] == {
        "files": 1,
        "unreadable": 0,
        "cases": 2,
        "passed": 1,
        "failed": 1,
        "broken": 0,
    }


def test_a_deciding_statement_is_told_with_its_place_in_the_file() -> None:
    (failed,) = results(FAILS)["cases"]
    (statement,) = failed["statements"]
    line = json.dumps([FAILS], indent=1).splitlines()[statement["line"] - 1]
    assert line[statement["column"] - 1 :].startswith("{")
    assert statement["sid"] == "DenyWithoutMfa"


def test_every_outcome_has_its_reason() -> None:
    value = results(
        fields("a denial", credential="session", action="iam:ListUsers", resource="*", expect="implicitDeny"),
        fields("free", action="sts:GetCallerIdentity", resource="*"),
        fields("root", principal="arn:aws:iam::123456789012:root", credential="root-key"),
        fields("silent", identity_policies=[], expect="implicitDeny"),
        fields("open", credential=None, unknown=["aws:MultiFactorAuthPresent"], expect="undetermined"),
    )
    reasons = [case["reason"] for case in value["cases"]]
    assert reasons[0].startswith("AWS refuses before any policy: InvalidClientTokenId: ")
    assert reasons[1] == "the service's own rules allow it"
    assert reasons[2] == "root is allowed by itself"
    assert reasons[3] == "nothing in the identity policies allows it"
    assert reasons[4].startswith("it hangs on `aws:MultiFactorAuthPresent`, in `DenyWithoutMfa` at c.json:")
    assert all(case["passed"] for case in value["cases"])


def test_a_policy_that_is_not_given_is_not_said_to_be_silent() -> None:
    (elsewhere, federated) = results(
        fields("elsewhere", resource_account="999999999999", expect="implicitDeny"),
        fields(
            "federated",
            principal="arn:aws:sts::123456789012:federated-user/bob",
            credential="federated",
            identity_policies=[ALL],
            expect="implicitDeny",
        ),
    )["cases"]
    assert "no policy" in elsewhere["reason"]
    assert "without a session policy" in federated["reason"]
    assert "nothing in the" not in elsewhere["reason"]
    assert elsewhere["passed"]
    assert federated["passed"]


def test_what_an_open_answer_hangs_on_is_named_in_words_too() -> None:
    asked = {"action": "sts:AssumeRole", "resource": "arn:aws:iam::123456789012:role/ops"}
    value = results(
        fields("no trust policy", expect="undetermined", **asked),
        fields(
            "an assumption",
            action="sts:GetAccessKeyInfo",
            resource="*",
            expect="undetermined",
            assumptions={"session_with_mfa_is_limited": "unknown"},
        ),
    )
    first, second = value["cases"]
    assert first["reason"] == "it hangs on the trust policy, which is not given"
    assert second["reason"].startswith("it hangs on the assumption `session_with_mfa_is_limited`")
    assert first["passed"]
    assert second["passed"]


def test_a_failure_is_shown_with_the_ladder_of_layers() -> None:
    lines = text(results(PASSES, FAILS))
    assert lines[0] == "FAIL  c.json  1 passed, 1 failed"
    assert lines[2] == "FAIL  with a key"
    assert lines[4:6] == ["      expected  allowed", "      actual    explicitDeny"]
    assert lines[6].startswith("      because   `DenyWithoutMfa` at c.json:")
    at = next(at for at, line in enumerate(lines) if line.startswith("      | identity policies"))
    assert lines[at].split() == ["|", "identity", "policies", "explicitDeny"]
    ladder = [line.strip("| ").partition(" at ")[0] for line in lines[at + 1 : at + 3]]
    assert ladder == ["Deny  `DenyWithoutMfa`", "Allow `All`"]
    assert lines[-1] == "FAIL  1 passed, 1 failed in 1 file"


def test_levels_are_counted_from_one_for_people() -> None:
    scp = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}
    value = results(fields("an SCP", service_control_policies=[[ALL], [scp]]))
    rungs = [line for line in text(value) if "service control policies, level" in line]
    assert [rung.split()[-1] for rung in rungs] == ["allowed", "implicitDeny"]
    assert [rung.partition("level ")[2][0] for rung in rungs] == ["1", "2"]


def test_a_line_a_case_when_that_is_wanted() -> None:
    lines = text(results(PASSES), verbose=True)
    assert lines[0] == "PASS  with MFA  c.json:2"
    assert lines[1].startswith("      allowed: `All` at c.json:")
    assert lines[-1] == "PASS  1 passed in 1 file"


def test_a_broken_case_is_no_failure_and_no_success() -> None:
    value = results(PASSES, BROKEN)
    (_, broken) = value["cases"]
    assert (broken["expected"], broken["actual"], broken["passed"]) == ("allowed", None, False)
    assert "found `scp`" in broken["reason"]
    assert (value["summary"]["failed"], value["summary"]["broken"]) == (0, 1)
    lines = text(value)
    assert "ERROR no such field" in lines
    assert any(line.endswith("expected a field of a case, found `scp`") for line in lines)


def test_what_is_odd_in_many_cases_is_told_once() -> None:
    value = results(fields("one", id=1), fields("two", id=2), fields("three", topic="x"))
    assert [[each["message"] for each in case["warnings"]] for case in value["cases"]] == [
        ["the field `id` is not read"],
        ["the field `id` is not read"],
        ["the field `topic` is not read"],
    ]
    assert value["summary"]["passed"] == 3
    notes = [line for line in text(value) if line.startswith("NOTE")]
    assert [note.partition(": ")[2] for note in notes] == [
        "the field `id` is not read (2 times)",
        "the field `topic` is not read",
    ]
    many = results(fields("many", **{f"note {number}": 1 for number in range(12)}))
    assert "      and 2 more, in --output json" in text(many)


def test_a_key_that_aws_would_send_is_missed_when_a_case_fails() -> None:
    asked = {"identity_policies": [OWN], "action": "iam:GetUser"}
    resource = "arn:aws:iam::123456789012:user/alice"
    failing = results(fields("own user", resource=resource, **asked))
    (note,) = failing["cases"][0]["notes"]
    assert note == "`aws:username` is not in `context`, so it is absent here; AWS would send `alice`"
    assert f"      note      {note}" in text(failing)
    named = results(fields("own user", resource=resource, context={"aws:username": "alice"}, **asked))
    assert named["cases"][0]["passed"]
    assert named["cases"][0]["notes"] == []


def test_what_a_failing_case_may_have_overlooked_is_noted() -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
    }
    (failed,) = results(fields("odd", credential="service-role", trust_policy=trust))["cases"]
    assert failed["notes"] == [
        "`arn:aws:iam::123456789012:user/alice` does not sign with the credential `service-role`",
        "`trust_policy` is not looked at: `s3:GetObject` is no call of sts",
    ]
    assert results(FAILS)["cases"][0]["notes"] == []


def test_no_name_commands_the_terminal() -> None:
    value = results(fields("\x1b[2J\u202ered\nline", expect="implicitDeny"))
    for verbose in (False, True):
        shown = results_text(value, PLAIN, verbose=verbose)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\\u001b[2J\\u202ered\\u000aline" in shown


def test_colour_adds_nothing_but_colour() -> None:
    value = results(PASSES, FAILS, BROKEN)
    for verbose in (False, True):
        painted = results_text(value, Style(color=True), verbose=verbose)
        for code in ("\x1b[32m", "\x1b[1;31m", "\x1b[1m", "\x1b[2m", "\x1b[33m", "\x1b[0m"):
            painted = painted.replace(code, "")
        assert painted == results_text(value, PLAIN, verbose=verbose)


# -- JUnit


def test_the_xml_has_a_suite_a_file_and_tells_failures_from_errors() -> None:
    root = xml_of(results(PASSES, FAILS, BROKEN))
    assert root.tag == "testsuites"
    (suite,) = root
    assert {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "c.json",
        "tests": "3",
        "failures": "1",
        "errors": "1",
        "skipped": "0",
    }
    passed, failed, broken = suite
    assert (passed.get("name"), passed.get("classname"), passed.get("line")) == ("with MFA", "c.json", "2")
    assert list(passed) == []
    failure = failed.find("failure")
    assert failure is not None
    assert failure.get("message") == "expected allowed, got explicitDeny"
    assert "because   `DenyWithoutMfa` at c.json:" in (failure.text or "")
    error = broken.find("error")
    assert error is not None
    assert "found `scp`" in (error.get("message") or "")


def test_a_file_that_could_not_be_read_is_an_error_in_the_xml() -> None:
    problem = CaseProblem(file="gone.json", line=1, column=1, message="x")
    value = results_value(
        [FileResult(name="gone.json", problem="there is no file `gone.json`", problems=(problem,))]
    )
    (suite,) = xml_of(value)
    assert (suite.get("tests"), suite.get("errors")) == ("1", "1")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "there is no file `gone.json`"
    assert text(value) == ["FAIL  gone.json  not read", "", "FAIL  0 passed in 1 file, 1 not read"]


def test_a_name_that_comes_again_is_told_apart_by_its_line() -> None:
    (suite,) = xml_of(results(PASSES, PASSES))
    names = [case.get("name") or "" for case in suite]
    assert len(set(names)) == 2
    assert names[0] == "with MFA (line 2)"


def test_any_name_makes_sound_xml() -> None:
    names = ["<&\"'>", "]]>", "\x00\x08\ufffe\x85", "a\nb\tc", "😀"]
    value = results(*(fields(name, expect="implicitDeny") for name in names), name="<\"&'>.json")
    (suite,) = xml_of(value)
    assert [case.get("name") for case in suite] == [
        "<&\"'>",
        "]]>",
        "\\u0000\\u0008\\ufffe\\u0085",
        "a\\u000ab\\u0009c",
        "😀",
    ]
