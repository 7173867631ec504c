"""What `credential_process =` runs: `python -I -S process.py PROFILE`.

A script that is run by its path is compiled each time, so this one only finds the package and goes on there.
"""

import sys

_PACKAGE = "/watchword/fastpath/process.py"

# Last, so that nothing beside the package can stand in the way of the standard library.
sys.path.append(__file__.removesuffix(_PACKAGE))

from watchword.fastpath.answer import answer_script  # noqa: E402

answer_script(sys.argv[1:])
