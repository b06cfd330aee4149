"""Django whose SECRET_KEY is a secret of this folder's project:

    user-secrets set SECRET_KEY
    python3 django_app.py 8000
"""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

from tacit.env import init_user_secrets

init_user_secrets()  # in a project: at the top of settings.py

settings.configure(SECRET_KEY=os.environ["SECRET_KEY"], ROOT_URLCONF=__name__, DEBUG=False,
                   ALLOWED_HOSTS=["127.0.0.1"])


def index(request):
    return HttpResponse(f"a key of {len(settings.SECRET_KEY)} characters")


urlpatterns = [path("", index)]

if __name__ == "__main__":
    execute_from_command_line(["app", "runserver", "--noreload", "127.0.0.1:" + sys.argv[1]])
