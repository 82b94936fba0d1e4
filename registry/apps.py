from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        import_module("registry.operations.checks")
        import_module("registry.operations.celery")  # before the tasks, which belong to this app
        import_module("registry.tasks")
        from registry.evidence import find_file_faults
        from registry.log.verifying import register_checker
        from registry.operations.database_roles import grant_rights

        register_checker(find_file_faults)
        post_migrate.connect(grant_rights, sender=self)
