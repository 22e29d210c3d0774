"""Work that a worker would do, done in this process: what is read is the same, and no process is forked for it."""

import socket
import threading

from segmenter.worker import client, program
from segmenter.worker.channel import Channel


class Here:
    """What stands in for a worker's process: a thread of this one, which no limits hold."""

    running = True

    def __init__(self):
        self._ends = socket.socketpair()
        ours, theirs = (Channel(end.makefile("rb"), end.makefile("wb")) for end in self._ends)
        self.channel = ours
        threading.Thread(target=program.work, args=(theirs, []), daemon=True).start()

    def kill(self):
        for end in self._ends:
            end.close()

    def ended(self):
        return None

    close = kill


class Spare:
    def take(self):
        return Here()

    def prepare(self):
        pass


def work_here(monkeypatch):
    """Have this process do what workers do, until the patches are undone."""
    monkeypatch.setattr(client, "can_fork", lambda: False)
    monkeypatch.setattr(client, "SPARE", Spare())
    # Nothing of this process is to be limited, nor left for good.
    monkeypatch.setattr(program, "apply_limits", lambda limits: None)
    monkeypatch.setattr(program.gc, "disable", lambda: None)
