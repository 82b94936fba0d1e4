"""The WSGI application, loaded by the web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
django_application = get_wsgi_application()

# Both need Django's settings and models.
from registry.edge import Edge  # noqa: E402
from registry.log.head_watch import HeadWatch  # noqa: E402
from registry.operations import database_roles  # noqa: E402

application = Edge(django_application, HeadWatch().heard_head)
database_roles.refuse_powerful_role()
