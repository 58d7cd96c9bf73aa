"""Words with a meaning of their own for existing clients."""

# CONTRACT 1: the web client looks for these, in any case, in every error but 401, and signs the user out.
SIGNS_OUT = (
    "недействительный токен",
    "invalid token",
    "token expired",
    "token is expired",
    "token invalid",
    "токен истек",
    "токен недействителен",
    "unauthorized",
    "не авторизован",
)
