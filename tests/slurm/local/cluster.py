"""A real SLURM of two nodes on one machine, for the tests: without systemd, gone without a trace afterwards.

Everything lives in a temporary folder except `/etc/slurm/slurm.conf`: the executor plug-in takes SLURM_*
out of its jobs' environment, so that `srun` inside a job finds its configuration in that one place only.
A machine that has such a file of its own is left alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
MARK = "# A test cluster of two nodes on this machine; removed when the tests end.\n"
LOCK = Path(tempfile.gettempdir()) / "slurm-test.lock"
NODES = ("test-1", "test-2")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "sinfo", "setpriv")

#: Node failures are noticed, and jobs queued again, after seconds instead of minutes
#: (SlurmdTimeout, cred_expire); a least-loaded-node rule (CR_LLN) puts jobs on both nodes.
SETTINGS = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
SlurmctldPort={ports[0]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory,CR_LLN
SlurmdParameters=config_overrides
ReturnToService=2
MinJobAge=300
SlurmdTimeout=6
MessageTimeout=6
TCPTimeout=1
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1
KillWait=2
NodeName=test-1 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=2 RealMemory=16000
NodeName=test-2 NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=2 RealMemory=16000
PartitionName=test Nodes=test-[1-2] Default=YES State=UP
"""


def obstacle() -> str | None:
    """Say why no cluster can be started here, or nothing if it can."""
    if os.geteuid() != 0 or not all(map(shutil.which, PROGRAMS)):
        return "slurm: no SLURM on this machine (needs root and the Debian packages slurm-wlm and munge)"
    if CONFIGURATION.exists() and not CONFIGURATION.read_text(encoding="utf-8").startswith(MARK):
        return f"slurm: this machine has a SLURM of its own ({CONFIGURATION})"
    return None


class Cluster:
    """Two nodes and a controller; a context manager."""

    folder = Path(tempfile.gettempdir()) / "slurm-test"

    def __enter__(self) -> Cluster:
        self._daemons: dict[str, subprocess.Popen] = {}
        # there is one configuration file, hence one cluster at a time; the lock ends with its process
        self._turn = LOCK.open("w")
        fcntl.flock(self._turn, fcntl.LOCK_EX)
        # of a session that was killed, jobs and folder may be left; its daemons died with it
        self._clear()
        self.folder.mkdir()
        # munged refuses a socket that not everybody can reach
        self.folder.chmod(0o755)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._clear()
        self._turn.close()

    def _clear(self) -> None:
        for node in NODES:
            self.kill_node(node)
        for name in list(self._daemons):
            self._kill(name)
        if CONFIGURATION.exists() and CONFIGURATION.read_text(encoding="utf-8").startswith(MARK):
            CONFIGURATION.unlink()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        host = socket.gethostname().split(".")[0]
        text = MARK + SETTINGS.format(host=host, folder=self.folder, ports=_free_ports(3))
        CONFIGURATION.parent.mkdir(exist_ok=True)
        CONFIGURATION.write_text(text, encoding="utf-8")
        key = self.folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        socket_path = self.folder / "munge.socket"
        options = [f"--{what}-file={self.folder}/munge.{what}" for what in ("key", "pid", "log", "seed")]
        self._daemon("munged", "munged", "--foreground", f"--socket={socket_path}", *options)
        _wait("munged", socket_path.exists)
        (self.folder / "state").mkdir()
        self._daemon("slurmctld", "slurmctld", "-D")
        for node in NODES:
            self.start_node(node)

    def start_node(self, node: str) -> None:
        """Start a node, also one that was killed, and wait until it takes jobs."""
        (self.folder / f"spool-{node}").mkdir(exist_ok=True)
        self._daemon(node, "slurmd", "-D", "-N", node)
        _wait(f"node {node}", lambda: self.state(node) in ("idle", "mixed", "allocated"))

    def kill_node(self, node: str) -> None:
        """Stop a node as a power cut would: its daemon and everything that it runs."""
        self._kill(node)
        for process in processes(node):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def restart_controller(self, pause: float = 0.0) -> None:
        """Stop the controller, which saves its state, and start it again after some seconds."""
        self._kill("slurmctld", signal.SIGTERM)
        time.sleep(pause)
        self._daemon("slurmctld", "slurmctld", "-D")
        _wait("slurmctld", lambda: self.state(NODES[0]) is not None)

    def state(self, node: str) -> str | None:
        """State of a node in SLURM's own words; None if the controller does not answer."""
        asked = subprocess.run(["sinfo", "-h", "-n", node, "-o", "%T"], capture_output=True, text=True, check=False)
        return asked.stdout.strip() or None

    def _daemon(self, name: str, *command: str) -> None:
        # the daemons stay in the foreground and die with this process, however it ends
        with (self.folder / f"{name}.out").open("ab") as log:
            self._daemons[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def _kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        daemon = self._daemons.pop(name, None)
        if daemon is not None:
            daemon.send_signal(how)
            daemon.wait()


def processes(node: str) -> set[int]:
    """Processes of jobs on a node, by the name that SLURM puts in their environment, and their shepherds."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if f"SLURMD_NODENAME={node}".encode() not in folder.joinpath("environ").read_bytes().split(b"\0"):
                continue
            found.add(int(folder.name))
            parent = int(folder.joinpath("stat").read_text().rsplit(")", 1)[1].split()[1])
            if b"slurmstepd" in Path(f"/proc/{parent}/cmdline").read_bytes():
                found.add(parent)
        except OSError:
            continue
    return found


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def _wait(what: str, ready, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} was not ready after {seconds:.0f} seconds")
        time.sleep(0.2)
