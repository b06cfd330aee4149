"""FastAPI with pydantic settings (pydantic 1) that come from a project's secrets:

    user-secrets set APP_SECRET_KEY
    python3 fastapi_app.py 8000

The API itself is asked without holding up the event loop.
"""

import sys

import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from pydantic import BaseSettings, SecretStr

import tacit.aio
from tacit.pydantic_settings import customise_sources


class Settings(BaseSettings):
    secret_key: SecretStr

    class Config:
        env_prefix = "APP_"

    Config.customise_sources = customise_sources


app = FastAPI()
settings = Settings()


@app.get("/", response_class=PlainTextResponse)
async def index():
    status = await tacit.aio.status()
    length = len(settings.secret_key.get_secret_value())
    return f"a key of {length} characters, vault {status.vault}"


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]))
