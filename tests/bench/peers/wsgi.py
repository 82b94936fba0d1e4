"""The application of the plain peers, for the same server as the register's."""

import os

from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.peers.settings"
application = get_wsgi_application()
