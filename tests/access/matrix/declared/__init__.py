"""The table: a line for every surface. Undeclared ones fail, and so do lines without a surface."""

from tests.access.matrix.declared.api import API
from tests.access.matrix.declared.besides import BESIDES
from tests.access.matrix.declared.dispatching import DISPATCHING
from tests.access.matrix.declared.others import OTHERS
from tests.access.matrix.declared.pages import PAGES
from tests.access.matrix.lines import Line

TABLES = (PAGES, API, BESIDES, DISPATCHING, OTHERS)
DECLARED: dict[str, Line] = {name: line for table in TABLES for name, line in table.items()}
assert len(DECLARED) == sum(map(len, TABLES)), "a surface has two lines"
