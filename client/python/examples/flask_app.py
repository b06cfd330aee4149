"""Flask, configured from a project's secrets:

    user-secrets set FLASK_SECRET_KEY
    python3 flask_app.py 8000
"""

import sys

from flask import Flask

from tacit.env import init_user_secrets

init_user_secrets()

app = Flask(__name__)
app.config.from_prefixed_env()  # every FLASK_..., so FLASK_SECRET_KEY


@app.route("/")
def index():
    return f"a key of {len(app.config['SECRET_KEY'])} characters"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]))
