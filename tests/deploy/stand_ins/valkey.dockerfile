# In place of valkey/valkey: the embedded server. Redis' client speaks the same words.
ARG BASE
FROM ${BASE}
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends redis-tools && ln -s redis-cli /usr/bin/valkey-cli
COPY valkey-server /usr/local/bin/
CMD ["valkey-server"]
