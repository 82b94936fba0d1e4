"""The WSGI application, loaded by the web server."""

import os

from django.core.wsgi import get_wsgi_application

from registry.operations import database_roles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")

application = get_wsgi_application()
database_roles.refuse_powerful_role()
