"""A refresh by python-tuf: client.py URL ROOT STATE NAME...

Metadata is kept in STATE and the files called NAME in STATE/targets; a file that is there and still right is not
fetched again. Nothing is synced to the disk: the library leaves that out.
"""

import sys
from pathlib import Path

from tuf.ngclient import Updater


def refresh(url: str, root: str, state: str, names: list[str]) -> None:
    targets = Path(state, "targets")
    targets.mkdir(parents=True, exist_ok=True)
    updater = Updater(
        metadata_dir=state,
        metadata_base_url=url,
        target_dir=str(targets),
        target_base_url=f"{url}/targets",
        bootstrap=Path(root).read_bytes(),
    )
    updater.refresh()
    for name in names:
        listed = updater.get_targetinfo(name)
        if listed is None:
            raise SystemExit(f"{name}: no role lists it")
        if updater.find_cached_target(listed) is None:
            updater.download_target(listed)


if __name__ == "__main__":
    refresh(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
