"""A bundle of evidence: what is in it, that it is whole, that nothing is overwritten or secret."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import subprocess
import zipfile
from pathlib import Path

import msgspec
import pytest

from audit.reading import aws, people, read, server
from local_aws import LocalAws
from report.html.proofs import example
from watchword.account.read import read_snapshot, write_snapshot
from watchword.account.snapshot import InlinePolicy, ManagedPolicy, PolicyVersion, Snapshot, User
from watchword.audit.errors import NoBundle, NotOverwritten, UnwritablePlace
from watchword.audit.evidence import SUMS, SnapshotFile, evidence
from watchword.audit.evidence_check import checked
from watchword.audit.evidence_file import write_bundle, write_file, zipped
from watchword.audit.evidence_policies import policy_files, safe

__all__ = ["aws", "server"]  # fixtures

ACCOUNTS = Path(__file__).resolve().parents[1] / "accounts"


def _snapshot(name: str = "scp") -> SnapshotFile:
    data = (ACCOUNTS / f"{name}.json").read_bytes()
    return SnapshotFile(snapshot=read_snapshot(data, name=name), data=data)


def _files() -> dict[str, bytes]:
    claims = {"claims/mine.yaml": b"claims: []\n", "other/mine.yaml": b"claims: [] #\n"}
    return evidence(example(), report="<!DOCTYPE html>", snapshots=[_snapshot()], claims=claims)


def test_it_holds_all_that_the_proof_was_made_from_and_a_sum_of_each_file() -> None:
    files = _files()
    kept = _snapshot()
    assert files[f"snapshots/{kept.snapshot.account_id}.json"] == kept.data
    assert {"proof.json", "report.html", "README.txt", "claims/mine.yaml", "claims/mine-2.yaml"} <= set(files)
    sums = dict(line.split("  ")[::-1] for line in files[SUMS].decode().splitlines())
    assert set(sums) == set(files) - {SUMS}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())
    readme = files["README.txt"].decode()
    assert "watchword prove snapshots --claim claims/mine-2.yaml --claim claims/mine.yaml" in readme
    assert "Outcome   not proved" in readme


def test_every_policy_of_the_account_is_a_file_that_the_index_names() -> None:
    for name in ("scp", "resource-policy", "role-chain", "set-default-version"):
        snapshot = _snapshot(name).snapshot
        files = policy_files(snapshot)
        index = json.loads(files["index.json"])
        assert {row["file"] for row in index} == set(files) - {"index.json"}
        texts = {document.decode() for file, document in files.items() if file != "index.json"}
        for policy in snapshot.policies:
            assert {version.document for version in policy.versions} <= texts
        assert {role.trust for role in snapshot.roles} <= texts
        assert {each.document for each in snapshot.resource_policies or ()} <= texts


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Work", "Work"),
        ("..", "%2E."),
        (".hidden", "%2Ehidden"),
        ("-rf", "%2Drf"),
        ("a/../../b", "a%2F..%2F..%2Fb"),
        ("arn:aws:s3:::bucket", "arn%3Aaws%3As3%3A%3A%3Abucket"),
        ("nul\0\n", "nul%00%0A"),
        ("é", "%C3%A9"),
        ("", "%"),
    ],
)
def test_a_name_becomes_one_part_of_a_path(name: str, file: str) -> None:
    assert safe(name) == file


def test_a_long_name_is_cut_and_stays_its_own() -> None:
    assert len(safe("é" * 200)) == 120
    assert safe("é" * 200) != safe("é" * 199 + "e")


def test_names_that_differ_in_case_only_are_two_files() -> None:
    user = User(
        arn="arn:aws:iam::111122223333:user/a",
        id="AIDA",
        name="a",
        inline=(InlinePolicy(name="Work", document="1"), InlinePolicy(name="WORK", document="2")),
    )
    files = policy_files(_account(users=(user,)))
    assert files["inline/users/a/Work.json"] == b"1"
    assert files["inline/users/a/WORK~2.json"] == b"2"


def test_the_version_in_force_is_told_from_the_others() -> None:
    versions = (PolicyVersion(id="v1", document="old"), PolicyVersion(id="v2", document="new"))
    arn = "arn:aws:iam::111122223333:policy/team/Own"
    policy = ManagedPolicy(arn=arn, id="ANPA", name="Own", default_version="v2", versions=versions)
    index = json.loads(policy_files(_account(policies=(policy,)))["index.json"])
    assert [(row["file"], row["of"], row.get("default", True)) for row in index] == [
        ("managed/111122223333/Own.v1.json", arn, False),
        ("managed/111122223333/Own.v2.json", arn, True),
    ]


def _account(users: tuple[User, ...] = (), policies: tuple[ManagedPolicy, ...] = ()) -> Snapshot:
    return Snapshot(
        account_id="111122223333", source="read", users=users, groups=(), roles=(), policies=policies
    )


def test_the_same_input_gives_the_same_bytes() -> None:
    assert zipped(_files()) == zipped(dict(reversed(_files().items())))


@pytest.mark.parametrize("name", ["evidence.zip", "evidence"])
def test_a_bundle_is_for_its_owner_alone_and_unchanged(tmp_path: Path, name: str) -> None:
    place = tmp_path / name
    before = os.umask(0)
    try:
        write_bundle(place, _files(), overwrite=False)
    finally:
        os.umask(before)
    for path in (place, *place.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077
    found = checked(place)
    assert (found.problems, found.files) == ((), len(_files()) - 1)
    assert found.sums_sha256 == hashlib.sha256(_files()[SUMS]).hexdigest()
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_sha256sum_itself_finds_it_unchanged_and_changed(tmp_path: Path) -> None:
    place = tmp_path / "evidence"
    write_bundle(place, _files(), overwrite=False)
    ask = ["sha256sum", "--check", "--quiet", SUMS]
    assert subprocess.run(ask, cwd=place, check=False).returncode == 0
    (place / "proof.json").write_bytes(b"{}")
    assert subprocess.run(ask, cwd=place, check=False, capture_output=True).returncode == 1


def test_what_was_changed_added_or_taken_away_is_found(tmp_path: Path) -> None:
    place = tmp_path / "evidence"
    write_bundle(place, _files(), overwrite=False)
    (place / "proof.json").write_bytes(b"{}")
    (place / "report.html").unlink()
    (place / "policies" / "new.json").write_bytes(b"{}")
    (place / "README.txt").unlink()
    (place / "README.txt").symlink_to(tmp_path / "README.txt")
    (tmp_path / "README.txt").write_bytes(_files()["README.txt"])
    assert set(checked(place).problems) == {
        "`proof.json` was changed",
        "`report.html` is missing",
        "`policies/new.json` was added",
        "`README.txt` was changed",
    }


def test_a_zip_file_that_was_changed_is_found_out(tmp_path: Path) -> None:
    place = tmp_path / "evidence.zip"
    place.write_bytes(zipped(_files() | {"proof.json": b"{}", "more.txt": b""}))
    assert checked(place).problems == ("`proof.json` was changed", "`more.txt` was added")
    with zipfile.ZipFile(place, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("report.html", b"<!DOCTYPE html>")
    assert "`report.html` is in the zip file twice" in checked(place).problems


@pytest.mark.parametrize("content", [b"", b"no zip file", zipped({"a": b"b"}), zipped({SUMS: b"no sums"})])
def test_what_is_no_bundle_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    place = tmp_path / "evidence.zip"
    place.write_bytes(content)
    for path in (place, tmp_path, tmp_path / "nothing"):
        with pytest.raises(NoBundle):
            checked(path)


def test_nothing_is_overwritten_unless_that_is_said(tmp_path: Path) -> None:
    for name in ("evidence.zip", "evidence"):
        place = tmp_path / name
        write_bundle(place, _files(), overwrite=False)
        with pytest.raises(NotOverwritten, match="is there already"):
            write_bundle(place, _files(), overwrite=False)
        write_bundle(place, _files() | {"more.txt": b""}, overwrite=True)
        assert checked(place).problems == ("`more.txt` was added",)
    assert {path.name for path in tmp_path.iterdir()} == {"evidence.zip", "evidence"}


def test_a_folder_that_is_no_bundle_is_never_replaced(tmp_path: Path) -> None:
    place = tmp_path / "home"
    place.mkdir()
    (place / "letter.txt").write_text("dear")
    with pytest.raises(NotOverwritten, match="something else than a bundle"):
        write_bundle(place, _files(), overwrite=True)
    assert [path.name for path in place.iterdir()] == ["letter.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    place = tmp_path / "evidence"
    place.mkdir()
    write_bundle(place, _files(), overwrite=False)
    assert checked(place).problems == ()


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    place = tmp_path / "evidence"
    too_long = _files() | {f"{'x' * 300}.txt": b""}
    with pytest.raises(UnwritablePlace, match="too long"):
        write_bundle(place, too_long, overwrite=False)
    with pytest.raises(UnwritablePlace):
        write_file(tmp_path / "no" / "report.html", b"", overwrite=False)
    assert list(tmp_path.iterdir()) == []


def test_an_older_bundle_stays_when_the_new_one_cannot_be_written(tmp_path: Path) -> None:
    place = tmp_path / "evidence"
    write_bundle(place, _files(), overwrite=False)
    with pytest.raises(UnwritablePlace):
        write_bundle(place, _files() | {f"{'x' * 300}.txt": b""}, overwrite=True)
    assert checked(place).problems == ()


def test_no_secret_of_an_account_is_in_its_evidence(aws: LocalAws) -> None:
    """Keys, seeds and passwords that were made are looked for in every file."""
    people(aws)
    iam = aws.client("iam")
    iam.create_user(UserName="carol")
    key = iam.create_access_key(UserName="carol")["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="carols")["VirtualMFADevice"]
    iam.create_login_profile(UserName="carol", Password="correct-Horse-7-battery")
    taken = read(aws)
    proof = msgspec.structs.replace(example(), accounts=())
    kept = SnapshotFile(snapshot=taken, data=write_snapshot(taken))
    files = evidence(proof, report="", snapshots=[kept], claims={})
    everything = b"".join(files.values())
    assert key["AccessKeyId"].encode() in everything
    secrets = [key["SecretAccessKey"], aws.root.secret_access_key, "correct-Horse-7-battery"]
    for secret in (*(each.encode() for each in secrets), device["Base32StringSeed"]):
        assert secret not in everything
    with zipfile.ZipFile(io.BytesIO(zipped(files))) as archive:
        assert archive.testzip() is None
