"""The processes of this machine in /proc; none on platforms without /proc."""

from pathlib import Path


def tree(root: int) -> dict[int, float]:
    """A process and its descendants, with the resident memory of each in MiB.

    Shared memory is counted for each process that uses it.
    """
    parents: dict[int, int] = {}
    resident: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text().splitlines()
        except OSError:
            continue
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        process = int(folder.name)
        parents[process] = int(status.get("PPid", "0"))
        resident[process] = int(status.get("VmRSS", "0 kB").split()[0]) / 1024

    def is_in_tree(process: int) -> bool:
        while process > 1:
            if process == root:
                return True
            process = parents.get(process, 0)
        return False

    return {process: size for process, size in resident.items() if is_in_tree(process)}
