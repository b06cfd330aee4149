"""A project's secrets as a source of pydantic settings.

pydantic 1:

    class Settings(pydantic.BaseSettings):
        api_key: pydantic.SecretStr

        class Config:
            customise_sources = tacit.pydantic_settings.customise_sources

pydantic 2, with pydantic-settings (this part is not tested: Debian 12 has pydantic 1):

    class Settings(pydantic_settings.BaseSettings):
        @classmethod
        def settings_customise_sources(cls, settings_cls, init_settings, *others, **named):
            return init_settings, TacitSettingsSource(settings_cls), *others, *named.values()

The names are matched as those of environment variables are: prefix, aliases, case.
"""

from __future__ import annotations

from .env import UserSecretsManager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, Tuple

    Source = Callable[[Any], Dict[str, Any]]


class TacitSource:
    """For pydantic 1: called with the settings, it gives values for their fields."""

    def __init__(self, manager: UserSecretsManager | None = None) -> None:
        self._manager = manager

    def __call__(self, settings: Any) -> Dict[str, Any]:
        secrets = (self._manager or UserSecretsManager()).list()
        fits = bool(settings.__config__.case_sensitive)
        known = secrets if fits else {key.lower(): value for key, value in secrets.items()}
        values: Dict[str, Any] = {}
        for field in settings.__fields__.values():
            for name in field.field_info.extra["env_names"]:
                if name in known:
                    value = known[name]
                    values[field.alias] = _parsed(settings, field, name, value)
                    break
        return values

    def __repr__(self) -> str:
        return "TacitSource()"


def _parsed(settings: Any, field: Any, name: str, value: str) -> Any:
    """What is a list or a model stands there as JSON, as it does in an environment variable."""
    if not field.is_complex():
        return value
    try:
        return settings.__config__.parse_env_var(name, value)
    except ValueError:
        pass  # whose message would show the value
    raise ValueError(f"the secret {name} is no JSON, which this field needs")


def customise_sources(
    init_settings: Source, env_settings: Source, file_secret_settings: Source
) -> Tuple[Source, ...]:
    """For pydantic 1: what the program says, the project's secrets, the environment, files."""
    return init_settings, TacitSource(), env_settings, file_secret_settings


def __getattr__(name: str) -> Any:
    if name != "TacitSettingsSource":
        raise AttributeError(name)
    from pydantic_settings import EnvSettingsSource

    class TacitSettingsSource(EnvSettingsSource):  # type: ignore[misc]
        """For pydantic 2. Not tested."""

        def _load_env_vars(self) -> Dict[str, str]:
            secrets = UserSecretsManager().list()
            if self.case_sensitive:
                return secrets
            return {key.lower(): value for key, value in secrets.items()}

    return TacitSettingsSource
