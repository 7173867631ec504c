"""The editor of `~/.aws`: it reads what botocore reads, and keeps every byte that it does not own."""

from watchword.local.aws_files.aws_file import AwsFile
from watchword.local.aws_files.editing import edit, read_aws_file
from watchword.local.aws_files.errors import NoPlaceForAwsFile, UnreadableAwsFile, UnwritableSetting
from watchword.local.aws_files.names import (
    checked_name,
    config_profiles,
    config_section,
    profile_of_section,
)
from watchword.local.aws_files.places import config_path, credentials_path
from watchword.local.rewrite import NotRewritten

__all__ = [
    "AwsFile",
    "NoPlaceForAwsFile",
    "NotRewritten",
    "UnreadableAwsFile",
    "UnwritableSetting",
    "checked_name",
    "config_path",
    "config_profiles",
    "config_section",
    "credentials_path",
    "edit",
    "profile_of_section",
    "read_aws_file",
]
