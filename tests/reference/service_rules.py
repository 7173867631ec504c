"""What AWS decides before it looks at any policy."""

from reference.principals import Caller
from reference.reading import Question


def before_policies(question: Question, who: Caller) -> str | None:
    """Give the answer that no policy can change; None: the policies decide.

    Sources: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html,
    .../API_GetCallerIdentity.html, .../API_GetFederationToken.html, .../API_AssumeRole.html
    """
    if not question.service_rules or question.credential is None:
        return None
    action = question.action.lower()
    if action == "sts:getcalleridentity":
        return "allowed"
    if action == "sts:getsessiontoken":
        return "allowed" if question.credential in {"access-key", "root-key"} else "implicitDeny"
    if who.is_root and action == "sts:assumerole":
        return "implicitDeny"
    service = action.split(":")[0]
    # TagSession and SetSourceIdentity are asked in the call of AssumeRole.
    assumes = action in {"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"}
    if question.credential == "federated" and action == "sts:getfederationtoken":
        return "implicitDeny"
    if question.credential in {"session", "session-mfa"} and service == "sts" and not assumes:
        return "implicitDeny"
    if may_refuse(question):
        return None
    if question.credential == "session" and service == "iam":
        return "implicitDeny"
    if question.credential == "federated" and service in {"iam", "sts"} and _is_of_get_federation_token(who):
        return "implicitDeny"
    return None


def may_refuse(question: Question) -> bool:
    """Say whether AWS may refuse it whatever the policies say: nobody tells.

    Passing a role is looked at within another service's call: does the limit on calls of IAM reach it?
    """
    passes = question.action.lower() == "iam:passrole" and question.credential in {"session", "federated"}
    return bool(question.service_rules) and passes


def _is_of_get_federation_token(who: Caller) -> bool:
    # SAML and OIDC give role sessions, and what those may call the policies say.
    return ":assumed-role/" not in who.name
