"""Fields that keep amounts exact."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class AmountField(models.DecimalField):  # type: ignore[type-arg]
    """An unsigned 256-bit integer in base units: ``numeric(78,0)`` in the database, int in Python.

    The Decimal never leaves this class: adding two of them would round to 28 digits.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_digits"], kwargs["decimal_places"] = 78, 0
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_digits"], kwargs["decimal_places"]
        return name, path, args, kwargs

    def from_db_value(
        self, value: Decimal | None, expression: Any, connection: BaseDatabaseWrapper
    ) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> Any:
        return value if value is None else int(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else Decimal(int(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        # Expressions (F("x") + 1) resolve themselves; numbers skip DecimalField's 28-digit context.
        return value if hasattr(value, "as_sql") else self.get_prep_value(value)
