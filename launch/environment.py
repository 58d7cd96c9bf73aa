"""The environment that children get: the caller's, and on top what the application reads its settings from."""

import os

from launch.options import Options


def inherited() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "projectvoice.settings"}


def of_application(options: Options, *, database_url: str, redis_url: str, secret_key: str) -> dict[str, str]:
    chosen = {
        "DATABASE_URL": database_url,
        "NEWER_DATABASE": options.newer_database,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secret_key,
        "DATA_DIR": str(options.data_dir),
        "HOST": options.host,
        "PORT": str(options.port),
        "TURN": options.turn,
        "TURN_PORT": str(options.turn_port),
        "ALLOWED_ORIGINS": options.allowed_origins,
        "RATE_LIMITS": options.rate_limits,
        "LOG_FORMAT": options.log_format,
        "TRUSTED_PROXIES": options.trusted_proxies,
        "ADMIN_EMAIL": options.admin_email,
        "ADMIN_PASSWORD": options.admin_password,
    }
    read = {f"{name}_FILE" for name in chosen}  # already, where they named a file
    return {name: value for name, value in inherited().items() if name not in read} | chosen
