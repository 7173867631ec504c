"""Where calls go, when somebody has said so: AWS_ENDPOINT_URL and its relatives.

Source: "Service-specific endpoints", AWS SDKs and Tools Reference Guide, "Endpoint precedence".
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import botocore.session

_SETTINGS = {"ca_bundle": "AWS_CA_BUNDLE"}


def configured_endpoint(session: botocore.session.Session, service: str) -> str | None:
    """Return the endpoint that is configured for a service (`sts`); None when it is AWS's own."""
    if session.get_config_variable("ignore_configured_endpoint_urls"):
        return None
    name = f"AWS_ENDPOINT_URL_{service.upper()}"
    from_environment = os.environ.get(name) or os.environ.get("AWS_ENDPOINT_URL")
    if from_environment:
        return from_environment
    settings = session.get_scoped_config()
    own = _services(session, settings).get(service, {}).get("endpoint_url")
    return own or settings.get("endpoint_url")


def endpoint_variables(session: botocore.session.Session) -> dict[str, str]:
    """Return as environment variables what the profile says about where calls go, and whom to trust there.

    Programs that get a session are not told the profile, so without these they would send what was
    meant for a private endpoint to AWS. What the environment says already is not repeated.
    """
    settings = session.get_scoped_config()
    found = {variable: settings[name] for name, variable in _SETTINGS.items() if name in settings}
    if not session.get_config_variable("ignore_configured_endpoint_urls"):
        found |= _endpoints(session, settings)
    return {name: text for name, text in found.items() if name not in os.environ}


def _endpoints(session: botocore.session.Session, settings: Mapping[str, Any]) -> dict[str, str]:
    if os.environ.get("AWS_ENDPOINT_URL"):
        # It goes before everything in the profile, and the child inherits it.
        return {}
    found = {
        f"AWS_ENDPOINT_URL_{service.upper().replace(' ', '_')}": its["endpoint_url"]
        for service, its in _services(session, settings).items()
        if isinstance(its, Mapping) and "endpoint_url" in its
    }
    if "endpoint_url" in settings:
        found["AWS_ENDPOINT_URL"] = settings["endpoint_url"]
    return found


def _services(session: botocore.session.Session, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    section = settings.get("services")
    named = session.full_config.get("services", {}).get(section, {}) if section else {}
    return named if isinstance(named, Mapping) else {}
