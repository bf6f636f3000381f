"""For whom the database is read: the installation, until somebody else is named."""

import threading

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
