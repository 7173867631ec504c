"""Write what trying everything finds of the numbered accounts: `python tests/proof/right/write_answers.py`.

Run it when the alphabet, the accounts or the reference have changed; it takes minutes. It asks the product
nothing.
"""

from __future__ import annotations

import sys
from multiprocessing import Pool
from pathlib import Path

_FOLDER = Path(__file__).parent
sys.path.insert(0, str(_FOLDER.parents[1]))

from proof.right.numbered import try_chains, try_directly  # noqa: E402 (found by the line above)

DIRECT_ACCOUNTS = 2_000
CHAIN_ACCOUNTS = 500


def main() -> None:
    """Write both files, each account by itself."""
    with Pool() as pool:
        for name, trying, count in (
            ("direct.txt", try_directly, DIRECT_ACCOUNTS),
            ("chains.txt", try_chains, CHAIN_ACCOUNTS),
        ):
            found = pool.map(trying, range(count), chunksize=20)
            lines = (f"{number} {line}\n" for number, line in enumerate(found))
            (_FOLDER / name).write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
