# SPDX-License-Identifier: Apache-2.0
"""Forked workers, one for each core, that end when their parent does, however it does.

The key reaches them by being in the memory that they inherit; it is in no message and in no file. Each worker has a
pipe of its own, whose other end nobody but the parent holds: a parent that is killed closes it, and the worker stops.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Generic, TypeVar

from passport.domain.maker_errors import MakerError, StateConflict

Task = TypeVar("Task")
_JOIN_SECONDS = 10.0


def default_workers() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerPool(Generic[Task]):
    """Runs `work(task)` in children. Open it before threads are started:

    a fork copies locks, not the threads that hold them.
    """

    def __init__(self, work: Callable[[Task], None], workers: int) -> None:
        context = multiprocessing.get_context("fork")
        self._pipes: list[Connection[object, object]] = []
        self._children = []
        for _ in range(workers):
            ours, theirs = context.Pipe()
            self._pipes.append(ours)
            child = context.Process(target=_serve, args=(work, theirs, tuple(self._pipes)), daemon=True)
            child.start()
            theirs.close()
            self._children.append(child)

    def run(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Do all the tasks and yield each when it is done, in no fixed order. At most one task waits in each worker.

        Raises StateConflict with the code and message of what a worker raised, or "worker_died".
        """
        waiting = iter(tasks)
        busy: dict[Connection[object, object], Task] = {}
        for pipe, task in zip(self._pipes, waiting, strict=False):
            self._send(pipe, task)
            busy[pipe] = task
        while busy:
            for ready in wait(list(busy)):
                assert isinstance(ready, Connection)
                self._receive(ready)
                done = busy.pop(ready)
                task_or_none = next(waiting, None)
                if task_or_none is not None:
                    self._send(ready, task_or_none)
                    busy[ready] = task_or_none
                yield done

    @staticmethod
    def _send(pipe: Connection[object, object], task: Task) -> None:
        try:
            pipe.send(task)
        except OSError as error:
            raise _worker_died() from error

    @staticmethod
    def _receive(pipe: Connection[object, object]) -> None:
        try:
            answer = pipe.recv()
        except (EOFError, OSError) as error:
            raise _worker_died() from error
        match answer:
            case None:
                return
            case (str(code), str(message)):
                raise StateConflict(code, message)
        raise _worker_died()

    def close(self) -> None:
        """Let the workers finish what they have in hand, and wait for them."""
        for pipe in self._pipes:
            pipe.close()
        for child in self._children:
            child.join(_JOIN_SECONDS)
            if child.is_alive():
                child.kill()
                child.join()

    def __enter__(self) -> WorkerPool[Task]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _worker_died() -> StateConflict:
    return StateConflict("worker_died", "A worker process was ended from outside. Run the same command again.")


def _serve(
    work: Callable[[Task], None], pipe: Connection[object, Task], others: tuple[Connection[object, object], ...]
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; the parent tells us by its pipe
    # Else this worker would keep its own pipe, and its elder siblings', open after the parent's death.
    for other in others:
        other.close()
    answer: tuple[str, str] | None
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            work(task)
            answer = None
        except MakerError as error:
            answer = (error.code, str(error))
        except Exception as error:
            answer = ("worker_failed", f"A worker process failed: {type(error).__name__}: {error}")
        try:
            pipe.send(answer)
        except OSError:
            return
