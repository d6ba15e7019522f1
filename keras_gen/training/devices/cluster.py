"""Workers on several machines: who they are, as TF_CONFIG tells each.

TF_CONFIG is the environment variable that TensorFlow reads, and that
Kubernetes' TFJob and most launchers set, a different one for each process:

    {"cluster": {"worker": ["host0:2222", "host1:2222"]},
     "task": {"type": "worker", "index": 0}}
"""

import dataclasses
import json

from keras_gen.errors import InputError

_EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, '
    '"task": {"type": "worker", "index": 0}}'
)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The processes of a run, in the order in which TensorFlow counts them.

    Attributes:
        tasks: TensorFlow's name of each, ("worker", 0), the chief's first.
        addresses: "host:port" of each.
        number: which of them this process is; 0 is the chief.
    """

    tasks: tuple
    addresses: tuple
    number: int

    @property
    def workers(self):
        """How many processes there are."""
        return len(self.addresses)


def read_cluster(text):
    """The `Cluster` of a TF_CONFIG; None without one, or one without a
    cluster, as single-machine launchers set it.

    Raises:
        InputError: it is no TF_CONFIG, or one of parameter servers.
    """
    if not text:
        return None
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise refused(f"is not JSON ({error})")
    if not isinstance(config, dict):
        raise refused("is not a JSON object")
    if not config.get("cluster"):
        return None
    jobs, task = config["cluster"], config.get("task")
    check_cluster(jobs)
    if not isinstance(task, dict) or task.get("type") not in jobs:
        raise refused(f"has a task of none of the types {', '.join(jobs)}")
    index, places = task.get("index"), jobs[task["type"]]
    if type(index) is not int or not 0 <= index < len(places):
        raise refused(
            f"has task index {index!r}; there are {len(places)} of type "
            f"{task['type']}, counted from 0"
        )
    tasks = tuple(
        (job, i) for job in sorted(jobs) for i in range(len(jobs[job]))
    )
    return Cluster(
        tasks, tuple(jobs[job][i] for job, i in tasks),
        tasks.index((task["type"], index)),
    )


def check_cluster(jobs):
    """Raises an InputError unless `jobs` lists chief and workers."""
    if not isinstance(jobs, dict):
        raise refused("has a cluster that is not a JSON object")
    strange = sorted(set(jobs) - {"chief", "worker"})
    if strange:
        raise refused(
            f"has {', '.join(strange)} in its cluster; keras_gen trains on "
            "chief and worker only"
        )
    for job, places in jobs.items():
        if not isinstance(places, list) or not places or not all(
            isinstance(place, str) and place.rpartition(":")[2].isdigit()
            for place in places
        ):
            raise refused(
                f'has cluster.{job} = {json.dumps(places)}; give a list of '
                '"host:port"'
            )
    if len(jobs.get("chief", "?")) > 1:
        raise refused("has several chiefs; there is one, or worker 0 is it")


def refused(what):
    """The InputError for a TF_CONFIG."""
    return InputError(
        f"TF_CONFIG {what}: set it to {_EXAMPLE}, each process with its own "
        "index, or unset it to train on this machine alone"
    )
