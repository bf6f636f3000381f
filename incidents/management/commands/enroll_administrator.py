"""``manage.py enroll_administrator``: the first person of an installation."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.exceptions import BadInput
from incidents.services import enrolment


class Command(BaseCommand):
    help = "Create an administrator with an organization and print a one-time enrolment link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--organization", required=True, help="joined if the name exists")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            enrolled = enrolment.enroll_administrator(
                options["email"], name=options["name"], organization_name=options["organization"]
            )
        except BadInput as error:
            raise CommandError(error.detail) from error
        self.stderr.write(
            f"{enrolled.person.name} of {enrolled.organization.name}: open this link within "
            f"{enrolment.ENROLMENT_HOURS} hours and register a passkey. It is shown only here."
        )
        self.stdout.write(enrolled.link)
