"""What can go wrong with an embedded service, one class per reason.

Each message is meant for the person at the terminal: it names the thing, the place to look, and
what to change.
"""


class EmbeddedError(Exception):
    """An embedded service cannot be used; the message says why and what to do."""

    code = "embedded"


class PortTakenError(EmbeddedError):
    """Another program listens on a port that we were told to use."""

    code = "port_taken"


class BadSettingError(EmbeddedError):
    """A setting from the environment cannot be understood."""

    code = "bad_setting"


class ProgramMissingError(EmbeddedError):
    """The program of a service is not installed."""

    code = "program_missing"


class DidNotStartError(EmbeddedError):
    """A service was started and did not answer in time, or ended at once."""

    code = "did_not_start"


class AlreadyRunningError(EmbeddedError):
    """Another process already runs the services of this var directory."""

    code = "already_running"
