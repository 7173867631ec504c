"""The federation endpoint, with the sessions of another account than the sandbox's own."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlencode

from local_aws import Key, LocalAws

THERE = "222222222222"


def _asked(sandbox: LocalAws, **params: str) -> tuple[int, str]:
    with closing(HTTPConnection(sandbox.door.host, timeout=30)) as connection:
        connection.request("GET", f"/federation?{urlencode(params)}")
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def _session(holder: Key) -> str:
    return json.dumps(
        {
            "sessionId": holder.access_key_id,
            "sessionKey": holder.secret_access_key,
            "sessionToken": holder.session_token,
        }
    )


def _role_there(sandbox: LocalAws) -> Key:
    """A session of a role of another account, for a user of the sandbox's own."""
    made = sandbox.inner.add_account(THERE)
    root = Key(access_key_id=made.access_key_id, secret_access_key=made.secret_access_key)
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{sandbox.account}:root"},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    sandbox.client("iam", root).create_role(RoleName="visitors", AssumeRolePolicyDocument=document)
    role = f"arn:aws:iam::{THERE}:role/visitors"
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}
    alice = sandbox.user("alice", json.dumps({"Version": "2012-10-17", "Statement": may}))
    answer = sandbox.client("sts", alice).assume_role(RoleArn=role, RoleSessionName="alice")
    return Key.of(answer["Credentials"])


def test_a_session_of_another_account_signs_in_there(sandbox: LocalAws) -> None:
    holder = _role_there(sandbox)
    status, text = _asked(sandbox, Action="getSigninToken", Session=_session(holder), SessionDuration="1800")
    assert status == 200
    token = json.loads(text)["SigninToken"]
    console = "https://console.aws.amazon.com/"
    status, page = _asked(sandbox, Action="login", Destination=console, SigninToken=token)
    assert status == 200
    assert f"arn:aws:sts::{THERE}:assumed-role/visitors/alice" in page
    assert f"<td>{THERE}</td>" in page


def test_a_refusal_has_awss_words(sandbox: LocalAws) -> None:
    holder = _role_there(sandbox)
    forged = Key(access_key_id=holder.access_key_id, secret_access_key="x" * 40, session_token="y")
    status, page = _asked(sandbox, Action="getSigninToken", Session=_session(forged))
    assert status == 400
    assert "HTTP Status 400 - Invalid credentials parameter" in page
    assert "The request sent by the client was syntactically incorrect." in page
