"""People who are needed: tasks for staff."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, insert, select, update

from checkout.events import TaskDone, TaskOpened
from checkout.ports import WaitingTask
from store_edge.db import tables as t
from store_edge.db.pages.sheet import Sheet
from store_edge.db.prepared import Prepared

_bound = bindparam
_waiting_tasks = Prepared(
    select(t.tasks.c.id, t.tasks.c.kind, t.tasks.c.lane).where(
        t.tasks.c.about == _bound("about"), t.is_waiting_task
    )
)


class TaskPages(Sheet):
    """The page's tasks."""

    def open_task(self, kind: str, about: str, lane: str) -> str:
        waiting = self.connection.execute(
            select(t.tasks.c.id).where(
                t.tasks.c.kind == kind, t.tasks.c.about == about, t.tasks.c.done_at == ""
            )
        ).scalar()
        if waiting is not None:
            return str(waiting)
        task = self._chance.id()
        at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(insert(t.tasks).values(id=task, kind=kind, about=about, lane=lane, at=at))
        self.announce(TaskOpened(task, kind, about), lane)
        return task

    def waiting_task(self, id: str) -> WaitingTask | None:
        columns = (t.tasks.c.kind, t.tasks.c.about, t.tasks.c.lane)
        row = self.connection.execute(select(*columns).where(t.tasks.c.id == id, t.is_waiting_task)).first()
        return WaitingTask(*row) if row is not None else None

    def called_about(self, about: str) -> Collection[str]:
        return [kind for _task, kind, _lane in _waiting_tasks.run(self._driver, about=about).fetchall()]

    def close_tasks(self, about: str, outcome: str, *, kind: str = "") -> None:
        for task, its_kind, lane in _waiting_tasks.run(self._driver, about=about).fetchall():
            if kind in ("", its_kind):
                self._close_task(task, outcome, lane)

    def close_task(self, id: str, outcome: str) -> bool:
        waiting = self.waiting_task(id)
        if waiting is None:
            return False
        self._close_task(id, outcome, waiting.lane)
        return True

    def _close_task(self, id: str, outcome: str, lane: str) -> None:
        done_at = self._clock().isoformat(timespec="seconds")
        self.connection.execute(
            update(t.tasks).where(t.tasks.c.id == id).values(done_at=done_at, outcome=outcome)
        )
        self.announce(TaskDone(id, outcome), lane)
