import json
from pathlib import Path

import pytest

from watchword.sandbox.scenario import ScenarioInvalid, read_scenario
from watchword.sandbox.scenario.shape import schema_text

HEAD = "schema: watchword/sandbox-scenario/v1\n"
_TAGGED = "team.yaml:2:8: `tag:yaml.org,2002:python/object:os.x`: tags have no meaning here"
ROOT = Path(__file__).resolve().parents[3]


def problems(folder: Path, text: str) -> list[str]:
    file = folder / "team.yaml"
    file.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScenarioInvalid) as caught:
        read_scenario(file)
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_every_problem_is_said_at_once_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"Version": "2012-10-17",\n  "Statement": {"Effect": "Deny"}}')
    found = problems(
        tmp_path,
        """\
polices: {}
policies:
  Broken:
    Version: 2012-10-17
    Statement:
      - Effect: Allowed
        Action: s3:*
        Resource: "*"
  Elsewhere: {file: bad.json}
  Nowhere: {file: nowhere.json}
  Odd: {}
users:
  al ice: {}
  bob:
    groups: [nobody]
    policies: [Broken, Odd]
    access_keys: 3
    tags: {cost: 7}
    devices:
      - virtul: bob
      - {virtual: a, security_key: b}
roles:
  Support: {}
accounts:
  production: {id: 222222222222}
""",
    )
    assert found == [
        "bad.json:2:16: expected `Action` or `NotAction` in the statement",
        (
            "team.yaml:2:1: `polices` is not known here: expected `schema`, `policies`, `groups`, `users`,"
            " `roles`, `root`, `accounts`, `organization`, `service_control_policies`"
        ),
        'team.yaml:7:17: expected `"Allow"` or `"Deny"`',
        f"team.yaml:11:19: cannot read `{tmp_path}/nowhere.json`: no such file or directory".replace(
            f"{tmp_path}/", ""
        ),
        "team.yaml:12:3: expected `Statement`, or `file`",
        "team.yaml:14:3: `al ice` is not allowed: expected `^[A-Za-z0-9_+=,.@-]{1,64}$`",
        "team.yaml:16:14: `nobody` is no group of this scenario: none are here",
        "team.yaml:18:18: expected 2 or less, found 3",
        "team.yaml:19:18: expected a text, found `7`: put it in quotes",
        "team.yaml:21:9: `virtul` is not known here: expected `virtual`, `security_key`, `hardware_token`",
        "team.yaml:22:9: expected 1 key, found 2",
        "team.yaml:24:3: expected `trust`",
        "team.yaml:26:20: expected a text, found `222222222222`: put it in quotes",
    ]


def test_names_that_stand_for_nothing_and_names_that_are_the_same_are_told(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
users:
  alice: {groups: [developers], policies: [ReadOnly], boundary: Limits, password_reset_required: true}
  Alice: {}
  production-bob: {}
organization:
  units:
    test: {parent: all, scps: [NoRoot]}
    all: {}
accounts:
  production: {id: "222222222222", unit: prod, users: {bob: {}}}
  other: {id: "222222222222"}
""",
    )
    assert found == [
        "team.yaml:3:20: `developers` is no group of this scenario: none are here",
        (
            "team.yaml:3:44: `ReadOnly` is no policy of this scenario: none are here;"
            " a policy of AWS's is named by its ARN, arn:aws:iam::aws:policy/…"
        ),
        (
            "team.yaml:3:65: `Limits` is no policy of this scenario: none are here;"
            " a policy of AWS's is named by its ARN, arn:aws:iam::aws:policy/…"
        ),
        "team.yaml:3:73: there is no `password` to be changed",
        "team.yaml:4:3: `Alice` and `alice` are the same name to IAM, which ignores case",
        "team.yaml:8:20: a unit stands after the one that it belongs to",
        "team.yaml:8:32: `NoRoot` is no service control policy of this scenario: none are here",
        "team.yaml:11:42: `prod` is no unit of this scenario: expected `test`, `all`",
        "team.yaml:11:56: the profile `production-bob` would be that of user production-bob too",
        "team.yaml:12:15: `222222222222` is another account's number already",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("users: [1\nb: 2", "team.yaml:3:2: not YAML: expected ',' or ']', but got ':'"),
        ("users: {}\nusers: {}\n", "team.yaml:3:1: `users` stands here twice"),
        ("users: !!python/object:os.x {}\n", _TAGGED),
        ("users: {? [a] : 1}\n", "team.yaml:2:11: a key must be a text"),
        ("users: \x01\n", "team.yaml:2:8: no text file has this sign"),
        ("users: " + "[" * 100 + "]" * 100, "team.yaml:1:1: too large, or nested too deeply"),
        ("users: " + "[" * 5000 + "]" * 5000, "team.yaml:1:1: too large, or nested too deeply"),
        ("users: &a [*a]\n", "team.yaml:1:1: too large, or nested too deeply"),
        ("users: no\n", "team.yaml:2:8: expected a mapping of names, found `no`"),
    ],
)  # fmt: skip
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert problems(tmp_path, text) == [expected]


def test_ten_lines_that_would_be_a_billion_values_are_refused(tmp_path: Path) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    assert problems(tmp_path, bomb) == ["team.yaml:1:1: too large, or nested too deeply"]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.yaml", None, "missing.yaml:1:1: cannot be read: no such file or directory"),
        ("latin.yaml", b"\xff\xfe\xfa", "latin.yaml:1:1: not UTF-8"),
        ("empty.yaml", b"", "empty.yaml:1:1: expected a mapping of names, found nothing"),
        ("other.yaml", b"schema: other/v1\n", "other.yaml:1:9: expected `watchword/sandbox-scenario/v1`"),
    ],
)
def test_a_file_that_is_no_scenario_is_told_so(
    tmp_path: Path, name: str, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ScenarioInvalid) as caught:
        read_scenario(tmp_path / name)
    assert caught.value.diagnostics().replace(f"{tmp_path}/", "").splitlines()[1] == f"  {expected}"


def test_dates_and_words_stay_the_text_that_they_are(tmp_path: Path) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(
        HEAD
        + "policies:\n  P: {Version: 2012-10-17, Statement: {Effect: Deny, Action: '*', Resource: '*'}}\n"
        "users:\n  no: {tags: {leap: 2024-02-29, off: off}}\n"
    )
    scenario = read_scenario(file)
    assert json.loads(scenario.home.policies["P"].text)["Version"] == "2012-10-17"
    (user,) = scenario.home.users
    assert (user.name, dict(user.tags)) == ("no", {"leap": "2024-02-29", "off": "off"})


def test_the_schema_beside_the_documentation_is_the_one_that_is_checked_against() -> None:
    assert (ROOT / "docs/sandbox/scenario.v1.schema.json").read_text(encoding="utf-8") == schema_text()
