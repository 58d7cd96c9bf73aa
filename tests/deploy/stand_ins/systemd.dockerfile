# A Debian that was booted: what docs/deployment.md begins with.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends \
    systemd systemd-sysv dbus curl python3 python3-venv gcc libc6-dev caddy procps
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
