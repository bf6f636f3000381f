"""For whom the database is read: the installation, until somebody else is named."""

import threading
from collections.abc import Iterator

import pytest

from incidents import scope


def test_services_read_as_the_installation_whoever_asks() -> None:
    @scope.trusted
    def service() -> scope.Scope:
        return scope.current()

    somebody = scope.Scope(scope.Kind.PERSON, 7, 8)
    with scope.within(somebody):
        assert service() == scope.SYSTEM
        assert scope.current() == somebody
    assert scope.current() == scope.SYSTEM


def test_a_scope_ends_with_its_block_and_is_its_threads_own() -> None:
    seen: list[scope.Scope] = []
    with scope.within(scope.NOBODY), scope.within(scope.PUBLIC):
        thread = threading.Thread(target=lambda: seen.append(scope.current()))
        thread.start()
        thread.join()
        assert scope.current() == scope.PUBLIC
    assert seen == [scope.SYSTEM]


def test_what_runs_after_its_call_cannot_be_trusted() -> None:
    def lazily() -> Iterator[int]:
        yield 1

    async def soon() -> None: ...

    for function in (lazily, soon):
        with pytest.raises(TypeError, match="runs after"):
            scope.trusted(function)


def test_a_process_of_the_web_opens_nothing_in_a_thread_of_its_own() -> None:
    seen: list[scope.Scope] = []
    scope.begin_as(scope.NOBODY)
    try:
        thread = threading.Thread(target=lambda: seen.append(scope.current()))
        thread.start()
        thread.join()
    finally:
        scope.begin_as(scope.SYSTEM)
    assert seen == [scope.NOBODY]
    assert scope.current() == scope.SYSTEM
